"""Around the air: transmitter, alarms that reach people, the monthly report."""

import os
import pty
import select
import signal
import subprocess
import sys
import threading
import time
import tty
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer

import numpy as np
import openpyxl
import pytest

from station.config import TransmitterSettings
from station.db.models import AsRun, Heartbeat, Occurrence, Slot
from station.db.states import Outcome, SourceKind
from station.errors import PlayoutError
from station.playout.notify import daily_words
from station.playout.report import month_report
from station.playout.report_forms import to_csv
from station.playout.transmitter import open_switch, wake_tone
from tests.playout.make import StationUnderTest, noise


def transmitter_station(tmp_path, **extra):
    line = tmp_path / "line.txt"
    script = tmp_path / "switch.py"
    script.write_text("import sys,time\nopen(sys.argv[1],'a').write(f'{sys.argv[2]} {time.time()}\\n')\n", encoding="utf-8")
    more = "".join(f"{key} = {value!r}\n" for key, value in extra.items())
    station = StationUnderTest(
        tmp_path / "home",
        f'[hours]\nquiet = []\n[air]\noutput = "file"\n[transmitter]\nkind = "command"\n'
        f'on = "{sys.executable} {script} {line} on"\noff = "{sys.executable} {script} {line} off"\n{more}',
    )
    return station, line


def words(line):
    return [row.split()[0] for row in line.read_text().splitlines()] if line.exists() else []


@pytest.mark.slow
def test_the_carrier_is_on_before_the_program_and_off_after_its_tail(tmp_path):
    station, line = transmitter_station(tmp_path, lead_seconds=2.0, tail_seconds=1.0)
    station.program(noise(2))
    start = station.slot(8)
    station.air()
    station.ended()
    until = time.time() + 6
    while words(line) != ["off", "on", "off"] and time.time() < until:
        time.sleep(0.1)
    rows = [row.split() for row in line.read_text().splitlines()]
    assert [row[0] for row in rows] == ["off", "on", "off"]
    assert 0.5 < start.timestamp() - float(rows[1][1]) < 3.5
    assert 2.5 < float(rows[2][1]) - start.timestamp() < 6
    station.close()


@pytest.mark.slow
@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM])
def test_the_carrier_goes_off_when_air_dies_in_mid_program(tmp_path, how):
    station, line = transmitter_station(tmp_path)
    station.program(noise(30))
    station.slot(4)
    process = station.air()
    station.wait(lambda session: (session.get(Heartbeat, "air") or Heartbeat(data={})).data.get("state") == "on_air", 30)
    assert words(line)[-1] == "on"
    process.send_signal(how)
    process.wait()
    until = time.time() + 5
    while words(line)[-1] != "off" and time.time() < until:
        time.sleep(0.05)
    assert words(line)[-1] == "off"
    station.close()


def read_line(controller, count):
    """So many bytes from the line's other end, however they arrive; fewer when they do not within 3 s."""
    got, until = b"", time.monotonic() + 3
    while len(got) < count and time.monotonic() < until:
        if select.select([controller], [], [], 0.1)[0]:
            got += os.read(controller, 64)
    return got


def test_a_serial_transmitter_gets_its_bytes():
    controller, terminal = pty.openpty()
    tty.setraw(terminal)  # the bytes as they are, as on a real line
    try:
        switch = open_switch(TransmitterSettings(kind="serial", port=os.ttyname(terminal), on=r"\xa0\x01ON", off="OFF\\n"))
        switch(True)
        assert read_line(controller, 4) == b"\xa0\x01ON"
        switch(False)
        assert read_line(controller, 4) == b"OFF\n"
    finally:
        os.close(terminal)
        os.close(controller)


@pytest.fixture
def pins(monkeypatch):
    """gpiozero's own pins of a machine that has none."""
    import gpiozero
    from gpiozero.pins.mock import MockFactory

    factory = MockFactory()
    monkeypatch.setattr(gpiozero.Device, "pin_factory", factory)
    yield factory
    factory.reset()


