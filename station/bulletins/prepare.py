"""From a photo or scan to an upright, flat, evenly lit grey page that an OCR engine reads well.

Every step is a pure function on arrays and can be switched off by name, so that each can be measured alone.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np

from station.bulletins.sheet import find_sheet
from station.bulletins.unbend import find_bend, unbend

#: names of the steps, for ablation
STEPS = ("sheet", "streaks", "stamp", "light", "orientation", "deskew", "curl", "rim", "fusion", "lines", "second", "numerals")
#: short side of a prepared A4 page at 300 dots an inch, pixels
PAGE_WIDTH = 2480
#: longest side that is worked on; more adds time and memory, not letters
LONGEST = 4200
#: orientation found by the engine is believed from here on
SURE_TURN = 6.0
SURE_QUARTER = 2.0
#: ratios of :func:`uprightness` from which a page may lie on its side, and surely does
LYING, SURELY_LYING = 1.35, 2.6


@dataclass(frozen=True)
class Prepared:
    """A page ready for the engine and how it was made.

    ``grey``: uint8, dark letters on white.  ``colour``: the same frame in colour (BGR) for people.
    ``scale``: prepared pixels for one original pixel.  ``kind``: ``"photo"``, ``"scan"`` or ``"bilevel"``.
    """

    grey: np.ndarray
    colour: np.ndarray
    corners: tuple[tuple[float, float], ...]
    rotation: int
    skew: float
    scale: float
    kind: str
    turn_confidence: float


def shrink(image: np.ndarray, longest: int = LONGEST) -> np.ndarray:
    """``image`` with its longest side at most ``longest`` pixels."""
    side = max(image.shape[:2])
    if side <= longest:
        return image
    factor = longest / side
    return cv2.resize(image, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA)


def warp_sheet(image: np.ndarray, corners: np.ndarray) -> np.ndarray:
    """The quadrilateral ``corners`` (4 x 2, clockwise from the top left) as an upright rectangle."""
    corners = np.asarray(corners, np.float32)
    sides = np.linalg.norm(corners - np.roll(corners, -1, axis=0), axis=1)
    width, height = float(max(sides[0], sides[2])), float(max(sides[1], sides[3]))
    ratio = height / max(width, 1.0)
    for paper in (297 / 210, 210 / 297):  # a sheet that is nearly A4 is A4: perspective hides the true ratio
        if abs(ratio / paper - 1) < 0.13:
            height = width * paper
    growth = float(np.clip(PAGE_WIDTH / min(width, height), 1.0, 2.4))
    width, height = int(width * growth), int(height * growth)
    target = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32)
    matrix = cv2.getPerspectiveTransform(corners, target)
    return cv2.warpPerspective(
        image, matrix, (width, height), flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE
    )


def is_bilevel(grey: np.ndarray) -> bool:
    """True for pages of pure black and white, such as faxes and photocopies scanned as line art."""
    histogram = np.bincount(grey[::4, ::4].ravel(), minlength=256)
    return float(histogram[:24].sum() + histogram[232:].sum()) > 0.995 * histogram.sum()


def drop_streaks(grey: np.ndarray) -> np.ndarray:
    """A black-and-white page without the thin vertical lines that dirt on a copier's glass draws from top to bottom.

    Where letters stand on both sides of a line its ink stays: a stroke goes through there.
    """
    dark = (grey < 128).astype(np.uint8)
    width = dark.shape[1]
    inked = cv2.dilate(dark, np.ones((max(3, dark.shape[0] // 140), 3), np.uint8)).mean(axis=0)
    around = cv2.blur(inked.reshape(1, -1), (max(3, width // 20), 1)).ravel()
    columns = np.flatnonzero((inked > 0.8) & (inked > around + 0.3))
    if len(columns) == 0:
        return grey
    result = grey.copy()
    for group in np.split(columns, np.flatnonzero(np.diff(columns) > 3) + 1):
        left, right = max(0, int(group[0]) - 1), min(width, int(group[-1]) + 2)
        if right - left > max(6, width // 150):
            continue
        through = dark[:, max(0, left - 3) : left].any(axis=1) & dark[:, right : right + 3].any(axis=1)
        result[~through, left:right] = 255
    return result


def drop_stamp(colour: np.ndarray) -> np.ndarray:
    """Grey image in which a round red stamp is gone and the black letters under it stay.

    Red ink is as light as paper in the red channel.  Only pixels in large roundish red regions are taken from
    it, so that red headings stay.
    """
    grey = cv2.cvtColor(colour, cv2.COLOR_BGR2GRAY)
    height, width = grey.shape
    factor = 600 / max(height, width)
    small = cv2.resize(colour, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA).astype(np.int16)
    redness = small[:, :, 2] - np.maximum(small[:, :, 0], small[:, :, 1])
    red = (redness > np.maximum(28, np.median(redness) + 22)).astype(np.uint8)
    if red.sum() < 60:
        return grey
    joined = cv2.morphologyEx(red, cv2.MORPH_CLOSE, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (15, 15)))
    count, _, stats, _ = cv2.connectedComponentsWithStats(joined)
    result = grey
    for index in range(1, count):
        x, y, w, h, area = stats[index]
        if min(w, h) < 22 or not 0.55 < w / h < 1.8 or max(w, h) > 0.45 * max(small.shape[:2]) or area < 0.3 * w * h:
            continue
        left, top = int((x - 4) / factor), int((y - 4) / factor)
        right, bottom = int((x + w + 4) / factor), int((y + h + 4) / factor)
        left, top = max(0, left), max(0, top)
        part = colour[top:bottom, left:right]
        patch = part.astype(np.int16)
        reddish = (patch[:, :, 2] - np.maximum(patch[:, :, 0], patch[:, :, 1])) > 18
        reddish = cv2.dilate(reddish.astype(np.uint8), np.ones((3, 3), np.uint8)) > 0
        view = result[top:bottom, left:right]
        view[reddish] = part[:, :, 2][reddish]
    return result


def flatten_light(grey: np.ndarray) -> np.ndarray:
    """Divides by the light of the paper (dilated, median, smoothed at small scale), then stretches contrast."""
    height, width = grey.shape
    factor = 500 / max(height, width)
    small = cv2.resize(grey, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA)
    paper = cv2.dilate(small, np.ones((7, 7), np.uint8))
    paper = cv2.medianBlur(paper, 21)
    paper = cv2.GaussianBlur(paper, (0, 0), 3)
    light = cv2.resize(paper, (width, height), interpolation=cv2.INTER_LINEAR)
    light = np.maximum(light, 20)
    flat = cv2.divide(grey, light, scale=235)
    dark = float(np.percentile(flat[::4, ::4], 0.7))
    dark = min(dark, 110.0)
    table = np.clip((np.arange(256) - dark) * (255.0 / max(60.0, 228 - dark)), 0, 255).astype(np.uint8)
    return cv2.LUT(flat, table)


def _profile(ink: np.ndarray, angle: float) -> float:
    """Sharpness of the rows' ink after a turn by ``angle`` degrees (shear, at small scale)."""
    height, width = ink.shape
    matrix = np.array([[1, 0, 0], [np.tan(np.radians(angle)), 1, 0]], np.float32)
    matrix[1, 2] = -np.tan(np.radians(angle)) * width / 2
    rows = cv2.warpAffine(ink, matrix, (width, height), flags=cv2.INTER_LINEAR).sum(axis=1, dtype=np.float64)
    return float(((rows[1:] - rows[:-1]) ** 2).sum())


