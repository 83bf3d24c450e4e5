"""``station voices install`` against a local file server that supports Range and can be cut off.  The content is invented."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from station.errors import VoiceError
from station.home import StationHome
from station.voices.catalog import ModelFile, load_catalog
from station.voices.install import by_hand, fetch, install

from .conftest import ROOT

CONTENT = bytes(range(256)) * 2000
SHA256 = hashlib.sha256(CONTENT).hexdigest()
CUT = 200_000


class Server:
    """``/cut`` breaks off the first time, ``/deaf`` knows no Range, ``/stall`` stops sending, ``/strict`` answers 416."""

    def __init__(self) -> None:
        self.ranges: list[str | None] = []
        self.release = threading.Event()
        server = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                asked = self.headers.get("Range")
                server.ranges.append(asked)
                start = int(asked[6:-1]) if asked and "deaf" not in self.path else 0
                if start >= len(CONTENT):
                    self.send_error(416)
                    return
                body = CONTENT[start:]
                self.send_response(206 if start else 200)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                first = "cut" in self.path or "deaf" in self.path or "stall" in self.path
                self.wfile.write(body[:CUT] if first and len(server.ranges) == 1 else body)
                if "stall" in self.path:
                    server.release.wait(30)

            def log_message(self, *_: object) -> None:
                """Stay quiet."""

        self._httpd = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self._httpd.serve_forever, daemon=True).start()
        self.url = f"http://127.0.0.1:{self._httpd.server_port}"

    def stop(self) -> None:
        self.release.set()
        self._httpd.shutdown()
        self._httpd.server_close()


@pytest.fixture
def server() -> Iterator[Server]:
    server = Server()
    yield server
    server.stop()


@pytest.fixture
def home(tmp_path: Path) -> StationHome:
    home = StationHome(tmp_path / "xa").ensure()
    (home.root / "station.toml").write_text("[station]\n", encoding="utf-8")
    return home


def define(home: StationHome, url: str, sha256: str = SHA256, more: str = "") -> None:
    (home.voices / "thu.toml").write_text(
        '[voice]\nname = "Giọng thử"\nengine = "piper"\nlicense = "CC BY-NC 4.0"\ncommercial = false\n'
        f'license_text = "Chỉ dùng phi thương mại."\n{more}[[voice.files]]\nname = "m.onnx"\nurl = "{url}"\n'
        f'size = {len(CONTENT)}\nsha256 = "{sha256}"\n', encoding="utf-8",
    )


def station(home: StationHome, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    clean = {k: v for k, v in os.environ.items() if not k.lower().endswith("_proxy")}
    return subprocess.run(
        [sys.executable, "-m", "station", "--home", str(home.root), "voices", *arguments], capture_output=True,
        encoding="utf-8", timeout=120, check=False, cwd=ROOT, env={**clean, "PYTHONPATH": str(ROOT), **environment},
    )


def test_the_command_tells_the_license_first_is_cut_off_goes_on_and_verifies(home: StationHome, server: Server) -> None:
    define(home, f"{server.url}/cut")
    first = station(home, "install", "thu")
    assert first.returncode != 0 and "bị ngắt giữa chừng" in first.stderr
    assert "Chỉ dùng phi thương mại" in first.stdout and "không được dùng giọng này cho mục đích thương mại" in first.stdout
    part = home.models / "thu" / "m.onnx.part"
    assert part.stat().st_size == CUT and not (home.models / "thu" / "m.onnx").exists()
    second = station(home, "install", "thu")
    assert second.returncode == 0, second.stderr
    assert "Đã có giọng thu" in second.stdout and "m.onnx: 100%" in second.stderr
    assert (home.models / "thu" / "m.onnx").read_bytes() == CONTENT and not part.exists()
    assert server.ranges == [None, f"bytes={CUT}-"]
    assert station(home, "install", "thu").returncode == 0 and len(server.ranges) == 2, "what is there is not fetched again"


def test_the_command_refuses_a_wrong_checksum_and_leaves_nothing(home: StationHome, server: Server) -> None:
    define(home, f"{server.url}/x", "0" * 64)
    done = station(home, "install", "thu")
    assert done.returncode != 0 and "không đúng với danh mục" in done.stderr
    assert list((home.models / "thu").iterdir()) == []
    assert "thu\t" in station(home, "list").stdout


@pytest.mark.parametrize("proxy", ["", "http://127.0.0.1:9"])
def test_without_a_network_the_command_says_exactly_what_to_copy_by_hand(home: StationHome, proxy: str) -> None:
    url = "http://127.0.0.1:9/giong/m.onnx" if not proxy else "http://giong.invalid/m.onnx"
    define(home, url)
    done = station(home, "install", "thu", **({"http_proxy": proxy} if proxy else {}))
    said = " ".join(done.stderr.split())
    assert done.returncode != 0 and f"m.onnx (0,5 MB, SHA-256 {SHA256}) từ {url}" in said
    assert f"vào thư mục {home.models / 'thu'}" in said


def test_files_copied_by_hand_are_checked_and_a_spoilt_one_is_told(home: StationHome) -> None:
    define(home, "http://127.0.0.1:9/m.onnx")
    folder = home.models / "thu"
    folder.mkdir(parents=True)
    (folder / "m.onnx").write_bytes(CONTENT)
    assert station(home, "install", "thu").returncode == 0
    (folder / "m.onnx").write_bytes(CONTENT[:-1] + b"x")
    assert station(home, "install", "thu").returncode != 0


def test_a_voice_without_an_address_says_where_its_files_come_from(home: StationHome) -> None:
    definition = load_catalog(home)["coqui-mms-vie"]
    with pytest.raises(VoiceError) as caught:
        install(definition, home)
    assert "G_100000.pth" in caught.value.mend and "dl.fbaipublicfiles.com/mms/tts/vie.tar.gz" in caught.value.mend
    folder = definition.model_folder(home)
    folder.mkdir(parents=True, exist_ok=True)
    for file in definition.files:
        (folder / file.name).write_bytes(b"x")
    install(definition, home)


def test_the_recommended_voice_is_left_out_without_a_network_and_the_command_ends_well(home: StationHome) -> None:
    (home.voices / "piper-vais1000.toml").write_text(
        '[voice]\nid = "piper-vais1000"\nengine = "piper"\nrecommended = true\n[[voice.files]]\nname = "m.onnx"\n'
        f'url = "http://127.0.0.1:9/m"\nsize = {len(CONTENT)}\n', encoding="utf-8",
    )
    done = station(home, "install", "--recommended", "--give-up-after", "20")
    assert done.returncode == 0 and "khi có mạng hãy chạy 'station voices install piper-vais1000'" in done.stderr


def test_a_download_without_progress_is_given_up(tmp_path: Path, server: Server) -> None:
    file = ModelFile("m.onnx", f"{server.url}/stall", len(CONTENT), SHA256)
    began = time.monotonic()
    with pytest.raises(VoiceError) as caught:
        fetch(file, tmp_path, stall_seconds=1.0)
    assert caught.value.code == "voices.network" and time.monotonic() - began < 10
    assert (tmp_path / "m.onnx.part").stat().st_size > 0


def test_a_server_that_knows_no_ranges_sends_all_again(tmp_path: Path, server: Server) -> None:
    file = ModelFile("m.onnx", f"{server.url}/deaf", len(CONTENT), SHA256)
    with pytest.raises(VoiceError):
        fetch(file, tmp_path)
    assert fetch(file, tmp_path).read_bytes() == CONTENT


@pytest.mark.parametrize("size", [0, len(CONTENT)])
@pytest.mark.parametrize("part", [CONTENT, b"x" * len(CONTENT), CONTENT + b"more"])
def test_a_part_that_is_whole_or_of_another_file_ends_well(tmp_path: Path, server: Server, size: int, part: bytes) -> None:
    (tmp_path / "m.onnx.part").write_bytes(part)
    file = ModelFile("m.onnx", f"{server.url}/strict", size, SHA256)
    for _try in range(2):
        try:
            fetch(file, tmp_path)
        except VoiceError as error:
            assert error.code == "voices.checksum"
    assert (tmp_path / "m.onnx").read_bytes() == CONTENT


def test_a_disk_without_room_is_told_before_anything_is_fetched(tmp_path: Path, server: Server, monkeypatch) -> None:
    free = shutil.disk_usage(tmp_path)._replace(free=1_000_000)
    monkeypatch.setattr("station.voices.install.shutil.disk_usage", lambda _path: free)
    with pytest.raises(VoiceError, match="không đủ chỗ") as caught:
        fetch(ModelFile("m.onnx", f"{server.url}/x", 63_000_000, SHA256), tmp_path)
    assert caught.value.code == "voices.disk_full" and server.ranges == []


def test_every_voice_of_the_catalog_tells_its_license_and_how_it_is_copied(home: StationHome) -> None:
    for definition in load_catalog(home).values():
        assert definition.license and definition.license_text and definition.credit, definition.id
        if definition.files:
            words = by_hand(definition, home)
            assert "http" in words and all(file.name in words for file in definition.files)
            assert definition.commercial or "thương mại" in definition.license_text
