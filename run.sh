#!/usr/bin/env bash
# On a clean Debian 12 machine: installs what is missing, runs the demonstration, leaves the station running.
#   --setup-only        only install
#   --with coqui|piper  also install that neural engine
#   --no-voice          do not fetch the recommended neural voice
set -euo pipefail
cd "$(dirname "$0")"
. scripts/setup.sh

setup_only="" voice=1 extras=()
while [ $# -gt 0 ]; do
    case "$1" in
        --setup-only) setup_only=1 ;;
        --no-voice) voice="" ;;
        --with)
            [ $# -ge 2 ] || { station_say "Sau --with hãy ghi coqui hoặc piper."; exit 2; }
            case "$2" in coqui|piper) extras+=("$2") ;; *) station_say "Không có phần '$2': chỉ có coqui và piper."; exit 2 ;; esac
            shift ;;
        -h|--help)
            station_say "Cách dùng: ./run.sh [--setup-only] [--with coqui|piper] [--no-voice]"
            station_say "Cài những gì còn thiếu, chạy thử từ ảnh bản tin đến loa, rồi để đài chạy."
            exit 0 ;;
        *) station_say "Không hiểu '$1'. Hãy xem: ./run.sh --help"; exit 2 ;;
    esac
    shift
done
[ -n "$voice" ] && [[ " ${extras[*]-} " != *" piper "* ]] && extras+=(piper)

station_apt python3-venv tesseract-ocr tesseract-ocr-vie tesseract-ocr-osd espeak-ng ffmpeg libportaudio2 \
    libasound2-plugins libvlc5 vlc-plugin-base libsndfile1
base="$(IFS=,; printf '%s' "${extras[*]-}")"
if [[ " ${extras[*]-} " == *" coqui "* ]]; then
    station_coqui || station_say "Chưa cài được Coqui; đài vẫn chạy với giọng khác. Hãy chạy lại khi có mạng."
    base="${base//coqui/}"; base="${base//,,/,}"; base="${base#,}"; base="${base%,}"
fi
if ! station_venv "${base}"; then
    if [ -n "$base" ] && station_venv ""; then
        station_say "Chưa cài được: $base. Đài vẫn chạy với giọng eSpeak NG. Hãy chạy lại khi có mạng."
    else
        station_say "Không cài được các gói Python cần thiết. Hãy kiểm tra mạng rồi chạy lại ./run.sh."
        exit 1
    fi
fi
command -v npm >/dev/null || station_apt npm
bash scripts/fetch_assets.sh || true
if [ -n "$voice" ]; then
    .venv/bin/python -m station voices install --recommended --give-up-after 20 ||
        station_say "Chưa tải được giọng đọc tự nhiên; đài dùng giọng eSpeak NG. Thêm sau bằng: .venv/bin/station voices install --recommended"
fi
[ -n "$setup_only" ] && exit 0

if .venv/bin/python -m station stop >/dev/null 2>&1; then :; fi
exec .venv/bin/python -m station demo
