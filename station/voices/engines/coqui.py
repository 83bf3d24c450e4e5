"""Coqui TTS inside the host process: any model in a folder, the MMS layout, catalog names already fetched.

Never split by Coqui's English rules, never a letter dropped in silence, never fetched from the network.
"""

from __future__ import annotations

import contextlib
import copy
import hashlib
import sys
import threading
import types
from pathlib import Path
from typing import Any

import numpy as np

from station.voices.engines.company import Company
from station.voices.engines.vocabulary import fit_to_vocabulary
from station.voices.stretch import stretch

#: names under which models are published, best first
CHECKPOINTS = ("model_file.pth", "model_file.pth.tar", "model.pth", "best_model.pth")
_PATH_KEYS = (
    "speakers_file", "language_ids_file", "d_vector_file", "speaker_encoder_config_path", "speaker_encoder_model_path"
)


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


def mms_checkpoint(folder: Path) -> Path | None:
    """The checkpoint of a folder in the MMS (fairseq) layout: ``G_*.pth`` with ``vocab.txt``; else None."""
    found = sorted(folder.glob("G_*.pth"))
    return found[-1] if found and (folder / "vocab.txt").is_file() else None


def find_checkpoint(folder: Path, name: str = "") -> Path:
    """The model's file in ``folder``: ``name``, a usual name, else the only ``*.pth``.  Raises FileNotFoundError."""
    for candidate in (name,) if name else CHECKPOINTS:
        if (folder / candidate).is_file():
            return folder / candidate
    others = [p for p in sorted(folder.glob("*.pth")) if p.name not in ("speakers.pth", "language_ids.pth")]
    if not name and len(others) == 1:
        return others[0]
    raise FileNotFoundError(f"no model file in {folder}")


def repair_paths(config: Any, folder: Path) -> None:
    """Point files that a config names by the path on the trainer's machine at the copies in ``folder``."""
    for part in (config, getattr(config, "model_args", None)):
        for key in _PATH_KEYS:
            value = getattr(part, key, None) if part is not None else None
            for path in value if isinstance(value, list) else [value]:
                if path and not Path(path).is_file() and (folder / Path(path).name).is_file():
                    fixed = str(folder / Path(path).name)
                    setattr(part, key, [fixed] if isinstance(value, list) else fixed)


def teach_vietnamese(tokenizer: Any) -> None:
    """Let XTTS's tokenizer take Vietnamese: 0.28 raises NotImplementedError, though viXTTS's vocabulary has it.

    Nothing is left to expand in a sentence of ours: there are only words in it.
    """
    if tokenizer is None or not hasattr(tokenizer, "preprocess_text"):
        return
    others = tokenizer.preprocess_text

    def preprocess(text: str, language: str) -> str:
        return " ".join(text.lower().split()) if language == "vi" else str(others(text, language))

    tokenizer.preprocess_text = preprocess


