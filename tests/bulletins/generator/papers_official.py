"""Papers in the form of Nghị định 30/2020/NĐ-CP: letterhead, title, subject, body, recipients, signature."""

from __future__ import annotations

from station.bulletins.document import Role
from tests.bulletins.generator.papers_draw import WIDE, Canvas
from tests.bulletins.generator.papers_topics import TOPICS, Topic
from tests.bulletins.generator.papers_words import Writer

_BODIES = ("ỦY BAN NHÂN DÂN", "HỘI ĐỒNG NHÂN DÂN", "BAN CHỈ HUY PCTT-TKCN", "HỘI NÔNG DÂN", "TRẠM Y TẾ", "BAN CHỈ HUY QUÂN SỰ")
_TITLES = {
    "notice": ("THÔNG BÁO", "TB"), "invitation": ("GIẤY MỜI", "GM"), "plan": ("KẾ HOẠCH", "KH"), "dispatch": ("CÔNG ĐIỆN", "CĐ"),
    "report": ("BÁO CÁO", "BC"), "guide": ("HƯỚNG DẪN", "HD"),
}
_ADDRESSEES = ("Kính gửi: Trưởng các {unit} trong toàn xã.", "Kính gửi: Các hộ gia đình {hamlet}.", "Kính gửi: Toàn thể bà con nhân dân.",
               "Kính gửi: Các ban, ngành, đoàn thể xã {commune}.")
_COPIES = ("Như trên;", "Đảng ủy, HĐND xã (b/c);", "Các {unit} (t/h);", "Đài Truyền thanh xã;", "Lưu: VT, VHXH.", "Lưu: VT.")


def letterhead(canvas: Canvas, writer: Writer, points: float, code: str, *, body: str | None = None) -> None:
    """Agency and number on the left, motto, place and date on the right, side by side."""
    left, right, top = 58.0, 142.0, canvas.y
    body = body or writer.pick(_BODIES)
    canvas.centered(Role.AGENCY, body, left, points - 0.5, "regular")
    width = canvas.centered(Role.AGENCY, f"XÃ {writer.commune.upper()}", left, points - 0.5, "bold")
    canvas.rule(left - width / 4, canvas.y, left + width / 4, canvas.y, 0.25)
    canvas.y += 1.8
    canvas.centered(Role.NUMBER, f"Số: {writer.number(1, 240)}/{code}", left, points)
    bottom, canvas.y = canvas.y, top
    canvas.centered(Role.MOTTO, "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", right, points - 0.8, "bold")
    width = canvas.centered(Role.MOTTO, "Độc lập - Tự do - Hạnh phúc", right, points, "bold")
    canvas.rule(right - width / 2, canvas.y, right + width / 2, canvas.y, 0.25)
    canvas.y += 1.8
    day = f"ngày {writer.day:02d} tháng {writer.month} năm {writer.year}"
    canvas.centered(Role.PLACE_DATE, f"{writer.commune}, {day}", right, points, "italic")
    canvas.y = max(bottom, canvas.y) + 6


def close(canvas: Canvas, writer: Writer, points: float, *, authority: str = "TM. ỦY BAN NHÂN DÂN") -> None:
    """Recipients on the left and the signature on the right."""
    canvas.y += 3
    top = canvas.y
    left = 25.0
    canvas.paragraph(Role.RECIPIENTS, "Nơi nhận:", left, 95, points - 2, style="bold_italic", after=0)
    copies = [writer.fill(_COPIES[index]) for index in sorted(writer.random.permutation(len(_COPIES))[: writer.number(2, 4)])]
    for copy in copies:
        canvas.paragraph(Role.RECIPIENTS, f"- {copy}", left, 95, points - 3, after=0)
    bottom, canvas.y = canvas.y, top
    for line in (authority, *writer.pick((("CHỦ TỊCH",), ("KT. CHỦ TỊCH", "PHÓ CHỦ TỊCH"), ("TRƯỞNG BAN",)))):
        canvas.centered(Role.SIGNATURE, line, 145, points, "bold", step=1.25)
    canvas.y += writer.pick((16, 20, 24))
    canvas.centered(Role.SIGNATURE, writer.person(), 145, points, "bold")
    canvas.y = max(bottom, canvas.y)


