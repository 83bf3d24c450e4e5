"""python-vlc as the second output: VLC plays raw sound that is written to it in step with the clock."""

from __future__ import annotations

import logging
import os
import threading

import numpy as np

from station.errors import PlayoutError
from station.playout.outputs import NoteTime, PacedOutput, Render
from station.playout.relay import load_vlc

log = logging.getLogger(__name__)

#: VLC's own buffer before it begins, milliseconds
_CACHING_MS = 300


class VlcOutput(PacedOutput):
    """A VLC player fed through a pipe.  Never a MediaListPlayer; nothing of VLC is called from its callbacks."""

    def __init__(self, device: str, rate: int, channels: int, render: Render, note: NoteTime) -> None:
        vlc = load_vlc()
        self._instance = vlc.Instance("--no-video", "--quiet", "--intf=dummy")
        self._player = self._instance.media_player_new()
        label = self._choose(vlc, device)
        self._read_end, self._write_end = os.pipe()
        media = self._instance.media_new(f"fd://{self._read_end}")
        for option in (
            ":demux=rawaud", f":rawaud-channels={channels}", f":rawaud-samplerate={rate}", ":rawaud-fourcc=s16l",
            f":file-caching={_CACHING_MS}", ":no-video",
        ):
            media.add_option(option)
        self._player.set_media(media)
        if self._player.play() != 0:
            raise PlayoutError("VLC không mở được ngõ ra âm thanh.", code="playout.vlc")
        shift = _CACHING_MS / 1000
        super().__init__(
            f"vlc:{label}", rate, channels, render, lambda moment: note(moment + shift), self._write
        )
        self.latency_frames = int(shift * rate)
        self._watch = threading.Thread(target=self._look, daemon=True)
        self._watch.start()

    def _choose(self, vlc: object, device: str) -> str:
        """The device whose name contains ``device``: VLC plays on the default for a name that it does not know."""
        self._chosen = ""
        if not device:
            return "default"
        found, names = None, []
        first = entry = self._player.audio_output_device_enum()
        while entry:
            name = (entry.contents.description or b"").decode(errors="replace")
            names.append(name)
            if device.lower() in name.lower():
                found = entry.contents.device
            entry = entry.contents.next
        if first:
            vlc.libvlc_audio_output_device_list_release(first)  # type: ignore[attr-defined]
        if found is None:
            raise PlayoutError(
                f"VLC không thấy thiết bị âm thanh '{device}'.", mend="Hãy kiểm tra mục air.device.",
                detail="; ".join(names), code="playout.device",
            )
        self._player.audio_output_device_set(None, found)
        self._chosen = found.decode(errors="replace") if isinstance(found, bytes) else str(found)
        return device

    def _write(self, block: np.ndarray) -> None:
        samples = np.clip(np.round(block * 32768.0), -32768, 32767).astype("<i2")
        try:
            os.write(self._write_end, samples.tobytes())
        except OSError:
            self.lost.set()

    def _look(self) -> None:
        """VLC does not report every failure: its state, and the device that it really plays on, are asked for now and then.

        A sink that is taken away is not told at all: VLC goes on with the default one.
        """
        import vlc

        while not self._closing.wait(0.5):
            if self._player.get_state() in (vlc.State.Ended, vlc.State.Error, vlc.State.Stopped):
                self.lost.set()
            playing_on = self._player.audio_output_device_get()
            if self._chosen and playing_on and playing_on != self._chosen:
                log.warning("VLC plays on %s and not on %s", playing_on, self._chosen)
                self.lost.set()

    def close(self) -> None:
        self._closing.set()
        self._player.stop()
        os.close(self._read_end)
        super().close()
        os.close(self._write_end)
        self._player.release()
        self._instance.release()
