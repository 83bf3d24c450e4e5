"""Why a page should be photographed again: seen in the pixels, in seconds, before anything is read."""

from __future__ import annotations

import cv2
import numpy as np

#: short side at which sharpness is judged (a sheet of A4 at 150 dots an inch), and the widest edge that is still read
SHARP_WIDTH, SOFT = 1240, 2.4
#: a sheet whose short side is smaller in the photo shows letters that are too small, pixels
SMALL_SHEET = 640


def edge_width(grey: np.ndarray) -> float:
    """Width of the edges of strokes in pixels, in the direction in which they are softer: below 2 is sharp.

    The ratio of the local contrast of strokes to their steepest slope, its lower third over the middle of the page.
    """
    height = grey.shape[0]
    grey = grey[height // 6 : height - height // 3] if height > 1200 else grey
    blurred = cv2.GaussianBlur(grey, (3, 3), 0)
    kernel = np.ones((15, 15), np.uint8)
    span = cv2.dilate(blurred, kernel).astype(np.float32) - cv2.erode(blurred, kernel).astype(np.float32)
    inked = span > max(35.0, float(np.percentile(span, 80)) * 0.6)
    if inked.sum() < 500:
        return 0.0
    widths = []
    across, down = (cv2.Sobel(blurred, cv2.CV_32F, x, y, ksize=3) / 8 for x, y in ((1, 0), (0, 1)))
    for along in (across, down, (across + down) * 0.707, (across - down) * 0.707):  # a shake has any direction
        slope = cv2.dilate(np.abs(along), kernel)
        widths.append(float(np.percentile(span[inked] / np.maximum(slope[inked], 0.5), 30)) / 2)
    return max(widths)


def is_blurred(grey: np.ndarray) -> bool:
    """True for an evenly lit page whose letters are too soft to read, by focus or by shake."""
    factor = SHARP_WIDTH / min(grey.shape)
    small = cv2.resize(grey, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA) if factor < 1 else grey
    return edge_width(small) > SOFT


def picture_problems(image: np.ndarray, corners: tuple[tuple[float, float], ...]) -> list[str]:
    """Problems seen in the original picture (uint8 BGR): dark, glare, cut, blur."""
    height, width = image.shape[:2]
    grey = cv2.cvtColor(image, cv2.COLOR_BGR2GRAY)
    problems = []
    page = grey
    if corners:
        points = np.array(corners)
        left, top = np.maximum(points.min(axis=0), 0).astype(int)
        right, bottom = points.max(axis=0).astype(int)
        page = grey[top : bottom + 1, left : right + 1]
        outside = (
            (points[:, 0] < -0.01 * width) | (points[:, 1] < -0.01 * height)
            | (points[:, 0] > 1.01 * width) | (points[:, 1] > 1.01 * height)
        )
        if outside.sum() >= 1:
            problems.append("cut")
        sides = np.linalg.norm(points - np.roll(points, -1, axis=0), axis=1)
        if float(min(sides[0] + sides[2], sides[1] + sides[3])) / 2 < SMALL_SHEET:
            problems.append("low_resolution")
    elif is_screenshot(image):
        problems.append("screenshot")
    if page.size == 0:
        return problems
    if float(np.percentile(page[::4, ::4], 90)) < 70:
        problems.append("dark")
    if corners:
        small = cv2.resize(page, (400, max(1, int(400 * page.shape[0] / page.shape[1]))), interpolation=cv2.INTER_AREA)
        blown: np.ndarray = (small >= 253).astype(np.uint8)
        blown = cv2.morphologyEx(blown, cv2.MORPH_OPEN, np.ones((9, 9), np.uint8))
        usual = float(np.median(small))
        if usual < 225 and 0.015 < float(blown.mean()) < 0.5:
            problems.append("glare")
    return problems


def is_screenshot(image: np.ndarray) -> bool:
    """True for a picture (uint8 BGR) as long and narrow as a phone's screen, most of it areas of one even colour.

    Paper is never that even, neither in a photo nor in a scan, and never that narrow.
    """
    height, width = image.shape[:2]
    if not 1.65 <= height / width <= 2.6:
        return False
    pixels = image[:: max(1, height // 900), :: max(1, width // 500)].astype(np.int16)
    even = (np.abs(np.diff(pixels, axis=1)).max(axis=2) <= 2)[:-1] & (np.abs(np.diff(pixels, axis=0)).max(axis=2) <= 2)[:, :-1]
    colours = pixels[:-1, :-1][even]
    tinted = float((np.ptp(colours, axis=1) > 8).mean()) if len(colours) else 0.0
    return float(even.mean()) > 0.8 and tinted > 0.05


def is_blank(grey: np.ndarray) -> bool:
    """True for a prepared page with hardly any ink: at most a few specks."""
    small = cv2.resize(grey, None, fx=0.25, fy=0.25, interpolation=cv2.INTER_AREA)
    margin = max(2, int(0.03 * min(small.shape)))
    inner = cv2.medianBlur(small, 3)[margin:-margin, margin:-margin]
    return float((inner < 140).mean()) < 0.0004


def page_ink(grey: np.ndarray) -> float:
    """Share of dark pixels of a prepared page, 0-1."""
    return float((grey[::4, ::4] < 140).mean())