def body_of(canvas: Canvas, writer: Writer, topic: Topic, points: float, left: float, right: float, *, most: int) -> None:
    """Opening, numbered or dashed points and closing words; some with headings."""
    marker = writer.pick(("number", "dash", "letter", "plain"))
    leading = writer.pick((1.2, 1.35, 1.5))
    justify = bool(writer.number(0, 3))
    first = writer.pick((0.0, 10.0, 12.7))
    common = {"justify": justify, "leading": leading, "first": first}
    canvas.paragraph(Role.BODY, writer.fill(topic.opening), left, right, points, **common)
    points_text = [topic.points[index] for index in sorted(writer.random.permutation(len(topic.points))[:most])]
    if marker == "number" and most > 3 and writer.number(0, 1):
        canvas.paragraph(Role.HEADING, f"1. {writer.pick(('Thời gian, nội dung', 'Nội dung thực hiện', 'Những việc cần làm'))}", left, right,
                         points, style="bold", **common)
        marker = "dash"
    for number, text in enumerate(points_text):
        mark = {"number": f"{number + 1}. ", "dash": "- ", "letter": f"{'abcdeghik'[number]}) ", "plain": ""}[marker]
        role = Role.LIST_ITEM if mark else Role.BODY
        canvas.paragraph(role, mark + writer.fill(text), left, right, points, **common)
    closing = [writer.fill(text) for text in topic.closing]
    closing[-1] += writer.pick(("", "./."))
    closing[-1] = closing[-1].replace("../.", "./.")
    for text in closing:
        canvas.paragraph(Role.BODY, text, left, right, points, **common)


def schedule_rows(writer: Writer, rows: int) -> tuple[tuple[str, ...], ...]:
    """A schedule by hamlet, with or without a column of numbers."""
    style = writer.number(0, 2)
    hamlets = writer.hamlets[:rows]
    unit = writer.unit.capitalize()
    if style == 0:
        head = ("STT", unit, "Ngày", "Giờ", "Số hộ")
        body = [(str(i + 1), f"{unit} {h}", writer.short_date(), f"{writer.number(6, 9)}h30 - {writer.number(10, 11)}h00", str(writer.number(21, 190)))
                for i, h in enumerate(hamlets)]
    elif style == 1:
        head = (f"{unit}", "Thời gian", "Địa điểm")
        body = [(h, f"{writer.number(7, 16)}h00 ngày {writer.short_date()}", writer.fill("Nhà văn hóa " + unit.lower())) for h in hamlets]
    else:
        head = ("TT", "Họ và tên", "Năm sinh", f"{unit}", "Số tiền (đồng)")
        body = [(str(i + 1), writer.person(), str(writer.number(1941, 2008)), h, f"{writer.number(10, 99) * 50_000:,}".replace(",", "."))
                for i, h in enumerate(hamlets)]
    return (head, *body)


def draw_schedule(canvas: Canvas, writer: Writer, points: float, left: float, right: float, rows: int) -> None:
    """A schedule between ``left`` and ``right``, its columns as wide as their words ask."""
    table = schedule_rows(writer, rows)
    shares = [max(canvas.width(row[column], points, "bold") + 4 for row in table) for column in range(len(table[0]))]
    scale = min(1.6, (right - left) / sum(shares))
    centred = [column for column in range(len(table[0])) if table[1][column][:1].isdigit()]
    widths = [share * scale for share in shares]
    canvas.table(table, (left + right - sum(widths)) / 2, widths, points, ruled=writer.pick(("all", "all", "all", "rows")), centred=centred)


def official(canvas: Canvas, writer: Writer, kind: str, points: float, most: int) -> None:
    """A whole paper of ``kind`` (a key of ``_TITLES``, or "schedule") with at most ``most`` points."""
    title, code = _TITLES.get(kind, ("THÔNG BÁO", "TB"))
    topic = writer.pick(TOPICS)
    left, right = writer.pick(((30, 190), (27, 193), (25, 195)))
    letterhead(canvas, writer, points - 1, f"{code}-UBND")
    canvas.centered(Role.TITLE, title, WIDE / 2, points + 1, "bold")
    subject = writer.fill(topic.subject)
    if kind != "plan":
        subject = f"{writer.pick(('Về việc', 'V/v'))} {subject[0].lower()}{subject[1:]}"
    canvas.paragraph(Role.SUBJECT, subject, 45, 165, points, style="bold", center=True, after=1)
    canvas.rule(90, canvas.y, 120, canvas.y, 0.25)
    canvas.y += 5
    if kind in ("invitation", "dispatch") or writer.number(0, 3) == 0:
        canvas.paragraph(Role.ADDRESSEES, writer.fill(writer.pick(_ADDRESSEES)), left, right, points, center=True)
        canvas.y += 2
    if kind == "schedule":
        canvas.paragraph(Role.BODY, writer.fill("Thực hiện Kế hoạch số {code}, UBND xã {commune} thông báo lịch cụ thể tới các " + writer.unit + " như sau:"),
                         left, right, points, first=10)
        draw_schedule(canvas, writer, points - 1, left, right, most + 1)
        for text in (topic.points[-1], topic.closing[0]):
            canvas.paragraph(Role.BODY, writer.fill(text), left, right, points, first=10)
    else:
        body_of(canvas, writer, topic, points, left, right, most=most)
        if most > 5:  # a second matter on the same page
            body_of(canvas, writer, writer.pick([one for one in TOPICS if one is not topic]), points, left, right, most=most - 5)
    close(canvas, writer, points)
