"""The one output: chosen by name, opened again with growing pauses, and its clock against the steady one.

Devices and times are invented.
"""

import threading
from types import SimpleNamespace

import pytest

from station.errors import PlayoutError
from station.playout import keeper as keeping
from station.playout import stream_clock
from station.playout.keeper import OutputKeeper
from station.playout.mixer import Mixer
from station.playout.outputs import find_device
from station.playout.rungs import Rungs
from station.playout.stream_clock import StreamClock


class Time:
    """A steady clock that the test turns."""

    def __init__(self):
        self.now = 1000.0

    def monotonic(self):
        return self.now

    def time(self):
        return 1_800_000_000.0 + self.now


@pytest.fixture
def turned(monkeypatch):
    one = Time()
    for module in (keeping, stream_clock):
        monkeypatch.setattr(module, "time", one)
    return one


def make(tmp_path, events, **values):
    mixer = Mixer()
    rungs = Rungs(mixer, mixer.positions, StreamClock(mixer), tmp_path, lambda *_, **__: None)
    config = {"output": "sounddevice", "device": "USB", "buffer_ms": 100, "folder": str(tmp_path), **values}
    return OutputKeeper(config, rungs, lambda event, **data: events.append((event, data)))


def test_a_device_that_is_away_is_looked_for_with_growing_pauses_and_told_of_once(tmp_path, turned, monkeypatch):
    tries, events = [], []

    def refuse(*_):
        tries.append(turned.now)
        raise PlayoutError("Không thấy thiết bị âm thanh 'USB'.")

    monkeypatch.setattr(keeping, "open_output", refuse)
    monkeypatch.setattr(keeping, "refresh_devices", lambda: None)
    keeper = make(tmp_path, events)
    keeper.open()
    while turned.now < 1030:
        turned.now += 0.05
        keeper.watch()
    pauses = [b - a for a, b in zip(tries, tries[1:], strict=False)]
    assert pauses[:6] == pytest.approx([0.1, 0.2, 0.5, 1.0, 2.0, 5.0], abs=0.11)
    assert max(pauses) < 5.2, "never longer than that"
    assert [data["state"] for _, data in events] == ["missing"]


def test_a_device_that_takes_no_frames_for_a_second_is_lost_and_opened_again(tmp_path, turned, monkeypatch):
    events = []

    def open_one(*_):
        return SimpleNamespace(name="USB", lost=threading.Event(), latency_frames=4800, underflows=0, last_call=turned.now, close=lambda: None)

    monkeypatch.setattr(keeping, "open_output", open_one)
    monkeypatch.setattr(keeping, "refresh_devices", lambda: None)
    keeper = make(tmp_path, events)
    keeper.open()
    for _ in range(120):
        turned.now += 0.1
        keeper.output.last_call = turned.now
        keeper.watch()
    stopped = turned.now
    while keeper.output is not None and turned.now < stopped + 5:
        turned.now += 0.1
        keeper.watch()
    assert turned.now - stopped < 1.2
    turned.now += 0.2
    keeper.watch()
    assert [data["state"] for _, data in events] == ["open", "lost", "open"] and events[-1][1]["gap"] > 0


@pytest.mark.parametrize(("drift", "pace"), [(0.0, 1.0), (0.02, 0.98), (-0.03, 1.03)])
def test_the_pace_of_frames_is_known_after_a_minute(turned, drift, pace):
    """``drift``: seconds by which each second of frames is heard later than the one before."""
    mixer = Mixer()
    clock = StreamClock(mixer)
    assert clock.pace() is None and not clock.known
    for _second in range(90):
        for _ in range(10):
            clock.note_time(turned.now + 0.1)
            mixer.frame += 4800
            turned.now += 0.1 * (1 + drift)
        clock.update()
    assert clock.known
    assert clock.pace() == pytest.approx(pace, abs=0.002)
    clock.forget()
    assert clock.pace() is None, "another device has another clock"


def test_a_frame_is_heard_when_the_stream_says(turned):
    mixer = Mixer()
    clock = StreamClock(mixer)
    for _ in range(64):
        clock.note_time(turned.now + 0.1)  # 100 ms of buffer
        mixer.frame += 4800
        turned.now += 0.1
    clock.update()
    assert clock.wall_of(mixer.frame) == pytest.approx(turned.time() + 0.1)
    assert clock.frame_at(turned.time() + 5.1) == mixer.frame + 5 * 48000


def test_a_card_is_chosen_by_a_part_of_its_name_wherever_it_is_in_the_list(monkeypatch):
    import sounddevice

    from station.playout import outputs

    def listed(*names):
        rows = [{"index": n, "name": name, "max_output_channels": 2} for n, name in enumerate(names)]
        monkeypatch.setattr(sounddevice, "query_devices", lambda *_: rows)

    monkeypatch.setattr(outputs, "_ask_portaudio", lambda: None)
    listed("HDMI 0", "USB Audio: Tram (hw:1)", "default")
    assert find_device("usb audio") == (1, "USB Audio: Tram (hw:1)")
    listed("USB Audio: Tram (hw:0)", "HDMI 0")
    assert find_device("usb audio")[0] == 0
    listed("HDMI 0")
    with pytest.raises(PlayoutError) as error:
        find_device("usb audio")
    assert "HDMI 0" in error.value.detail and error.value.mend