def _ink(grey: np.ndarray, side: int) -> np.ndarray:
    factor = min(1.0, side / max(grey.shape))
    small = cv2.resize(grey, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA)
    ink = (255 - small).astype(np.float32)
    margin_y, margin_x = (max(2, int(0.02 * s)) for s in small.shape)
    ink[:margin_y] = ink[-margin_y:] = 0
    ink[:, :margin_x] = ink[:, -margin_x:] = 0
    ink[ink < 60] = 0
    return ink


def find_skew(grey: np.ndarray, limit: float = 7.0) -> float:
    """Degrees by which the lines of text slope (positive: they fall to the right), within +-``limit``."""
    ink = _ink(grey, 1000)
    if float(ink.sum()) < 255 * 300:
        return 0.0
    best = 0.0
    for step, reach in ((0.5, limit), (0.1, 0.5), (0.03, 0.1)):
        angles = best + np.arange(-reach, reach + step / 2, step)
        best = float(angles[int(np.argmax([_profile(ink, -angle) for angle in angles]))])
    return best


def uprightness(grey: np.ndarray) -> float:
    """How much clearer lines of text show from top to bottom than across; above :data:`LYING` the page lies on its side."""
    ink = _ink(grey, 700)
    if float(ink.sum()) < 255 * 300:
        return 0.0
    level = max(_profile(ink, angle) for angle in (-4, -2, -1, 0, 1, 2, 4))
    turned = np.ascontiguousarray(np.rot90(ink))
    upright = max(_profile(turned, angle) for angle in (-4, -2, -1, 0, 1, 2, 4))
    return upright / max(level, 1.0)


def rotate(image: np.ndarray, degrees: int) -> np.ndarray:
    """``image`` turned clockwise by a multiple of 90 degrees."""
    turns = {90: cv2.ROTATE_90_CLOCKWISE, 180: cv2.ROTATE_180, 270: cv2.ROTATE_90_COUNTERCLOCKWISE}
    return cv2.rotate(image, turns[degrees]) if degrees in turns else image


