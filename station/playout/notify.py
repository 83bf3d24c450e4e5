"""Telling people of alarms: e-mail by SMTP and a webhook, from a thread of its own."""

from __future__ import annotations

import json
import logging
import os
import smtplib
import ssl
import threading
import time
import urllib.request
from collections.abc import Callable
from datetime import datetime, timedelta
from email.message import EmailMessage
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.orm import Session

from station.config import Settings
from station.db import Database
from station.db.models import Alarm, Occurrence
from station.db.states import Outcome
from station.db.types import utc_now

log = logging.getLogger(__name__)

_EVERY_SECONDS = 3.0
_LONGEST_PAUSE_SECONDS = 300.0
_SMTPS_PORT = 465
#: what is older is not news any more
_TOO_OLD = timedelta(days=1)


class Notifier(threading.Thread):
    """Sends every alarm once by each way; a way that does not work is tried again, with growing pauses."""

    def __init__(self, settings: Settings, database: Database) -> None:
        super().__init__(name="notify", daemon=True)
        self.settings, self.database = settings, database
        self.stopping = threading.Event()
        self._told: dict[int, set[str]] = {}
        self._failures: dict[str, int] = {}
        self._again: dict[str, float] = {}

    @property
    def enabled(self) -> bool:
        alarms = self.settings.alarms
        return bool(alarms.webhook or (alarms.smtp_host and alarms.email_to))

    def run(self) -> None:
        while not self.stopping.wait(_EVERY_SECONDS):
            try:
                self.send_new()
            except sa.exc.DBAPIError as error:
                log.warning("alarms could not be read: %s", error)

    def send_new(self) -> int:
        """Send what nobody was told yet; how many."""
        if not self.enabled:
            return 0
        with self.database.session(write=False) as session:
            rows = session.scalars(sa.select(Alarm).where(
                Alarm.notified_at.is_(None), Alarm.at > utc_now() - _TOO_OLD
            ).order_by(Alarm.id).limit(500)).all()
        sent = 0
        for row in rows:
            if self._send(row):
                with self.database.session() as session:
                    session.execute(sa.update(Alarm).where(Alarm.id == row.id).values(notified_at=utc_now()))
                sent += 1
        return sent

    def _ways(self) -> dict[str, Callable[[Alarm], None]]:
        ways: dict[str, Callable[[Alarm], None]] = {}
        if self.settings.alarms.webhook:
            ways["webhook"] = self._webhook
        if self.settings.alarms.smtp_host and self.settings.alarms.email_to:
            ways["mail"] = self._mail
        return ways

    def _send(self, row: Alarm) -> bool:
        """True when every way worked, now or before."""
        ways, told = self._ways(), self._told.setdefault(row.id, set())
        for name, way in ways.items():
            if name in told or time.monotonic() < self._again.get(name, 0.0):
                continue
            try:
                way(row)
                told.add(name)
                self._failures.pop(name, None)
            except (OSError, smtplib.SMTPException, ValueError) as error:
                failures = self._failures[name] = self._failures.get(name, 0) + 1
                self._again[name] = time.monotonic() + min(_LONGEST_PAUSE_SECONDS, _EVERY_SECONDS * 2 ** (failures - 1))
                log.warning("the alarm %s could not be sent by %s: %s", row.id, name, error)
        if told >= set(ways):
            del self._told[row.id]
            return True
        return False

    def _webhook(self, row: Alarm) -> None:
        url = self.settings.alarms.webhook
        if not url.startswith(("http://", "https://")):
            raise ValueError("alarms.webhook is no http address")
        body = {
            "station": self.settings.station.name, "kind": row.kind, "severity": row.severity, "message": row.message,
            "at": row.at.isoformat(),
        }
        request = urllib.request.Request(
            url, data=json.dumps(body, ensure_ascii=False).encode(), headers={"Content-Type": "application/json"}
        )
        with urllib.request.urlopen(request, timeout=10):
            pass

    def _mail(self, row: Alarm) -> None:
        alarms = self.settings.alarms
        local = row.at.astimezone(self.settings.zone)
        message = EmailMessage()
        what = "Báo cáo ngày" if row.kind == "daily" else "Cảnh báo"
        message["Subject"] = f"[{self.settings.station.name}] {what}: {row.message[:80]}".replace("\n", " ")
        message["From"] = alarms.smtp_user or f"station@{alarms.smtp_host}"
        message["To"] = ", ".join(alarms.email_to)
        message.set_content(f"{row.message}\n\nLúc {local:%H:%M:%S ngày %d/%m/%Y}.\n")
        context = ssl.create_default_context()
        with self._open_mail(context) as server:
            password = os.environ.get("STATION_SMTP_PASSWORD", "")
            server.ehlo()
            if server.has_extn("starttls"):
                server.starttls(context=context)
            if alarms.smtp_user and password:
                server.login(alarms.smtp_user, password)
            server.send_message(message)


    def _open_mail(self, context: ssl.SSLContext) -> smtplib.SMTP:
        """The mail server: encrypted from the first byte on its port for that, else by STARTTLS where it can."""
        alarms = self.settings.alarms
        if alarms.smtp_port == _SMTPS_PORT:
            return smtplib.SMTP_SSL(alarms.smtp_host, alarms.smtp_port, timeout=15, context=context)
        return smtplib.SMTP(alarms.smtp_host, alarms.smtp_port, timeout=15)


def daily_words(session: Session, now: datetime, zone: ZoneInfo) -> tuple[str, bool]:
    """(what the day was like, in Vietnamese; whether all went well)."""
    local = now.astimezone(zone)
    begin = local.replace(hour=0, minute=0, second=0, microsecond=0)
    rows = session.scalars(sa.select(Occurrence).where(
        Occurrence.planned_start >= begin, Occurrence.planned_start < begin + timedelta(days=1)
    )).all()
    good = [row for row in rows if row.outcome in (Outcome.AIRED, Outcome.AIRED_LATE)]
    bad = [row for row in rows if row.outcome is not None and row not in good and row.outcome is not Outcome.SUPERSEDED]
    if not rows:
        return f"Ngày {local:%d/%m/%Y} không có buổi phát nào.", True
    if not bad:
        return f"Ngày {local:%d/%m/%Y}: {len(good)} buổi phát đều tốt.", True
    words = "; ".join(f"{row.planned_start.astimezone(zone):%H:%M} {row.reason or row.outcome}" for row in bad)
    return f"Ngày {local:%d/%m/%Y}: {len(good)} buổi tốt, {len(bad)} buổi không đạt: {words}", False
