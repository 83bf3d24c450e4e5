"""Words of a reading placed in an edited text, and written forms with their readings.  Texts are invented."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from station.text import make_script
from station.web.proofing import level_of, place_words, spoken_lines

WORDS = st.lists(st.text("abcdeăâđêôơư0123456789/", min_size=1, max_size=6), min_size=1, max_size=30)


def reading(words, confidences=None, spoken=True):
    return {"pages": [{"number": 1, "blocks": [{"spoken": spoken, "lines": [{"words": [
        {"text": word, "box": [n, 0, 1, 1], "confidence": (confidences or {}).get(n, 0.99), "check": "", "unknown": False}
        for n, word in enumerate(words)
    ]}]}]}]}


@given(WORDS)
@settings(max_examples=60, deadline=None)
def test_every_word_of_an_unchanged_text_is_placed_on_itself(words):
    text = " ".join(words)
    marks = place_words(reading(words), {}, text)
    assert [text[mark.start:mark.end] for mark in marks] == words
    assert [mark.box[0] for mark in marks] == list(range(len(words)))


@given(WORDS, st.data())
@settings(max_examples=60, deadline=None)
def test_places_never_lie_outside_the_text_nor_overlap(words, data):
    text = data.draw(st.text("abcdeă \n0123456789", max_size=120))
    marks = place_words(reading(words), {}, text)
    assert all(0 <= mark.start < mark.end <= len(text) for mark in marks)
    assert all(a.end <= b.start for a, b in zip(marks, marks[1:], strict=False))


def test_a_corrected_word_keeps_its_place_on_the_page_and_is_no_longer_doubtful():
    marks = place_words(reading(["tạm", "ngửng", "cấp"], {1: 0.4}), {}, "tạm ngừng cấp")
    assert [(mark.level, mark.box[0]) for mark in marks] == [("", 0), ("", 1), ("", 2)]


def test_a_block_that_is_not_read_has_no_place():
    assert place_words(reading(["a"], spoken=False), {}, "a") == []
    assert len(place_words(reading(["a"], spoken=False), {"1.0": True}, "a")) == 1


def test_doubt_grows_as_confidence_falls():
    assert [level_of(c, "", False) for c in (0.99, 0.85, 0.3)] == ["", "doubt", "strong"]
    assert level_of(0.99, "phone", False) == "check" and level_of(0.99, "", True) == "doubt"


@given(st.text(max_size=200))
@settings(max_examples=60, deadline=None)
def test_the_spoken_preview_shows_every_letter_of_the_text(text):
    script = make_script(text)
    for line, sentence in zip(spoken_lines(script), script.sentences, strict=True):
        assert "".join(piece.written for piece in line.pieces) == text[sentence.start:sentence.end]


def test_only_what_is_read_otherwise_carries_a_reading():
    line = spoken_lines(make_script("Họp lúc 7h30 tại thôn."))[0]
    assert [piece.written for piece in line.pieces if piece.spoken] == ["7h30"]
    assert next(piece.spoken for piece in line.pieces if piece.spoken).startswith("bảy giờ ba mươi")


def test_a_word_that_was_misread_before_is_marked_with_what_it_was_and_a_known_odd_name_is_not():
    from station.editorial.learning import StationWords

    document = reading(["buôn", "Kram", "chè"])
    document["pages"][0]["blocks"][0]["lines"][0]["words"][1]["unknown"] = True
    (_buon, kram, che) = place_words(document, {}, "buôn Kram, chè", StationWords({"chè": "ghe"}, frozenset({"Kram"})))
    assert (kram.level, kram.hint) == ("", "")
    assert (che.level, che.hint) == ("doubt", "ghe")
