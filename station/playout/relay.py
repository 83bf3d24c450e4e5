"""Network radio as raw sound on standard output, by VLC, in a process of its own.

``python -m station.playout.relay URL RATE CHANNELS`` writes 16-bit frames as they come, connects again with growing
pauses when the stream ends, stalls or fails, and ends when nobody reads.  In VLC's callbacks nothing is done but to
copy the sound: calls into VLC from there would hang.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import queue
import subprocess
import sys
import threading
import time
from typing import Any

import numpy as np

from station.errors import PlayoutError
from station.playout.reader import calm

_PAUSES = (0.5, 1.0, 2.0, 5.0, 10.0)
#: a stream that gives nothing for so long is connected again
STALL_SECONDS = 5.0
SCHEMES = ("http://", "https://", "rtsp://", "rtp://", "udp://", "mms://")


def load_vlc() -> Any:
    """The vlc module, when its library is really there: importing it succeeds without."""
    import vlc

    try:
        vlc.libvlc_get_version()
    except (NameError, OSError) as error:
        raise PlayoutError("Máy chưa có VLC.", mend="Hãy cài gói libvlc5 và vlc-plugin-base.", detail=str(error)) from error
    return vlc


class RelaySource:
    """A relay's frames for the mixer: never waits, gives what has come; never ends by itself."""

    live = True

    def __init__(self, url: str, rate: int, channels: int) -> None:
        if not url.startswith(SCHEMES):
            raise PlayoutError("Địa chỉ tiếp sóng không dùng được.", mend="Hãy ghi địa chỉ http:// hoặc https://.", detail=url)
        self.problem = ""
        self._channels = channels
        self._left = b""
        self._process = subprocess.Popen(
            [sys.executable, "-m", "station.playout.relay", url, str(rate), str(channels)],
            stdout=subprocess.PIPE, stdin=subprocess.PIPE, stderr=subprocess.DEVNULL, preexec_fn=calm,
        )
        assert self._process.stdout is not None
        os.set_blocking(self._process.stdout.fileno(), False)

    def read(self, frames: int) -> np.ndarray:
        assert self._process.stdout is not None
        size = 2 * self._channels
        with contextlib.suppress(BlockingIOError):
            self._left += os.read(self._process.stdout.fileno(), frames * size - len(self._left))
        whole = len(self._left) // size * size
        data, self._left = self._left[:whole], self._left[whole:]
        return (np.frombuffer(data, "<i2").reshape(-1, self._channels) / 32768.0).astype(np.float32)

    def close(self) -> None:
        self._process.kill()
        self._process.wait()
        for pipe in (self._process.stdout, self._process.stdin):
            if pipe is not None:
                pipe.close()


class _Relay:
    """The child's side."""

    def __init__(self, url: str, rate: int, channels: int) -> None:
        self.vlc = load_vlc()
        self.url, self.rate, self.channels = url, rate, channels
        self.blocks: queue.Queue[bytes] = queue.Queue(200)
        self.last = time.monotonic()
        size = 2 * channels

        def play(opaque: Any, samples: Any, count: int, pts: int) -> None:
            self.last = time.monotonic()
            with contextlib.suppress(queue.Full):
                self.blocks.put_nowait(ctypes.string_at(samples, count * size))

        # kept on self: VLC holds only the bare pointer
        self._play = self.vlc.CallbackDecorators.AudioPlayCb(play)
        self.instance = self.vlc.Instance("--no-video", "--quiet", "--intf=dummy", "--network-caching=1500")

    def run(self) -> None:
        threading.Thread(target=self._write, daemon=True).start()
        threading.Thread(target=self._until_closed, daemon=True).start()
        tries = 0
        while True:
            player = self.instance.media_player_new()
            player.audio_set_callbacks(self._play, None, None, None, None, None)
            player.audio_set_format("S16N", self.rate, self.channels)
            player.set_media(self.instance.media_new(self.url))
            player.play()
            self.last = began = time.monotonic()
            while time.monotonic() - self.last < STALL_SECONDS:
                time.sleep(0.1)
                if player.get_state() in (self.vlc.State.Ended, self.vlc.State.Error):
                    break
            player.stop()
            player.release()
            tries = 0 if time.monotonic() - began > 30 else tries + 1
            time.sleep(_PAUSES[min(tries, len(_PAUSES)) - 1] if tries else _PAUSES[0])

    def _write(self) -> None:
        while True:
            block = self.blocks.get()
            try:
                sys.stdout.buffer.write(block)
                sys.stdout.buffer.flush()
            except OSError:
                os._exit(0)

    def _until_closed(self) -> None:
        sys.stdin.buffer.read()
        os._exit(0)


if __name__ == "__main__":
    _Relay(sys.argv[1], int(sys.argv[2]), int(sys.argv[3])).run()
