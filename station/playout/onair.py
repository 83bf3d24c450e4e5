"""What was given to the mixer, and the as-run rows that come of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from station.db.models import AsRun
from station.db.states import Outcome, SourceKind


@dataclass
class OnAir:
    """One item at the mixer.  Frames are of the output's rate; ``id`` names it in commands and events."""

    id: str
    feed: str
    title: str
    path: str
    total_frames: int
    rate: int
    offset: int = 0
    #: heard over what plays, which goes on quietly
    over: bool = False
    occurrence_id: int | None = None
    emergency_id: int | None = None
    command_id: int | None = None
    program_id: int | None = None
    render_id: int | None = None
    sha256: str = ""
    planned_start: float | None = None
    planned_end: float | None = None
    caused_by: str = ""
    approved_by: str = ""
    chapters: list[dict[str, Any]] = field(default_factory=list)
    #: of the whole occurrence, over all stretches
    first_started: float | None = None
    sent_frames: int = 0
    square_frames: float = 0.0
    peak_dbfs: float = -120.0
    breaks: int = 0
    notes: list[str] = field(default_factory=list)
    #: of the present stretch
    started: float | None = None
    held_at: float | None = None
    state: str = "armed"
    silent_seconds: int = 0
    stop_reason: str = ""
    stop_outcome: str = ""

    def to_data(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> OnAir:
        return cls(**data)

    @property
    def level_dbfs(self) -> float | None:
        """The level over all that was sent so far."""
        if self.sent_frames <= 0:
            return None
        return to_dbfs(self.square_frames / self.sent_frames)

    def add_stretch(self, frames: int, rms_dbfs: float, peak_dbfs: float) -> None:
        self.sent_frames += frames
        self.square_frames += frames * 10 ** (rms_dbfs / 10)
        self.peak_dbfs = max(self.peak_dbfs, peak_dbfs)


def to_dbfs(mean_square: float) -> float:
    from math import log10

    return max(-120.0, round(10 * log10(mean_square), 2)) if mean_square > 1e-12 else -120.0


def moment(seconds: float | None) -> datetime | None:
    return None if seconds is None else datetime.fromtimestamp(seconds, UTC)


def as_run_rows(
    item: OnAir, *, frames: int, ended: float, rms: float | None, peak: float | None, outcome: Outcome, reason: str,
    output: str,
) -> Iterator[AsRun]:
    """The rows of one stretch: the program's own (``item_ref`` empty), then one for each chapter it reached."""
    began = moment(item.started) or moment(ended)
    assert began is not None
    end = max(moment(ended) or began, began + timedelta(seconds=frames / item.rate))
    common = {
        "occurrence_id": item.occurrence_id, "emergency_id": item.emergency_id, "program_id": item.program_id,
        "render_sha256": item.sha256, "source": SourceKind(item.feed), "output": output[:200],
        "caused_by": item.caused_by[:200], "approved_by": item.approved_by[:200],
    }
    yield AsRun(
        **common, title=item.title[:500], planned_start=moment(item.planned_start),
        planned_end=moment(item.planned_end), real_start=began, real_end=end, frames=frames, level_dbfs=rms,
        peak_dbfs=peak, outcome=outcome, reason=reason[:500],
    )
    first, last = item.offset, item.offset + frames
    # while a stretch was interrupted its clock ran on: chapters are placed by frames, within the stretch
    for index, chapter in enumerate(item.chapters):
        a, b = chapter["start_frame"], chapter["end_frame"]
        low, high = max(a, first), min(b, last)
        if high <= low:
            continue
        planned = moment(item.planned_start)
        yield AsRun(
            **common, title=str(chapter.get("title", ""))[:500],
            item_ref=f"{index + 1}:{chapter.get('ref', '')}"[:100],
            planned_start=planned + timedelta(seconds=a / item.rate) if planned else None,
            planned_end=planned + timedelta(seconds=b / item.rate) if planned else None,
            real_start=began + timedelta(seconds=(low - first) / item.rate),
            real_end=began + timedelta(seconds=(high - first) / item.rate), frames=high - low, level_dbfs=rms,
            peak_dbfs=peak, outcome=Outcome.AIRED if (low, high) == (a, b) else Outcome.PARTIAL,
        )
