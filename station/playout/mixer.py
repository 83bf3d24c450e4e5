"""The mixer: feeds in, frames out.  Called by the audio callback: it never allocates arrays, locks, logs or waits.

Time is counted in frames that were handed to the output since the mixer began.  A feed starts at an absolute frame;
an exclusive feed holds every lower one at the frame where it was, one laid ``over`` ducks them.
"""

from __future__ import annotations

import numpy as np

from station.playout.feeds import FADE_FRAMES, KIND, LADDER, Feed

#: the longest block that one pass renders; longer ones are rendered in parts
PASS_FRAMES = 4096
_LOG_ROWS = 4096
_LEVEL_ROWS = 256
_PASS_ROWS = 1024
#: how loud lower feeds stay under live speech
DUCK_GAIN = 0.2
#: how much the ducking gain may change a frame
_DUCK_SECONDS = 0.15


class Mixer:
    """Renders the ladder.  ``render`` is for the output's thread, everything else for the control thread."""

    def __init__(self, rate: int = 48000, channels: int = 2, positions: np.ndarray | None = None) -> None:
        """``positions`` is int64 ``(feeds, 4)``, plain memory: the last column gets each feed's read position."""
        self.rate, self.channels = rate, channels
        self.feeds = [Feed(index, name, rate, channels) for index, name in enumerate(LADDER)]
        self.by_name = {feed.name: feed for feed in self.feeds}
        self.positions = np.zeros((len(LADDER), 4), np.int64) if positions is None else positions
        self.frame = 0
        self.on_air = len(LADDER) - 1
        self.log = np.zeros((_LOG_ROWS, 4), np.int64)
        self.log_count = 0
        #: one row a second: last frame, mean square, peak, rung, passes at full scale, passes stuck, passes
        self.levels = np.zeros((_LEVEL_ROWS, 7))
        self.level_count = 0
        #: one row a pass: first frame, mean square
        self.passes = np.zeros((_PASS_ROWS, 2))
        self.pass_count = 0
        #: what keeps an open carrier from being dead where nothing sounds: a second of noise, and whether it is on
        self.bed = np.zeros((rate + PASS_FRAMES, channels), np.float32)
        self.bed_on = False
        self.square_sum = 0.0
        self._scratch = np.zeros((PASS_FRAMES, channels), np.float32)
        # as wide as the sound: numpy copies a whole block where it has to stretch a column over it
        wide = np.ones((1, channels), np.float32)
        self._ramp = np.arange(1, PASS_FRAMES + 1, dtype=np.float32).reshape(-1, 1) * wide
        self._gains = np.zeros((PASS_FRAMES, channels), np.float32)
        self._fade_in = np.linspace(0, 1, FADE_FRAMES, dtype=np.float32).reshape(-1, 1) * wide
        self._fade_out = self._fade_in[::-1].copy()
        self._second = 0
        self._second_sum = 0.0
        self.second_peak = 0.0
        self._second_clips = 0
        self._second_stuck = 0
        self._second_passes = 0
        self._second_rung = len(LADDER) - 1

    def lay_bed(self, level_dbfs: float) -> None:
        """Let a quiet noise sound where nothing else does; a level of 0 or more ends it.  Control thread."""
        self.bed_on = False
        if level_dbfs >= 0:
            return
        noise = np.random.default_rng(1).uniform(-1.0, 1.0, (self.rate, 1)) * np.sqrt(3.0)
        self.bed[:self.rate] = noise * 10 ** (level_dbfs / 20)
        self.bed[self.rate:] = np.resize(self.bed[:self.rate], (PASS_FRAMES, self.channels))
        self.bed_on = True

    def render(self, out: np.ndarray) -> None:
        """Fill ``out`` (``(n, channels)`` float32) with the next frames."""
        done, frames = 0, len(out)
        while done < frames:
            part = min(PASS_FRAMES, frames - done)
            self._pass(out[done:done + part], part)
            done += part

    def _pass(self, out: np.ndarray, frames: int) -> None:
        out.fill(0.0)
        until = frames  # lower feeds may sound until here
        duck = 1.0
        mixed = 0
        rung = len(self.feeds) - 1
        for feed in self.feeds:
            if not feed.active:
                continue
            offset = feed.start_frame - self.frame
            if offset < 0:
                offset = 0
            if feed.stopping:
                self._stop(feed, out, frames)
                mixed += 1
                continue
            if offset >= frames:
                continue
            if offset >= until:
                self._hold(feed)
                continue
            available = feed.written - feed.read
            count = until - offset
            if available < count:
                count = available
            if feed.realtime and feed.starved > feed.starved_limit and available < self.rate // 4:
                continue  # it has nothing to say, or only just began to
            if count > 0:
                if not feed.sounding:
                    feed.sounding = True
                    self._note(KIND.BEGIN, feed, self.frame + offset)
                feed.starved = 0
                feed.target = duck
                self._add(feed, out, offset, count, cut=until < frames and count == until - offset)
                mixed += 1
                if feed.index < rung:
                    rung = feed.index
            if feed.read == feed.written and feed.closed:
                feed.active = feed.sounding = False
                self._note(KIND.END, feed, self.frame + offset + max(count, 0))
            elif available < until - offset:
                feed.starved += until - offset - max(count, 0)
                if not feed.realtime:
                    feed.underruns += 1
                elif feed.starved > feed.starved_limit:
                    if feed.sounding:
                        feed.sounding = False
                        self._note(KIND.HOLD, feed, self.frame)
                    self.positions[feed.index, 3] = feed.read
                    continue
            self.positions[feed.index, 3] = feed.read
            if feed.over:
                duck = DUCK_GAIN
            elif offset < until:
                until = offset
        if mixed > 1 or duck != 1.0:
            np.clip(out, -1.0, 1.0, out=out)
        if mixed == 0 and self.bed_on:
            at = self.frame % self.rate
            np.add(out, self.bed[at:at + frames], out=out)
        self.on_air = rung
        self._measure(out, frames, rung, mixed)
        self.frame += frames

    def _add(self, feed: Feed, out: np.ndarray, offset: int, count: int, *, cut: bool) -> None:
        """Mix ``count`` frames of the feed into ``out`` at ``offset`` and consume them.

        ``cut``: a higher feed takes over right after them; they end in a fade and will be played again.
        """
        at = feed.read % feed.size
        first = min(count, feed.size - at)
        plain = feed.gain == 1.0 and feed.target == 1.0 and not feed.was_held and not cut
        if plain:
            part = out[offset:offset + first]
            np.add(part, feed.ring[at:at + first], out=part)
            if first < count:
                part = out[offset + first:offset + count]
                np.add(part, feed.ring[:count - first], out=part)
        else:
            self._copy(feed, count)
            scratch = self._scratch[:count]
            gains = self._gains[:count]
            step = np.float32(1.0 / (_DUCK_SECONDS * self.rate))
            step = step if feed.target > feed.gain else -step
            np.multiply(self._ramp[:count], step, out=gains)
            np.add(gains, np.float32(feed.gain), out=gains)
            low, high = (feed.gain, feed.target) if feed.target >= feed.gain else (feed.target, feed.gain)
            np.clip(gains, np.float32(low), np.float32(high), out=gains)
            feed.gain = float(gains[count - 1, 0])
            np.multiply(scratch, gains, out=scratch)
            if feed.was_held:
                fade = min(count, FADE_FRAMES)
                np.multiply(scratch[:fade], self._fade_in[:fade], out=scratch[:fade])
            feed.was_held = False
            fade = min(count, FADE_FRAMES) if cut else 0
            if fade:
                np.multiply(scratch[count - fade:], self._fade_out[FADE_FRAMES - fade:], out=scratch[count - fade:])
            part = out[offset:offset + count]
            np.add(part, scratch, out=part)
            if cut:
                feed.read -= fade
        feed.read += count

    def _copy(self, feed: Feed, count: int) -> None:
        at = feed.read % feed.size
        first = min(count, feed.size - at)
        self._scratch[:first] = feed.ring[at:at + first]
        if first < count:
            self._scratch[first:count] = feed.ring[:count - first]

    def _fade_away(self, feed: Feed, out: np.ndarray, frames: int) -> None:
        """The next few frames of the feed, fading, without consuming them."""
        count = min(FADE_FRAMES, frames, feed.written - feed.read)
        if count <= 0:
            return
        self._copy(feed, count)
        scratch = self._scratch[:count]
        np.multiply(scratch, self._fade_out[:count], out=scratch)
        np.multiply(scratch, np.float32(feed.gain), out=scratch)
        part = out[:count]
        np.add(part, scratch, out=part)

    def _hold(self, feed: Feed) -> None:
        """A higher feed has the floor: this one stays at its frame (a real-time one goes on unheard)."""
        if feed.sounding:
            feed.sounding = False
            feed.was_held = True
            self._note(KIND.HOLD, feed, self.frame)
        if feed.realtime:
            feed.read = max(feed.read, feed.written - feed.ahead // 8)

    def _stop(self, feed: Feed, out: np.ndarray, frames: int) -> None:
        if feed.sounding:
            self._fade_away(feed, out, frames)
        feed.active = feed.sounding = feed.stopping = False
        self._note(KIND.STOPPED, feed, self.frame)

    def _note(self, kind: int, feed: Feed, frame: int) -> None:
        row = self.log[self.log_count % _LOG_ROWS]
        row[0] = kind
        row[1] = feed.index
        row[2] = feed.read
        row[3] = frame
        self.log_count += 1

    def _measure(self, out: np.ndarray, frames: int, rung: int, mixed: int) -> None:
        total = 0.0
        if mixed:
            flat = out.reshape(-1)
            total = float(np.dot(flat, flat)) / self.channels
            high, low = float(flat.max()), float(flat.min())
            peak = max(high, -low)
            self.square_sum += total
            self._second_sum += total
            if peak > self.second_peak:
                self.second_peak = peak
            if peak >= 0.9999:
                self._second_clips += 1
            if high == low and high != 0.0:
                self._second_stuck += 1
        row = self.passes[self.pass_count % _PASS_ROWS]
        row[0] = self.frame
        row[1] = total / frames
        self.pass_count += 1
        if rung < self._second_rung:
            self._second_rung = rung
        self._second_passes += 1
        self._second += frames
        if self._second >= self.rate:
            row = self.levels[self.level_count % _LEVEL_ROWS]
            row[0] = self.frame + frames
            row[1] = self._second_sum / self._second
            row[2] = self.second_peak
            row[3] = self._second_rung
            row[4] = self._second_clips
            row[5] = self._second_stuck
            row[6] = self._second_passes
            self.level_count += 1
            self._second = self._second_clips = self._second_stuck = self._second_passes = 0
            self._second_sum = self.second_peak = 0.0
            self._second_rung = len(self.feeds) - 1
