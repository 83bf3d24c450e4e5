"""Faster or slower at the same pitch, higher or lower at the same pace, by ffmpeg: for what has no such setting itself."""

from __future__ import annotations

import shutil
import subprocess

import numpy as np

from station.errors import VoiceError

TIMEOUT_SECONDS = 120.0


def stretch(samples: np.ndarray, sample_rate: int, speed: float) -> np.ndarray:
    """Mono float ``samples`` at ``speed`` (0.5 to 2) times their pace.  Raises :class:`VoiceError`."""
    if abs(speed - 1.0) < 1e-3:
        return samples
    return _filtered(samples, sample_rate, f"atempo={speed:.4f}", "Không đổi được tốc độ của âm thanh.")


def shift_pitch(samples: np.ndarray, sample_rate: int, half_tones: float) -> np.ndarray:
    """Mono float ``samples`` higher (or lower) by ``half_tones`` (-12 to 12), as long as before.

    Played faster, then slowed down again: right for a few half tones.  Raises :class:`VoiceError`.
    """
    if abs(half_tones) < 0.01:
        return samples
    factor = 2.0 ** (half_tones / 12.0)
    chain = f"asetrate={round(sample_rate * factor)},aresample={sample_rate},atempo={1.0 / factor:.5f}"
    shifted = _filtered(samples, sample_rate, chain, "Không đổi được cao độ của âm thanh.")
    peak = float(np.abs(shifted).max()) if shifted.size else 0.0
    return shifted if peak <= 1.0 else shifted / peak


def _filtered(samples: np.ndarray, sample_rate: int, chain: str, failed: str) -> np.ndarray:
    ffmpeg = shutil.which("ffmpeg")
    if ffmpeg is None:
        raise VoiceError("Máy chưa có ffmpeg nên không đổi được cách đọc.", mend="Hãy cài gói ffmpeg.")
    raw = ["-f", "f32le", "-ar", str(sample_rate), "-ac", "1"]
    try:
        done = subprocess.run(
            [ffmpeg, "-v", "error", "-nostdin", *raw, "-i", "pipe:0", "-af", chain, *raw, "pipe:1"],
            input=samples.astype("<f4").tobytes(), capture_output=True, timeout=TIMEOUT_SECONDS, check=True,
        )
    except (OSError, subprocess.SubprocessError) as error:
        detail = getattr(error, "stderr", b"") or b""
        raise VoiceError(failed, detail=f"{error} {detail[-300:]!r}") from error
    return np.frombuffer(done.stdout, "<f4").copy()
