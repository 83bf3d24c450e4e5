"""The mixer alone: the ladder, exact frames, ducking, the quiet bed, and a callback that allocates, locks and logs nothing.

The sound is invented noise.
"""

import sys
import tracemalloc

import numpy as np
import pytest

from station.playout.feeds import FADE_FRAMES, LADDER
from station.playout.mixer import DUCK_GAIN, Mixer

BLOCK = 1200


def sound(seed, frames=48000):
    return np.random.default_rng(seed).uniform(-0.2, 0.2, (frames, 2)).astype(np.float32)


def put(mixer, name, samples, start=0, **values):
    feed = mixer.by_name[name]
    feed.reset()
    feed.write(samples)
    feed.closed = True
    feed.start_frame = start
    for key, value in values.items():
        setattr(feed, key, value)
    feed.active = True
    return feed


def heard(mixer, blocks, size=BLOCK):
    out = np.zeros((blocks * size, 2), np.float32)
    for at in range(0, len(out), size):
        mixer.render(out[at:at + size])
    return out


def test_the_ladder_is_data_in_the_order_of_the_station():
    assert LADDER == ("emergency", "live", "priority", "schedule", "relay", "fallback", "silence")


@pytest.mark.parametrize("start", [0, 1, 1199, 1200, 4321])
@pytest.mark.parametrize("size", [256, 1200, 5000])
def test_a_program_begins_at_its_frame_and_is_equal_sample_for_sample(start, size):
    mixer, samples = Mixer(), sound(1, 20000)
    put(mixer, "schedule", samples, start)
    out = heard(mixer, 40, size)[:start + 20000 + 500]
    wanted = np.zeros_like(out)
    wanted[start:start + 20000] = samples[:len(out) - start]
    assert np.array_equal(out, wanted)


@pytest.mark.parametrize(("higher", "lower"), list(zip(LADDER[:-2], LADDER[1:-1], strict=True)))
def test_every_rung_holds_the_one_below_at_its_frame_and_gives_it_back(higher, lower):
    mixer, under, over = Mixer(), sound(2, 30000), sound(3, 9000)
    put(mixer, lower, under)
    put(mixer, higher, over, 6480)
    out = heard(mixer, 40)
    cut = 6480 - FADE_FRAMES  # what was heard only fading is said again
    assert np.array_equal(out[:cut], under[:cut])
    assert np.array_equal(out[6480:15480], over)
    back = -(-15480 // BLOCK) * BLOCK  # with the next block: no more than 25 ms of pause
    assert np.array_equal(out[back + FADE_FRAMES:back + 20000], under[cut + FADE_FRAMES:cut + 20000])


def test_speech_over_a_program_ducks_it_and_lets_it_come_back_without_losing_a_frame():
    mixer, program, speech = Mixer(), np.full((48000, 2), 0.5, np.float32), np.zeros((12000, 2), np.float32)
    put(mixer, "schedule", program)
    put(mixer, "live", speech, 6000, over=True)
    out = heard(mixer, 40)[:, 0]
    assert np.all(out[:6000 - BLOCK] == 0.5)
    assert out[17000] == pytest.approx(0.5 * DUCK_GAIN, abs=0.01)
    assert np.all(out[30000:47000] == 0.5)
    assert np.abs(np.diff(out[:47000])).max() < 0.001, "the gain glides"
    assert np.all(out[48000:] == 0), "the program ran on while it was ducked"


def test_the_quiet_bed_sounds_only_where_nothing_else_does_and_is_as_loud_as_set():
    mixer, samples = Mixer(), sound(4, 12000)
    mixer.lay_bed(-60.0)
    put(mixer, "schedule", samples, 12000)
    out = heard(mixer, 40)
    assert np.array_equal(out[12000:24000], samples)
    for quiet in (out[:12000], out[24000:]):
        assert 20 * np.log10(np.sqrt(np.mean(quiet ** 2))) == pytest.approx(-60, abs=0.5)
    mixer.lay_bed(0.0)
    assert not heard(mixer, 4).any()


def test_each_second_has_its_level_and_what_is_wrong_with_it():
    mixer = Mixer()
    put(mixer, "schedule", np.full((48000, 2), 0.25, np.float32))
    heard(mixer, 40)
    put(mixer, "schedule", np.clip(sound(5) * 100, -1, 1), mixer.frame)
    heard(mixer, 40)
    stuck, clipped = mixer.levels[0], mixer.levels[1]
    assert mixer.level_count == 2 and stuck[1] == pytest.approx(0.0625) and stuck[6] == 40
    assert stuck[5] >= 39 and stuck[4] == 0
    assert clipped[4] >= 39 and clipped[5] == 0 and LADDER[int(clipped[3])] == "schedule"


def busy_mixer():
    """Everything at once: a program with speech over it, and a higher one that comes and goes."""
    mixer = Mixer()
    put(mixer, "schedule", sound(6, 150000))
    put(mixer, "live", sound(7, 90000), 3000, over=True)
    put(mixer, "emergency", sound(8, 30000), 40000)
    return mixer


def test_the_callback_allocates_nothing_of_the_size_of_sound():
    mixer, out = busy_mixer(), np.zeros((BLOCK, 2), np.float32)
    mixer.render(out)
    tracemalloc.start()
    try:
        before = tracemalloc.get_traced_memory()[0]
        tracemalloc.reset_peak()
        for _ in range(100):
            mixer.render(out)
        after, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    # views and numbers come and go; a single column of a block would be 4,800 bytes
    assert peak - before < 4000 and after - before < 2000


def test_the_callback_locks_writes_and_logs_nothing():
    mixer, out = busy_mixer(), np.zeros((BLOCK, 2), np.float32)
    called = set()

    def note(frame, event, what):
        if event == "c_call":
            called.add(what.__name__)
        elif event == "call":
            called.add(frame.f_code.co_filename.rpartition("/")[2] + ":" + frame.f_code.co_name)

    sys.setprofile(note)
    try:
        for _ in range(150):
            mixer.render(out)
    finally:
        sys.setprofile(None)
    python = {name.partition(":")[0] for name in called if ":" in name}
    assert "mixer.py" in python and not python & {"__init__.py", "threading.py", "queue.py", "logging.py"}, called
    assert not {name for name in called if ":" not in name} & {
        "acquire", "release", "put", "get", "write", "flush", "open", "sleep", "print", "zeros", "empty", "array", "copy", "append",
    }, called
