"""VITS of Vietnamese letters: its configuration, and one with random weights.  Imports torch: never in the station.

``python -m station.voices.engines.vits FOLDER`` makes a full-size one with random weights, for measuring.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from station.voices.engines.coqui import import_without_cuda

import_without_cuda()

import torch  # noqa: E402
from TTS.tts.configs.shared_configs import CharactersConfig  # noqa: E402
from TTS.tts.configs.vits_config import VitsConfig  # noqa: E402
from TTS.tts.models.vits import Vits, VitsArgs  # noqa: E402

#: every letter of Vietnamese with every tone, lowercase, and the foreign ones of names
LETTERS = (
    "fjwzaàáảãạăằắẳẵặâầấẩẫậbcdđeèéẻẽẹêềếểễệghiìíỉĩịklmnoòóỏõọôồốổỗộơờớởỡợpqrstuùúủũụưừứửữựvxyỳýỷỹỵ"
)


def vietnamese_config(sizes: dict[str, Any] | None = None, **more: Any) -> VitsConfig:
    """A VITS of Vietnamese letters (no phonemizer); ``sizes`` are arguments of ``VitsArgs``."""
    return VitsConfig(
        model_args=VitsArgs(**(sizes or {})), use_phonemes=False, text_cleaner="basic_cleaners", add_blank=True,
        characters=CharactersConfig(
            characters_class="TTS.tts.models.vits.VitsCharacters", pad="_", eos="", bos="", blank="",
            characters=LETTERS, punctuations=" ,.!?", phonemes="",
        ), **more,
    )


def make_audible(model: Vits, level: float = 0.15) -> Vits:
    """Bring what random weights say to the level of speech, whatever the seed and the machine's generator.

    Random weights give anything from a whisper to a constant at full scale.  The last layer is freed of its answer
    to a constant, then scaled by what it is heard to give (``level``: RMS before the last ``tanh``).  Raises
    RuntimeError when the weights give nothing that could be scaled.
    """
    decoder = model.waveform_decoder
    heard: list[torch.Tensor] = []
    hook = decoder.conv_post.register_forward_hook(lambda _module, _input, output: heard.append(output.detach()))
    try:
        with torch.no_grad():
            weight = decoder.conv_post.weight
            weight.sub_(weight.mean(dim=2, keepdim=True))
            # latents as the text encoder and the flow give them: of unit variance, changing from frame to frame
            latents = torch.randn(1, model.args.hidden_channels, 80)
            conditioning = torch.zeros(1, model.embedded_speaker_dim, 1) if model.embedded_speaker_dim else None
            decoder(latents, g=conditioning)
            loudness = float(heard[-1].double().pow(2).mean().sqrt())
            if not 0.0 < loudness < float("inf"):
                raise RuntimeError(f"the random weights give no sound that could be scaled ({loudness})")
            weight.mul_(level / loudness)
    finally:
        hook.remove()
    return model


def random_vits(folder: Path, sizes: dict[str, Any] | None = None, seed: int = 7) -> None:
    """``config.json`` and ``model_file.pth`` with random weights: right in form, meaningless in sound."""
    torch.manual_seed(seed)
    config = vietnamese_config({"init_discriminator": False, **(sizes or {})})
    model = make_audible(Vits(config))
    folder.mkdir(parents=True, exist_ok=True)
    config.save_json(folder / "config.json")
    torch.save({"model": model.state_dict()}, folder / "model_file.pth")


if __name__ == "__main__":
    random_vits(Path(sys.argv[1]))
