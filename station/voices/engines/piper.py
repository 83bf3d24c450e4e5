"""Piper inside the host process: one thread a sentence, sentences side by side; all cores for a sentence alone."""

from __future__ import annotations

import json
import threading
from pathlib import Path
from typing import Any

import onnxruntime
from piper import PiperVoice, SynthesisConfig
from piper.config import PiperConfig

from station.voices.engines.company import Company


class Engine:
    """Any Piper voice: ``*.onnx`` with its ``*.onnx.json`` in a folder."""

    sample_format = "f4"

    def __init__(self, folder: Path, settings: dict[str, Any]) -> None:
        models = sorted(folder.glob("*.onnx"))
        if not models:
            raise FileNotFoundError(f"no .onnx file in {folder}")
        self._model = models[0]
        self._config = config = PiperConfig.from_dict(json.loads(Path(f"{models[0]}.json").read_text(encoding="utf-8")))
        self._voice = self._load(1)
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

    def _load(self, threads: int) -> PiperVoice:
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        options.inter_op_num_threads = 1
        # without these, memory grows with the longest sentence ever said and never shrinks
        options.enable_cpu_mem_arena = False
        options.enable_mem_pattern = False
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")  # waiting threads leave the cores alone
        session = onnxruntime.InferenceSession(str(self._model), options, providers=["CPUExecutionProvider"])
        return PiperVoice(session=session, config=self._config)

    def _widen(self) -> None:
        """Load the model for sentences alone, in the background, once."""
        if self._company.most == 1 or self._wide is not None or not self._widening.acquire(blocking=False):
            return

        def load() -> None:
            self._wide = self._load(self._company.most)

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
