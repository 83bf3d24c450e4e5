"""Opening untrusted images: size limits, the camera's orientation, transparency, many-page TIFF, HEIC."""

from __future__ import annotations

import warnings
from pathlib import Path

import cv2
import numpy as np
from PIL import Image, ImageOps, UnidentifiedImageError

from station.errors import BulletinError

#: more pixels than this are refused: a page needs 9 million
MOST_PIXELS = 260_000_000
#: larger images are read at a part of their size
PLENTY = 20_000_000


def _broken(path: Path, detail: str) -> BulletinError:
    return BulletinError(
        f"Tệp ảnh “{path.name}” bị hỏng hoặc tải lên chưa trọn vẹn.",
        mend="Hãy chụp hoặc tải lên lại; bản gốc vẫn được giữ.", detail=detail, code="bulletins.broken",
    )


def open_image(path: Path) -> Image.Image:
    """The file as a Pillow image, its pixels not yet read.  Raises :class:`BulletinError`."""
    if path.suffix.lower() in (".heic", ".heif"):
        import pi_heif

        pi_heif.register_heif_opener()
    Image.MAX_IMAGE_PIXELS = None
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            image = Image.open(path)
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError) as error:
        raise _broken(path, str(error)) from error
    if image.width * image.height > MOST_PIXELS or min(image.size) < 8:
        raise BulletinError(
            f"Ảnh “{path.name}” có kích thước {image.width} × {image.height} điểm ảnh, không đọc được.",
            mend="Hãy chụp lại ở cỡ ảnh thường của điện thoại (khoảng 8 đến 12 triệu điểm ảnh).",
            code="bulletins.size",
        )
    return image


def count_frames(path: Path) -> int:
    """Pages of an image file: more than one only for TIFF."""
    with open_image(path) as image:
        frames = int(getattr(image, "n_frames", 1))
        return frames if image.format == "TIFF" else 1


def load_image(path: Path, frame: int = 0) -> tuple[np.ndarray, float]:
    """Pixels (uint8 height x width x 3, BGR) and the share (0-1] of the original size they were read at.

    Raises :class:`BulletinError` for broken files; a cut-off file is an error, not a half-grey page.
    """
    image = open_image(path)
    original = image.width
    try:
        if frame:
            image.seek(frame)
        pixels = image.width * image.height
        if pixels > PLENTY:
            factor = (PLENTY / pixels) ** 0.5
            if image.format == "JPEG":
                image.draft("RGB", (int(image.width * factor), int(image.height * factor)))
            if image.width * image.height > 2 * PLENTY:
                image = image.reduce(max(2, int((image.width * image.height / PLENTY) ** 0.5)))
        scale = image.width / original
        image = ImageOps.exif_transpose(image)
        if image.mode in ("RGBA", "LA", "PA") or "transparency" in image.info:
            image = image.convert("RGBA")
            paper = Image.new("RGBA", image.size, (255, 255, 255, 255))
            image = Image.alpha_composite(paper, image)
        if image.mode.startswith("I"):  # 16-bit scans
            values = np.asarray(image, np.float32)
            top = max(1.0, float(values.max()))
            array = cv2.cvtColor((values * (255 / top)).astype(np.uint8), cv2.COLOR_GRAY2BGR)
        else:
            array = cv2.cvtColor(np.asarray(image.convert("RGB")), cv2.COLOR_RGB2BGR)
    except (OSError, ValueError, SyntaxError, EOFError, Image.DecompressionBombError) as error:
        raise _broken(path, str(error)) from error
    finally:
        image.close()
    return array, scale
