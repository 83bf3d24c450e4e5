# Sourced by run.sh and test.sh: installs what is missing and says plainly what could not be installed.
# usage: station_setup EXTRAS APT_PACKAGE...

station_say() { printf '%s\n' "$*"; }

station_apt() {
    local missing=() package
    for package in "$@"; do
        dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q 'install ok installed' || missing+=("$package")
    done
    [ ${#missing[@]} -eq 0 ] && return 0
    local sudo=""
    if [ "$(id -u)" -ne 0 ]; then
        if command -v sudo >/dev/null && sudo -n true 2>/dev/null; then sudo="sudo -n"; else
            station_say "Còn thiếu các gói hệ thống: ${missing[*]}"
            station_say "Hãy nhờ người quản trị máy chạy: sudo apt-get install ${missing[*]}"
            return 0
        fi
    fi
    station_say "Đang cài các gói hệ thống: ${missing[*]}"
    $sudo apt-get update -q >/dev/null || true
    if ! DEBIAN_FRONTEND=noninteractive $sudo apt-get install -y -q --no-install-recommends "${missing[@]}" >/dev/null; then
        station_say "Không cài được: ${missing[*]}. Hãy chạy lại khi có mạng: apt-get install ${missing[*]}"
    fi
}

# The pip packages are installed once for each state of setup.cfg and constraints.txt.
station_venv() {
    local extras="$1" stamp
    [ -x .venv/bin/python ] || python3 -m venv .venv
    stamp="$(cat setup.cfg constraints.txt | sha256sum | cut -d' ' -f1) $extras"
    [ "$(cat .venv/.station-stamp 2>/dev/null)" = "$stamp" ] && return 0
    station_say "Đang cài các gói Python vào .venv …"
    .venv/bin/python -m pip install -q --disable-pip-version-check "setuptools>=77" wheel || return 1
    .venv/bin/python -m pip install -q --disable-pip-version-check -c constraints.txt -e ".[$extras]" || return 1
    printf '%s' "$stamp" > .venv/.station-stamp
}
