"""Straightening lines of text that a curled or rolled sheet has bent.

How much neighbouring upright strips of the page are shifted against each other is measured by correlation of their ink,
in several heights of the page; a smooth surface through these slopes, integrated across the page, tells how far each
point has to move up or down.  Short lines, columns and tables disturb single measurements, not the surface.
"""

from __future__ import annotations

import cv2
import numpy as np

#: width of the reduced page on which slopes are measured, pixels
WORK_WIDTH = 640
#: distance of the strips, their width, and the height of the windows, pixels of the reduced page
STRIP, STRIP_WIDTH, WINDOW = 20, 36, 150
#: largest shift from one strip to the next, pixels of the reduced page
MOST_SHIFT = 7.0
#: powers of x and y in the surface of slopes; the next ones are tried where the ones before do not straighten enough
ORDERS = ((3, 2), (4, 1), (2, 1))
#: a surface that makes lines of text flatter by this factor is good enough, by less than the other it is none
FLATTER, LEAST_FLATTER = 1.6, 1.15
#: rows of a picture that are moved at a time
BAND = 256
#: bends below this share of the page's width change nothing for the engine
LEAST_BEND = 0.004


def _ink(grey: np.ndarray) -> np.ndarray:
    factor = WORK_WIDTH / grey.shape[1]
    small = cv2.resize(grey, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA)
    ink = np.clip(255.0 - small.astype(np.float32) - 40, 0, 160)
    rim = max(3, int(0.02 * WORK_WIDTH))
    ink[:rim] = ink[-rim:] = 0
    ink[:, :rim] = ink[:, -rim:] = 0
    return ink


