"""Finding the sheet of paper in a photo.

Several ways propose quadrilaterals (pairs of long straight lines, see ``sheet_lines.py``, and regions that differ from
the border of the photo); one score, made of how well the sides lie on edges and how the inside differs from the
outside, picks the best.  Shadows have soft borders and therefore weak edges, so they hardly count as sides.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from station.bulletins.sheet_lines import find_edges, plausible, quads_of_lines

#: longest side of the reduced photo on which the sheet is sought, pixels
WORK_SIDE = 720
#: a proposal below this score is no sheet
MIN_SCORE = 0.52
#: proposals that are looked at closely, and those of them whose sides are fitted to the edges
TRIED, REFINED = 48, 8
#: how far inside a side another edge is looked for, pixels: less than the margin of a printed page
FURTHER_IN = tuple(float(offset) for offset in range(8, 32, 4))


@dataclass(frozen=True)
class Sheet:
    """Corners (pixels of the given image, clockwise from the top left) and the score, 0-1."""

    corners: tuple[tuple[float, float], ...]
    score: float


def order_corners(points: np.ndarray) -> np.ndarray:
    """Four points clockwise from the top left, shape (4, 2)."""
    points = np.asarray(points, np.float32).reshape(4, 2)
    middle = points.mean(axis=0)
    angles = np.arctan2(points[:, 1] - middle[1], points[:, 0] - middle[0])
    points = points[np.argsort(angles)]
    first = int(np.argmin(points.sum(axis=1)))
    return np.roll(points, -first, axis=0)


def _features(image: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Smoothed log-lightness and colour (float32), the gradient strength, and a mask of text strokes."""
    lab = cv2.cvtColor(image, cv2.COLOR_BGR2LAB)
    light = lab[:, :, 0]
    # letters are removed by a closing before edges are sought: only paper and table remain
    closed = cv2.morphologyEx(light, cv2.MORPH_CLOSE, cv2.getStructuringElement(cv2.MORPH_RECT, (9, 9)))
    smooth = cv2.GaussianBlur(closed, (0, 0), 1.5)
    log = np.log(smooth.astype(np.float32) + 12.0) * 46.0
    colour = cv2.medianBlur(lab[:, :, 1], 7).astype(np.float32), cv2.medianBlur(lab[:, :, 2], 7).astype(np.float32)
    field = np.dstack([log, colour[0] * 1.5, colour[1] * 1.5])
    dx = cv2.Sobel(field, cv2.CV_32F, 1, 0, ksize=3) / 4
    dy = cv2.Sobel(field, cv2.CV_32F, 0, 1, ksize=3) / 4
    strength = np.sqrt((dx**2 + dy**2).sum(axis=2))
    strokes = cv2.morphologyEx(light, cv2.MORPH_BLACKHAT, cv2.getStructuringElement(cv2.MORPH_RECT, (9, 9)))
    contrast = strokes.astype(np.float32) / (closed.astype(np.float32) + 10)
    return field, strength, contrast > 0.16


def _line_of(x1: float, y1: float, x2: float, y2: float) -> tuple[float, float, float]:
    """Normal form (a, b, c) with a*x + b*y = c and a unit normal."""
    a, b = y2 - y1, x1 - x2
    length = float(np.hypot(a, b)) or 1.0
    a, b = a / length, b / length
    return a, b, a * x1 + b * y1


def _cross(first: tuple, second: tuple) -> tuple[float, float] | None:
    det = first[0] * second[1] - second[0] * first[1]
    if abs(det) < 0.3:
        return None
    return (
        (first[2] * second[1] - second[2] * first[1]) / det, (first[0] * second[2] - second[0] * first[2]) / det
    )


