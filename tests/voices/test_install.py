"""Downloads against a local server that supports Range and can be cut off.  The content is invented."""

from __future__ import annotations

import hashlib
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from station.errors import VoiceError
from station.voices.catalog import ModelFile
from station.voices.install import fetch

CONTENT = bytes(range(256)) * 2000


@pytest.fixture
def server():
    ranges: list[str | None] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked = self.headers.get("Range")
            ranges.append(asked)
            start = int(asked[6:-1]) if asked else 0
            body = CONTENT[start:]
            self.send_response(206 if asked else 200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body if asked or "cut" not in self.path else body[:200_000])

        def log_message(self, *_: object) -> None:
            """Stay quiet."""

    httpd = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=httpd.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{httpd.server_port}", ranges
    httpd.shutdown()
    httpd.server_close()


def test_an_interrupted_download_goes_on_where_it_stopped(server, tmp_path: Path) -> None:
    url, ranges = server
    file = ModelFile("m.onnx", f"{url}/cut", len(CONTENT), hashlib.sha256(CONTENT).hexdigest())
    with pytest.raises(VoiceError) as caught:
        fetch(file, tmp_path, stall_seconds=5)
    assert caught.value.code == "voices.network"
    assert fetch(file, tmp_path).read_bytes() == CONTENT
    assert ranges == [None, "bytes=200000-"]


def test_a_wrong_checksum_is_refused_and_nothing_is_left(server, tmp_path: Path) -> None:
    with pytest.raises(VoiceError) as caught:
        fetch(ModelFile("m.onnx", f"{server[0]}/x", len(CONTENT), "0" * 64), tmp_path)
    assert caught.value.code == "voices.checksum"
    assert list(tmp_path.iterdir()) == []
