"""Faster or slower without changing the pitch, by ffmpeg: for recordings and models that have no speed of their own."""

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
    ffmpeg = shutil.which("ffmpeg")
    if ffmpeg is None:
        raise VoiceError("Máy chưa có ffmpeg nên không đổi được tốc độ.", mend="Hãy cài gói ffmpeg.")
    raw = ["-f", "f32le", "-ar", str(sample_rate), "-ac", "1"]
    try:
        done = subprocess.run(
            [ffmpeg, "-v", "error", "-nostdin", *raw, "-i", "pipe:0", "-af", f"atempo={speed:.4f}", *raw, "pipe:1"],
            input=samples.astype("<f4").tobytes(), capture_output=True, timeout=TIMEOUT_SECONDS, check=True,
        )
    except (OSError, subprocess.SubprocessError) as error:
        detail = getattr(error, "stderr", b"") or b""
        raise VoiceError("Không đổi được tốc độ của âm thanh.", detail=f"{error} {detail[-300:]!r}") from error
    return np.frombuffer(done.stdout, "<f4").copy()
