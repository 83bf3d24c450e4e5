"""The stream's own clock: which frame is heard when, and whether frames go out as fast as time passes."""

from __future__ import annotations

import time
from collections import deque

import numpy as np

from station.playout.mixer import Mixer

_KEPT = 64
#: the pace is told over so long, from a mark every few seconds
PACE_SECONDS = 60.0
_MARK_SECONDS = 5.0


class StreamClock:
    """Frames of the mixer against the steady clock and the wall clock.

    ``note_time`` is called by the output's thread; everything else by the control thread.
    """

    def __init__(self, mixer: Mixer) -> None:
        self._mixer, self._rate = mixer, mixer.rate
        self._offsets = np.full(_KEPT, np.nan)
        self._count = 0
        self._offset = float("nan")
        self._marks: deque[tuple[float, float]] = deque()

    def note_time(self, heard_at: float) -> None:
        """Just before a block is rendered: when its first frame will be heard (steady clock)."""
        self._offsets[self._count % _KEPT] = heard_at - self._mixer.frame / self._rate
        self._count += 1

    def forget(self) -> None:
        """The output is another one: nothing is known of its clock yet."""
        self._count = 0
        self._offsets.fill(np.nan)
        self._offset = float("nan")
        self._marks.clear()

    @property
    def known(self) -> bool:
        return not np.isnan(self._offset)

    def update(self) -> None:
        """The median of the last offsets: single callbacks come late, most do not."""
        count = min(self._count, _KEPT)
        if count < 3:
            return
        self._offset = sorted(self._offsets[:count].tolist())[count // 2]
        now = time.monotonic()
        if count == _KEPT and (not self._marks or now - self._marks[-1][0] >= _MARK_SECONDS):
            self._marks.append((now, self._offset))
            while now - self._marks[0][0] > PACE_SECONDS:
                self._marks.popleft()

    def pace(self) -> float | None:
        """Frames delivered in the last minute for each frame of real time (1.0 is right); None when not yet known.

        A frame's place on the steady clock moves by what was delivered too little (later) or too much (earlier).
        """
        if len(self._marks) < 2 or self._marks[-1][0] - self._marks[0][0] < PACE_SECONDS / 2:
            return None
        (first, before), (last, after) = self._marks[0], self._marks[-1]
        return 1.0 - (after - before) / (last - first)

    def wall_of(self, frame: int) -> float:
        """The wall-clock time (seconds) at which a frame of the stream is heard."""
        if not self.known:
            return time.time()
        return time.time() - time.monotonic() + self._offset + frame / self._rate

    def frame_at(self, wall: float) -> int:
        """The frame of the stream that is heard at a wall-clock time."""
        if not self.known:
            return self._mixer.frame
        return round((wall - time.time() + time.monotonic() - self._offset) * self._rate)