def _slopes(ink: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Where (x, y; pixels) which slope (rows a column) was measured, and how much it weighs."""
    height, width = ink.shape
    sums = np.cumsum(np.pad(ink, ((0, 0), (1, 0))), axis=1)
    lefts = np.arange(0, width - STRIP_WIDTH, STRIP)
    profiles = (sums[:, lefts + STRIP_WIDTH] - sums[:, lefts]).T
    fine = cv2.resize(profiles, (2 * height, len(lefts)), interpolation=cv2.INTER_LINEAR)
    fine = cv2.GaussianBlur(fine, (0, 0), sigmaX=1.6, sigmaY=0.01)
    reach = int(2 * MOST_SHIFT)
    half = WINDOW
    window = np.hanning(2 * half)[None]
    at, heights, slopes, weights = [], [], [], []
    for middle in range(half + reach, 2 * height - half - reach, WINDOW // 2):
        part = fine[:, middle - half : middle + half] * window
        norm = np.sqrt((part**2).sum(axis=1)) + 1e-6
        scores = np.empty((2 * reach + 1, len(lefts) - 1), np.float32)
        for shift in range(-reach, reach + 1):
            other = fine[:, middle - half + shift : middle + half + shift] * window
            other_norm = np.sqrt((other**2).sum(axis=1)) + 1e-6
            scores[shift + reach] = (part[:-1] * other[1:]).sum(axis=1) / (norm[:-1] * other_norm[1:]) - 0.004 * abs(shift)
        best = scores.argmax(axis=0)
        good = (norm[:-1] > 60) & (norm[1:] > 60) & (scores.max(axis=0) > 0.45) & (best > 0) & (best < 2 * reach)
        for index in np.flatnonzero(good):
            low, mid, high = scores[best[index] - 1 : best[index] + 2, index]
            bow = low - 2 * mid + high
            exact = best[index] - reach + (0.5 * (low - high) / bow if bow < -1e-6 else 0.0)
            at.append(lefts[index] + (STRIP_WIDTH + STRIP) / 2)
            heights.append(middle / 2)
            slopes.append(exact / 2 / STRIP)
            weights.append(float(mid) ** 2)
    return tuple(np.array(values) for values in (at, heights, slopes, weights))  # type: ignore[return-value]


def _terms(x: np.ndarray, y: np.ndarray, order: tuple[int, int], *, integrated: bool = False) -> np.ndarray:
    """Values of the surface's terms at x and y (-1 to 1); or of their integrals over x from 0."""
    columns = []
    for m in range(order[0] + 1):
        along = x ** (m + 1) / (m + 1) if integrated else x**m
        columns += [along * y**n for n in range(order[1] + 1)]
    return np.stack(columns, axis=-1)


def _bend_of(grey: np.ndarray, order: tuple[int, int]) -> np.ndarray | None:
    """How far the ink lies below where it belongs, by one measurement; see :func:`find_bend`."""
    ink = _ink(grey)
    height, width = ink.shape
    if height < 2 * WINDOW:
        return None
    at, heights, slopes, weights = _slopes(ink)
    if len(at) < 40:
        return None
    x, y = 2 * at / width - 1, 2 * heights / height - 1
    terms, kept = _terms(x, y, order), weights.copy()
    # a little against wild corners where no text stands
    calm = 0.6 * np.sqrt(weights.mean()) * np.diag([float(m + n) for m in range(order[0] + 1) for n in range(order[1] + 1)])
    for _ in range(6):
        root = np.sqrt(kept)[:, None]
        system = np.concatenate([terms * root, calm])
        answer = np.concatenate([slopes * root[:, 0], np.zeros(len(calm))])
        found = np.linalg.lstsq(system, answer, rcond=None)[0]
        off = np.abs(terms @ found - slopes)
        kept = weights / (1 + (off / max(0.05, 2.5 * float(np.median(off)))) ** 2)
    rows, columns = np.mgrid[-1:1:36j, -1:1:28j]
    bend = _terms(columns, rows, order, integrated=True) @ found / 2
    low, high = (np.percentile(y, share) for share in (2, 98))
    seen = bend[(rows[:, 0] >= low) & (rows[:, 0] <= high)]
    return bend.astype(np.float32) if seen.size and float(np.abs(seen).max()) >= LEAST_BEND else None


def unbend(image: np.ndarray, bend: np.ndarray, fill: int | tuple[int, int, int] = 255) -> np.ndarray:
    """``image`` with the points moved up by ``bend`` (shares of its width)."""
    height, width = image.shape[:2]
    result = np.empty_like(image)
    across = np.arange(width, dtype=np.float32)[None]
    for top in range(0, height, BAND):  # in bands: the maps of a whole page would take a hundred megabytes
        rows = np.arange(top, min(height, top + BAND), dtype=np.float32)[:, None]
        places = np.repeat((rows + 0.5) * len(bend) / height - 0.5, width, axis=1)
        columns = np.repeat((across + 0.5) * bend.shape[1] / width - 0.5, len(rows), axis=0)
        down = cv2.remap(bend, columns, places, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE) * width + rows
        result[top : top + BAND] = cv2.remap(
            image, np.repeat(across, len(rows), axis=0), down, cv2.INTER_CUBIC, borderMode=cv2.BORDER_CONSTANT, borderValue=fill
        )
    return result


def steepness(grey: np.ndarray) -> float:
    """Mean slope of the pieces of the lines of text, without its sign; 0 where there is no text to measure."""
    _, _, slopes, weights = _slopes(_ink(grey))
    return float(np.average(np.abs(slopes), weights=weights)) if len(slopes) else 0.0


def find_bend(grey: np.ndarray) -> np.ndarray | None:
    """How far each point's ink lies below where it belongs, in shares of the page's width, on a coarse grid
    (rows x columns); None when lines are straight, too few to tell, or not made flatter.

    Measured again on what it has straightened until nothing is gained.
    """
    factor = min(1.0, 2 * WORK_WIDTH / grey.shape[1])
    small = cv2.resize(grey, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA)
    total, now, steep = None, small, steepness(small)
    for _ in range(4):
        best: tuple[float, np.ndarray, np.ndarray] | None = None
        for order in ORDERS:
            bend = _bend_of(now, order)
            if bend is None:
                break
            tried = bend if total is None else total + bend
            image = unbend(small, tried)
            gained = steep / max(steepness(image), 1e-4)
            if best is None or gained > best[0]:
                best = gained, tried, image
            if gained > FLATTER:
                break
        if best is None or best[0] < LEAST_FLATTER:
            break
        steep, total, now = steep / best[0], best[1], best[2]
    return total
