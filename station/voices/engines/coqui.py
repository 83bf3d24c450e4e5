"""Coqui TTS inside the host process: VITS models from a folder, or the MMS layout (``G_100000.pth``)."""

from __future__ import annotations

import sys
import types
from pathlib import Path
from typing import Any

import numpy as np


def import_without_cuda() -> None:
    """Make ``import torchaudio`` work where its wheel is linked to CUDA and torch is not: VITS never calls it."""
    try:
        import torchaudio  # noqa: F401
    except OSError:
        for name in [name for name in sys.modules if name.split(".")[0] == "torchaudio"]:
            del sys.modules[name]
        stub = types.ModuleType("torchaudio._extension")
        stub.fail_if_no_align = lambda function: function  # type: ignore[attr-defined]
        stub._IS_TORCHAUDIO_EXT_AVAILABLE = False  # type: ignore[attr-defined]
        sys.modules["torchaudio._extension"] = stub


class Engine:
    """One model, one torch thread a sentence; text is never split by Coqui's English rules."""

    def __init__(self, folder: Path, settings: dict[str, Any]) -> None:
        import_without_cuda()
        import torch
        from TTS.utils.synthesizer import Synthesizer

        torch.set_num_threads(1)
        self._torch = torch
        cuda = torch.cuda.is_available()
        if (folder / "G_100000.pth").is_file():
            from TTS.tts.configs.vits_config import VitsConfig
            from TTS.tts.models.vits import Vits

            config = VitsConfig()
            self._model: Any = Vits(config)
            self._model.load_fairseq_checkpoint(config, folder, eval=True)
            self.sample_rate = int(self._model.config.audio["sample_rate"])
            if cuda:
                self._model.cuda()
        else:
            loaded = Synthesizer(
                tts_checkpoint=folder / str(settings.get("model", "model_file.pth")),
                tts_config_path=folder / "config.json", use_cuda=cuda,
            )
            self._model, self.sample_rate = loaded.tts_model, int(loaded.output_sample_rate)
        self._speaker = settings.get("speaker")
        self._language = settings.get("language")

    def speak(self, text: str, speed: float) -> np.ndarray:
        characters = getattr(self._model.tokenizer, "characters", None)
        vocabulary = set(getattr(characters, "vocab", ()) or ())
        lost = {c for c in text if vocabulary and c not in vocabulary and c.lower() not in vocabulary and c.isalnum()}
        if lost:
            raise ValueError(f"characters outside the model's vocabulary: {''.join(sorted(lost))}")
        if hasattr(self._model, "length_scale"):
            if not hasattr(self, "_length_scale"):
                self._length_scale = float(self._model.length_scale)
            self._model.length_scale = self._length_scale / speed
        with self._torch.inference_mode():
            result = self._model.synthesize(text, speaker=self._speaker, language=self._language)
        samples = np.asarray(result["wav"], dtype=np.float32).squeeze()
        return samples
