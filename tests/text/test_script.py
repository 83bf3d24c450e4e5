"""Scripts, marks, lexicon, doubts, legacy encodings and the command."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from station.errors import TextError
from station.text import (
    Entry,
    Lexicon,
    changed_by,
    load_lexicon,
    make_script,
    normalize,
    remove_entry,
    report,
    save_entry,
)
from station.text.legacy import decode_legacy
from station.text.script import Kind

# An invented bulletin.
BULLETIN = (
    "THÔNG BÁO VỀ VIỆC TIÊM PHÒNG\n"
    "1. Thời gian: 7h30 ngày 23/11.\n"
    "- Trẻ từ 6-36 tháng tuổi tại 9/9 thôn.\n"
    "Chương trình tiêm chủng mở rộng (TCMR) miễn phí. Ai chưa tiêm?\n"
    "TCMR do Trạm Y tế\nthực hiện."
)


def test_script_has_sentences_kinds_and_pauses() -> None:
    script = make_script(BULLETIN)
    kinds = [sentence.kind for sentence in script.sentences]
    assert kinds[0] is Kind.HEADING and Kind.LIST_ITEM in kinds and kinds[-1] is Kind.BODY
    assert script.sentences[0].pause_seconds > script.sentences[-3].pause_seconds
    assert script.sentences[-1].spoken == "tiêm chủng mở rộng do Trạm Y tế thực hiện."
    assert script.sentences[-2].spoken == "Ai chưa tiêm?"


def test_every_token_points_at_what_was_written() -> None:
    script = make_script(BULLETIN)
    found = {token.spoken: BULLETIN[token.start:token.end] for sentence in script.sentences for token in sentence.tokens}
    assert found["bảy giờ ba mươi phút"] == "7h30"
    assert found["chín trên chín"] == "9/9"
    assert found["hai mươi ba tháng mười một"] == "23/11"


def test_tokens_point_into_text_with_combining_marks_and_lookalikes() -> None:
    source = "Hoa\u0300 Bi\u0300nh \u0422hôn 5 😀 có 10 ha"
    script = make_script(source)
    token = script.sentences[0].tokens[-1]
    assert (token.spoken, source[token.start:token.end]) == ("mười héc ta", "10 ha")
    assert [doubt.written for doubt in script.doubts] == ["\u0422hôn"]


def test_long_sentences_are_cut_for_synthesis_and_nothing_is_lost() -> None:
    text = ", ".join(["bà con kiểm tra chuồng trại"] * 60) + "."
    script = make_script(text)
    assert len(script.sentences) > 3
    assert max(len(sentence.spoken.split()) for sentence in script.sentences) <= 70
    assert sum(sentence.spoken.count("chuồng") for sentence in script.sentences) == 60


def test_marks_give_pause_voice_emphasis_spelling_and_reading() -> None:
    script = make_script("Chú ý. [nghỉ 2 giây] [nhấn]Cấm lửa.[/nhấn] [giọng nam-1]Xin chào.[/giọng] [đánh vần]HTX[/đánh vần]. [đọc: hải long]HL[/đọc]")
    said = [(sentence.spoken.strip("."), sentence.pause_seconds, sentence.emphasis, sentence.voice) for sentence in script.sentences]
    assert said[0][:2] == ("Chú ý", 2.0)
    assert said[1][0] == "Cấm lửa" and said[1][2]
    assert said[2][0] == "Xin chào" and said[2][3] == "nam-1"
    assert [item[0] for item in said[3:]] == ["hát tê ích", "hải long"]
    assert not said[3][2] and not said[3][3]


def test_doubts_name_the_place_and_the_choices() -> None:
    line = "Báo TT, QZX và Тhôn 2."
    doubts = {doubt.written: doubt for doubt in report(line)[1]}
    assert set(doubts) == {"TT", "QZX", "Тhôn"}
    assert "trung tâm" in doubts["TT"].choices and doubts["TT"].kind == "abbreviation"
    assert line[doubts["QZX"].start:doubts["QZX"].end] == "QZX"
    assert doubts["Тhôn"].kind == "lookalike"
    assert report("UBND xã họp lúc 7h30.")[1] == ()


def test_a_lexicon_entry_changes_the_reading_everywhere_and_only_there() -> None:
    mine = Lexicon.of([Entry("Bù Ghe", "bu ghe"), Entry("QL45", "đường bốn lăm"), Entry("TT", "trực tiếp", case=True)])
    assert normalize("Thôn Bù Ghe, bù ghe; QL45, QL47; tt TT", lexicon=mine) == (
        "Thôn bu ghe, bu ghe, đường bốn lăm, quốc lộ bốn mươi bảy, tê tê trực tiếp"
    )
    assert normalize("Bù Ghen", lexicon=mine) == "Bù Ghen"
    texts = {"a": "Họp thôn Bù Ghe.", "b": "Họp thôn Đồng Hải.", "c": "Xe chạy trên QL45."}
    assert changed_by(Lexicon(), mine, texts) == ["a", "c"]


def test_lexicon_file_keeps_comments_when_entries_come_and_go(tmp_path: Path) -> None:
    path = tmp_path / "lexicon.toml"
    path.write_text('# Ghi chú của đài\n\n[[entry]]\nwritten = "Bù Ghe"  # tên thôn\nspoken = "bu ghe"\n', encoding="utf-8")
    save_entry(path, Entry("Đắk Wí", "đắc quý", case=True, note="Tên thôn"))
    save_entry(path, Entry("bù ghe", "bù gê"))
    lexicon = load_lexicon(path)
    assert normalize("Bù Ghe, Đắk Wí", lexicon=lexicon) == "bù gê, đắc quý"
    assert "# Ghi chú của đài" in path.read_text(encoding="utf-8")
    assert remove_entry(path, "BÙ GHE") and not remove_entry(path, "BÙ GHE")
    assert [entry.written for entry in load_lexicon(path).entries] == ["Đắk Wí"]


@pytest.mark.parametrize("entry", [Entry("5S", "năm 5"), Entry("", "a"), Entry("a", " "), Entry("a", "x\ny")])
def test_a_reading_that_cannot_be_said_is_refused(tmp_path: Path, entry: Entry) -> None:
    with pytest.raises(TextError):
        save_entry(tmp_path / "lexicon.toml", entry)


@pytest.mark.parametrize("content", ["entry = 5", "[[entry]]\nwritten = 'a'", "[[entry", "entry = [1]"])
def test_a_broken_lexicon_is_a_clear_error(tmp_path: Path, content: str) -> None:
    path = tmp_path / "lexicon.toml"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(TextError, match="[Tt]ừ điển"):
        load_lexicon(path)


PROSE = (
    "Chính quyền xã thông báo đến toàn thể nhân dân lịch tiêm phòng cho đàn gia súc, gia cầm trong tháng mười một. "
    "Các hộ chăn nuôi nhốt giữ vật nuôi và phối hợp với cán bộ thú y để việc tiêm phòng đạt kết quả tốt."
)


@pytest.mark.parametrize("name", ["tcvn3", "vni"])
def test_legacy_text_comes_back_as_unicode(name: str) -> None:
    from viparse.normalize.encodings import CHARMAPS

    charmap = next(item for key, item in CHARMAPS.items() if key.lower() == name)
    back = {target: source for source, target in reversed(charmap.pairs)}
    legacy = "".join(back.get(char, char) for char in PROSE)
    decoded = decode_legacy(legacy)
    assert decoded is not None and decoded.lower() == PROSE.lower()


@pytest.mark.parametrize("text", [PROSE, "plain ascii", "", "El niño pequeño está en la montaña mañana por la mañana", "Café, naïve, Ölförderung"])
def test_text_that_is_no_legacy_text_is_left_alone(text: str) -> None:
    assert decode_legacy(text) is None


def _command(*arguments: str, text: str) -> str:
    return subprocess.run(
        [sys.executable, "-m", "station", "normalize", *arguments], input=text, capture_output=True, text=True, check=True, encoding="utf-8", env={**os.environ, "STATION_HOME": ""} | {}
    ).stdout


def test_command_gives_one_line_for_one_line_and_doubts_as_json() -> None:
    assert _command(text="Có 5 hộ.\n\nUBND xã\r\nhết").split("\n") == ["Có năm hộ.", "", "ủy ban nhân dân xã", "hết", ""]
    assert _command("--region", "south", text="2.000\n") == "hai ngàn\n"
    rows = [json.loads(line) for line in _command("--report", text="Có 5 hộ.\nBáo QZX.\n").splitlines()]
    assert [(row["line"], row["written"], row["start"], row["end"], row["kind"]) for row in rows] == [(2, "QZX", 4, 7, "abbreviation")]


def test_every_reading_in_the_data_can_be_said() -> None:
    from station.text import tables
    from station.text.speak import last_check

    tables_of_words = [tables.load("abbreviations")["plain"], tables.load("abbreviations")["acronym"], tables.load("documents")["code"],
                       tables.load("foreign")["word"], tables.load("units")["unit"], tables.load("letters")["letter"]]
    assert sum(map(len, tables_of_words)) > 1200
    for table in tables_of_words:
        for written, spoken in table.items():
            assert last_check(spoken) == spoken, written
            assert normalize(spoken) == spoken, (written, spoken, normalize(spoken))


def test_the_quick_reader_of_the_data_reads_what_toml_says() -> None:
    import tomllib

    from station.text import tables

    for path in (Path(tables.__file__).parent / "data").glob("*.toml"):
        whole = tomllib.loads(path.read_text(encoding="utf-8"))
        flat = {name: section for name, section in whole.items() if name not in ("context", "per")}
        assert tables.load(path.stem) == flat, path.name
    assert tables.contexts() == tomllib.loads((Path(tables.__file__).parent / "data" / "abbreviations.toml").read_text(encoding="utf-8"))["context"]
    assert {"ngày", "hộ", "người"} <= tables.per_words()


def test_the_last_check_says_digits_that_came_in_by_hand() -> None:
    from station.text.speak import last_check

    assert last_check("có 15 hộ² <b>") == "có một năm hộ b"
    assert normalize("Mô hình 5S.", lexicon=Lexicon.of([Entry("5S", "năm 5")])) == "Mô hình năm năm."
    assert make_script("[đọc: 5 hộ]năm gia đình[/đọc]").sentences[0].spoken == "năm hộ"
