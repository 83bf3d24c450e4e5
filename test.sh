#!/usr/bin/env bash
# Installs what is missing and runs the whole test suite.  --setup-only stops after the installation;
# other arguments go to pytest.
set -euo pipefail
cd "$(dirname "$0")"
. scripts/setup.sh

setup_only=""
if [ "${1:-}" = "--setup-only" ]; then setup_only=1; shift; fi

station_apt python3-venv tesseract-ocr tesseract-ocr-vie tesseract-ocr-osd espeak-ng ffmpeg libportaudio2 \
    libasound2-plugins libvlc5 vlc-plugin-base vlc-plugin-access-extra libsndfile1 pulseaudio pulseaudio-utils \
    chromium fonts-liberation2 fonts-noto-core fonts-texgyre fonts-freefont-ttf
command -v npm >/dev/null || station_apt npm
station_venv test,piper || { station_say "Không cài được các gói Python. Hãy chạy lại khi có mạng."; exit 1; }
station_coqui || { station_say "Không cài được Coqui để thử. Hãy chạy lại khi có mạng."; exit 1; }
station_second_ocr || { station_say "Không cài được bộ nhận dạng chữ thứ hai để thử. Hãy chạy lại khi có mạng."; exit 1; }
bash scripts/fetch_assets.sh
[ -n "$setup_only" ] && exit 0

exec .venv/bin/python -m pytest "$@"
