"""Makes the six sample bulletins of ``bulletins/`` from invented texts, always the same ones.

usage: python scripts/make_samples.py [FOLDER]

Needs the fonts of the packages fonts-liberation2 and fonts-noto-core.  The texts are invented; what is printed is kept
beside the files in ``truth/``.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from docx import Document
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.shared import Pt
from PIL import Image, ImageDraw, ImageFont

FONTS = Path("/usr/share/fonts/truetype/liberation2")
REGULAR, BOLD, ITALIC = (FONTS / f"LiberationSerif-{style}.ttf" for style in ("Regular", "Bold", "Italic"))
#: pixels of an A4 sheet at 200 dots an inch
WIDTH, HEIGHT = 1654, 2339
MARGIN = 190


@dataclass(frozen=True)
class Paper:
    """One official notice."""

    number: str
    date: str
    title: str
    subject: str
    body: tuple[str, ...]
    signer: str
    copies: tuple[str, ...] = ("Như trên;", "Lưu: VT.")
    table: tuple[tuple[str, ...], ...] = ()

    def lines(self) -> list[str]:
        """The printed text in reading order, one paragraph a line."""
        return [
            "ỦY BAN NHÂN DÂN", "XÃ HOA LỘC", "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", "Độc lập - Tự do - Hạnh phúc",
            f"Số: {self.number}", f"Hoa Lộc, {self.date}", self.title, self.subject, *self.body,
            *("\t".join(row) for row in self.table), "Nơi nhận:", *(f"- {one}" for one in self.copies),
            "TM. ỦY BAN NHÂN DÂN", "CHỦ TỊCH", self.signer,
        ]


POWER = Paper(
    "41/TB-UBND", "ngày 23 tháng 11 năm 2026", "THÔNG BÁO", "Về việc tạm ngừng cung cấp điện ngày 26/11/2026",
    (
        "Thực hiện kế hoạch sửa chữa lưới điện, Ủy ban nhân dân xã thông báo tạm ngừng cung cấp điện như sau:",
        "1. Thời gian: từ 7 giờ 30 đến 11 giờ 00, thứ Năm, ngày 26/11/2026.",
        "2. Khu vực: thôn Tân Thành, thôn Đông Hải và khu vực chợ xã.",
        "Đề nghị bà con tắt các thiết bị điện trước giờ ngừng điện. Khi cần hỗ trợ, xin gọi số 0900 123 456.",
    ),
    "Lê Văn Hòa",
)
VACCINE = Paper(
    "12/TB-TYT", "ngày 20 tháng 11 năm 2026", "THÔNG BÁO", "Về việc tiêm chủng mở rộng tháng 12 năm 2026",
    (
        "Trạm Y tế xã tổ chức tiêm chủng cho trẻ từ 2 đến 24 tháng tuổi vào ngày 05/12/2026.",
        "Thời gian: từ 7 giờ 00 đến 10 giờ 30. Địa điểm: Trạm Y tế xã.",
        "Đề nghị các gia đình mang theo sổ tiêm chủng và theo dõi trẻ ít nhất 30 phút sau khi tiêm.",
    ),
    "Phạm Thị Thu",
)
STORM_ONE = Paper(
    "07/CĐ-UBND", "ngày 18 tháng 11 năm 2026", "CÔNG ĐIỆN", "Về việc ứng phó với bão số 13",
    (
        "Theo dự báo, bão số 13 có thể ảnh hưởng đến xã từ đêm 19/11/2026, gió mạnh cấp 8, giật cấp 10.",
        "1. Các thôn chằng chống nhà cửa, chặt tỉa cành cây trước 17 giờ ngày 19/11/2026.",
        "2. Các hộ nuôi trồng thủy sản đưa người lên bờ trước 15 giờ ngày 19/11/2026.",
        "3. Ban Chỉ huy phòng, chống thiên tai xã trực 24/24 giờ.",
    ),
    "Lê Văn Hòa",
)
STORM_TWO = Paper(
    "08/KH-UBND", "ngày 18 tháng 11 năm 2026", "KẾ HOẠCH", "Sơ tán người dân vùng trũng",
    (
        "Các hộ ở vùng trũng của thôn Đông Hải sơ tán đến Trường Tiểu học xã khi có lệnh.",
        "Mỗi hộ chuẩn bị nước uống và lương thực đủ dùng trong 3 ngày.",
    ),
    "Lê Văn Hòa",
)
RURAL = Paper(
    "90/BC-UBND", "ngày 15 tháng 11 năm 2026", "BÁO CÁO", "Kết quả xây dựng nông thôn mới năm 2026",
    (
        "Đến nay 9/9 thôn có nhà văn hóa, 100% đường trục thôn được bê tông hóa.",
        "Tỷ lệ hộ nghèo giảm từ 2,8% xuống còn 1,9%. Thu nhập bình quân đạt 62 triệu đồng/người/năm.",
        "Năm 2027, xã phấn đấu có thêm 2/9 thôn đạt chuẩn nông thôn mới kiểu mẫu.",
    ),
    "Lê Văn Hòa",
)
RICE = Paper(
    "25/LTV-HTX", "ngày 10 tháng 11 năm 2026", "LỊCH THỜI VỤ", "Gieo cấy vụ Xuân năm 2027",
    (
        "Hợp tác xã dịch vụ nông nghiệp hướng dẫn lịch gieo cấy vụ Xuân như sau:",
        "- Gieo mạ từ ngày 10/01 đến ngày 20/01/2027, che phủ ni lông khi nhiệt độ dưới 15°C.",
        "- Cấy từ ngày 01/02 đến ngày 15/02/2027, mật độ 40 - 45 khóm/m².",
        "- Bón lót 15 kg NPK/sào trước khi cấy.",
    ),
    "Trần Đức Long",
)
MEETING = (
    "GIẤY MỜI HỌP THÔN",
    "Ban quản lý thôn Tân Thành kính mời đại diện các hộ gia đình dự họp thôn.",
    "Thời gian: 19h30 ngày 28/11/2026 (thứ Bảy). Địa điểm: Nhà văn hóa thôn.",
    "Nội dung: bàn việc làm đường nội đồng và bình xét gia đình văn hóa.",
)


def draw(paper: Paper) -> Image.Image:
    """The paper as a clean sheet, grey, 200 dots an inch."""
    sheet = Image.new("L", (WIDTH, HEIGHT), 252)
    pen = ImageDraw.Draw(sheet)

    def font(path: Path, size: int) -> ImageFont.FreeTypeFont:
        return ImageFont.truetype(str(path), size)

    def middle(text: str, x: float, y: int, face: ImageFont.FreeTypeFont) -> None:
        pen.text((x - pen.textlength(text, face) / 2, y), text, fill=25, font=face)

    head, small = font(BOLD, 32), font(REGULAR, 34)
    left, right = WIDTH * 0.29, WIDTH * 0.69
    lines = paper.lines()
    middle(lines[0], left, 150, font(REGULAR, 32))
    middle(lines[1], left, 195, head)
    middle(lines[2], right, 150, head)
    middle(lines[3], right, 195, font(BOLD, 34))
    pen.line((left - 70, 245, left + 70, 245), fill=25, width=2)
    pen.line((right - 190, 245, right + 190, 245), fill=25, width=2)
    middle(lines[4], left, 275, small)
    middle(lines[5], right, 275, font(ITALIC, 34))
    middle(paper.title, WIDTH / 2, 400, font(BOLD, 42))
    middle(paper.subject, WIDTH / 2, 465, font(BOLD, 37))
    y = 580
    face = font(REGULAR, 37)
    for paragraph in paper.body:
        x = MARGIN + 70.0
        for word in paragraph.split():
            if x + pen.textlength(word, face) > WIDTH - MARGIN:
                x, y = float(MARGIN), y + 56
            pen.text((x, y), word, fill=25, font=face)
            x += pen.textlength(word + " ", face)
        y += 74
    y += 60
    pen.text((MARGIN, y), "Nơi nhận:", fill=25, font=font(ITALIC, 30))
    for number, copy in enumerate(paper.copies, 1):
        pen.text((MARGIN, y + 42 * number), f"- {copy}", fill=25, font=font(REGULAR, 28))
    middle("TM. ỦY BAN NHÂN DÂN", WIDTH * 0.72, y, font(BOLD, 34))
    middle("CHỦ TỊCH", WIDTH * 0.72, y + 46, font(BOLD, 34))
    middle(paper.signer, WIDTH * 0.72, y + 260, font(BOLD, 36))
    return sheet


def table_top(shape: tuple[int, int], random: np.random.Generator, color: tuple[int, int, int]) -> np.ndarray:
    """Wood: stripes of smoothed noise."""
    grain = cv2.GaussianBlur(random.normal(0, 1, shape).astype(np.float32), (0, 0), sigmaX=90, sigmaY=2)
    grain = grain / np.abs(grain).max()
    return np.clip(np.array(color, np.float32) * (1 + 0.25 * grain[..., None]), 0, 255)


def photograph(sheet: Image.Image, *, seed: int, hard: bool = False) -> np.ndarray:
    """The sheet on a table, seen by a phone: perspective, uneven light, blur, noise.  BGR, 8 bit."""
    random = np.random.default_rng(seed)
    height, width = 3264, 2448
    page = cv2.cvtColor(np.array(sheet), cv2.COLOR_GRAY2BGR).astype(np.float32) * np.array([0.95, 0.98, 1.0], np.float32)
    photo = table_top((height, width), random, (70, 105, 150) if not hard else (150, 165, 175))
    lean = 1.0 if not hard else 1.9
    corners = np.array(
        [[250, 300], [2190, 270 + 60 * lean], [2290 - 40 * lean, 3010], [170 + 90 * lean, 2960 - 50 * lean]], np.float32
    ) + random.uniform(-30, 30, (4, 2)).astype(np.float32) * lean
    source = np.array([[0, 0], [WIDTH, 0], [WIDTH, HEIGHT], [0, HEIGHT]], np.float32)
    transform = cv2.getPerspectiveTransform(source, corners)
    warped = cv2.warpPerspective(page, transform, (width, height), flags=cv2.INTER_AREA)
    mask = cv2.warpPerspective(np.ones((HEIGHT, WIDTH), np.float32), transform, (width, height))
    shadow = cv2.GaussianBlur(mask, (0, 0), 25) * 0.35
    photo = photo * (1 - np.roll(shadow, (18, 14), (0, 1))[..., None] * (1 - mask[..., None]))
    photo = photo * (1 - mask[..., None]) + warped * mask[..., None]
    rows, columns = np.mgrid[0:height, 0:width].astype(np.float32)
    fall = 0.18 if not hard else 0.38
    photo *= (1.05 - fall * (columns / width) - fall * 0.7 * (rows / height))[..., None]
    if hard:
        # The shadow of the person who takes the picture.
        edge = 1 / (1 + np.exp((columns * 0.8 + rows * 0.35 - 2100) / 70))
        photo *= (0.58 + 0.42 * edge)[..., None]
    photo = cv2.GaussianBlur(photo, (0, 0), 0.9 if not hard else 1.4)
    photo += random.normal(0, 2.5 if not hard else 5.0, photo.shape).astype(np.float32)
    return np.clip(photo, 0, 255).astype(np.uint8)


def scan(sheet: Image.Image, *, seed: int) -> Image.Image:
    """A flat-bed scan: a little skew and noise."""
    random = np.random.default_rng(seed)
    turned = sheet.rotate(random.uniform(-0.8, 0.8), resample=Image.Resampling.BICUBIC, fillcolor=248)
    noisy = np.array(turned, np.float32) + random.normal(0, 4, (HEIGHT, WIDTH))
    return Image.fromarray(np.clip(noisy, 0, 255).astype(np.uint8))


def letter(paper: Paper, path: Path) -> None:
    """The paper as a word processor's file."""
    document = Document()
    document.styles["Normal"].font.name = "Times New Roman"
    document.styles["Normal"].font.size = Pt(14)
    lines = paper.lines()
    head = document.add_table(rows=1, cols=2)
    head.cell(0, 0).text = "\n".join((lines[0], lines[1], lines[4]))
    head.cell(0, 1).text = "\n".join((lines[2], lines[3], lines[5]))
    for text in (paper.title, paper.subject):
        paragraph = document.add_paragraph()
        paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
        paragraph.add_run(text).bold = True
    for text in paper.body:
        document.add_paragraph(text)
    foot = document.add_table(rows=1, cols=2)
    foot.cell(0, 0).text = "\n".join(("Nơi nhận:", *(f"- {one}" for one in paper.copies)))
    foot.cell(0, 1).text = "\n".join(("TM. ỦY BAN NHÂN DÂN", "CHỦ TỊCH", "", paper.signer))
    document.save(str(path))


