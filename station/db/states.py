"""The states that rows can be in, each with a sentence."""

from __future__ import annotations

from enum import StrEnum


class UserRole(StrEnum):
    """What a person may do; each role's permissions are in :mod:`station.web.permissions`."""

    EDITOR = "editor"
    APPROVER = "approver"
    OPERATOR = "operator"
    ADMINISTRATOR = "administrator"


class BulletinState(StrEnum):
    RECEIVED = "received"  # the original is stored, nothing was read yet
    READING = "reading"  # a job is reading its pages
    PROOFREADING = "proofreading"  # read; waits for a person to check it
    READY = "ready"  # a person says the text is right
    ARCHIVED = "archived"  # done with
    FAILED = "failed"  # could not be read; ``problem`` tells why


class TextKind(StrEnum):
    """The three texts of a bulletin, kept apart."""

    READ = "read"  # what OCR read
    CORRECTED = "corrected"  # what a person made of it
    SPOKEN = "spoken"  # what will be said


class ItemKind(StrEnum):
    BULLETIN = "bulletin"
    NOTICE = "notice"  # a text typed for this program
    SOUND = "sound"  # a file of the station's sounds
    RECORDING = "recording"  # a microphone recording instead of synthesis


class ProgramState(StrEnum):
    DRAFT = "draft"  # items are being put together
    BUILDING = "building"  # a job is speaking and assembling it
    READY = "ready"  # rendered; waits to be sent to the leader
    SUBMITTED = "submitted"  # waits for the leader
    APPROVED = "approved"  # may be aired, as long as its hash stands
    RETURNED = "returned"  # sent back with a reason
    FAILED = "failed"  # could not be made; ``problem`` tells why
    ARCHIVED = "archived"  # done with


class Decision(StrEnum):
    APPROVED = "approved"
    RETURNED = "returned"
    VOIDED = "voided"  # the content changed after it was approved


class FillKind(StrEnum):
    """What fills a slot."""

    LATEST = "latest"  # the latest approved program of a template
    PROGRAM = "program"  # one fixed program
    REPEAT = "repeat"  # what another slot aired last
    RELAY = "relay"  # a network radio


class LatePolicy(StrEnum):
    START_NOW = "start_now"  # air it whole, however late (within its hours)
    WAIT_UP_TO = "wait_up_to"  # air it when at most N seconds late
    SKIP = "skip"  # never air it late


class Outcome(StrEnum):
    """How an occurrence ended; every occurrence has exactly one in the end."""

    AIRED = "aired"  # whole, in time
    AIRED_LATE = "aired_late"  # whole, later than its grace
    PARTIAL = "partial"  # begun and not finished
    SILENT = "silent"  # sent, but nothing could be heard
    MISSED = "missed"  # never began
    REFUSED_UNAPPROVED = "refused_unapproved"  # no approved program, or its approval was void
    REFUSED_QUIET_HOURS = "refused_quiet_hours"  # the hours forbid it
    SUPERSEDED = "superseded"  # replaced by something with a right to it


class SourceKind(StrEnum):
    """The ladder: the highest source with something to say is on air."""

    EMERGENCY = "emergency"
    LIVE = "live"
    PRIORITY = "priority"
    SCHEDULE = "schedule"
    RELAY = "relay"
    FALLBACK = "fallback"
    SILENCE = "silence"


class EmergencyState(StrEnum):
    WAITING = "waiting"  # needs the second person
    PREPARING = "preparing"  # its words are being spoken by the voice
    ACCEPTED = "accepted"  # goes on air at once
    ON_AIR = "on_air"
    DONE = "done"
    STOPPED = "stopped"  # ended by a person
    FAILED = "failed"


class JobState(StrEnum):
    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


class JobKind(StrEnum):
    READ = "read"  # read a bulletin's pages
    BUILD = "build"  # speak and assemble a program
    EMERGENCY = "emergency"  # speak an emergency notice
    SAMPLE = "sample"  # speak a sentence for the page
    EXPORT = "export"  # a report or a file to download
