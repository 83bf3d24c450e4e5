"""``station voices train``: an announcer's recordings become a voice, by Coqui's own trainer in a process of its own.

Meant for a machine with a GPU: on a processor it takes weeks.  It may be stopped at any time and goes on from the
last checkpoint.  Afterwards the model lies in ``var/models/ID-rieng`` and ``voices/ID-rieng.toml`` names it.
"""

from __future__ import annotations

import importlib.util
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from station.errors import JobCancelled, VoiceError
from station.home import StationHome
from station.voices import ljspeech
from station.voices.announcer import SAMPLE_RATE, Session, session_folder

#: fewer sentences than this teach nothing
LEAST_SENTENCES = 50
#: what the voice says at each checkpoint
SAMPLE_SENTENCE = "kính chào bà con, mời bà con nghe bản tin sáng nay của đài truyền thanh xã."
_STEP = re.compile(r"GLOBAL_STEP:\s*(\d+)")
#: called with (steps done, steps in all)
Steps = Callable[[int, int], None]


@dataclass(frozen=True)
class Plan:
    """How to train: ``steps`` in all, ``batch_size`` sentences a step, a checkpoint every ``save_every`` steps.

    ``base`` is a folder with ``model_file.pth`` and ``config.json`` to start from; without one the voice is learned
    from nothing.  ``sizes`` are arguments of Coqui's ``VitsArgs``, for small models.
    """

    steps: int = 100_000
    batch_size: int = 16
    save_every: int = 1000
    base: str = ""
    least_sentences: int = LEAST_SENTENCES
    sizes: dict[str, object] = field(default_factory=dict)


def trained_id(voice_id: str) -> str:
    """The catalog's id of the voice made from the announcer ``voice_id``."""
    return f"{voice_id}-rieng"


def train(
    home: StationHome, voice_id: str, plan: Plan | None = None, *, progress: Steps | None = None,
    cancelled: Callable[[], bool] | None = None,
) -> str:
    """Train, or go on training, and put the result into the catalog.  Returns the new voice's id.

    Raises :class:`VoiceError` (``voices.consent``, ``voices.too_few``, ``voices.missing``, ``voices.training``) or
    :class:`JobCancelled`; the checkpoints stay and the next call goes on from them.
    """
    plan = plan or Plan()
    session = Session(home, voice_id)
    count = len(ljspeech.read(session.folder))
    if count < plan.least_sentences:
        raise VoiceError(
            f"Mới có {count} câu được ghi, cần ít nhất {plan.least_sentences} câu để luyện giọng.", code="voices.too_few",
            mend="Hãy ghi tiếp các câu còn lại.",
        )
    if importlib.util.find_spec("TTS") is None:
        raise VoiceError("Máy chưa có bộ đọc Coqui TTS.", mend="Hãy chạy './run.sh --with coqui'.", code="voices.missing")
    output = session_folder(home, voice_id) / "training"
    output.mkdir(exist_ok=True)
    job = {
        "data": str(session.folder), "output": str(output), "steps": plan.steps, "batch_size": plan.batch_size,
        "save_every": plan.save_every, "base": plan.base, "sizes": plan.sizes, "sample_rate": SAMPLE_RATE,
        "sentence": SAMPLE_SENTENCE,
    }
    root = str(Path(__file__).resolve().parents[2])
    # with fewer OpenMP threads than torch was told, a convolution's backward pass waits for the missing one for ever
    ours = {name: value for name, value in os.environ.items() if name != "OMP_THREAD_LIMIT"}
    environment = {**ours, "PYTHONPATH": os.pathsep.join(filter(None, (root, os.environ.get("PYTHONPATH", ""))))}
    log = output / "train.log"
    with log.open("ab") as errors:
        process = subprocess.Popen(
            [sys.executable, "-m", "station.voices.engines.vits_training", json.dumps(job)], stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=errors, env=environment, cwd=output,
        )
        try:
            assert process.stdout is not None
            for raw in process.stdout:
                errors.write(raw)
                if cancelled is not None and cancelled():
                    raise JobCancelled
                if progress is not None and (step := _STEP.search(raw.decode("utf-8", "replace"))):
                    progress(min(int(step[1]), plan.steps), plan.steps)
            status = process.wait()
        finally:
            process.kill()
            process.wait()
    if status != 0:
        raise VoiceError(
            "Việc luyện giọng đã dừng vì lỗi.", mend=f"Chi tiết ở {log}; chạy lại sẽ tiếp tục từ chỗ đã lưu.",
            detail=log.read_text(encoding="utf-8", errors="replace")[-800:], code="voices.training",
        )
    if progress is not None:
        progress(plan.steps, plan.steps)
    return publish(home, session, output)


def sample_path(output: Path, step: int) -> Path:
    """Where the sentence lies that the model said at ``step``."""
    return output / "samples" / f"{step:07d}.wav"


def samples(home: StationHome, voice_id: str) -> dict[int, Path]:
    """What the voice in training said, by step; nothing where it has not been trained."""
    folder = session_folder(home, voice_id) / "training" / "samples"
    return {int(path.stem): path for path in sorted(folder.glob("*.wav")) if path.stem.isdigit()}


def newest_run(output: Path) -> Path | None:
    """The newest folder of Coqui's trainer below ``output`` that holds a checkpoint; None where there is none."""
    runs = {path.parent for path in output.glob("*/checkpoint_*.pth")} | {p.parent for p in output.glob("*/best_model.pth")}
    return max(runs, key=lambda folder: folder.stat().st_mtime, default=None)


def publish(home: StationHome, session: Session, output: Path) -> str:
    """Copy the newest checkpoint to ``var/models`` and write the catalog entry.  Returns its id."""
    run = newest_run(output)
    if run is None:
        raise VoiceError("Chưa có điểm lưu nào của việc luyện giọng.", code="voices.training", detail=str(output))
    checkpoints = sorted(run.glob("checkpoint_*.pth"), key=lambda p: int(p.stem.rsplit("_", 1)[1]))
    voice_id = trained_id(session.id)
    folder = home.models / voice_id
    folder.mkdir(parents=True, exist_ok=True)
    for source, name in ((checkpoints[-1] if checkpoints else run / "best_model.pth", "model_file.pth"),
                         (run / "config.json", "config.json"), (session.folder / "consent.json", "consent.json")):
        shutil.copyfile(source, folder / f".{name}")
        os.replace(folder / f".{name}", folder / name)
    speaker = json.dumps(f"Giọng riêng: {session.consent.speaker}", ensure_ascii=False)
    (home.voices / f"{voice_id}.toml").write_text(
        "# Giọng luyện từ bản ghi của phát thanh viên.  Sự đồng ý nằm trong consent.json cạnh mô hình.\n"
        f'[voice]\nid = "{voice_id}"\nname = {speaker}\nengine = "coqui"\nsample_rate = {SAMPLE_RATE}\nown = true\n'
        'license = "Nội bộ đài"\nlicense_text = "Chỉ dùng cho bản tin của đài, theo sự đồng ý của người đọc."\n'
        "commercial = false\n", encoding="utf-8",
    )
    return voice_id
