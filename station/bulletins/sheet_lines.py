"""Long straight edges of a photo and the quadrilaterals that they form: proposals for the sheet's sides.

Edges are counted, not weighed: a faint edge that runs the length of a sheet counts for more than a short strong one, so
that shadows, patterned cloth and things on the table do not crowd out the paper.  Lines are found by a Radon transform
of the capped edge strength; all pairs of lines are then tried at once, with the support of each side read from running
sums along its line.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations

import cv2
import numpy as np

#: slopes that are tried, degrees from level and from upright
REACH, STEP = 45.0, 0.75
#: lines kept of each direction
MOST_LINES = 16
#: what a side that lies on the photo's border counts for: a real side further in must win
BORDER_SUPPORT = 0.3


@dataclass(frozen=True)
class Edges:
    """Edge strength of a photo, 0-1 (capped), for level and for upright lines; float32, height x width."""

    level: np.ndarray
    upright: np.ndarray


@dataclass(frozen=True)
class Line:
    """``slope`` and ``offset`` of y = slope * (x - width / 2) + offset, or the same with x and y exchanged."""

    slope: float
    offset: float
    #: running sum of the edge strength along the line, one entry a pixel and one more; None on the photo's border
    running: np.ndarray | None


def find_edges(field: np.ndarray, limit: float) -> Edges:
    """Edges of ``field`` (float32, height x width x channels), full at a strength of ``limit``."""
    dx = np.sqrt((cv2.Sobel(field, cv2.CV_32F, 1, 0, ksize=3) ** 2).sum(axis=2)) / 4
    dy = np.sqrt((cv2.Sobel(field, cv2.CV_32F, 0, 1, ksize=3) ** 2).sum(axis=2)) / 4
    full = np.minimum(np.sqrt(dx**2 + dy**2) / limit, 1.0)
    full[full < 0.25] = 0
    return Edges(np.where(dy >= 0.6 * dx, full, 0).astype(np.float32), np.where(dx >= 0.6 * dy, full, 0).astype(np.float32))


def _strongest(strength: np.ndarray) -> list[tuple[float, float]]:
    """(slope, offset) of the lines that run near level through the most edge, strongest first."""
    half = cv2.resize(strength, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)
    half = cv2.dilate(half, np.ones((3, 1), np.uint8))
    height, width = half.shape
    slopes = np.tan(np.radians(np.arange(-REACH, REACH + STEP / 2, STEP))).astype(np.float32)
    sums = np.empty((len(slopes), height), np.float32)
    for index, slope in enumerate(slopes):
        shear = np.array([[1, 0, 0], [slope, 1, -slope * width / 2]], np.float32)
        turned = cv2.warpAffine(half, shear, (width, height), flags=cv2.INTER_NEAREST | cv2.WARP_INVERSE_MAP)
        sums[index] = turned.sum(axis=1)
    offsets = np.arange(height, dtype=np.float32)
    found = []
    for _ in range(MOST_LINES):
        at, offset = np.unravel_index(int(sums.argmax()), sums.shape)
        if sums[at, offset] < 0.12 * width:
            break
        found.append((float(slopes[at]), 2.0 * float(offset) + 0.5))
        near = np.abs(offsets[None] - offset) + np.abs(slopes[:, None] - slopes[at]) * width * 0.35 < 6
        sums[near] = 0
    return found


def _along(strength: np.ndarray, slope: float, offset: float) -> np.ndarray:
    """Running sum of the edge strength along a near-level line."""
    height, width = strength.shape
    x = np.arange(width)
    y = np.round(slope * (x - width / 2) + offset).astype(int)
    inside = (y >= 0) & (y < height)
    values = np.where(inside, strength[np.clip(y, 0, height - 1), x], 0)
    return np.concatenate([[0.0], np.cumsum(values)]).astype(np.float32)


def find_lines(strength: np.ndarray) -> list[Line]:
    """Near-level lines of ``strength``, with the photo's upper and lower border."""
    height, width = strength.shape
    wide = cv2.dilate(strength, np.ones((7, 1), np.uint8))  # a side may be curved a little
    lines = [Line(slope, offset, _along(wide, slope, offset)) for slope, offset in _strongest(strength)]
    return [*lines, Line(0.0, 0.0, None), Line(0.0, height - 1.0, None)]


def _support(lines: list[Line], which: np.ndarray, start: np.ndarray, end: np.ndarray) -> np.ndarray:
    """Mean edge strength of each line ``which`` between two places along it."""
    length = len(next(line.running for line in lines if line.running is not None))
    sums = np.stack([line.running if line.running is not None else np.full(length, np.nan, np.float32) for line in lines])
    low, high = np.minimum(start, end), np.maximum(start, end)
    first, last = np.clip(low.astype(int), 0, length - 1), np.clip(high.astype(int), 0, length - 1)
    mean = (sums[which, last] - sums[which, first]) / np.maximum(high - low, 8.0)
    return np.where(np.isnan(mean), BORDER_SUPPORT, mean)