def test_a_gpio_transmitter_moves_its_pin(pins):
    switch = open_switch(TransmitterSettings(kind="gpio", port="17"))
    switch(True)
    assert pins.pin(17).state
    switch(False)
    assert not pins.pin(17).state


class Posts(BaseHTTPRequestHandler):
    got: list[tuple[str, bytes]] = []

    def do_POST(self):
        self.got.append((self.path, self.rfile.read(int(self.headers.get("Content-Length", 0)))))
        self.send_response(200)
        self.end_headers()

    def log_message(self, *arguments):
        return


@pytest.fixture
def web():
    Posts.got = []
    server = HTTPServer(("127.0.0.1", 0), Posts)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()


def test_an_http_transmitter_is_called(web):
    switch = open_switch(TransmitterSettings(kind="http", on=f"{web}/on", off=f"{web}/off"))
    switch(True)
    switch(False)
    assert [path for path, _ in Posts.got] == ["/on", "/off"]


def test_the_wake_tone_has_the_frequencies_of_its_keys():
    spectrum = np.abs(np.fft.rfft(wake_tone("dtmf:5", 48000)[:5760]))
    hertz = np.argsort(spectrum)[-2:] * 48000 / 5760
    assert sorted(hertz) == pytest.approx([770, 1336], abs=9)
    assert len(wake_tone("pilot:1000:2", 48000)) == 96000
    with pytest.raises(PlayoutError):
        wake_tone("dtmf:x?", 48000)


def fill_month(station):
    """Invented: three mornings of November 2026."""
    with station.database.session() as session:
        slot = Slot(name="Bản tin sáng", start_time="05:00:00", rule={})
        session.add(slot)
        session.flush()
        for day, outcome in ((1, Outcome.AIRED), (2, Outcome.REFUSED_UNAPPROVED), (30, Outcome.AIRED_LATE)):
            start = datetime(2026, 11, day, 5, tzinfo=station.settings.zone).astimezone(UTC)
            row = Occurrence(
                slot_id=slot.id, local_date=start.astimezone(station.settings.zone).date(), planned_start=start,
                planned_end=start + timedelta(minutes=30), outcome=outcome, reason="" if outcome is Outcome.AIRED else "lý do",
            )
            session.add(row)
            session.flush()
            if outcome is not Outcome.REFUSED_UNAPPROVED:
                session.add(AsRun(
                    occurrence_id=row.id, source=SourceKind.SCHEDULE, title="=Bản tin", real_start=start,
                    real_end=start + timedelta(minutes=20), planned_start=start, outcome=outcome, level_dbfs=-18.0,
                ))


def test_the_monthly_report_tells_what_was_aired_and_what_was_not(station):
    fill_month(station)
    done = subprocess.run(
        [sys.executable, "-m", "station", "--home", str(station.settings.home.root), "report", "--month", "2026-11"],
        capture_output=True, text=True, check=True,
    )
    assert "3 buổi" in done.stdout
    folder = station.settings.home.var / "reports"
    page = (folder / "bao-cao-2026-11.html").read_text(encoding="utf-8")
    assert "Độc lập - Tự do - Hạnh phúc" in page and "Không phát: chưa duyệt" in page and "40,0" in page
    assert openpyxl.load_workbook(folder / "bao-cao-2026-11.xlsx").sheetnames == ["Tổng hợp", "Nhật ký", "Buổi không đạt", "Sự cố"]
    text = (folder / "bao-cao-2026-11.csv").read_bytes()
    assert text.startswith(b"\xef\xbb\xbf") and len(text.decode().splitlines()) == 3
    with station.database.session(write=False) as session:
        report = month_report(session, 2026, 11, station.settings.zone)
        assert "'=Bản tin" in to_csv(report.rows)
        assert month_report(session, 2026, 12, station.settings.zone).planned == 0
        good, well = daily_words(session, datetime(2026, 11, 1, 14, tzinfo=UTC), station.settings.zone)
        bad, unwell = daily_words(session, datetime(2026, 11, 2, 14, tzinfo=UTC), station.settings.zone)
    assert well and "đều tốt" in good and not unwell and "không đạt" in bad
