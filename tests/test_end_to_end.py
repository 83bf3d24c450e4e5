"""From a photographed bulletin to the recorded sound of the audio output, by the commands that a newcomer types.

The sample bulletin is invented.
"""

from __future__ import annotations

import http.cookiejar
import re
import subprocess
import sys
import time
import urllib.parse
import urllib.request
from pathlib import Path

import pytest
import soundfile
from PIL import Image, ImageDraw, ImageFont

from station.config import load_settings
from tests.pulse import PulseServer, find

PORT = 18473
FONT = "/usr/share/fonts/truetype/liberation2/LiberationSerif-Regular.ttf"
LINES = ("THÔNG BÁO", "Về việc tiêm phòng dại cho chó, mèo", "",
         "Ủy ban nhân dân xã mời bà con thôn 3 đưa chó, mèo đến tiêm phòng", "lúc 7h30 ngày 25/11/2026 tại nhà văn hóa thôn.")


@pytest.fixture
def pulse(tmp_path):
    server = PulseServer(tmp_path / "pulse").start()
    yield server
    server.stop()


@pytest.fixture
def home(tmp_path, pulse):
    """A new station home, made by the command."""
    folder = tmp_path / "xa"
    done = station(pulse, "init", str(folder), "--name", "Đài truyền thanh xã Thử")
    assert done.returncode == 0, done.stderr
    return folder


def station(pulse, *arguments, seconds=280):
    environment = {**pulse.environment, "STATION_WEB__PORT": str(PORT), "STATION_WEB__HOST": "127.0.0.1"}
    return subprocess.run(
        [sys.executable, "-m", "station", *arguments], env=environment, capture_output=True, text=True, timeout=seconds,
        cwd=Path(__file__).parents[1],
    )


def draw_paper(path: Path) -> Path:
    """A short bulletin as a scanned sheet."""
    sheet = Image.new("L", (1654, 1100), 250)
    pen = ImageDraw.Draw(sheet)
    font = ImageFont.truetype(FONT, 44)
    for number, line in enumerate(LINES):
        left = (1654 - pen.textlength(line, font)) / 2 if number < 2 else 120
        pen.text((left, 160 + number * 76), line, fill=20, font=font)
    sheet.save(path, dpi=(200, 200))
    return path


@pytest.mark.sound
@pytest.mark.slow
def test_a_photographed_bulletin_comes_out_of_the_loudspeaker_sample_for_sample(home, pulse, tmp_path):
    paper = draw_paper(tmp_path / "giay.png")
    before = paper.read_bytes()
    recording = pulse.record()
    done = station(pulse, "--home", str(home), "demo", str(paper), "--no-serve", "--show")
    heard = recording.stop()
    assert done.returncode == 0, done.stdout + done.stderr
    for stage in ("1. Chuẩn bị đài", "3. Đọc chữ từ ảnh", "4. Chuyển thành lời đọc", "6. Duyệt", "7. Xếp lịch và phát"):
        assert re.search(rf"^{stage}: .*\([\d.]+ giây\)$", done.stdout, re.M), (stage, done.stdout)
    assert "Ủy ban nhân dân xã mời bà con thôn 3" in done.stdout
    assert "mời bà con thôn ba đưa chó, mèo đến tiêm phòng lúc bảy giờ ba mươi phút ngày hai mươi lăm tháng mười một" in (
        done.stdout
    )
    assert re.search(r"^\d\d:\d\d:\d\d–\d\d:\d\d:\d\d  Thông báo về việc tiêm phòng dại.*aired", done.stdout, re.M)
    *_, program_line, length_line = done.stdout.strip().splitlines()
    path = Path(program_line.removeprefix("Chương trình: "))
    samples, rate = soundfile.read(path, dtype="int16")
    assert rate == 48000 and 20 < len(samples) / rate < 90
    assert f"{len(samples) / rate:.1f} giây" in length_line
    assert find(heard, samples) >= 0, "the recording of the audio output differs from the program"
    assert paper.read_bytes() == before


@pytest.mark.sound
@pytest.mark.slow
def test_the_station_runs_in_the_background_lets_the_first_user_in_and_stops(home, pulse, tmp_path):
    """``run --background`` returns when the page answers; all three processes live; ``stop`` ends them."""
    added = station(pulse, "--home", str(home), "user", "add", "quantri", "--role", "administrator")
    password = added.stdout.split("Mật khẩu lần đầu: ")[1].strip()
    done = station(pulse, "--home", str(home), "run", "--background")
    try:
        assert done.returncode == 0, done.stdout + done.stderr
        assert f"http://127.0.0.1:{PORT}" in done.stdout
        browser = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar()))
        base = f"http://127.0.0.1:{PORT}"
        with browser.open(base + "/") as answer:
            page, address = answer.read().decode(), answer.geturl()
        token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page).group(1)
        form = {"username": "quantri", "password": password, "csrf_token": token}
        with browser.open(address, urllib.parse.urlencode(form).encode()) as answer:
            assert "mật khẩu" in answer.read().decode().lower(), "the first password must be changed"
        second = station(pulse, "--home", str(home), "run")
        assert second.returncode == 1 and "đang chạy" in second.stderr
        deadline = time.monotonic() + 60
        while True:
            doctor = station(pulse, "--home", str(home), "doctor")
            if "Đang chạy đủ" in doctor.stdout:
                break
            assert time.monotonic() < deadline, doctor.stdout
            time.sleep(1)
    finally:
        stopped = station(pulse, "--home", str(home), "stop")
    assert "Đài đã dừng" in stopped.stdout
    settings = load_settings(home)
    deadline = time.monotonic() + 15
    while True:
        alive = subprocess.run(["pgrep", "-af", str(settings.home.root)], capture_output=True, text=True, check=False).stdout
        if not alive or time.monotonic() > deadline:
            break
        time.sleep(0.5)
    assert alive == "", "stopping left a process behind"