def quads_of_lines(edges: Edges, most: int) -> list[np.ndarray]:
    """The ``most`` quadrilaterals (4 x 2) whose sides lie best on edges."""
    height, width = edges.level.shape
    level, upright = find_lines(edges.level), find_lines(np.ascontiguousarray(edges.upright.T))
    if len(level) < 3 or len(upright) < 3:
        return []
    pairs_l = np.array(list(combinations(range(len(level)), 2)))
    pairs_u = np.array(list(combinations(range(len(upright)), 2)))
    slopes_l, offsets_l = (np.array([getattr(line, name) for line in level]) for name in ("slope", "offset"))
    slopes_u, offsets_u = (np.array([getattr(line, name) for line in upright]) for name in ("slope", "offset"))
    # where every level line crosses every upright one
    a, b = slopes_l[:, None], offsets_l[:, None] - slopes_l[:, None] * width / 2
    c, d = slopes_u[None], offsets_u[None] - slopes_u[None] * height / 2
    x = (c * b + d) / np.where(np.abs(1 - a * c) < 0.05, np.nan, 1 - a * c)
    y = a * x + b
    grid = np.stack([x, y], axis=-1)
    p, q = (index.ravel() for index in np.meshgrid(np.arange(len(pairs_l)), np.arange(len(pairs_u)), indexing="ij"))
    top, bottom = pairs_l[p].T
    left, right = pairs_u[q].T
    quads = np.stack([grid[top, left], grid[top, right], grid[bottom, right], grid[bottom, left]], axis=1)
    real = np.array([line.running is not None for line in level])[pairs_l].sum(axis=1)[p] + np.array(
        [line.running is not None for line in upright]
    )[pairs_u].sum(axis=1)[q]
    good = np.isfinite(quads).all(axis=(1, 2)) & (real >= 2)
    good[good] &= plausible(quads[good], height, width)
    quads, top, bottom, left, right = quads[good], top[good], bottom[good], left[good], right[good]
    if not len(quads):
        return []
    quads = _clockwise(quads)
    sides = np.stack([
        _support(level, top, grid[top, left, 0], grid[top, right, 0]), _support(level, bottom, grid[bottom, left, 0], grid[bottom, right, 0]),
        _support(upright, left, grid[top, left, 1], grid[bottom, left, 1]), _support(upright, right, grid[top, right, 1], grid[bottom, right, 1]),
    ])
    score = 0.6 * sides.mean(axis=0) + 0.4 * sides.min(axis=0) + 0.06 * np.minimum(1.0, _area(quads) / (0.6 * height * width))
    best = np.argsort(-score)[:most]
    return [quads[index].astype(np.float32) for index in best]


def _clockwise(quads: np.ndarray) -> np.ndarray:
    """Corners of each of ``quads`` (n x 4 x 2) clockwise from the top left."""
    middle = quads.mean(axis=1, keepdims=True)
    angles = np.arctan2(quads[..., 1] - middle[..., 1], quads[..., 0] - middle[..., 0])
    rows = np.arange(len(quads))[:, None]
    quads = quads[rows, np.argsort(angles, axis=1)]
    first = quads.sum(axis=2).argmin(axis=1)
    return quads[rows, (first[:, None] + np.arange(4)) % 4]


def _area(quads: np.ndarray) -> np.ndarray:
    following = np.roll(quads, -1, axis=1)
    return np.abs((quads[..., 0] * following[..., 1] - quads[..., 1] * following[..., 0]).sum(axis=1)) / 2


def plausible(quads: np.ndarray, height: int, width: int) -> np.ndarray:
    """Which of ``quads`` (n x 4 x 2) may be a sheet seen by a camera: convex, large, no side or corner too odd."""
    quads = _clockwise(np.asarray(quads, np.float64))
    margin = 0.06 * max(height, width)
    low, high = quads.min(axis=1), quads.max(axis=1)
    good = (low >= -margin).all(axis=1) & (high[:, 0] <= width + margin) & (high[:, 1] <= height + margin)
    sides = np.roll(quads, -1, axis=1) - quads
    before = np.roll(sides, 1, axis=1)
    good &= (before[..., 0] * sides[..., 1] - before[..., 1] * sides[..., 0] > 0).all(axis=1)
    good &= _area(quads) >= 0.1 * height * width
    lengths = np.maximum(np.linalg.norm(sides, axis=2), 1.0)
    for one, other in ((0, 2), (1, 3)):
        good &= np.minimum(lengths[:, one], lengths[:, other]) >= 0.55 * np.maximum(lengths[:, one], lengths[:, other])
    cosine = np.abs((sides * before).sum(axis=2)) / (lengths * np.roll(lengths, 1, axis=1))
    good &= (cosine <= 0.42).all(axis=1)
    ratio = (lengths[:, 0] + lengths[:, 2]) / (lengths[:, 1] + lengths[:, 3])
    return good & (ratio > 0.4) & (ratio < 2.5)
