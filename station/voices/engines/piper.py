"""Piper inside the host process: one ONNX session with one thread a sentence, sentences side by side."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import onnxruntime
from piper import PiperVoice, SynthesisConfig
from piper.config import PiperConfig


class Engine:
    """Any Piper voice: ``*.onnx`` with its ``*.onnx.json`` in a folder."""

    sample_format = "f4"

    def __init__(self, folder: Path, settings: dict[str, Any]) -> None:
        models = sorted(folder.glob("*.onnx"))
        if not models:
            raise FileNotFoundError(f"no .onnx file in {folder}")
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        options.inter_op_num_threads = 1
        # without these, memory grows with the longest sentence ever said and never shrinks
        options.enable_cpu_mem_arena = False
        options.enable_mem_pattern = False
        session = onnxruntime.InferenceSession(str(models[0]), options, providers=["CPUExecutionProvider"])
        config = PiperConfig.from_dict(json.loads(Path(f"{models[0]}.json").read_text(encoding="utf-8")))
        self._voice = PiperVoice(session=session, config=config)
        self._speaker = settings.get("speaker_id")
        if name := settings.get("speaker"):
            if name not in config.speaker_id_map:
                raise ValueError(f"the model has no speaker {name}; it has {', '.join(config.speaker_id_map)}")
            self._speaker = config.speaker_id_map[name]
        self._volume = float(settings.get("volume", 0.8))
        self.sample_rate = config.sample_rate

    def speak(self, text: str, speed: float) -> bytes:
        scale = self._voice.config.length_scale / speed
        chunks = self._voice.synthesize(
            text, SynthesisConfig(length_scale=scale, speaker_id=self._speaker, volume=self._volume)
        )
        return b"".join(chunk.audio_float_array.astype("<f4").tobytes() for chunk in chunks)