def _quads_from_regions(field: np.ndarray, light: np.ndarray) -> list[np.ndarray]:
    """Quadrilaterals around regions that are unlike the border of the photo, or lighter than the rest."""
    height, width = light.shape
    rim = max(6, min(height, width) // 40)
    border = np.concatenate(
        [field[:rim].reshape(-1, 3), field[-rim:].reshape(-1, 3), field[:, :rim].reshape(-1, 3),
         field[:, -rim:].reshape(-1, 3)]
    )
    middle = np.median(border, axis=0)
    spread = np.median(np.abs(border - middle), axis=0) * 1.4826 + 4
    unlike = (np.abs(field - middle) / spread).max(axis=2)
    masks = [
        (unlike > 3).astype(np.uint8) * 255, (unlike > 6).astype(np.uint8) * 255,
        cv2.threshold(light, 0, 255, cv2.THRESH_BINARY | cv2.THRESH_OTSU)[1],
    ]
    quads = []
    kernel = cv2.getStructuringElement(cv2.MORPH_RECT, (15, 15))
    for mask in masks:
        mask = cv2.morphologyEx(cv2.morphologyEx(mask, cv2.MORPH_OPEN, kernel), cv2.MORPH_CLOSE, kernel)
        contours, _ = cv2.findContours(mask, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
        for contour in sorted(contours, key=cv2.contourArea, reverse=True)[:2]:
            if cv2.contourArea(contour) < 0.08 * height * width:
                continue
            hull = cv2.convexHull(contour)
            for share in (0.02, 0.04, 0.07):
                points = cv2.approxPolyDP(hull, share * cv2.arcLength(hull, True), True)
                if len(points) == 4:
                    quads.append(points.reshape(4, 2).astype(np.float32))
                    break
            quads.append(cv2.boxPoints(cv2.minAreaRect(hull)).astype(np.float32))
    return quads


def _side_support(
    field: np.ndarray, strength_limit: float, one: np.ndarray, other: np.ndarray, inward: np.ndarray, count: int = 48
) -> tuple[float, float, float]:
    """Share of a side that lies on a step; the share at which the inside is the lighter one; and the share at which
    another step to something lighter follows a little further in: there the paper begins only later."""
    height, width = field.shape[:2]
    steps = np.linspace(0.03, 0.97, count)[:, None]
    points = one + (other - one) * steps
    if ((points[:, 0] < 3) | (points[:, 1] < 3) | (points[:, 0] > width - 4) | (points[:, 1] > height - 4)).mean() > 0.6:
        return -1.0, 0.5, 0.0

    def sample(offset: float) -> np.ndarray:
        at = points + inward * offset
        x = np.clip(at[:, 0].round().astype(int), 0, width - 1)
        y = np.clip(at[:, 1].round().astype(int), 0, height - 1)
        return field[y, x]

    best_step = np.zeros(count)
    lighter = np.zeros(count)
    for shift in (-3.0, 0.0, 3.0):
        inside, outside = sample(shift + 4), sample(shift - 4)
        step = np.sqrt(((inside - outside) ** 2).sum(axis=1))
        better = step > best_step
        best_step[better] = step[better]
        lighter[better] = (inside[:, 0] > outside[:, 0])[better]
    hit = best_step > strength_limit
    soft = np.clip(best_step / strength_limit, 0, 1)
    later = np.zeros(count, bool)
    for offset in FURTHER_IN:  # sharp steps only: the rim of a shadow is soft
        inside, outside = sample(offset + 2.5), sample(offset - 2.5)
        step = np.sqrt(((inside - outside) ** 2).sum(axis=1))
        later |= (step > strength_limit) & (inside[:, 0] > outside[:, 0] + 0.4 * strength_limit)
    return float(soft.mean()), float(lighter[hit].mean()) if hit.any() else 0.5, float(later.mean())


def score_quad(quad: np.ndarray, field: np.ndarray, strokes: np.ndarray, limit: float) -> float:
    """How much ``quad`` looks like a sheet of paper with text, about 0-1."""
    height, width = field.shape[:2]
    middle = quad.mean(axis=0)
    supports, lighter, later = [], [], []
    for i in range(4):
        one, other = quad[i], quad[(i + 1) % 4]
        along = (other - one) / (np.linalg.norm(other - one) or 1.0)
        normal = np.array([-along[1], along[0]], np.float32)
        if float(normal @ (middle - (one + other) / 2)) < 0:
            normal = -normal
        support, light, follows = _side_support(field, limit, one, other, normal)
        supports.append(support)
        lighter.append(light)
        later.append(follows)
    real = [s for s in supports if s >= 0]
    if len(real) < 2:
        return 0.0
    # a side cut off by the photo's border counts as a third found: a real side further in must win
    seen = [s if s >= 0 else 0.3 for s in supports]
    support = float(np.mean(seen)) * 0.6 + float(min(seen)) * 0.4
    brighter = float(np.mean([light for s, light in zip(supports, lighter, strict=True) if s >= 0]))
    mask = np.zeros((height, width), np.uint8)
    cv2.fillConvexPoly(mask, quad.round().astype(np.int32), 1)
    total = float(strokes.sum())
    inside = float((strokes & (mask > 0)).sum()) / total if total > 200 else 0.5
    area = float(mask.mean())
    whole = 0.62 * support + 0.16 * brighter + 0.16 * inside + 0.06 * min(1.0, area / 0.6)
    return whole - 0.2 * float(np.mean(later))


def _refine(quad: np.ndarray, strength: np.ndarray) -> np.ndarray:
    """Moves each side onto the strongest step near it (a robust line through the best points)."""
    height, width = strength.shape
    lines = []
    middle = quad.mean(axis=0)
    for i in range(4):
        one, other = quad[i], quad[(i + 1) % 4]
        along = (other - one) / (np.linalg.norm(other - one) or 1.0)
        normal = np.array([-along[1], along[0]], np.float32)
        points = []
        for share in np.linspace(0.06, 0.94, 40):
            base = one + (other - one) * share
            offsets = np.arange(-6, 7)
            at = base + normal * offsets[:, None]
            x, y = at[:, 0].round().astype(int), at[:, 1].round().astype(int)
            good = (x >= 0) & (y >= 0) & (x < width) & (y < height)
            if good.sum() < 7:
                continue
            values = np.where(good, strength[np.clip(y, 0, height - 1), np.clip(x, 0, width - 1)], 0)
            points.append(at[int(values.argmax())])
        if len(points) < 12:
            lines.append(_line_of(*one, *other))
            continue
        vx, vy, x0, y0 = cv2.fitLine(np.array(points, np.float32), cv2.DIST_HUBER, 0, 0.01, 0.01).ravel()
        lines.append(_line_of(float(x0), float(y0), float(x0 + vx), float(y0 + vy)))
    corners = [_cross(lines[i - 1], lines[i]) for i in range(4)]
    if any(corner is None for corner in corners):
        return quad
    refined = np.array(corners, np.float32)
    moved = np.linalg.norm(refined - quad, axis=1).max()
    return refined if moved < 0.06 * np.linalg.norm(middle) + 12 else quad


def find_sheet(image: np.ndarray) -> Sheet | None:
    """The sheet of paper in ``image`` (uint8, height x width x 3, BGR), or None when the page fills the image."""
    height, width = image.shape[:2]
    scale = min(1.0, WORK_SIDE / max(height, width))
    small = cv2.resize(image, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA) if scale < 1 else image
    field, strength, strokes = _features(small)
    rows, columns = strokes.shape
    limit = float(np.clip(np.percentile(strength, 92) * 0.9, 6.0, 14.0))
    light = cv2.cvtColor(small, cv2.COLOR_BGR2GRAY)
    regions = [quad for quad in map(order_corners, _quads_from_regions(field, light)) if plausible(quad[None], rows, columns)[0]]
    proposals = quads_of_lines(find_edges(field, limit), TRIED) + regions
    ranked = sorted(((score_quad(quad, field, strokes, limit), index) for index, quad in enumerate(proposals)), reverse=True)
    best, best_score = None, 0.0
    for score, index in ranked[:REFINED]:
        quad = proposals[index]
        refined = order_corners(_refine(quad, strength))
        if plausible(refined[None], rows, columns)[0]:
            again = score_quad(refined, field, strokes, limit)
            if again >= score - 0.03:
                quad, score = refined, again
        if score > best_score:
            best, best_score = quad, score
    if best is None or best_score < MIN_SCORE:
        return None
    if float(cv2.contourArea(best)) > 0.97 * rows * columns:
        return None
    corners = tuple((float(x / scale), float(y / scale)) for x, y in best)
    return Sheet(corners, round(min(1.0, best_score), 3))