def turn_slightly(image: np.ndarray, degrees: float, fill: int | tuple[int, int, int] = 255) -> np.ndarray:
    """``image`` turned counter-clockwise by a small angle about its middle, its size kept."""
    height, width = image.shape[:2]
    matrix = cv2.getRotationMatrix2D((width / 2, height / 2), degrees, 1.0)
    return cv2.warpAffine(image, matrix, (width, height), flags=cv2.INTER_CUBIC, borderValue=fill)


def clear_rim(grey: np.ndarray) -> np.ndarray:
    """Whitens dark regions that touch the border: the table beside the sheet, a scanner's shadow."""
    height, width = grey.shape
    factor = 500 / max(height, width)
    small = cv2.resize(grey, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA)
    dark = (small < 150).astype(np.uint8)
    solid = cv2.morphologyEx(dark, cv2.MORPH_OPEN, np.ones((5, 5), np.uint8))
    count, labels, stats, _ = cv2.connectedComponentsWithStats(solid)
    rows, columns = small.shape
    rim = np.zeros_like(small)
    for index in range(1, count):
        x, y, w, h, _ = stats[index]
        if x <= 2 or y <= 2 or x + w >= columns - 2 or y + h >= rows - 2:
            rim[labels == index] = 255
    if not rim.any():
        return grey
    rim = cv2.dilate(rim, np.ones((5, 5), np.uint8))
    result = grey.copy()
    result[cv2.resize(rim, (width, height), interpolation=cv2.INTER_NEAREST) > 0] = 255
    return result


def prepare(
    image: np.ndarray,
    orientation: Callable[[np.ndarray], tuple[int, float]],
    *,
    corners: tuple[tuple[float, float], ...] | None = None,
    skip: frozenset[str] = frozenset(),
) -> Prepared:
    """The page in ``image`` (uint8 BGR) upright, flat and evenly lit.

    ``corners`` (original pixels) replaces the search for the sheet; ``skip`` names steps of :data:`STEPS` to
    leave out; ``orientation`` answers clockwise degrees to upright and how sure it is.
    """
    grey = cv2.cvtColor(image, cv2.COLOR_BGR2GRAY)
    bilevel = is_bilevel(grey)
    if bilevel and "streaks" not in skip:
        image = cv2.cvtColor(drop_streaks(grey), cv2.COLOR_GRAY2BGR)
    original_width = image.shape[1]
    kind = "bilevel" if bilevel else "scan"
    found: tuple[tuple[float, float], ...] = ()
    if corners:
        found = tuple(corners)
    elif not bilevel and "sheet" not in skip:
        sheet = find_sheet(image)
        found = sheet.corners if sheet else ()
    if found:
        kind = "photo"
        colour = warp_sheet(image, np.array(found))
        sides = np.linalg.norm(np.array(found[0]) - np.array(found[1]))
        scale = colour.shape[1] / max(1.0, float(sides))
    else:
        colour = shrink(image)
        short = min(colour.shape[:2])
        if short < 1500:  # about 150 dots an inch: the engine wants larger letters
            factor = min(2.0, PAGE_WIDTH / short)
            colour = cv2.resize(colour, None, fx=factor, fy=factor, interpolation=cv2.INTER_CUBIC)
        scale = colour.shape[1] / original_width
    grey = cv2.cvtColor(colour, cv2.COLOR_BGR2GRAY) if bilevel or "stamp" in skip else drop_stamp(colour)
    if not bilevel and "light" not in skip:
        grey = flatten_light(grey)
    rotation, sure = 0, 0.0
    if "orientation" not in skip:
        clear = uprightness(grey)
        lying = clear > LYING
        if lying and clear < SURELY_LYING:  # bent lines look like that, too
            turn, sure = orientation(_for_orientation(grey))
            lying = turn in (90, 270) or sure < SURE_QUARTER
        if lying:
            rotation = 90
            grey, colour = rotate(grey, 90), rotate(colour, 90)
        turn, sure = orientation(_for_orientation(grey))
        if turn == 180 and sure >= (SURE_QUARTER if rotation else SURE_TURN):
            rotation = (rotation + 180) % 360
            grey, colour = rotate(grey, 180), rotate(colour, 180)
    skew = 0.0
    if "deskew" not in skip:
        skew = find_skew(grey)
        if abs(skew) >= 0.08:
            grey, colour = turn_slightly(grey, skew), turn_slightly(colour, skew, (255, 255, 255))
    if "curl" not in skip and not bilevel:
        bend = find_bend(grey)
        if bend is not None:
            grey, colour = unbend(grey, bend), unbend(colour, bend, (255, 255, 255))
    if "rim" not in skip:
        grey = clear_rim(grey)
    return Prepared(grey, colour, found, rotation, round(skew, 2), scale, kind, sure)


def _for_orientation(grey: np.ndarray) -> np.ndarray:
    """The page at a size at which finding the orientation is quick and sure."""
    side = max(grey.shape)
    factor = min(1.0, 2400 / side)
    return cv2.resize(grey, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA) if factor < 1 else grey
