"""What staff and leaders do: the three texts, voided approvals, two persons, duplicates.

All texts are invented.
"""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from station.bulletins.document import Block, Document, Page, Role
from station.db.models import Approval, Audit, Program, Render, Text
from station.db.states import BulletinState, Decision, ItemKind, ProgramState, TextKind, UserRole
from station.editorial import approvals, bulletins, people, programs
from station.editorial.bulletins import Upload
from station.errors import BulletinError, ProgramError


def reading(*lines, header="UBND XÃ"):
    blocks = (Block(Role.AGENCY, header, spoken=False), *(Block(Role.BODY, line) for line in lines))
    return Document((Page(1, blocks),))


@pytest.fixture
def session(database):
    with database.session() as session:
        yield session


@pytest.fixture
def editor(session):
    return people.create_user(session, username="lan", password="hoa-sen-xanh", role=UserRole.EDITOR)


@pytest.fixture
def leader(session):
    return people.create_user(session, username="hung", password="cay-da-lang", role=UserRole.APPROVER)


@pytest.fixture
def bulletin(session, settings, editor):
    return bulletins.receive_text(session, settings, "Cắt điện", "Ngày mai cắt điện.\nTừ 7 giờ.", user_id=editor.id)


def add_render(session, program, sha="a" * 64, seconds=60):
    render = Render(
        program_id=program.id, path="var/audio/1.flac", sha256=sha, script_sha256="b" * 64, frames=48000 * seconds,
        content_sha256=programs.content_sha256(session, program), sample_rate=48000, loudness_lufs=-16.0,
        true_peak_dbtp=-1.5,
    )
    session.add(render)
    session.flush()
    program.render = render
    program.state = ProgramState.READY
    session.flush()
    return render


@pytest.fixture
def program(session, bulletin, editor):
    program = programs.create_program(
        session, title="Sáng 25/11", air_date=date(2026, 11, 25), bulletin_ids=[bulletin.id], user_id=editor.id
    )
    add_render(session, program)
    return program


def test_the_original_is_copied_and_stays_what_it_was(session, settings, tmp_path, editor):
    paper = tmp_path / "giấy báo.txt"
    paper.write_text("Mời họp thôn lúc 19 giờ.", encoding="utf-8")
    bulletin = bulletins.receive(session, settings, [Upload("giấy báo.txt", paper)], user_id=editor.id)
    (stored,) = bulletin.files
    assert (settings.home.root / stored.path).read_bytes() == paper.read_bytes()
    assert stored.original_name == "giấy báo.txt"
    assert bulletin.title == "giấy báo"


@pytest.mark.parametrize(("name", "content"), [("a.exe", b"MZ"), ("trong.jpg", b"")])
def test_a_file_that_cannot_be_a_bulletin_is_refused_with_words(session, settings, tmp_path, name, content):
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(BulletinError) as error:
        bulletins.receive(session, settings, [Upload(name, path)], user_id=None)
    assert name in error.value.message
    assert path.read_bytes() == content


def test_the_same_paper_twice_is_noticed(session, settings, tmp_path):
    paper = tmp_path / "a.txt"
    paper.write_text("Thông báo", encoding="utf-8")
    first = bulletins.receive(session, settings, [Upload("a.txt", paper)], user_id=None)
    assert bulletins.find_duplicate(session, bulletins.content_hash([paper])).id == first.id
    paper.write_text("Thông báo khác", encoding="utf-8")
    assert bulletins.find_duplicate(session, bulletins.content_hash([paper])) is None


def test_reading_again_never_overwrites_a_correction(session, settings, bulletin, editor, tmp_path):
    bulletins.save_text(session, bulletin, "Ngày kia cắt điện.", user_id=editor.id, version=bulletin.version)
    bulletins.store_reading(session, settings, bulletin, reading("Ngày mai cắt điẹn."), tmp_path)
    assert bulletins.current_text(session, bulletin) == "Ngày kia cắt điện."
    read = session.query(Text).filter_by(kind=TextKind.READ).order_by(Text.version).all()
    assert [row.content for row in read] == ["Ngày mai cắt điện.\nTừ 7 giờ.", "Ngày mai cắt điẹn."]


