"""What a printed sheet carries before it is photographed or scanned: stamp, signature, stains, folds, torn edges."""

from __future__ import annotations

import cv2
import numpy as np

from station.bulletins.document import Role
from tests.bulletins.generator.papers_types import Paper

RED = (60, 50, 205)


def printed(paper: Paper, random: np.random.Generator, *, tint: tuple[int, int, int] = (250, 252, 253)) -> np.ndarray:
    """The clean page in colour (uint8 BGR) on paper of a tint."""
    grey = np.asarray(paper.image, np.float32)[..., None] / 255
    rough = cv2.resize(random.normal(0, 1.6, (paper.image.height // 3, paper.image.width // 3)).astype(np.float32), paper.image.size)
    return np.clip(grey * np.array(tint, np.float32) + rough[..., None] * grey, 0, 255).astype(np.uint8)


def cropped(paper: Paper, page: np.ndarray) -> np.ndarray:
    """The sheet cut off below its last part, as half sheets are."""
    lowest = max(part.bounds[3] for part in paper.parts)
    return page[: min(page.shape[0], lowest + int(16 * paper.dpi / 25.4))]


def _multiply(page: np.ndarray, ink: np.ndarray, colour: tuple[int, int, int]) -> None:
    """Ink of ``colour`` (0-1 coverage, same shape) over what is there, in place."""
    share = ink[..., None]
    page[:] = np.clip(page * (1 - share + share * np.array(colour, np.float32) / 255), 0, 255).astype(np.uint8)


def sign_and_stamp(page: np.ndarray, paper: Paper, random: np.random.Generator) -> None:
    """A round red stamp and a blue signature over the closing lines, as offices do; nothing without a signature."""
    signed = [part.bounds for part in paper.parts if part.role is Role.SIGNATURE]
    if not signed:
        return
    x, top, bottom = signed[0][0] - int(12 * paper.dpi / 25.4), signed[0][1], signed[-1][1]
    y, size = (top + bottom) // 2, int(17 * paper.dpi / 25.4)
    stamp(page, (x + int(random.normal(0, 30)), y), size, random)
    scribble(page, (signed[0][0] + signed[0][2]) // 2, y, paper.dpi, random)


def stamp(page: np.ndarray, middle: tuple[int, int], radius: int, random: np.random.Generator) -> None:
    """A round red stamp: two rings, a star and words around it, unevenly inked."""
    ink = np.zeros(page.shape[:2], np.uint8)
    cv2.circle(ink, middle, radius, 255, max(2, radius // 22), cv2.LINE_AA)
    cv2.circle(ink, middle, int(radius * 0.62), 255, max(1, radius // 40), cv2.LINE_AA)
    star = [(middle[0] + radius * 0.34 * (1 if i % 2 == 0 else 0.42) * np.sin(i * np.pi / 5),
             middle[1] - radius * 0.34 * (1 if i % 2 == 0 else 0.42) * np.cos(i * np.pi / 5)) for i in range(10)]
    cv2.fillPoly(ink, [np.array(star, np.int32)], 255, cv2.LINE_AA)
    for number, angle in enumerate(np.linspace(np.pi * 0.8, np.pi * 2.2, 24)):
        at = (int(middle[0] + radius * 0.8 * np.cos(angle)), int(middle[1] + radius * 0.8 * np.sin(angle)))
        cv2.putText(ink, "UBNDXACHUTICHHUYEN"[number % 18], (at[0] - radius // 16, at[1] + radius // 16), cv2.FONT_HERSHEY_SIMPLEX,
                    radius / 230, 255, max(1, radius // 90), cv2.LINE_AA)
    worn = cv2.resize(random.uniform(0.45, 1.0, (60, 60)).astype(np.float32), (page.shape[1], page.shape[0]), interpolation=cv2.INTER_CUBIC)
    _multiply(page, ink.astype(np.float32) / 255 * np.clip(worn, 0, 1) * 0.9, RED)


def scribble(page: np.ndarray, x: int, y: int, dpi: int, random: np.random.Generator) -> None:
    """A signature in blue ink."""
    ink = np.zeros(page.shape[:2], np.uint8)
    steps = 14
    xs = x + np.cumsum(random.uniform(-0.2, 1, steps)) * dpi * 0.09 - dpi * 0.4
    ys = y + random.normal(0, 1, steps) * dpi * 0.12
    cv2.polylines(ink, [np.stack([xs, ys], axis=1).astype(np.int32)], False, 255, max(2, dpi // 70), cv2.LINE_AA)
    _multiply(page, cv2.GaussianBlur(ink, (0, 0), 1.0).astype(np.float32) / 255 * 0.85, (170, 70, 40))


def stains(page: np.ndarray, random: np.random.Generator, count: int) -> None:
    """Rings of tea and greasy spots."""
    for _ in range(count):
        ink = np.zeros(page.shape[:2], np.uint8)
        middle = (int(random.uniform(0, page.shape[1])), int(random.uniform(0, page.shape[0])))
        size = int(random.uniform(0.05, 0.13) * page.shape[1])
        cv2.circle(ink, middle, size, 90, -1, cv2.LINE_AA)
        cv2.circle(ink, middle, size, 220, max(2, size // 12), cv2.LINE_AA)
        _multiply(page, cv2.GaussianBlur(ink, (0, 0), size / 18).astype(np.float32) / 255 * 0.5, (90, 140, 180))


def folds(page: np.ndarray, random: np.random.Generator) -> None:
    """A sheet that was folded in four: bright and dark creases, each part lit a little differently."""
    rows, columns = page.shape[:2]
    light = np.ones((rows, columns), np.float32)
    for at in (int(rows * random.uniform(0.45, 0.55)),):
        light[:at] *= random.uniform(0.9, 1.0)
        light[at : at + 4] *= 0.8
        light[at + 4 : at + 9] *= 1.06
    at = int(columns * random.uniform(0.45, 0.55))
    light[:, :at] *= random.uniform(0.9, 1.0)
    light[:, at : at + 4] *= 0.82
    page[:] = np.clip(page * cv2.GaussianBlur(light, (0, 0), 2)[..., None], 0, 255).astype(np.uint8)


def show_through(page: np.ndarray, back: np.ndarray, strength: float) -> None:
    """The print of the other side, mirrored and faint."""
    other = cv2.GaussianBlur(cv2.resize(back[:, ::-1], (page.shape[1], page.shape[0])), (0, 0), 3)
    page[:] = np.clip(page.astype(np.float32) * (1 - strength * (1 - other / 255.0)), 0, 255).astype(np.uint8)


def edge_mask(page: np.ndarray, random: np.random.Generator, kind: str) -> np.ndarray:
    """Where the sheet is (0-1) when an edge is "torn" or a corner is "dogeared" (folded away), else all of it."""
    rows, columns = page.shape[:2]
    mask = np.ones((rows, columns), np.float32)
    if kind == "torn":
        side = int(random.integers(3))
        length = columns if side == 2 else rows
        ragged = np.abs(np.cumsum(random.normal(0, 1.6, length)))
        depth = np.clip(ragged, 0, columns * 0.035).astype(int)
        for index in range(length):
            if side == 0:
                mask[index, : depth[index]] = 0
            elif side == 1:
                mask[index, columns - depth[index] :] = 0
            else:
                mask[rows - depth[index] :, index] = 0
    elif kind == "dogeared":
        size = int(columns * random.uniform(0.06, 0.11))
        x, y = (0 if random.random() < 0.5 else columns), (0 if random.random() < 0.5 else rows)
        points = np.array([[x, y], [x + (size if x == 0 else -size), y], [x, y + (size if y == 0 else -size)]], np.int32)
        cv2.fillPoly(mask, [points], 0.0)
    return mask
