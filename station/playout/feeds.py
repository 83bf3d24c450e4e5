"""The ladder as data, and one feed of it: a ring of decoded frames between one writer and the audio callback.

A feed has one producer (the reader's thread) and one consumer (the callback).  Positions only grow; each side
writes its own and reads the other's, so that neither ever waits for a lock.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

#: the highest feed with something to say is on air; names are those of ``SourceKind``
LADDER = ("emergency", "live", "priority", "schedule", "relay", "fallback", "silence")
#: seconds of decoded sound that a feed can hold
RING_SECONDS = 5.0
#: seconds already played that stay in the ring, to step back after the device was lost
HISTORY_SECONDS = 1.0
#: a real-time feed that gave nothing for so long has nothing to say
STARVED_SECONDS = 2.0
#: frames of fade where a feed is interrupted or comes back
FADE_FRAMES = 240


@dataclass(frozen=True)
class Kind:
    """What happened to a feed, as numbers in the callback's log."""

    BEGIN: int = 1
    HOLD: int = 2
    END: int = 3
    STOPPED: int = 4


KIND = Kind()


class Feed:
    """One rung of the ladder."""

    def __init__(self, index: int, name: str, rate: int, channels: int) -> None:
        self.index = index
        self.name = name
        self.size = int(RING_SECONDS * rate)
        self.ring = np.zeros((self.size, channels), np.float32)
        self.ahead = int((RING_SECONDS - HISTORY_SECONDS) * rate)
        self.starved_limit = int(STARVED_SECONDS * rate)
        self.reset()

    def reset(self) -> None:
        """Empty and off.  Only while not ``active``: the callback does not look at it then."""
        self.active = False
        self.written = 0
        self.read = 0
        self.closed = False
        self.start_frame = 0
        self.over = False
        self.realtime = False
        self.sounding = False
        self.was_held = False
        self.stopping = False
        self.starved = 0
        self.underruns = 0
        self.gain = 1.0
        self.target = 1.0

    @property
    def room(self) -> int:
        """Frames that the producer may write now."""
        return self.ahead - (self.written - self.read)

    def write(self, block: np.ndarray) -> None:
        """Add frames (``(n, channels)`` float32, n at most ``room``).  Producer only."""
        at = self.written % self.size
        first = min(len(block), self.size - at)
        self.ring[at:at + first] = block[:first]
        if first < len(block):
            self.ring[:len(block) - first] = block[first:]
        self.written += len(block)

    def step_back(self, frames: int, floor: int) -> int:
        """Play the last ``frames`` again, not before position ``floor``.  Only while nothing renders."""
        kept = self.size - (self.written - self.read) - 1
        frames = max(0, min(frames, self.read - floor, kept))
        self.read -= frames
        return frames