def make(folder: Path) -> None:
    """Write the six bulletins and what they say."""
    truth = folder / "truth"
    truth.mkdir(parents=True, exist_ok=True)
    cv2.imwrite(str(folder / "sample-photo.jpg"), photograph(draw(POWER), seed=11), [cv2.IMWRITE_JPEG_QUALITY, 68])
    cv2.imwrite(
        str(folder / "sample-hard-photo.jpg"), photograph(draw(RURAL), seed=12, hard=True), [cv2.IMWRITE_JPEG_QUALITY, 60]
    )
    scan(draw(VACCINE), seed=13).save(folder / "sample-scan.jpg", quality=60, dpi=(200, 200))
    pages = [scan(draw(one), seed=14 + number) for number, one in enumerate((STORM_ONE, STORM_TWO))]
    pages[0].save(folder / "sample-two-pages.pdf", save_all=True, append_images=pages[1:], resolution=200, quality=55)
    letter(RICE, folder / "sample-letter.docx")
    (folder / "sample-notice.txt").write_text("\n".join(MEETING) + "\n", encoding="utf-8")
    for name, papers in (
        ("sample-photo", (POWER,)), ("sample-hard-photo", (RURAL,)), ("sample-scan", (VACCINE,)),
        ("sample-two-pages", (STORM_ONE, STORM_TWO)), ("sample-letter", (RICE,)),
    ):
        spoken = [line for paper in papers for line in (paper.title, paper.subject, *paper.body)]
        (truth / f"{name}.txt").write_text("\n".join(spoken) + "\n", encoding="utf-8")
    (truth / "sample-notice.txt").write_text("\n".join(MEETING) + "\n", encoding="utf-8")


if __name__ == "__main__":
    make(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parents[1] / "bulletins")
