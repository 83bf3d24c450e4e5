"""Blocks as a person wants them, what corrections teach, and bulletins whose day has passed.  All texts are invented."""

from datetime import date

import pytest

from station.bulletins.document import Block, Document, Page, Role
from station.config import load_settings
from station.editorial import approvals, bulletins, programs
from station.editorial.blocks import edited_document
from station.editorial.facts import has_passed
from station.editorial.learning import corrections, station_words
from station.errors import ProgramError
from station.playout.choose import latest_of
from tests.editorial.test_editorial import add_render, bulletin, editor, leader, session  # noqa: F401 (fixtures)

ROWS = (("STT", "Thôn", "Giờ"), ("1", "Thôn Đoài", "7h30"), ("2", "Thôn Thượng", "9h"))
TABLE = Block(
    Role.TABLE, "STT Thôn Giờ\n1 Thôn Đoài 7h30\n2 Thôn Thượng 9h", rows=ROWS, said="Thôn Đoài, giờ 7h30.\nThôn Thượng, giờ 9h."
)


def paper(*blocks):
    return Document((Page(1, blocks),))


@pytest.fixture
def read(session, settings, bulletin, tmp_path):  # noqa: F811
    """A bulletin whose paper has a header, a headline, a paragraph, a table and a signature."""
    bulletins.store_reading(session, settings, bulletin, paper(
        Block(Role.AGENCY, "UBND XÃ MAI", spoken=False), Block(Role.BODY, "LỊCH TIÊM PHÒNG"),
        Block(Role.BODY, "Mời bà con đưa trâu bò ra bãi."), TABLE, Block(Role.SIGNATURE, "CHỦ TỊCH", spoken=False),
    ), tmp_path)
    bulletin.source = "upload"
    return bulletin


def test_a_table_worded_otherwise_is_said_so_and_other_corrections_stay(session, read, editor):  # noqa: F811
    text = bulletins.current_text(session, read).replace("trâu bò", "trâu, bò")
    bulletins.save_text(session, read, text, user_id=editor.id, version=read.version)
    said = bulletins.set_blocks(session, read, wordings={"1.3": "Lúc {Giờ} tiêm ở {Thôn}."}, user_id=editor.id)
    assert said.split("\n")[-2:] == ["Lúc 7h30 tiêm ở Thôn Đoài.", "Lúc 9h tiêm ở Thôn Thượng."]
    assert "trâu, bò" in said


def test_a_role_that_a_person_changes_decides_what_is_read(session, read, editor):  # noqa: F811
    said = bulletins.set_blocks(session, read, roles={"1.2": "recipients", "1.1": "title"}, user_id=editor.id)
    assert "Mời bà con" not in said
    assert edited_document(read).pages[0].blocks[1].role is Role.TITLE


def test_choices_follow_their_blocks_into_a_new_reading(session, settings, read, editor, tmp_path):  # noqa: F811
    bulletins.set_blocks(
        session, read, spoken={"1.2": False}, wordings={"1.3": "{Thôn} lúc {Giờ}"}, roles={"1.1": "title"}, user_id=editor.id
    )
    bulletins.store_reading(session, settings, read, paper(
        Block(Role.AGENCY, "UBND XÃ MAI", spoken=False), Block(Role.NUMBER, "Số: 4/TB", spoken=False),
        Block(Role.BODY, "LICH TIÊM PHÒNG"), Block(Role.BODY, "Mời bà con đưa trâu bò ra bải."), TABLE,
    ), tmp_path)
    assert read.spoken_blocks == {"1.3": False}
    assert bulletins.spoken_text(read) == "LICH TIÊM PHÒNG\nThôn Đoài lúc 7h30.\nThôn Thượng lúc 9h."
    assert edited_document(read).pages[0].blocks[2].role is Role.TITLE


def test_signer_and_agency_are_said_at_the_end_only_where_the_station_wants_it(session, settings, bulletin, tmp_path):  # noqa: F811
    signed = paper(
        Block(Role.AGENCY, "UBND XÃ MAI", spoken=False), Block(Role.BODY, "Mời họp."),
        Block(Role.SIGNATURE, "CHỦ TỊCH\nLò Văn Pánh", spoken=False),
    )
    bulletins.store_reading(session, settings, bulletin, signed, tmp_path)
    assert bulletins.spoken_text(bulletin) == "Mời họp."
    wanting = load_settings(settings.home.root, environ={"STATION_OCR__SPEAK_AGENCY_AND_SIGNER": "true"})
    assert wanting.ocr.speak_agency_and_signer
    bulletins.store_reading(session, wanting, bulletin, signed, tmp_path)
    assert bulletins.spoken_text(bulletin) == "Mời họp.\nUBND xã Mai. Người ký: chủ tịch Lò Văn Pánh."


def test_the_class_is_proposed_and_never_set(session, settings, bulletin, tmp_path):  # noqa: F811
    bulletins.store_reading(
        session, settings, bulletin, paper(Block(Role.TITLE, "CÔNG ĐIỆN"), Block(Role.BODY, "Bão số 3, hết ngày 12/9/2026.")), tmp_path
    )
    assert bulletin.facts["priority"] == "emergency" and bulletin.facts["because"] == ["bão"]
    assert bulletin.facts["last_day"] == "2026-09-12"
    assert bulletin.priority.value == "normal" and bulletin.last_day is None


def test_corrections_of_words_teach_and_numbers_and_rewordings_do_not():
    assert corrections("Thôn Bù Chè họp 7 giờ.", "Thôn Bù Ghe họp 8 giờ.") == [("Chè", "Ghe")]
    assert corrections("mời bà con", "kính đề nghị toàn thể nhân dân") == []


def test_a_word_corrected_once_is_suggested_next_time_and_an_odd_name_is_no_longer_marked(session, settings, read, editor):  # noqa: F811
    text = bulletins.current_text(session, read).replace("trâu", "trảu") + "\nBuôn Kram mời."
    bulletins.save_text(session, read, text, user_id=editor.id, version=read.version)
    bulletins.mark_ready(session, read, user_id=editor.id)
    words = station_words(session)
    assert words.suggestion("trâu,") == "trảu,"
    assert words.is_right("Kram.") and not words.is_right("Krom")
    bulletins.mark_ready(session, read, user_id=editor.id)  # the same bulletin again counts nothing
    assert words == station_words(session)


def test_a_bulletin_is_not_aired_after_its_last_day(session, settings, bulletin, editor, leader):  # noqa: F811
    program = programs.create_program(session, title="Sáng", air_date=None, bulletin_ids=[bulletin.id], user_id=editor.id)
    bulletins.mark_ready(session, bulletin, user_id=editor.id)
    render = add_render(session, program)
    approvals.approve(session, settings, program, user=leader, render_sha256=render.sha256)
    bulletin.last_day = date(2026, 11, 25)
    session.flush()
    assert not has_passed(bulletin, date(2026, 11, 25))
    assert latest_of(session, "daily", date(2026, 11, 25), settings).program_id == program.id
    assert latest_of(session, "daily", date(2026, 11, 26), settings) is None


def test_a_program_of_a_later_day_does_not_take_a_bulletin_whose_day_has_passed(session, bulletin, editor):  # noqa: F811
    bulletin.last_day = date(2026, 11, 25)
    with pytest.raises(ProgramError, match="25/11/2026"):
        programs.create_program(session, title="Sáng", air_date=date(2026, 11, 26), bulletin_ids=[bulletin.id], user_id=editor.id)
