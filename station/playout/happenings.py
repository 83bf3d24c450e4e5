"""Events of the mixer: what the callback noted in numbers, told as what began, was held, went on, ended, how loud."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import numpy as np

from station.playout.feeds import KIND, LADDER
from station.playout.rungs import Item, Rung, Rungs


def dbfs(value: float) -> float:
    """A linear level as dBFS, not below -120."""
    return round(max(-120.0, 20 * np.log10(value)) if value > 1e-6 else -120.0, 2)


class Happenings:
    """Reads the mixer's log.  Control thread only."""

    def __init__(self, rungs: Rungs, emit: Callable[..., None], waits: Callable[[], bool], about: Callable[[], dict[str, Any]]) -> None:
        """``waits()``: whether an end is told only when it was heard; ``about()``: facts that go with every level."""
        self._rungs, self._mixer, self._clock = rungs, rungs.mixer, rungs.clock
        self._emit, self._waits, self._about = emit, waits, about
        self._seen_log = self._seen_levels = 0
        rungs.monitor, rungs.tell_end = self.monitor, self.end

    def monitor(self) -> None:
        """Turn what is new into events."""
        mixer = self._mixer
        while self._seen_log < mixer.log_count:
            kind, index, position, frame = (int(v) for v in mixer.log[self._seen_log % len(mixer.log)])
            self._seen_log += 1
            rung = self._rungs.by_name[LADDER[index]]
            if kind == KIND.BEGIN:
                self._sounds(rung, position, frame)
            else:
                self._fell_silent(rung, kind, position, frame)
        for rung in self._rungs.by_name.values():
            self._begin_items(rung)
            self._end_items(rung)
        while self._seen_levels < mixer.level_count:
            row = mixer.levels[self._seen_levels % len(mixer.levels)].copy()
            self._seen_levels += 1
            self._level(row)

    def _sounds(self, rung: Rung, position: int, frame: int) -> None:
        rung.anchor_position, rung.anchor_frame = position, frame
        rung.mark_square, rung.mark_read = self._mixer.square_sum, position
        if rung.items and rung.items[0].begun:
            self._emit("resumed", item=rung.items[0].id, feed=rung.feed.name, wall=self._clock.wall_of(frame))
        rung.sounding = True

    def _fell_silent(self, rung: Rung, kind: int, position: int, frame: int) -> None:
        self._begin_items(rung)
        self._account(rung, position)
        rung.sounding = False
        if kind == KIND.END and rung.items and rung.items[-1].end_position is None and not rung.feed.active:
            rung.feed.closed = False
            self._rungs.reopen(rung)
        if kind == KIND.HOLD and rung.items:
            self._emit("held", item=rung.items[0].id, feed=rung.feed.name, wall=self._clock.wall_of(frame))

    def _begin_items(self, rung: Rung) -> None:
        if not rung.items:
            return
        item = rung.items[0]
        if item.begun or not rung.sounding or rung.feed.read <= item.start_position:
            return
        item.begun = True
        frame = rung.anchor_frame + item.start_position - rung.anchor_position
        item.begin_wall = self._clock.wall_of(frame)
        self._rungs.positions[rung.feed.index, :3] = (item.number, item.start_position, item.offset)
        self._emit("started", item=item.id, feed=rung.feed.name, wall=item.begin_wall, frame=frame, offset=item.offset)

    def _end_items(self, rung: Rung) -> None:
        while rung.items:
            item = rung.items[0]
            if item.end_position is None or rung.feed.read < item.end_position:
                return
            last = rung.anchor_frame + item.end_position - rung.anchor_position
            if self._waits() and self._clock.wall_of(last) > time.time():
                return  # handed over, not heard yet
            self._account(rung, item.end_position)
            self.end(rung, item, complete=not item.problem, problem=item.problem)
            self._begin_items(rung)

    def _account(self, rung: Rung, position: int) -> None:
        """Add what sounded since the last mark to the item on air."""
        if rung.items and rung.sounding:
            item = rung.items[0]
            item.square += self._mixer.square_sum - rung.mark_square
            item.sounded += max(0, position - rung.mark_read)
            item.peak = max(item.peak, self._mixer.second_peak)
        rung.mark_square, rung.mark_read = self._mixer.square_sum, position

    def end(self, rung: Rung, item: Item, *, complete: bool, problem: str) -> None:
        """Tell of an item's end and forget it."""
        rung.items.remove(item)
        last = item.end_position if complete else min(rung.feed.read, item.end_position or rung.feed.read)
        frames = max(0, (last or 0) - item.start_position) if item.begun else 0
        frame = rung.anchor_frame + item.start_position + frames - rung.anchor_position
        mean = item.square / item.sounded if item.sounded > 0 else 0.0
        self._emit(
            "ended", item=item.id, feed=rung.feed.name, wall=self._clock.wall_of(frame) if item.begun else time.time(),
            started=item.begin_wall, frames=frames, offset=item.offset, complete=complete and item.begun,
            begun=item.begun, problem=problem or ("" if item.begun else "empty"), rms=dbfs(mean ** 0.5),
            peak=dbfs(item.peak), underruns=rung.feed.underruns,
        )

    def _level(self, row: np.ndarray) -> None:
        rung = self._rungs.by_name[LADDER[int(row[3])]]
        item = rung.items[0] if rung.items else None
        if item is not None and item.begun:
            item.peak = max(item.peak, float(row[2]))
        self._emit(
            "level", wall=self._clock.wall_of(int(row[0])), rms=dbfs(float(row[1]) ** 0.5), peak=dbfs(float(row[2])),
            feed=rung.feed.name, clips=int(row[4]), stuck=int(row[5]), passes=int(row[6]), item=item.id if item else "",
            position=(rung.feed.read - item.start_position + item.offset) if item and item.begun else 0,
            pace=self._clock.pace(), **self._about(),
        )
