"""Papers that follow no official form: newsletters, lists, notices in big type, verses, papers without a letterhead."""

from __future__ import annotations

from station.bulletins.document import Role
from tests.bulletins.generator.papers_draw import WIDE, Canvas
from tests.bulletins.generator.papers_official import body_of, draw_schedule
from tests.bulletins.generator.papers_topics import SLOGANS, STORIES, TOPICS, VERSES
from tests.bulletins.generator.papers_words import Writer


def newsletter(canvas: Canvas, writer: Writer, points: float, most: int) -> None:
    """A name, an issue line and stories in two columns, read down the first column and then the second."""
    canvas.centered(Role.TITLE, f"BẢN TIN XÃ {writer.commune.upper()}", WIDE / 2, points + 11, "bold")
    canvas.centered(Role.SUBJECT, f"Số {writer.number(1, 12):02d} - Tháng {writer.month}/{writer.year} - Lưu hành nội bộ", WIDE / 2, points, "italic")
    canvas.y += 1
    canvas.rule(22, canvas.y, 188, canvas.y, 0.5)
    canvas.y += 4
    stories = [STORIES[index] for index in writer.random.permutation(len(STORIES))[: max(2, most - 4)]]
    top, lowest = canvas.y, canvas.y
    half = (len(stories) + 1) // 2
    for column, part in enumerate((stories[:half], stories[half:])):
        left = 22.0 if column == 0 else 108.5
        right = left + 79.5
        canvas.y = top
        for headline, sentences in part:
            canvas.paragraph(Role.HEADING, headline, left, right, points + 2, style="bold", justify=False, after=1)
            said = [writer.fill(sentence) for sentence in sentences]
            cut = writer.number(2, len(said) - 1)
            for text in (" ".join(said[:cut]), " ".join(said[cut:])):
                canvas.paragraph(Role.BODY, text, left, right, points, first=5)
            canvas.y += 2.5
        lowest = max(lowest, canvas.y)
    if writer.number(0, 1):
        canvas.rule(105, top, 105, lowest, 0.2)
    canvas.y = lowest


def big_notice(canvas: Canvas, writer: Writer, points: float, most: int) -> None:
    """A sheet for the notice board: a slogan and a few words in big type."""
    big = points + 12
    canvas.y += 12
    canvas.paragraph(Role.TITLE, writer.pick(SLOGANS), 25, 185, big + 4, style="bold", center=True, after=10)
    for text in ("Kính báo bà con {hamlet}", "Thời gian: {hour}, {date}", "Địa điểm: {place}", "Mang theo: căn cước, sổ hộ nghèo",
                 "Gặp: {person}", "Điện thoại: {phone}")[: most + 1]:
        canvas.paragraph(Role.BODY, writer.fill(text), 25, 185, big - 4, justify=False, after=6)


def verses(canvas: Canvas, writer: Writer, points: float, most: int) -> None:
    """A song or poem for the loudspeaker: short lines of its own, each a block."""
    canvas.y += 6
    canvas.centered(Role.TITLE, writer.pick(("TIẾNG GỌI QUÊ NHÀ", "KHÚC HÁT ĐỒNG CHIÊM", "THƯ GỬI BẠN ĐỌC")), WIDE / 2, points + 5, "bold")
    canvas.centered(Role.SUBJECT, f"Sưu tầm: {writer.person()}", WIDE / 2, points, "italic")
    canvas.y += 5
    start = writer.number(0, 3)
    for number in range(2 * min(most, 9)):
        canvas.paragraph(Role.BODY, VERSES[(start + number) % len(VERSES)], 62 if number % 2 == 0 else 55, 185, points + 1, justify=False, after=1)
        canvas.y += 4 if number % 4 == 3 else 0


def plain_letter(canvas: Canvas, writer: Writer, points: float, most: int) -> None:
    """A paper without any letterhead: a title and the matter, signed by whoever wrote it."""
    topic = writer.pick(TOPICS)
    canvas.y += 5
    subject = writer.fill(topic.subject)
    canvas.paragraph(Role.TITLE, subject.upper() if len(subject) < 60 else writer.pick(("TIN BÁO", "THÔNG BÁO")), 30, 180, points + 2, style="bold",
                     center=True, after=5)
    body_of(canvas, writer, topic, points, 25, 185, most=most)
    canvas.y += 3
    canvas.centered(Role.SIGNATURE, writer.pick(("Trưởng thôn", "Bí thư chi bộ", "Người viết tin")), 150, points, "bold")
    canvas.y += 16
    canvas.centered(Role.SIGNATURE, writer.person(), 150, points, "bold")


def name_list(canvas: Canvas, writer: Writer, points: float, most: int) -> None:
    """A title and one long ruled table, as lists of households are."""
    canvas.y += 2
    canvas.centered(Role.TITLE, "DANH SÁCH", WIDE / 2, points + 2, "bold")
    canvas.paragraph(Role.SUBJECT, writer.fill("Các hộ nhận hỗ trợ đợt {few} năm {year} tại xã {commune}"), 40, 170, points, style="bold", center=True, after=5)
    draw_schedule(canvas, writer, points, 22, 188, min(2 * most + 3, 16))
    canvas.paragraph(Role.BODY, writer.fill("Danh sách niêm yết tại {place} đến hết {date}. Thắc mắc xin gặp bà {person}."), 25, 185, points)
