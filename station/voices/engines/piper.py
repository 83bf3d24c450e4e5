"""Piper inside the host process: one ONNX session with one thread a sentence, sentences side by side."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
from piper import PiperVoice, SynthesisConfig
from piper.config import PiperConfig


class Engine:
    """Any Piper voice: ``*.onnx`` with its ``*.onnx.json`` in a folder."""

    def __init__(self, folder: Path, settings: dict[str, Any]) -> None:
        import json

        model = next(iter(sorted(folder.glob("*.onnx"))))
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        options.inter_op_num_threads = 1
        session = onnxruntime.InferenceSession(str(model), options, providers=["CPUExecutionProvider"])
        config = PiperConfig.from_dict(json.loads(Path(f"{model}.json").read_text(encoding="utf-8")))
        self._voice = PiperVoice(session=session, config=config)
        self._speaker = settings.get("speaker_id")
        self.sample_rate = config.sample_rate

    def speak(self, text: str, speed: float) -> np.ndarray:
        scale = self._voice.config.length_scale / speed
        chunks = self._voice.synthesize(text, SynthesisConfig(length_scale=scale, speaker_id=self._speaker, volume=0.8))
        parts = [chunk.audio_float_array.astype(np.float32) for chunk in chunks]
        return np.concatenate(parts) if parts else np.zeros(0, np.float32)
