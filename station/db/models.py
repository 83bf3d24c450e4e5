"""The models.  Times are aware and in UTC; a local date is a date in the station's zone.

Rows of many stations can live in one database: everything that a person reaches directly has ``station_id``.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from station.db.states import (
    BulletinState,
    Decision,
    EmergencyState,
    FillKind,
    ItemKind,
    JobKind,
    JobState,
    LatePolicy,
    Outcome,
    ProgramState,
    SourceKind,
    TextKind,
    UserRole,
)
from station.db.types import Base, enum_column, utc_now
from station.programs.model import Priority


class Station(Base):
    """One station of the database."""

    __tablename__ = "stations"
    id: Mapped[int] = mapped_column(primary_key=True)
    slug: Mapped[str] = mapped_column(sa.String(64), unique=True)
    name: Mapped[str] = mapped_column(sa.String(200))
    set_up_at: Mapped[datetime | None]


class User(Base):
    """A person who may sign in.  ``session_epoch`` grows to end all of the person's sessions."""

    __tablename__ = "users"
    __table_args__ = (sa.UniqueConstraint("station_id", "username"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    station_id: Mapped[int] = mapped_column(sa.ForeignKey("stations.id"), default=1)
    username: Mapped[str] = mapped_column(sa.String(64))
    display_name: Mapped[str] = mapped_column(sa.String(200), default="")
    password_hash: Mapped[str] = mapped_column(sa.String(300))
    role: Mapped[UserRole] = mapped_column(enum_column(UserRole))
    active: Mapped[bool] = mapped_column(default=True)
    must_change_password: Mapped[bool] = mapped_column(default=False)
    session_epoch: Mapped[int] = mapped_column(default=0)
    failed_logins: Mapped[int] = mapped_column(default=0)
    locked_until: Mapped[datetime | None]
    created_at: Mapped[datetime] = mapped_column(default=utc_now)
    last_login_at: Mapped[datetime | None]


class ApiToken(Base):
    """A token of the HTTP API; only its hash is kept."""

    __tablename__ = "api_tokens"
    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(sa.ForeignKey("users.id"), index=True)
    name: Mapped[str] = mapped_column(sa.String(100))
    token_sha256: Mapped[str] = mapped_column(sa.String(64), unique=True)
    scopes: Mapped[list[Any]] = mapped_column(default=list)
    created_at: Mapped[datetime] = mapped_column(default=utc_now)
    last_used_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]
    user: Mapped[User] = relationship()


class Bulletin(Base):
    """A bulletin: its original files, what was read, and its state.

    ``document`` is the reading as JSON (see :mod:`station.bulletins`); ``spoken_blocks`` overrides which blocks are
    read aloud, ``block_edits`` their roles and the wording of tables; ``facts`` holds what is proposed (kind, class,
    days); after ``last_day``, a local date that a person confirmed, it is not aired; ``version`` grows with every edit
    (optimistic locking).
    """

    __tablename__ = "bulletins"
    __table_args__ = (sa.Index(None, "station_id", "state", "created_at"), sa.Index(None, "content_sha256"))
    id: Mapped[int] = mapped_column(primary_key=True)
    station_id: Mapped[int] = mapped_column(sa.ForeignKey("stations.id"), default=1)
    title: Mapped[str] = mapped_column(sa.String(500), default="")
    priority: Mapped[Priority] = mapped_column(enum_column(Priority), default=Priority.NORMAL)
    state: Mapped[BulletinState] = mapped_column(enum_column(BulletinState), default=BulletinState.RECEIVED)
    source: Mapped[str] = mapped_column(sa.String(20), default="upload")
    content_sha256: Mapped[str] = mapped_column(sa.String(64), default="")
    document: Mapped[dict[str, Any] | None] = mapped_column(sa.JSON(none_as_null=True))
    spoken_blocks: Mapped[dict[str, Any]] = mapped_column(default=dict)
    block_edits: Mapped[dict[str, Any]] = mapped_column(default=dict, server_default="{}")
    facts: Mapped[dict[str, Any]] = mapped_column(default=dict, server_default="{}")
    last_day: Mapped[date | None]
    problem: Mapped[str] = mapped_column(sa.Text, default="")
    version: Mapped[int] = mapped_column(default=1)
    locked_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("users.id"))
    locked_until: Mapped[datetime | None]
    created_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("users.id"))
    created_at: Mapped[datetime] = mapped_column(default=utc_now)
    updated_at: Mapped[datetime] = mapped_column(default=utc_now, onupdate=utc_now)
    files: Mapped[list[BulletinFile]] = relationship(
        back_populates="bulletin", order_by="BulletinFile.position", cascade="all, delete-orphan"
    )
    pages: Mapped[list[Page]] = relationship(
        back_populates="bulletin", order_by="Page.number", cascade="all, delete-orphan"
    )
    created_by: Mapped[User | None] = relationship(foreign_keys=[created_by_id])
    locked_by: Mapped[User | None] = relationship(foreign_keys=[locked_by_id])


