"""What lies under a sheet: tables, floors and cloths as square textures (BGR), seeded."""

from __future__ import annotations

import cv2
import numpy as np

#: pixels of a texture's side and the millimetres that it stands for
SIDE, MILLIMETRES = 1600, 900.0


def _noise(random: np.random.Generator, cells: tuple[int, int], strength: float) -> np.ndarray:
    """Smooth noise of about ``strength``, SIDE x SIDE."""
    small = random.normal(0, strength, cells).astype(np.float32)
    return cv2.resize(small, (SIDE, SIDE), interpolation=cv2.INTER_CUBIC)


def _colour(base: tuple[float, float, float], *layers: np.ndarray) -> np.ndarray:
    total = np.zeros((SIDE, SIDE), np.float32)
    for layer in layers:
        total += layer
    return np.clip(np.array(base, np.float32) + total[..., None], 0, 255).astype(np.uint8)


def plain(random: np.random.Generator, base: tuple[float, float, float] | None = None) -> np.ndarray:
    base = base or tuple(float(c) for c in random.uniform(30, 150, 3))
    return _colour(base, _noise(random, (6, 6), 5), random.normal(0, 3, (SIDE, SIDE)).astype(np.float32))


def low_contrast(random: np.random.Generator) -> np.ndarray:
    """A table almost as light as paper."""
    light = float(random.uniform(196, 226))
    warm = float(random.uniform(-8, 8))
    return _colour((light - warm, light, light + warm), _noise(random, (5, 5), 3), random.normal(0, 2, (SIDE, SIDE)).astype(np.float32))


def wood(random: np.random.Generator) -> np.ndarray:
    """Boards with grain and dark joints."""
    grain = _noise(random, (12, SIDE // 3), 14) + _noise(random, (4, 160), 12) + _noise(random, (40, 300), 6)
    joints = np.zeros((SIDE, SIDE), np.float32)
    board = int(random.integers(130, 330))
    for x in range(int(random.integers(0, board)), SIDE, board):
        joints[:, x : x + 4] -= 45
        grain[:, x : x + board] += float(random.normal(0, 10))
    brown = ((40, 80, 120), (70, 120, 165), (110, 160, 200), (25, 45, 75))[int(random.integers(4))]
    picture = _colour(brown, grain, joints)
    return np.ascontiguousarray(np.rot90(picture)) if random.random() < 0.5 else picture


def tiles(random: np.random.Generator) -> np.ndarray:
    """Floor tiles with joints, plain or speckled."""
    size = int(random.integers(260, 620))
    light = float(random.uniform(120, 215))
    picture = _noise(random, (9, 9), 4) + random.normal(0, float(random.choice((3, 14))), (SIDE, SIDE)).astype(np.float32)
    for start in range(int(random.integers(0, size)), SIDE, size):
        picture[:, start : start + 7] -= 55
        picture[start : start + 7] -= 55
    tint = random.uniform(-25, 12, 3)
    return _colour((light + tint[0], light, light + tint[2]), picture)


def checks(random: np.random.Generator) -> np.ndarray:
    """A checked cloth of two colours."""
    size = int(random.integers(40, 110))
    one, other = random.uniform(40, 120, 3), random.uniform(150, 235, 3)
    rows, columns = np.mgrid[0:SIDE, 0:SIDE]
    share = ((rows // size) % 2 + (columns // size) % 2)[..., None] / 2
    picture = one * share + other * (1 - share) + random.normal(0, 6, (SIDE, SIDE, 1))
    return np.clip(picture, 0, 255).astype(np.uint8)


def flowers(random: np.random.Generator) -> np.ndarray:
    """Oilcloth printed with blossoms."""
    picture = np.full((SIDE, SIDE, 3), random.uniform(110, 230, 3), np.uint8)
    for _ in range(130):
        x, y = (int(value) for value in random.integers(0, SIDE, 2))
        colour = tuple(int(value) for value in random.integers(30, 240, 3))
        size = int(random.integers(16, 48))
        for turn in range(6):
            angle = turn * np.pi / 3
            cv2.circle(picture, (x + int(size * np.cos(angle)), y + int(size * np.sin(angle))), size // 2, colour, -1, cv2.LINE_AA)
        cv2.circle(picture, (x, y), size // 2, (40, 200, 230), -1, cv2.LINE_AA)
    return picture


def mat(random: np.random.Generator) -> np.ndarray:
    """A woven sedge mat: narrow stripes with a few coloured ones."""
    rows = np.arange(SIDE)
    stripes = (22 * np.sin(rows * 2 * np.pi / float(random.uniform(7, 13)))).astype(np.float32)
    picture = _colour((130, 185, 205), np.repeat(stripes[:, None], SIDE, axis=1), _noise(random, (200, 20), 9))
    for y in random.integers(0, SIDE, 5):
        picture[y : y + 26] = (picture[y : y + 26] * np.array([0.7, 0.5, 0.95])).astype(np.uint8)
    return picture


def cluttered(random: np.random.Generator) -> np.ndarray:
    """A desk with books, a phone, a cup and cables on it."""
    picture = plain(random, tuple(float(c) for c in random.uniform(60, 180, 3)))
    for _ in range(16):
        middle = tuple(float(value) for value in random.uniform(0, SIDE, 2))
        size = tuple(float(value) for value in random.uniform(60, 380, 2))
        box = cv2.boxPoints((middle, size, float(random.uniform(0, 180)))).astype(np.int32)
        cv2.fillConvexPoly(picture, box, tuple(int(value) for value in random.integers(20, 245, 3)), cv2.LINE_AA)
        if random.random() < 0.4:
            cv2.circle(picture, (int(middle[0]), int(middle[1])), int(min(size) / 3), tuple(int(v) for v in random.integers(20, 245, 3)), -1, cv2.LINE_AA)
    return picture


def granite(random: np.random.Generator) -> np.ndarray:
    """Speckled stone."""
    speck = cv2.GaussianBlur(random.normal(0, 90, (SIDE, SIDE)).astype(np.float32), (0, 0), 2.2)
    return _colour(tuple(float(v) for v in random.uniform(70, 190, 1).repeat(3)), speck * 1.2, _noise(random, (7, 7), 10))


def grass(random: np.random.Generator) -> np.ndarray:
    """Outdoors: leaves and blades, light and dark green."""
    picture = _colour((50, 95, 70), _noise(random, (120, 120), 20))
    for _ in range(2600):
        x, y = random.integers(0, SIDE, 2)
        angle, length = random.uniform(0, 2 * np.pi), random.uniform(20, 70)
        end = (int(x + length * np.cos(angle)), int(y + length * np.sin(angle)))
        green = int(random.integers(70, 200))
        cv2.line(picture, (int(x), int(y)), end, (int(green * 0.4), green, int(green * 0.6)), 3, cv2.LINE_AA)
    return picture


TABLES = {
    "plain": plain, "low_contrast": low_contrast, "wood": wood, "tiles": tiles, "checks": checks, "flowers": flowers, "mat": mat,
    "cluttered": cluttered, "granite": granite, "grass": grass,
}