def test_two_editors_do_not_overwrite_each_other(session, bulletin, editor):
    seen = bulletin.version
    bulletins.save_text(session, bulletin, "Lan sửa.", user_id=editor.id, version=seen)
    with pytest.raises(bulletins.EditConflict) as conflict:
        bulletins.save_text(session, bulletin, "Hùng sửa.", user_id=None, version=seen)
    assert conflict.value.version == bulletin.version
    assert bulletins.current_text(session, bulletin) == "Lan sửa."


def test_texts_are_nfc(session, settings):
    bulletin = bulletins.receive_text(session, settings, "", "ho\u0300a bi\u0300nh\r\n", user_id=None)
    assert bulletins.current_text(session, bulletin) == "hòa bình"


def test_a_block_turned_on_or_off_leaves_other_corrections_alone(session, settings, bulletin, editor, tmp_path):
    bulletins.store_reading(session, settings, bulletin, reading("Một.", "Hai.", "Ba."), tmp_path)
    bulletins.save_text(session, bulletin, "Một mốt.\nHai.\nBa.\nThêm.", user_id=editor.id, version=bulletin.version)
    assert bulletins.set_spoken_blocks(session, bulletin, {"1.2": False}, user_id=editor.id) == "Một mốt.\nBa.\nThêm."
    text = bulletins.set_spoken_blocks(session, bulletin, {"1.0": True, "1.2": True}, user_id=editor.id)
    assert text.splitlines()[-2:] == ["Ba.", "Thêm."]
    assert "UBND XÃ" in text and "Hai." in text and "Một mốt." in text


def test_texts_of_many_bulletins_take_the_correction_first(session, settings, bulletin, editor):
    other = bulletins.receive_text(session, settings, "", "Chỉ đọc.", user_id=None)
    bulletins.save_text(session, bulletin, "Đã sửa.", user_id=editor.id, version=bulletin.version)
    assert bulletins.current_texts(session, [bulletin.id, other.id]) == {bulletin.id: "Đã sửa.", other.id: "Chỉ đọc."}


def test_the_lock_keeps_a_colleague_out_until_it_runs_out(session, bulletin, editor, leader):
    now = datetime(2026, 11, 24, 8, tzinfo=UTC)
    assert bulletins.lock(session, bulletin, editor, now=now)
    assert not bulletins.lock(session, bulletin, leader, now=now + timedelta(minutes=1))
    assert bulletins.lock(session, bulletin, leader, now=now + timedelta(minutes=4))


def test_what_is_approved_may_air_and_nothing_else(session, settings, program, leader):
    assert approvals.airable_render(session, program) is None
    approvals.approve(session, settings, program, user=leader, render_sha256="a" * 64)
    assert approvals.airable_render(session, program) is program.render
    assert session.query(Audit).filter_by(action="program.approve").one().username == "hung"


def test_approving_another_audio_than_the_one_heard_is_refused(session, settings, program, leader):
    with pytest.raises(ProgramError):
        approvals.approve(session, settings, program, user=leader, render_sha256="c" * 64)
    assert program.state is ProgramState.READY


@pytest.mark.parametrize("change", ["text", "order", "voice", "title"])
def test_any_change_after_approval_voids_it_and_says_so(session, settings, program, bulletin, leader, editor, change):
    approvals.approve(session, settings, program, user=leader, render_sha256="a" * 64)
    if change == "text":
        bulletins.save_text(session, bulletin, "Không cắt điện nữa.", user_id=editor.id, version=bulletin.version)
    elif change == "order":
        items = [programs.ItemSpec(kind=ItemKind.NOTICE, content="Thêm.", title="Thêm")]
        programs.set_items(session, program, items, user_id=editor.id)
    elif change == "voice":
        programs.set_sound(session, program, voice="espeak-vi-nam", user_id=editor.id)
    else:
        items = [programs.ItemSpec(bulletin_id=bulletin.id, title="Tên khác")]
        programs.set_items(session, program, items, user_id=editor.id)
    assert program.state is ProgramState.DRAFT
    assert approvals.airable_render(session, program) is None
    assert session.query(Approval).order_by(Approval.id.desc()).first().decision is Decision.VOIDED


