"""Turns one uploaded file into a station sound, in a process of its own with limits.

Reads one JSON object from standard input and answers with one on standard output; nothing else is trusted of it.
ffmpeg may open local audio containers only: a playlist could name other files of the machine.
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

FORMATS = "wav,w64,aiff,au,caf,mp3,flac,ogg,mov,mp4,m4a,3gp,aac,amr,asf,matroska,webm,avi,wv,ape,mpeg,mpegts"
RATE = 48000
#: quieter than this at both ends is cut away; a sound that never gets louder is refused (dBFS)
SILENCE_DBFS = -55.0
#: this much silence before a sound is looked past
LEAD_SECONDS = 30.0


def convert(source: str, out: str, longest_seconds: float, ffmpeg: str, title: str) -> dict[str, Any]:
    """Decodes, mixes to mono, trims silence, fades the ends, writes FLAC with its title.  The answer for the parent."""
    from pydub import AudioSegment
    from pydub.silence import detect_leading_silence

    with tempfile.TemporaryDirectory() as folder:
        decoded = Path(folder) / "decoded.wav"
        done = subprocess.run(
            [ffmpeg, "-nostdin", "-v", "error", "-protocol_whitelist", "file", "-format_whitelist", FORMATS,
             "-t", str(longest_seconds + LEAD_SECONDS), "-i", f"file:{source}", "-map", "0:a:0", "-ac", "2", "-ar", str(RATE),
             "-c:a", "pcm_s16le", "-y", str(decoded)],
            stdin=subprocess.DEVNULL, capture_output=True, check=False,
        )
        if done.returncode or not decoded.is_file():
            return {"error": "unreadable", "detail": done.stderr.decode("utf-8", "replace")[-400:]}
        left, right = AudioSegment.from_wav(decoded).split_to_mono()
        sound = AudioSegment.from_mono_audiosegments(left, right).set_channels(1)
        if not len(sound):
            return {"error": "empty"}
        if sound.max_dBFS < SILENCE_DBFS:
            return {"error": "silent"}
        start = detect_leading_silence(sound, SILENCE_DBFS)
        end = detect_leading_silence(sound.reverse(), SILENCE_DBFS)
        sound = sound[start:len(sound) - end]
        cut = len(sound) > longest_seconds * 1000
        sound = sound[: round(longest_seconds * 1000)]
        sound = sound.fade_in(min(10, len(sound) // 2)).fade_out(min(1000 if cut else 10, len(sound) // 2))
        made = Path(folder) / "made.wav"
        sound.export(made, format="wav").close()
        subprocess.run(
            [ffmpeg, "-nostdin", "-v", "error", "-i", str(made), "-map_metadata", "-1", "-metadata", f"title={title}", "-bitexact", "-y", out],
            stdin=subprocess.DEVNULL, capture_output=True, check=True,
        )
        return {"seconds": len(sound) / 1000, "cut": cut, "trimmed": (start + end) / 1000}


def main() -> None:
    task = json.load(sys.stdin)
    memory = int(task["memory_mb"]) * 1_000_000
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CPU, (int(task["seconds"]), int(task["seconds"]) + 5))
    resource.setrlimit(resource.RLIMIT_FSIZE, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    try:
        answer = convert(task["source"], task["out"], float(task["longest_seconds"]), task["ffmpeg"], task["title"])
    except MemoryError:
        answer = {"error": "memory"}
    except (OSError, subprocess.SubprocessError, ValueError) as error:
        answer = {"error": "unreadable", "detail": repr(error)}
    json.dump(answer, sys.stdout)


if __name__ == "__main__":
    main()
