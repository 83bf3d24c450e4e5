"""Relay of a network radio from a local stream server (an invented tone), and VLC as the second output."""

import shutil
import socket
import subprocess
import threading
import time

import numpy as np
import pytest
import soundfile
import sqlalchemy as sa

from station.db.models import Alarm, Heartbeat
from station.db.states import FillKind, Outcome, SourceKind
from tests.playout.make import StationUnderTest, noise


class Radio:
    """An HTTP server that sends an endless MP3 tone in step with the clock, until told to stall."""

    def __init__(self, folder):
        t = np.arange(48000 * 4) / 48000
        wav, mp3 = folder / "tone.wav", folder / "tone.mp3"
        soundfile.write(wav, 0.3 * np.sin(2 * np.pi * 997 * t), 48000)
        subprocess.run([shutil.which("ffmpeg"), "-v", "error", "-y", "-i", wav, "-b:a", "128k", mp3], check=True)
        self.data = mp3.read_bytes()
        self.stalled = threading.Event()
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self.socket.getsockname()[1]}/radio.mp3"
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self):
        while True:
            try:
                connection, _ = self.socket.accept()
            except OSError:
                return
            threading.Thread(target=self._one, args=(connection,), daemon=True).start()

    def _one(self, connection):
        try:
            connection.recv(4096)
            connection.sendall(b"HTTP/1.0 200 OK\r\nContent-Type: audio/mpeg\r\nicy-name: test\r\n\r\n")
            at = 0
            while True:
                if not self.stalled.is_set():
                    part = self.data[at:at + 1760]
                    at = at + 1760 if at + 1760 < len(self.data) else 0
                    connection.sendall(part)
                time.sleep(0.1)
        except OSError:
            connection.close()


@pytest.mark.slow
def test_a_relay_airs_for_its_time_and_something_else_while_it_stalls(tmp_path):
    radio = Radio(tmp_path)
    station = StationUnderTest(tmp_path / "home", '[hours]\nquiet = []\n[air]\noutput = "file"\n')
    station.slot(5, fill_kind=FillKind.RELAY, fill=radio.url, name="Tiếp sóng", duration_seconds=28)
    station.air()

    def source(name):
        return lambda session: (session.get(Heartbeat, "air") or Heartbeat(data={})).data.get("source") == name

    station.wait(source("relay"), 30)
    time.sleep(1.5)
    radio.stalled.set()
    station.wait(source("fallback"), 20)
    radio.stalled.clear()
    station.wait(source("relay"), 25)
    (occurrence,) = station.ended(seconds=40)
    rows = station.as_run()
    assert occurrence.outcome is Outcome.PARTIAL and "ngắt" in occurrence.reason
    relay = [row for row in rows if row.source is SourceKind.RELAY]
    assert len(relay) == 1 and relay[0].level_dbfs > -40
    assert any(row.source is SourceKind.FALLBACK for row in rows)
    station.wait(lambda session: session.scalar(sa.select(Alarm).where(Alarm.kind == "relay")))
    heard = np.concatenate([soundfile.read(f)[0][:, 0] for f in sorted((station.settings.home.audio / "air").glob("*.wav"))])
    spectrum = np.abs(np.fft.rfft(heard[: len(heard) // 48000 * 48000].reshape(-1, 48000), axis=1)).sum(axis=0)
    assert abs(int(np.argmax(spectrum)) - 997) <= 1
    station.close()


@pytest.mark.slow
@pytest.mark.sound
def test_vlc_as_the_output_sends_to_the_named_device_and_notices_that_it_is_gone(tmp_path, pulse):
    pulse.control("load-module", "module-null-sink", "sink_name=other", "sink_properties=device.description=Khac")
    pulse.control("set-default-sink", "other")
    station = StationUnderTest(tmp_path / "vlc", '[hours]\nquiet = []\n[air]\noutput = "vlc"\ndevice = "null"\n')
    samples = noise(4)
    station.program(samples)
    station.slot(7)
    recording = pulse.record()
    station.air(pulse)
    (occurrence,) = station.ended()
    time.sleep(1)
    heard = recording.stop()[:, 0].astype(float)
    assert occurrence.outcome is Outcome.AIRED
    assert station.as_run()[0].output.startswith("vlc")
    piece = samples[48000:72000, 0].astype(float)
    match = np.fft.irfft(np.fft.rfft(heard, 2 * len(heard)) * np.conj(np.fft.rfft(piece, 2 * len(heard))))
    best = match.max() / (np.linalg.norm(piece) ** 2)
    assert best > 0.8
    # the sink is taken away: VLC says nothing of it and goes on with the default one
    listed = pulse.control("list", "short", "modules").stdout.decode().splitlines()
    pulse.control("unload-module", next(line.split()[0] for line in listed if f"sink_name={pulse.sink}" in line))
    station.wait(lambda session: session.scalar(sa.select(Alarm).where(Alarm.kind == "device")), 5)
    station.close()
