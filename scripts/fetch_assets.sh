#!/usr/bin/env bash
# Puts htmx, SortableJS and wavesurfer.js, at the versions and hashes of package-lock.json, into
# station/web/static/vendor.  The page works without them (with less comfort), so that a machine without npm or
# network still gets a station.
set -euo pipefail
cd "$(dirname "$0")/.."
target=station/web/static/vendor
stamp="$(sha256sum package-lock.json | cut -d' ' -f1)"
[ "$(cat "$target/.stamp" 2>/dev/null)" = "$stamp" ] && exit 0
if ! command -v npm >/dev/null; then
    echo "Không có npm: trang vẫn chạy, nhưng thiếu kéo thả và sóng âm. Muốn có, hãy cài gói npm rồi chạy lại $0." >&2
    exit 0
fi
work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT
cp package.json package-lock.json .npmrc "$work/"
if ! (cd "$work" && npm ci --ignore-scripts --silent >/dev/null 2>"$work/log"); then
    echo "Chưa tải được các tệp JavaScript của trang; trang vẫn chạy với ít tiện ích hơn. Hãy chạy lại $0 khi có mạng." >&2
    tail -3 "$work/log" >&2
    exit 0
fi
mkdir -p "$target"
cp "$work/node_modules/htmx.org/dist/htmx.min.js" "$target/htmx.min.js"
cp "$work/node_modules/sortablejs/Sortable.min.js" "$target/sortable.min.js"
cp "$work/node_modules/wavesurfer.js/dist/wavesurfer.min.js" "$target/wavesurfer.min.js"
echo "$stamp" > "$target/.stamp"