def test_a_change_that_changes_nothing_leaves_the_approval(session, settings, program, bulletin, leader, editor):
    text = bulletins.current_text(session, bulletin)
    bulletins.save_text(session, bulletin, text, user_id=editor.id, version=bulletin.version)
    approvals.approve(session, settings, program, user=leader, render_sha256="a" * 64)
    bulletins.save_text(session, bulletin, text + "\n", user_id=editor.id, version=bulletin.version)
    assert approvals.airable_render(session, program) is program.render


def test_the_author_may_not_approve_under_the_two_person_rule(session, settings, program, editor, leader):
    strict = replace(settings, web=replace(settings.web, two_person_rule=True))
    with pytest.raises(ProgramError):
        approvals.approve(session, strict, program, user=editor, render_sha256="a" * 64)
    approvals.approve(session, strict, program, user=leader, render_sha256="a" * 64)


def test_a_program_longer_than_a_session_is_refused(session, settings, program, leader):
    render = add_render(session, program, sha="d" * 64, seconds=3700)
    with pytest.raises(ProgramError) as error:
        approvals.approve(session, settings, program, user=leader, render_sha256=render.sha256)
    assert "60 phút" in error.value.message


def test_sending_back_needs_a_reason(session, program, leader):
    with pytest.raises(ProgramError):
        approvals.send_back(session, program, user=leader, reason="  ")
    approvals.send_back(session, program, user=leader, reason="Sai ngày")
    assert program.state is ProgramState.RETURNED


def test_an_archived_bulletin_cannot_be_put_into_a_program(session, bulletin, editor):
    bulletins.archive(session, bulletin, user_id=editor.id)
    with pytest.raises(ProgramError):
        programs.create_program(
            session, title="x", air_date=None, bulletin_ids=[bulletin.id], user_id=editor.id
        )
    assert bulletin.state is BulletinState.ARCHIVED


def test_wrong_passwords_make_the_account_rest_and_a_right_one_then_too(session, editor):
    now = datetime(2026, 11, 24, 8, tzinfo=UTC)
    for _ in range(people.LOCK_AFTER):
        with pytest.raises(people.SignInError):
            people.sign_in(session, "lan", "sai", now=now)
    with pytest.raises(people.SignInError) as error:
        people.sign_in(session, "lan", "hoa-sen-xanh", now=now)
    assert error.value.code == "people.locked"
    assert people.sign_in(session, "LAN ", "hoa-sen-xanh", now=now + people.LOCK_FOR).id == editor.id


@pytest.mark.parametrize("password", ["ngan", "matkhau123", "lanlanlan"])
def test_weak_passwords_are_refused(session, password):
    with pytest.raises(people.PeopleError):
        people.create_user(session, username="lanlanlan", password=password, role=UserRole.EDITOR)


def test_the_last_administrator_stays(session):
    admin = people.create_user(session, username="ql", password="dai-xa-que-ta", role=UserRole.ADMINISTRATOR)
    with pytest.raises(people.PeopleError):
        people.deactivate(session, admin)


def test_a_title_is_proposed_from_the_heading(session, settings, tmp_path):
    paper = tmp_path / "IMG_0001.txt"
    paper.write_text("x", encoding="utf-8")
    bulletin = bulletins.receive(session, settings, [Upload(paper.name, paper)], user_id=None)
    document = Document((Page(1, (
        Block(Role.TITLE, "THÔNG BÁO"), Block(Role.SUBJECT, "Về việc tạm ngừng cung cấp điện"), Block(Role.BODY, "A."),
    )),))
    bulletins.store_reading(session, settings, bulletin, document, tmp_path)
    assert bulletin.title == "Thông báo về việc tạm ngừng cung cấp điện"
    assert bulletin.state is BulletinState.PROOFREADING


def test_program_rows_are_of_a_station(session, program):
    assert session.get(Program, program.id).station_id == 1
