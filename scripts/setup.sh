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

# The pip packages are installed once for each state of setup.cfg and constraints.txt; what was installed before stays.
station_venv() {
    local extras="$1" state have="" wanted missing=""
    [ -x .venv/bin/python ] || python3 -m venv .venv || return 1
    state="$(cat setup.cfg constraints.txt | sha256sum | cut -d' ' -f1)"
    if [ -f .venv/.station-stamp ] && [ "$(head -1 .venv/.station-stamp)" = "$state" ]; then
        have="$(tail -n +2 .venv/.station-stamp)"
    fi
    for wanted in base ${extras//,/ }; do
        grep -qx "$wanted" <<<"$have" || missing=1
    done
    [ -z "$missing" ] && return 0
    [[ ",$extras," != *,piper,* ]] || station_say "Cài thêm bộ đọc Piper: cần tải khoảng 60 MB và khoảng 170 MB ổ đĩa."
    station_say "Đang cài các gói Python vào .venv …"
    .venv/bin/python -m pip install -q --disable-pip-version-check "setuptools>=77" wheel || return 1
    .venv/bin/python -m pip install -q --disable-pip-version-check -c constraints.txt -e ".${extras:+[$extras]}" || return 1
    { printf '%s\n' "$state"; printf '%s\n' base ${extras//,/ } $have | sort -u; } > .venv/.station-stamp
}

# Coqui with the CPU build of torch, or the GPU build where there is a GPU.
station_coqui() {
    [ -x .venv/bin/python ] || python3 -m venv .venv || return 1
    if .venv/bin/python -c 'import importlib.util as u, sys; sys.exit(not all(map(u.find_spec, ("torch", "TTS", "six"))))'; then
        return 0
    fi
    if command -v nvidia-smi >/dev/null && nvidia-smi -L 2>/dev/null | grep -q GPU; then
        station_say "Máy có GPU: cài Coqui cùng PyTorch cho GPU, cần tải khoảng 4 GB và khoảng 8 GB ổ đĩa."
        .venv/bin/python -m pip install -q --disable-pip-version-check torch==2.13.0 torchaudio==2.11.0 || return 1
    else
        station_say "Cài Coqui cùng PyTorch cho CPU: cần tải khoảng 500 MB và khoảng 1,8 GB ổ đĩa."
        # The build for the CPU has a higher local version (2.13.0+cpu), so pip takes it wherever it can be had.
        .venv/bin/python -m pip install -q --disable-pip-version-check --retries 1 \
            --extra-index-url https://download.pytorch.org/whl/cpu torch==2.13.0 torchaudio==2.11.0 || return 1
    fi
    .venv/bin/python -m pip install -q --disable-pip-version-check -c constraints.txt \
        coqui-tts==0.28.0 torchcodec==0.13.0 six || return 1
}

# The second OCR engine in a folder of its own: its contract is tested, while the station under test stays the default one.
station_second_ocr() {
    [ -d .venv/second-ocr/trueocr ] && return 0
    .venv/bin/python -m pip install -q --disable-pip-version-check --no-deps --target .venv/second-ocr trueocr==0.1.1
}
