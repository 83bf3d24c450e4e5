"""Alarms reach people: a real local mail server (encrypted, with a password) and a webhook.  The words are invented."""

import json
import socket
import subprocess
import threading
from datetime import UTC, datetime
from email import message_from_bytes, policy
from http.server import BaseHTTPRequestHandler, HTTPServer
from ssl import PROTOCOL_TLS_SERVER, SSLContext

import pytest
import sqlalchemy as sa
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult

from station.db.models import Alarm
from station.playout import notify
from station.playout.notify import Notifier
from tests.playout.make import StationUnderTest


class Box:
    """What the mail server took: (encrypted, message)."""

    def __init__(self):
        self.mails = []

    async def handle_DATA(self, server, session, envelope):
        self.mails.append((session.ssl is not None, message_from_bytes(envelope.content, policy=policy.default)))
        return "250 OK"


@pytest.fixture
def certificate(tmp_path, monkeypatch):
    """A certificate that this machine trusts."""
    key, cert = tmp_path / "key.pem", tmp_path / "cert.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2", "-keyout", key, "-out", cert, "-subj", "/CN=localhost",
         "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"], check=True, capture_output=True,
    )
    monkeypatch.setenv("SSL_CERT_FILE", str(cert))
    context = SSLContext(PROTOCOL_TLS_SERVER)
    context.load_cert_chain(cert, key)
    return context


@pytest.fixture
def mail(certificate, monkeypatch):
    """A mail server that wants STARTTLS and a password."""
    monkeypatch.setenv("STATION_SMTP_PASSWORD", "mat-khau")

    def who(server, session, envelope, mechanism, data):
        return AuthResult(success=(data.login, data.password) == (b"dai@xa.example", b"mat-khau"))

    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    box = Box()
    controller = Controller(
        box, hostname="127.0.0.1", port=port, tls_context=certificate, require_starttls=True, auth_required=True, authenticator=who,
    )
    controller.start()
    yield box, port
    controller.stop()


@pytest.fixture
def hook():
    """A webhook; ``answers`` are the codes that it gives, in turn, then 200."""
    got, answers = [], []

    class Posts(BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            code = answers.pop(0) if answers else 200
            if code == 200:
                got.append(json.loads(body))
            self.send_response(code)
            self.end_headers()

        def log_message(self, *arguments):
            return

    server = HTTPServer(("127.0.0.1", 0), Posts)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/hook", got, answers
    server.shutdown()


def told(tmp_path, *, mail_port=0, webhook="", user="dai@xa.example"):
    lines = [f'webhook = "{webhook}"'] if webhook else []
    if mail_port:
        lines += [f'smtp_host = "localhost"\nsmtp_port = {mail_port}\nsmtp_user = "{user}"\nemail_to = ["lan@xa.example", "hung@xa.example"]']
    station = StationUnderTest(tmp_path / "home", "[station]\nname = \"Đài xã\"\n[alarms]\n" + "\n".join(lines) + "\n")
    with station.database.session() as session:
        session.add(Alarm(kind="silent", message="Bản tin sáng không có tiếng.", at=datetime.now(UTC)))
    return station, Notifier(station.settings, station.database)


def test_an_alarm_reaches_mail_and_webhook_once(tmp_path, mail, hook):
    (box, port), (url, got, _) = mail, hook
    station, notifier = told(tmp_path, mail_port=port, webhook=url)
    assert [notifier.send_new(), notifier.send_new()] == [1, 0]
    ((encrypted, letter),) = box.mails
    assert encrypted and letter["Subject"] == "[Đài xã] Cảnh báo: Bản tin sáng không có tiếng."
    assert letter["From"] == "dai@xa.example" and letter["To"] == "lan@xa.example, hung@xa.example"
    assert "Bản tin sáng không có tiếng." in letter.get_content()
    assert [body["message"] for body in got] == ["Bản tin sáng không có tiếng."]
    station.close()


def test_a_way_that_fails_is_tried_again_and_the_other_is_not_told_twice(tmp_path, mail, hook, monkeypatch):
    (box, port), (url, got, answers) = mail, hook
    monkeypatch.setattr(notify, "_EVERY_SECONDS", 0.0)
    answers += [503, 503]
    station, notifier = told(tmp_path, mail_port=port, webhook=url)
    assert [notifier.send_new() for _ in range(4)] == [0, 0, 1, 0]
    assert len(box.mails) == 1 and len(got) == 1
    station.close()


def test_a_way_that_keeps_failing_is_tried_with_growing_pauses(tmp_path, hook):
    url, got, answers = hook
    answers += [503] * 9
    station, notifier = told(tmp_path, webhook=url)
    for _ in range(20):
        notifier.send_new()
    assert len(answers) == 8, "one try, then a pause"
    with station.database.session(write=False) as session:
        assert session.scalar(sa.select(Alarm.notified_at)) is None
    station.close()


def test_a_wrong_password_or_a_server_that_nobody_vouches_for_gets_no_mail(tmp_path, mail, monkeypatch):
    box, port = mail
    station, notifier = told(tmp_path, mail_port=port, user="ai-do@xa.example")
    assert notifier.send_new() == 0
    station.close()
    monkeypatch.delenv("SSL_CERT_FILE")
    station, notifier = told(tmp_path / "two", mail_port=port)
    assert notifier.send_new() == 0 and box.mails == []
    station.close()
