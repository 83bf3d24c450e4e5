"""What a program is made from, read in one go, and the outline that it gives: for the page and for building."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy.orm import Session

from station.config import Settings
from station.db.models import Program
from station.db.states import ItemKind
from station.editorial.airing import Airing, airing_of
from station.editorial.bulletins import current_texts
from station.editorial.programs import content_sha256
from station.programs.items import Item
from station.programs.library import sound_or_missing
from station.programs.model import Clip, Priority
from station.programs.slot import LEAST_PAUSE, Estimate, estimate_drafts, with_pauses, without_repeats
from station.programs.template import Draft, Template, load_template, outline
from station.voices.delivery import Delivery, load_deliveries, parse_delivery


@dataclass(frozen=True)
class ProgramContent:
    """Everything that the audio is made from, with its hash.

    ``bulletins`` are the texts by id; ``pauses`` (0.5 to 1) and ``repeats`` are what was chosen to make it fit.
    """

    title: str
    template: str
    voice: str
    profile: str
    day: date | None
    airing: Airing
    items: tuple[Item, ...]
    bulletins: Mapping[int, str]
    notices: Mapping[str, str]
    delivery: Delivery
    pauses: float
    repeats: bool
    sha256: str

    def load_template(self, settings: Settings) -> Template:
        """The template, without its repeats where they were left out.  Raises :class:`ProgramError`."""
        template = load_template(self.template, settings.home)
        return template if self.repeats else without_repeats(template)

    def outline(self, settings: Settings) -> list[Draft]:
        """The program before anything is spoken."""
        return outline(self.load_template(settings), self.items, settings, self.airing.start,
                       next_program=self.airing.announced(), notices=self.notices)

    def estimate(self, settings: Settings) -> Estimate:
        """About how long it will be."""
        return with_pauses(estimate_drafts(self.outline(settings), settings, self.voice, self.delivery), self.pauses)


def fit_options(options: Mapping[str, Any]) -> tuple[float, bool]:
    """(share of the pauses that stays, whether the repeats stay) of a program's options."""
    fit = options.get("fit", {})
    pauses = fit.get("pauses", 1.0)
    return min(max(float(pauses), LEAST_PAUSE), 1.0), bool(fit.get("repeats", True))


def read_content(session: Session, settings: Settings, program: Program, now: datetime) -> ProgramContent:
    """The program's content as it is now."""
    texts = current_texts(session, [item.bulletin_id for item in program.items if item.bulletin_id is not None])
    items = []
    for item in program.items:
        priority = item.bulletin.priority if item.bulletin else Priority.NORMAL
        clips: tuple[Clip, ...] = ()
        text = ""
        if item.kind is ItemKind.BULLETIN:
            text = texts.get(item.bulletin_id or 0, "")
        elif item.kind is ItemKind.NOTICE:
            text = item.content
        elif item.kind is ItemKind.SOUND and "/" not in item.path:  # by its name among the station's sounds
            clips = (Clip(str(sound_or_missing(item.path, settings)), 0.5),)
        else:
            clips = (Clip(str(settings.home.root / item.path), 0.5, item.title),)
        items.append(Item(item.title, clips, text, priority, f"item:{item.id}", item.repeat))
    pauses, repeats = fit_options(program.options)
    return ProgramContent(
        title=program.title, template=program.template,
        voice=program.voice or load_deliveries(settings.home).programs.get(program.template, ""),
        profile=program.profile or settings.programs.profile, day=program.air_date,
        airing=airing_of(session, settings, program, now), items=tuple(items), bulletins=texts,
        notices=program.options.get("notices", {}), delivery=parse_delivery(program.options.get("delivery", {})),
        pauses=pauses, repeats=repeats, sha256=content_sha256(session, program),
    )