class Engine:
    """One model: one torch thread a sentence, all of them for a sentence alone; on the GPU where there is one."""

    sample_format = "f4"

    def __init__(self, folder: Path | str, settings: dict[str, Any]) -> None:
        folder = Path(folder)
        import_without_cuda()
        import torch

        from station.voices.engines.hifigan import lay_out

        torch.set_num_threads(1)
        torch.set_flush_denormal(True)
        self._torch = torch
        self._model = self._load(folder, settings)
        if torch.cuda.is_available():
            self._model.cuda()
        self._kind = str(getattr(self._model.config, "model", "")).lower()
        audio = self._model.config.audio
        self.sample_rate = int(audio.get("output_sample_rate", None) or audio["sample_rate"])
        self._arguments = self._speaker_arguments(folder, settings)
        self._vits_speed = float(self._model.length_scale) if hasattr(self._model, "length_scale") else 0.0
        if self._vits_speed:
            self._bake_weights()
            decoder = getattr(self._model, "waveform_decoder", None)
            if type(decoder).__name__ == "HifiganGenerator" and not torch.cuda.is_available():
                with contextlib.suppress(ValueError):  # another form: it speaks as it is
                    lay_out(decoder)
        # only VITS keeps no state between calls; the others speak one sentence at a time on all cores
        self._one_at_a_time = None if self._vits_speed else threading.Lock()
        self._company = Company(int(settings.get("threads", 0)))

    @staticmethod
    def _load(folder: Path, settings: dict[str, Any]) -> Any:
        from TTS.config import load_config
        from TTS.tts.configs.vits_config import VitsConfig
        from TTS.tts.models import setup_model
        from TTS.tts.models.vits import Vits

        # Not through TTS.api or Synthesizer: a path with "fairseq" anywhere in it switches their loader.
        if (mms := mms_checkpoint(folder)) is not None:
            config = VitsConfig()
            model = Vits(config)
            model.load_fairseq_checkpoint(config, mms, eval=True)
            return model
        config = load_config(folder / "config.json")
        repair_paths(config, folder)
        model = setup_model(config=config)
        if str(getattr(config, "model", "")).lower() in ("xtts", "bark", "tortoise"):
            model.load_checkpoint(config, checkpoint_dir=folder, eval=True)
            if getattr(model, "speaker_manager", None) is None:  # viXTTS comes without a file of speakers
                model.speaker_manager = types.SimpleNamespace(speakers={}, speaker_names=[])
            teach_vietnamese(getattr(model, "tokenizer", None))
        else:
            checkpoint = find_checkpoint(folder, str(settings.get("model", "")))
            model.load_checkpoint(config, checkpoint_path=checkpoint, eval=True)
        return model

    def _bake_weights(self) -> None:
        """Compute the weight norms once, not at each call: 5 to 10% of the time."""
        from torch.nn.utils import parametrize

        for module in self._model.modules():
            if parametrize.is_parametrized(module, "weight"):
                parametrize.remove_parametrizations(module, "weight")

    def _speaker_arguments(self, folder: Path, settings: dict[str, Any]) -> dict[str, Any]:
        """What the model wants to know of speaker, language and reference clip."""
        known = list(getattr(getattr(self._model, "speaker_manager", None), "speaker_names", None) or ())
        speaker = settings.get("speaker")
        if speaker and known and speaker not in known:
            raise ValueError(f"the model has no speaker {speaker}; it has {', '.join(known[:20])}")
        if not speaker and len(known) > 1 and not settings.get("reference"):
            speaker = known[0]
        language = settings.get("language") or ("vi" if self._kind == "xtts" else None)
        return synthesis_arguments(folder, settings, speaker=speaker, language=language)

    def speak(self, text: str, speed: float) -> bytes:
        tokenizer = getattr(self._model, "tokenizer", None)
        characters = getattr(tokenizer, "characters", None)
        if characters is not None and not getattr(tokenizer, "use_phonemes", False):
            text = fit_to_vocabulary(text, frozenset(characters.vocab or ()))
        with self._company.join() as threads:
            return self._speak(text, speed, threads)

    def _speak(self, text: str, speed: float, threads: int) -> bytes:
        if self._one_at_a_time is None:
            self._torch.set_num_threads(threads)  # with OpenMP: of this very thread
            # sentences at different speeds run side by side: a shallow copy shares the weights, not the speed
            model = copy.copy(self._model)
            model.length_scale = self._vits_speed / speed
            with self._torch.inference_mode():
                result = model.synthesize(text, **self._arguments)
        else:
            extra = {"speed": speed} if self._kind == "xtts" else {}
            with self._one_at_a_time, self._torch.inference_mode():
                self._torch.set_num_threads(self._company.most)
                result = self._model.synthesize(text, **self._arguments, **extra)
        wav = result["wav"]
        samples = np.asarray(wav.cpu() if hasattr(wav, "cpu") else wav, dtype=np.float32).reshape(-1)
        if self._one_at_a_time is not None and self._kind != "xtts" and speed != 1.0:
            samples = stretch(samples, self.sample_rate, speed)
        return samples.astype("<f4").tobytes()


def synthesis_arguments(
    folder: Path, settings: dict[str, Any], *, speaker: str | None, language: str | None
) -> dict[str, Any]:
    """Keyword arguments of Coqui's ``synthesize``.

    ``settings["reference"]`` is a clip (or several) in the model's folder whose voice is cloned.  What the model
    computes from it is kept under a name made of the clips' content, in a hidden folder that is no part of the model.
    """
    reference = settings.get("reference")
    if not reference:
        return {"speaker": speaker, "language": language}
    clips = [folder / str(name) for name in (reference if isinstance(reference, list) else [reference])]
    for clip in clips:
        if not clip.is_file():
            raise FileNotFoundError(f"no reference clip {clip}")
    digest = hashlib.sha256(b"".join(clip.read_bytes() for clip in clips)).hexdigest()[:16]
    voices = folder / ".voices"
    voices.mkdir(exist_ok=True)
    return {"speaker": f"clip-{digest}", "speaker_wav": [str(clip) for clip in clips], "voice_dir": voices,
            "language": language}