class BulletinFile(Base):
    """An original file, never changed.  ``path`` is relative to the station home."""

    __tablename__ = "bulletin_files"
    id: Mapped[int] = mapped_column(primary_key=True)
    bulletin_id: Mapped[int] = mapped_column(sa.ForeignKey("bulletins.id", ondelete="CASCADE"), index=True)
    position: Mapped[int] = mapped_column(default=0)
    path: Mapped[str] = mapped_column(sa.String(500))
    original_name: Mapped[str] = mapped_column(sa.String(300))
    size_bytes: Mapped[int] = mapped_column(default=0)
    sha256: Mapped[str] = mapped_column(sa.String(64), index=True)
    bulletin: Mapped[Bulletin] = relationship(back_populates="files")


class Page(Base):
    """One prepared page of a bulletin; ``image`` is relative to the station home."""

    __tablename__ = "pages"
    __table_args__ = (sa.UniqueConstraint("bulletin_id", "number"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    bulletin_id: Mapped[int] = mapped_column(sa.ForeignKey("bulletins.id", ondelete="CASCADE"))
    number: Mapped[int]
    image: Mapped[str] = mapped_column(sa.String(500), default="")
    width: Mapped[int] = mapped_column(default=0)
    height: Mapped[int] = mapped_column(default=0)
    source: Mapped[str] = mapped_column(sa.String(40), default="")
    problems: Mapped[list[Any]] = mapped_column(default=list)
    corners: Mapped[list[Any]] = mapped_column(default=list)
    bulletin: Mapped[Bulletin] = relationship(back_populates="pages")


class Text(Base):
    """One version of one of a bulletin's three texts.  Rows are added, never changed."""

    __tablename__ = "texts"
    __table_args__ = (sa.UniqueConstraint("bulletin_id", "kind", "version"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    bulletin_id: Mapped[int] = mapped_column(sa.ForeignKey("bulletins.id", ondelete="CASCADE"))
    kind: Mapped[TextKind] = mapped_column(enum_column(TextKind))
    version: Mapped[int] = mapped_column(default=1)
    content: Mapped[str] = mapped_column(sa.Text)
    created_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("users.id"))
    created_at: Mapped[datetime] = mapped_column(default=utc_now)


class StationWord(Base):
    """What corrections taught: a word as it was read, and what a person made of it; the same twice for one that is
    right though it looked wrong (a name of the place).  ``count``: in how many bulletins."""

    __tablename__ = "station_words"
    __table_args__ = (sa.UniqueConstraint("station_id", "read", "written"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    station_id: Mapped[int] = mapped_column(sa.ForeignKey("stations.id"), default=1)
    read: Mapped[str] = mapped_column(sa.String(100))
    written: Mapped[str] = mapped_column(sa.String(100))
    count: Mapped[int] = mapped_column(default=1)
    updated_at: Mapped[datetime] = mapped_column(default=utc_now, onupdate=utc_now)


class Program(Base):
    """A program: items in order, how it should sound, and its latest render."""

    __tablename__ = "programs"
    __table_args__ = (
        sa.Index(None, "station_id", "state", "air_date"),
        sa.Index(None, "station_id", "template", "air_date"),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    station_id: Mapped[int] = mapped_column(sa.ForeignKey("stations.id"), default=1)
    title: Mapped[str] = mapped_column(sa.String(500))
    template: Mapped[str] = mapped_column(sa.String(64), default="daily")
    air_date: Mapped[date | None]
    state: Mapped[ProgramState] = mapped_column(enum_column(ProgramState), default=ProgramState.DRAFT)
    voice: Mapped[str] = mapped_column(sa.String(100), default="")
    profile: Mapped[str] = mapped_column(sa.String(20), default="")
    options: Mapped[dict[str, Any]] = mapped_column(default=dict)
    problem: Mapped[str] = mapped_column(sa.Text, default="")
    version: Mapped[int] = mapped_column(default=1)
    render_id: Mapped[int | None] = mapped_column(
        sa.ForeignKey("renders.id", use_alter=True, name="fk_programs_render_id")
    )
    created_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("users.id"))
    created_at: Mapped[datetime] = mapped_column(default=utc_now)
    updated_at: Mapped[datetime] = mapped_column(default=utc_now, onupdate=utc_now)
    items: Mapped[list[ProgramItem]] = relationship(
        back_populates="program", order_by="ProgramItem.position", cascade="all, delete-orphan"
    )
    render: Mapped[Render | None] = relationship(foreign_keys=[render_id], post_update=True)
    created_by: Mapped[User | None] = relationship(foreign_keys=[created_by_id])


class ProgramItem(Base):
    """One item of a program: a bulletin, a typed notice, a sound or a recording."""

    __tablename__ = "program_items"
    id: Mapped[int] = mapped_column(primary_key=True)
    program_id: Mapped[int] = mapped_column(sa.ForeignKey("programs.id", ondelete="CASCADE"), index=True)
    position: Mapped[int] = mapped_column(default=0)
    kind: Mapped[ItemKind] = mapped_column(enum_column(ItemKind), default=ItemKind.BULLETIN)
    bulletin_id: Mapped[int | None] = mapped_column(sa.ForeignKey("bulletins.id"), index=True)
    title: Mapped[str] = mapped_column(sa.String(500), default="")
    content: Mapped[str] = mapped_column(sa.Text, default="")
    path: Mapped[str] = mapped_column(sa.String(500), default="")
    repeat: Mapped[int] = mapped_column(default=1)
    program: Mapped[Program] = relationship(back_populates="items")
    bulletin: Mapped[Bulletin | None] = relationship()


class Render(Base):
    """A finished audio file of a program.

    ``content_sha256`` is of what it was made from (texts, order, voice, settings): when it differs from the
    program's present content, the approval of this render is void.  Paths are relative to the station home.
    """

    __tablename__ = "renders"
    id: Mapped[int] = mapped_column(primary_key=True)
    program_id: Mapped[int] = mapped_column(sa.ForeignKey("programs.id", ondelete="CASCADE"), index=True)
    path: Mapped[str] = mapped_column(sa.String(500))
    preview_path: Mapped[str] = mapped_column(sa.String(500), default="")
    sha256: Mapped[str] = mapped_column(sa.String(64))
    script_sha256: Mapped[str] = mapped_column(sa.String(64))
    content_sha256: Mapped[str] = mapped_column(sa.String(64))
    frames: Mapped[int]
    sample_rate: Mapped[int]
    channels: Mapped[int] = mapped_column(default=1)
    loudness_lufs: Mapped[float]
    true_peak_dbtp: Mapped[float]
    voice: Mapped[str] = mapped_column(sa.String(100), default="")
    script: Mapped[str] = mapped_column(sa.Text, default="")
    chapters: Mapped[list[Any]] = mapped_column(default=list)
    cues: Mapped[list[Any]] = mapped_column(default=list)
    problems: Mapped[list[Any]] = mapped_column(default=list)
    created_at: Mapped[datetime] = mapped_column(default=utc_now)

    @property
    def seconds(self) -> float:
        return self.frames / self.sample_rate


class Approval(Base):
    """A leader's decision on one render; added, never changed."""

    __tablename__ = "approvals"
    id: Mapped[int] = mapped_column(primary_key=True)
    program_id: Mapped[int] = mapped_column(sa.ForeignKey("programs.id", ondelete="CASCADE"), index=True)
    render_id: Mapped[int | None] = mapped_column(sa.ForeignKey("renders.id"))
    decision: Mapped[Decision] = mapped_column(enum_column(Decision))
    render_sha256: Mapped[str] = mapped_column(sa.String(64), default="")
    script_sha256: Mapped[str] = mapped_column(sa.String(64), default="")
    reason: Mapped[str] = mapped_column(sa.Text, default="")
    reason_audio: Mapped[str] = mapped_column(sa.String(500), default="")
    user_id: Mapped[int | None] = mapped_column(sa.ForeignKey("users.id"))
    at: Mapped[datetime] = mapped_column(default=utc_now)
    user: Mapped[User | None] = relationship()


class Slot(Base):
    """A place in the timetable.

    ``start_time`` is local ``HH:MM:SS``; ``rule`` says on which days (see :mod:`station.schedules.model`); ``fill``
    what to air there (a template's name, a program's id, a slot's id or an address, by ``fill_kind``).
    """

    __tablename__ = "slots"
    id: Mapped[int] = mapped_column(primary_key=True)
    station_id: Mapped[int] = mapped_column(sa.ForeignKey("stations.id"), default=1)
    key: Mapped[str] = mapped_column(sa.String(64), default="")
    name: Mapped[str] = mapped_column(sa.String(200))
    start_time: Mapped[str] = mapped_column(sa.String(8))
    duration_seconds: Mapped[int] = mapped_column(default=1800)
    rule: Mapped[dict[str, Any]] = mapped_column(default=dict)
    fill_kind: Mapped[FillKind] = mapped_column(enum_column(FillKind), default=FillKind.LATEST)
    fill: Mapped[str] = mapped_column(sa.String(500), default="daily")
    late_policy: Mapped[LatePolicy] = mapped_column(enum_column(LatePolicy), default=LatePolicy.START_NOW)
    late_seconds: Mapped[int] = mapped_column(default=600)
    priority: Mapped[bool] = mapped_column(default=False)
    active: Mapped[bool] = mapped_column(default=True)
    created_at: Mapped[datetime] = mapped_column(default=utc_now)
    updated_at: Mapped[datetime] = mapped_column(default=utc_now, onupdate=utc_now)


class SlotException(Base):
    """A day on which a slot (or, with no slot, every slot) is left out, moved or filled otherwise."""

    __tablename__ = "slot_exceptions"
    id: Mapped[int] = mapped_column(primary_key=True)
    station_id: Mapped[int] = mapped_column(sa.ForeignKey("stations.id"), default=1)
    slot_id: Mapped[int | None] = mapped_column(sa.ForeignKey("slots.id", ondelete="CASCADE"), index=True)
    local_date: Mapped[date] = mapped_column(index=True)
    action: Mapped[str] = mapped_column(sa.String(20), default="skip")
    data: Mapped[dict[str, Any]] = mapped_column(default=dict)
    reason: Mapped[str] = mapped_column(sa.String(500), default="")


class Occurrence(Base):
    """One airing of a slot on one local date; airs at most once; ends in exactly one outcome."""

    __tablename__ = "occurrences"
    __table_args__ = (sa.UniqueConstraint("slot_id", "local_date"), sa.Index(None, "station_id", "planned_start"))
    id: Mapped[int] = mapped_column(primary_key=True)
    station_id: Mapped[int] = mapped_column(sa.ForeignKey("stations.id"), default=1)
    slot_id: Mapped[int] = mapped_column(sa.ForeignKey("slots.id"))
    local_date: Mapped[date]
    planned_start: Mapped[datetime]
    planned_end: Mapped[datetime]
    program_id: Mapped[int | None] = mapped_column(sa.ForeignKey("programs.id"))
    render_id: Mapped[int | None] = mapped_column(sa.ForeignKey("renders.id"))
    started_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    resume_frame: Mapped[int] = mapped_column(sa.BigInteger, default=0)
    outcome: Mapped[Outcome | None] = mapped_column(enum_column(Outcome), index=True)
    reason: Mapped[str] = mapped_column(sa.String(500), default="")
    slot: Mapped[Slot] = relationship()


class AsRun(Base):
    """What was really sent, item by item.  Rows are added, never changed."""

    __tablename__ = "as_run"
    __table_args__ = (sa.Index(None, "station_id", "real_start"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    station_id: Mapped[int] = mapped_column(sa.ForeignKey("stations.id"), default=1)
    occurrence_id: Mapped[int | None] = mapped_column(sa.ForeignKey("occurrences.id"), index=True)
    emergency_id: Mapped[int | None] = mapped_column(sa.ForeignKey("emergencies.id"), index=True)
    program_id: Mapped[int | None] = mapped_column(sa.ForeignKey("programs.id"))
    render_sha256: Mapped[str] = mapped_column(sa.String(64), default="")
    source: Mapped[SourceKind] = mapped_column(enum_column(SourceKind))
    title: Mapped[str] = mapped_column(sa.String(500), default="")
    item_ref: Mapped[str] = mapped_column(sa.String(100), default="")
    planned_start: Mapped[datetime | None]
    planned_end: Mapped[datetime | None]
    real_start: Mapped[datetime]
    real_end: Mapped[datetime]
    output: Mapped[str] = mapped_column(sa.String(200), default="")
    frames: Mapped[int] = mapped_column(sa.BigInteger, default=0)
    level_dbfs: Mapped[float | None]
    peak_dbfs: Mapped[float | None]
    outcome: Mapped[Outcome] = mapped_column(enum_column(Outcome))
    reason: Mapped[str] = mapped_column(sa.String(500), default="")
    caused_by: Mapped[str] = mapped_column(sa.String(200), default="")
    approved_by: Mapped[str] = mapped_column(sa.String(200), default="")


class Level(Base):
    """The level really sent, one row a second of sound (dBFS; -120 is digital silence)."""

    __tablename__ = "levels"
    id: Mapped[int] = mapped_column(sa.BigInteger().with_variant(sa.Integer, "sqlite"), primary_key=True)
    station_id: Mapped[int] = mapped_column(sa.ForeignKey("stations.id"), default=1)
    at: Mapped[datetime] = mapped_column(index=True)
    rms_dbfs: Mapped[float]
    peak_dbfs: Mapped[float]
    source: Mapped[SourceKind] = mapped_column(enum_column(SourceKind))


class Emergency(Base):
    """An emergency notice.  ``idempotency_key`` makes a double press one notice."""

    __tablename__ = "emergencies"
    __table_args__ = (sa.UniqueConstraint("station_id", "idempotency_key"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    station_id: Mapped[int] = mapped_column(sa.ForeignKey("stations.id"), default=1)
    idempotency_key: Mapped[str] = mapped_column(sa.String(100))
    state: Mapped[EmergencyState] = mapped_column(enum_column(EmergencyState), index=True)
    test: Mapped[bool] = mapped_column(default=False)
    content: Mapped[str] = mapped_column(sa.Text, default="")
    path: Mapped[str] = mapped_column(sa.String(500), default="")
    signal: Mapped[str] = mapped_column(sa.String(40), default="siren")
    repeats: Mapped[int] = mapped_column(default=3)
    gap_seconds: Mapped[float] = mapped_column(default=2.0)
    requested_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("users.id"))
    confirmed_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("users.id"))
    stopped_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("users.id"))
    requested_at: Mapped[datetime] = mapped_column(default=utc_now)
    accepted_at: Mapped[datetime | None]
    first_sample_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    reason: Mapped[str] = mapped_column(sa.String(500), default="")


class AirCommand(Base):
    """A request to the ``air`` process (stop, skip, play_now, live_start, ...); taken in order, once."""

    __tablename__ = "air_commands"
    id: Mapped[int] = mapped_column(primary_key=True)
    station_id: Mapped[int] = mapped_column(sa.ForeignKey("stations.id"), default=1)
    action: Mapped[str] = mapped_column(sa.String(40))
    data: Mapped[dict[str, Any]] = mapped_column(default=dict)
    user_id: Mapped[int | None] = mapped_column(sa.ForeignKey("users.id"))
    created_at: Mapped[datetime] = mapped_column(default=utc_now)
    done_at: Mapped[datetime | None] = mapped_column(index=True)
    result: Mapped[str] = mapped_column(sa.String(500), default="")


class Lease(Base):
    """An exclusive right of one process, e.g. to be ``air``; ``epoch`` grows at every take-over."""

    __tablename__ = "leases"
    name: Mapped[str] = mapped_column(sa.String(64), primary_key=True)
    holder: Mapped[str] = mapped_column(sa.String(200))
    epoch: Mapped[int] = mapped_column(default=1)
    expires_at: Mapped[datetime]


class Heartbeat(Base):
    """The last sign of life of a process, and what it is doing (for the page)."""

    __tablename__ = "heartbeats"
    name: Mapped[str] = mapped_column(sa.String(64), primary_key=True)
    holder: Mapped[str] = mapped_column(sa.String(200))
    at: Mapped[datetime] = mapped_column(default=utc_now)
    data: Mapped[dict[str, Any]] = mapped_column(default=dict)


class Job(Base):
    """A long job and how far it is."""

    __tablename__ = "jobs"
    __table_args__ = (sa.Index(None, "station_id", "state", "created_at"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    station_id: Mapped[int] = mapped_column(sa.ForeignKey("stations.id"), default=1)
    kind: Mapped[JobKind] = mapped_column(enum_column(JobKind))
    state: Mapped[JobState] = mapped_column(enum_column(JobState), default=JobState.QUEUED)
    bulletin_id: Mapped[int | None] = mapped_column(sa.ForeignKey("bulletins.id", ondelete="CASCADE"), index=True)
    program_id: Mapped[int | None] = mapped_column(sa.ForeignKey("programs.id", ondelete="CASCADE"), index=True)
    data: Mapped[dict[str, Any]] = mapped_column(default=dict)
    step: Mapped[str] = mapped_column(sa.String(40), default="")
    done: Mapped[int] = mapped_column(default=0)
    total: Mapped[int] = mapped_column(default=0)
    attempts: Mapped[int] = mapped_column(default=0)
    max_attempts: Mapped[int] = mapped_column(default=3)
    message: Mapped[str] = mapped_column(sa.Text, default="")
    detail: Mapped[str] = mapped_column(sa.Text, default="")
    cancel_requested: Mapped[bool] = mapped_column(default=False)
    worker: Mapped[str] = mapped_column(sa.String(200), default="")
    created_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("users.id"))
    created_at: Mapped[datetime] = mapped_column(default=utc_now)
    started_at: Mapped[datetime | None]
    beat_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    acknowledged_at: Mapped[datetime | None]


class Sound(Base):
    """A chime, bed or other sound that staff uploaded; ``path`` is relative to the station home."""

    __tablename__ = "sounds"
    id: Mapped[int] = mapped_column(primary_key=True)
    station_id: Mapped[int] = mapped_column(sa.ForeignKey("stations.id"), default=1)
    name: Mapped[str] = mapped_column(sa.String(200))
    kind: Mapped[str] = mapped_column(sa.String(20), default="chime")
    path: Mapped[str] = mapped_column(sa.String(500))
    seconds: Mapped[float] = mapped_column(default=0.0)
    created_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("users.id"))
    created_at: Mapped[datetime] = mapped_column(default=utc_now)


class Alarm(Base):
    """Something that went wrong (or, for the daily report, right) and who knows of it."""

    __tablename__ = "alarms"
    __table_args__ = (sa.Index(None, "station_id", "cleared_at", "at"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    station_id: Mapped[int] = mapped_column(sa.ForeignKey("stations.id"), default=1)
    kind: Mapped[str] = mapped_column(sa.String(40))
    severity: Mapped[str] = mapped_column(sa.String(10), default="error")
    message: Mapped[str] = mapped_column(sa.Text)
    detail: Mapped[str] = mapped_column(sa.Text, default="")
    at: Mapped[datetime] = mapped_column(default=utc_now)
    cleared_at: Mapped[datetime | None]
    notified_at: Mapped[datetime | None]
    acknowledged_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("users.id"))


class Audit(Base):
    """Who did what.  Rows are added, never changed."""

    __tablename__ = "audit"
    id: Mapped[int] = mapped_column(primary_key=True)
    station_id: Mapped[int] = mapped_column(sa.ForeignKey("stations.id"), default=1)
    at: Mapped[datetime] = mapped_column(default=utc_now, index=True)
    user_id: Mapped[int | None] = mapped_column(sa.ForeignKey("users.id"))
    username: Mapped[str] = mapped_column(sa.String(64), default="")
    action: Mapped[str] = mapped_column(sa.String(60))
    subject: Mapped[str] = mapped_column(sa.String(100), default="")
    data: Mapped[dict[str, Any]] = mapped_column(default=dict)
    address: Mapped[str] = mapped_column(sa.String(64), default="")
