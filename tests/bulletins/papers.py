"""Pages and files drawn for the tests.  Every text is invented."""

from __future__ import annotations

import io
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pypdfium2 as pdfium
from PIL import Image, ImageDraw, ImageFont

FONTS = Path("/usr/share/fonts/truetype/liberation2")
ENGLISH = (
    "The committee invites every household to the meeting on Friday evening.", "Please bring your identity card and",
    "the letter that was sent to you last week. The meeting begins at seven", "and ends at nine. Thank you for your help.",
)


def font(size: int, name: str = "LiberationSerif-Regular") -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(str(FONTS / f"{name}.ttf"), size)


def sheet(lines: Sequence[str], *, size: int = 44, width: int = 1654, height: int = 2339) -> Image.Image:
    """Lines of text on a clean A4 sheet, 200 dots an inch."""
    page = Image.new("L", (width, height), 252)
    pen = ImageDraw.Draw(page)
    for number, line in enumerate(lines):
        pen.text((170, 260 + int(number * size * 1.7)), line, font=font(size), fill=20)
    return page


def numbered(number: int) -> Image.Image:
    """A page that tells its place in a bulletin."""
    words = ("nhất", "hai", "ba", "tư")[number - 1]
    return sheet([
        f"Đây là trang thứ {words} của bản tin về lịch sinh hoạt thôn xóm,",
        "kính mời toàn thể bà con nhân dân trong xã theo dõi nội dung và",
        "thực hiện đúng thời gian đã được thông báo trên loa truyền thanh.",
        f"Nội dung chi tiết của phần {words} được trình bày ở các dòng tiếp theo.",
        "Đề nghị các thôn phổ biến rộng rãi đến từng hộ gia đình được biết.",
    ])


def cat(seed: int = 5, width: int = 1600, height: int = 1200) -> Image.Image:
    """A furry thing with two eyes on a sofa: textures and no text (drawn, no photograph)."""
    random = np.random.default_rng(seed)
    rows, columns = np.mgrid[0:height, 0:width]
    fur = 110 + 35 * np.sin(columns / 9 + 3 * np.sin(rows / 40)) + random.normal(0, 14, (height, width))
    body = ((columns - width / 2) / 520) ** 2 + ((rows - height * 0.55) / 420) ** 2 < 1
    sofa = 165 + 20 * np.sin(rows / 60) + random.normal(0, 6, (height, width))
    picture = Image.fromarray(np.clip(np.where(body, fur, sofa), 0, 255).astype(np.uint8))
    pen = ImageDraw.Draw(picture)
    for x in (width / 2 - 150, width / 2 + 90):
        pen.ellipse((x, height * 0.4, x + 70, height * 0.4 + 90), fill=225)
        pen.ellipse((x + 25, height * 0.4 + 5, x + 45, height * 0.4 + 85), fill=10)
    return picture


def chat() -> Image.Image:
    """A screenshot of a chat: small bubbles with a few words."""
    screen = Image.new("RGB", (720, 1480), (236, 240, 245))
    pen = ImageDraw.Draw(screen)
    lines = ("Alo", "Chị ơi mai họp k?", "ok em", "7h nhé", "vâng :)", "gửi em cái file", "đợi tí", "👍")
    for number, line in enumerate(lines):
        y, left = 120 + number * 150, 40 if number % 2 == 0 else 330
        pen.rounded_rectangle((left, y, left + 340, y + 96), 28, fill=(255, 255, 255) if number % 2 == 0 else (0, 132, 255))
        pen.text((left + 28, y + 28), line, font=font(32, "LiberationSans-Regular"), fill=(20, 20, 20))
        pen.text((left + 250, y + 100), f"09:{number + 10}", font=font(20, "LiberationSans-Regular"), fill=(130, 130, 130))
    return screen


def scribble(seed: int = 3) -> Image.Image:
    """Lines of joined strokes, as fast handwriting looks from afar; no letters."""
    random = np.random.default_rng(seed)
    page = Image.new("L", (1654, 2339), 245)
    pen = ImageDraw.Draw(page)
    for row in range(22):
        x, y = 170.0, 300 + row * 84
        while x < 1450:
            steps = int(random.integers(6, 18))
            xs = x + np.cumsum(random.uniform(3, 12, steps))
            ys = y + 22 * np.sin(np.cumsum(random.uniform(0.6, 2.2, steps))) + random.normal(0, 5, steps)
            pen.line([(float(a), float(b)) for a, b in zip(xs, ys, strict=True)], fill=40, width=4, joint="curve")
            x = float(xs[-1]) + random.uniform(22, 45)
    return page


def pdf_of(pages: Sequence[Image.Image], path: Path) -> Path:
    pages[0].save(path, save_all=True, append_images=list(pages[1:]), resolution=200)
    return path


def encrypted_pdf(path: Path) -> Path:
    """A PDF that asks for a password: the standard handler's entries with keys that no empty password opens."""
    plain = pdfium.PdfDocument.new()
    plain.new_page(300, 300)
    data = io.BytesIO()
    plain.save(data)
    body = data.getvalue()
    secret = (
        b"<< /Filter /Standard /V 1 /R 2 /P -44 /O <" + b"41" * 32 + b"> /U <" + b"42" * 32 + b"> >>"
    )
    at = body.rfind(b"trailer")
    if at < 0:
        raise RuntimeError("the library wrote a PDF without a trailer")
    head, tail = body[:at], body[at:]
    tail = tail.replace(b"<<", b"<< /Encrypt " + secret + b" /ID [<" + b"43" * 16 + b"> <" + b"43" * 16 + b">] ", 1)
    path.write_bytes(head + tail)
    return path
