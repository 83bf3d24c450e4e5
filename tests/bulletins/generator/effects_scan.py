"""Pages that come from a machine: scanner, fax, photocopier."""

from __future__ import annotations

import cv2
import numpy as np


def scanned(page: np.ndarray, dpi: int, to_dpi: int, random: np.random.Generator, *, skew: float = 0.0, noise: float = 2.0, shade: float = 0.0) -> np.ndarray:
    """``page`` (BGR at ``dpi``) at ``to_dpi``, laid in a little askew; ``shade`` darkens one rim as an open lid does."""
    factor = to_dpi / dpi
    small = cv2.resize(page, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA)
    rows, columns = small.shape[:2]
    if skew:
        turn = cv2.getRotationMatrix2D((columns / 2, rows / 2), skew, 1.0)
        small = cv2.warpAffine(small, turn, (columns, rows), flags=cv2.INTER_CUBIC, borderValue=(252, 252, 252))
    picture = small.astype(np.float32) + random.normal(0, noise, small.shape)
    if shade:
        picture *= (1 - shade * np.exp(-np.arange(columns) / (0.05 * columns)))[None, :, None]
    return np.clip(picture, 0, 255).astype(np.uint8)


def faxed(page: np.ndarray, dpi: int, random: np.random.Generator, *, to_dpi: int = 150) -> np.ndarray:
    """Black and white at a fax's resolution, with a few lost lines and specks."""
    small = cv2.cvtColor(scanned(page, dpi, to_dpi, random, skew=float(random.normal(0, 0.4))), cv2.COLOR_BGR2GRAY)
    bits = np.where(small + random.normal(0, 10, small.shape) > random.uniform(150, 175), 255, 0).astype(np.uint8)
    for row in random.integers(0, bits.shape[0], 2):
        bits[row, int(random.integers(0, bits.shape[1] // 2)) :] = 255
    bits[random.random(bits.shape) < 0.0006] = 0
    return bits


def photocopied(page: np.ndarray, dpi: int, random: np.random.Generator, *, generations: int = 1, to_dpi: int = 200) -> np.ndarray:
    """Copies of copies: strokes swell or break, specks gather, a black rim."""
    grey = cv2.cvtColor(scanned(page, dpi, to_dpi, random, skew=float(random.normal(0, 0.6))), cv2.COLOR_BGR2GRAY).astype(np.float32)
    for _ in range(generations):
        grey = cv2.GaussianBlur(grey, (0, 0), random.uniform(0.7, 1.0))
        fade = cv2.resize(random.normal(0, 9, (7, 5)).astype(np.float32), grey.shape[::-1], interpolation=cv2.INTER_CUBIC)
        grey = grey + fade + random.normal(0, 14, grey.shape)
        level = random.uniform(130, 165)
        grey = 255 / (1 + np.exp(-(grey - level) / 9))
        grey[random.random(grey.shape) < 0.0008] = 0
    rim = int(0.012 * grey.shape[1])
    grey[:, :rim] = random.uniform(0, 60)
    return np.where(grey > 128, 255, 0).astype(np.uint8) if random.random() < 0.6 else np.clip(grey, 0, 255).astype(np.uint8)
