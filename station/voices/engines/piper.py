"""Piper inside the host process: one thread a sentence, sentences side by side; all cores for a sentence alone.

The model for sentences side by side is the one that :mod:`station.voices.engines.piper_flat` prepared, from the second
time on that the voice is loaded.
"""

from __future__ import annotations

import functools
import json
import sys
import threading
from pathlib import Path
from typing import Any

import onnxruntime
from piper import PiperVoice, SynthesisConfig
from piper.config import PiperConfig

from station.voices.engines.company import Company
from station.voices.engines.piper_flat import as_kept, prepare_in_background, prepared

#: ONNX Runtime's number for an arena that grows by doubling
DOUBLING = 0


@functools.cache
def _share_arena() -> None:
    """One arena for every session of this process: a sentence takes the room of those before it.

    It grows by doubling: pieces that fit one sentence each, and the C library's heap as well, are soon in splinters,
    and memory grows by half over some bulletins.
    """
    cpu = onnxruntime.OrtMemoryInfo(
        "Cpu", onnxruntime.OrtAllocatorType.ORT_ARENA_ALLOCATOR, 0, onnxruntime.OrtMemType.DEFAULT
    )
    onnxruntime.create_and_register_allocator(cpu, onnxruntime.OrtArenaCfg({"arena_extend_strategy": DOUBLING}))


class Engine:
    """Any Piper voice: ``*.onnx`` with its ``*.onnx.json`` in a folder."""

    sample_format = "f4"

    def __init__(self, folder: Path | str, settings: dict[str, Any]) -> None:
        folder = Path(folder)
        models = sorted(folder.glob("*.onnx"))
        if not models:
            raise FileNotFoundError(f"no .onnx file in {folder}")
        self._model = models[0]
        self._config = config = PiperConfig.from_dict(json.loads(Path(f"{models[0]}.json").read_text(encoding="utf-8")))
        #: where prepared models lie; empty: none is made
        self._prepared = Path(str(settings["prepared"])) if settings.get("prepared") else None
        self._voice = self._load_prepared()
        #: the same model for a sentence alone; loaded when the engine first falls idle
        self._wide: PiperVoice | None = None
        self._company = Company(int(settings.get("threads", 0)))
        self._widening = threading.Lock()
        self._speaker = settings.get("speaker_id")
        if name := settings.get("speaker"):
            if name not in config.speaker_id_map:
                raise ValueError(f"the model has no speaker {name}; it has {', '.join(config.speaker_id_map)}")
            self._speaker = config.speaker_id_map[name]
        self._volume = float(settings.get("volume", 0.8))
        self.sample_rate = config.sample_rate

    def _load_prepared(self) -> PiperVoice:
        """The prepared model where there is one; a damaged one is removed, to be made again."""
        model = prepared(self._model, self._prepared) if self._prepared else self._model
        try:
            return self._load(1, model)
        except Exception as error:  # noqa: BLE001 - the runtime's errors have no common base
            if model == self._model:
                raise
            print(f"prepared model {model} is damaged: {error}", file=sys.stderr)
            model.unlink(missing_ok=True)
            return self._load(1, self._model)

    def _load(self, threads: int, model: Path) -> PiperVoice:
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        options.inter_op_num_threads = 1
        _share_arena()
        options.add_session_config_entry("session.use_env_allocators", "1")
        options.enable_mem_pattern = False  # a pattern is kept for every length of sentence
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")  # waiting threads leave the cores alone
        if model != self._model:
            as_kept(options)
        session = onnxruntime.InferenceSession(str(model), options, providers=["CPUExecutionProvider"])
        return PiperVoice(session=session, config=self._config)

    def _widen(self) -> None:
        """Load the model for sentences alone and prepare the other one, in the background, once."""
        if self._wide is not None or not self._widening.acquire(blocking=False):
            return

        def load() -> None:
            if self._company.most > 1:
                self._wide = self._load(self._company.most, self._model)
            if self._prepared and (making := prepare_in_background(self._model, self._prepared)):
                making.wait()

        threading.Thread(target=load, daemon=True, name="widen").start()

    def speak(self, text: str, speed: float) -> bytes:
        with self._company.join() as threads:
            voice = self._wide if threads > 1 and self._wide is not None else self._voice
            scale = self._config.length_scale / speed
            chunks = voice.synthesize(
                text, SynthesisConfig(length_scale=scale, speaker_id=self._speaker, volume=self._volume)
            )
            samples = b"".join(chunk.audio_float_array.astype("<f4").tobytes() for chunk in chunks)
        if self._company.empty():
            self._widen()
        return samples
