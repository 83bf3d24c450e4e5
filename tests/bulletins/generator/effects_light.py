"""What lies over a sheet in a photo: uneven light, shadows, glare, fingers; and what a phone's sensor adds."""

from __future__ import annotations

import cv2
import numpy as np


def falloff(shape: tuple[int, int], random: np.random.Generator, depth: float) -> np.ndarray:
    """Light (0-1) that weakens by ``depth`` from one side of the frame to the other, and towards the corners."""
    rows, columns = np.mgrid[0:1:64j, 0:1:64j]
    angle = random.uniform(0, 2 * np.pi)
    along = (columns - 0.5) * np.cos(angle) + (rows - 0.5) * np.sin(angle)
    small = 1 - depth * (along + 0.6) / 1.2 - 0.15 * ((columns - 0.5) ** 2 + (rows - 0.5) ** 2)
    return cv2.resize(small.astype(np.float32), (shape[1], shape[0]), interpolation=cv2.INTER_CUBIC)


def shadow(shape: tuple[int, int], random: np.random.Generator, kind: str, strength: float) -> np.ndarray:
    """Light (0-1) behind a "person", a "phone" held over the page, a "hand" or the "blinds" of a window."""
    height, width = 400, int(400 * shape[1] / shape[0])
    mask = np.zeros((height, width), np.uint8)
    if kind == "blinds":
        angle, step = random.uniform(-0.6, 0.6), int(random.integers(40, 90))
        for start in range(-height, width + height, step):
            end = (int(start + height * np.tan(angle)), height)
            cv2.line(mask, (start, 0), end, 255, step // 2)
        soft = random.uniform(2, 5)
    elif kind == "phone":
        box = ((random.uniform(0.3, 0.7) * width, random.uniform(0.35, 0.8) * height), (0.35 * width, 0.6 * height), random.uniform(-25, 25))
        cv2.fillConvexPoly(mask, cv2.boxPoints(box).astype(np.int32), 255)
        soft = random.uniform(2, 12)
    elif kind == "hand":
        x, y = random.uniform(0.25, 0.75) * width, random.uniform(0.4, 0.7) * height
        cv2.ellipse(mask, (int(x), int(y)), (70, 55), random.uniform(0, 180), 0, 360, 255, -1)
        for _ in range(4):
            angle = random.uniform(-np.pi, 0)
            cv2.line(mask, (int(x), int(y)), (int(x + 130 * np.cos(angle)), int(y + 130 * np.sin(angle))), 255, 26)
        cv2.line(mask, (int(x), int(y)), (int(x + 40), height), 255, 70)
        soft = random.uniform(2, 8)
    else:
        edge = random.uniform(0.25, 0.75) * width
        lean = random.uniform(-0.4, 0.4) * width
        points = np.array([[edge, 0], [edge + lean, height], [width, height], [width, 0]], np.int32)
        cv2.fillPoly(mask, [points], 255)
        cv2.circle(mask, (int(edge), int(random.uniform(0.2, 0.6) * height)), int(random.uniform(50, 90)), 255, -1)
        if random.random() < 0.5:
            mask = np.ascontiguousarray(mask[:, ::-1])
        soft = random.uniform(2, 14)
    dark = cv2.GaussianBlur(mask, (0, 0), soft).astype(np.float32) / 255
    return 1 - strength * cv2.resize(dark, (shape[1], shape[0]), interpolation=cv2.INTER_LINEAR)


def glare(shape: tuple[int, int], random: np.random.Generator, corners: np.ndarray) -> np.ndarray:
    """Added brightness (0-255) of a lamp mirrored in a glossy sheet."""
    middle = corners.mean(axis=0) + random.uniform(-0.25, 0.25, 2) * np.ptp(corners, axis=0)
    rows, columns = np.mgrid[0 : shape[0] : 8, 0 : shape[1] : 8].astype(np.float32)
    size = random.uniform(0.07, 0.12) * max(shape)
    small = 190 * np.exp(-(((columns - middle[0]) / size) ** 2 + ((rows - middle[1]) / (1.4 * size)) ** 2) ** 1.4)
    return cv2.resize(small, (shape[1], shape[0]), interpolation=cv2.INTER_LINEAR)


def put_fingers(picture: np.ndarray, corners: np.ndarray, random: np.random.Generator, count: int) -> None:
    """Fingers or a thumb that hold the sheet down at its sides, in place; they reach only into the margin."""
    scale = np.linalg.norm(corners[1] - corners[0]) / 210  # pixels a millimetre, about
    middle = corners.mean(axis=0)
    skin = np.array(((95, 130, 190), (120, 160, 215), (70, 100, 150))[int(random.integers(3))], np.float32)
    layer, cover = np.zeros_like(picture), np.zeros(picture.shape[:2], np.uint8)
    for _ in range(count):
        side = int(random.integers(4))
        one, other = corners[side], corners[(side + 1) % 4]
        at = one + (other - one) * random.uniform(0.2, 0.8)
        normal = np.array([-(other - one)[1], (other - one)[0]]) / np.linalg.norm(other - one)
        if normal @ (middle - at) < 0:
            normal = -normal
        fingers = 1 if random.random() < 0.5 else 3
        along = (other - one) / np.linalg.norm(other - one)
        for index in range(fingers):
            start = at + along * index * 19 * scale
            tip = start + normal * random.uniform(3, 9) * scale
            root = start - normal * 160 * scale + along * random.uniform(-20, 20) * scale
            radius = int(random.uniform(7, 9.5) * scale)
            shade = tuple(float(value) for value in skin * random.uniform(0.85, 1.1))
            cv2.line(layer, tuple(int(v) for v in root), tuple(int(v) for v in tip), shade, 2 * radius, cv2.LINE_AA)
            cv2.line(cover, tuple(int(v) for v in root), tuple(int(v) for v in tip), 255, 2 * radius, cv2.LINE_AA)
            nail = tip - normal * 2 * scale
            cv2.circle(layer, tuple(int(v) for v in nail), int(radius * 0.55), tuple(float(v) for v in skin * 1.15), -1, cv2.LINE_AA)
    share = cv2.GaussianBlur(cover, (0, 0), max(0.8, 0.3 * scale)).astype(np.float32)[..., None] / 255
    edge = cv2.GaussianBlur(cover, (0, 0), 4 * scale).astype(np.float32)[..., None] / 255
    shaded = picture * (1 - 0.35 * np.clip(edge - share, 0, 1))
    picture[:] = np.clip(shaded * (1 - share) + cv2.GaussianBlur(layer, (0, 0), 1.2) * share, 0, 255)


def sensor(picture: np.ndarray, random: np.random.Generator, *, blur: float, noise: float, sharpen: bool, motion: float = 0.0) -> np.ndarray:
    """Lens, shake, noise and the phone's own sharpening; ``picture`` float32 BGR 0-255."""
    if motion > 1:
        size = int(motion) | 1
        kernel = np.zeros((size, size), np.float32)
        cv2.line(kernel, (0, size // 2), (size - 1, size // 2), 1.0, 1)
        turn = cv2.getRotationMatrix2D((size / 2, size / 2), float(random.uniform(0, 180)), 1)
        kernel = cv2.warpAffine(kernel, turn, (size, size))
        picture = cv2.filter2D(picture, -1, kernel / max(kernel.sum(), 1e-6))
    if blur > 0:
        picture = cv2.GaussianBlur(picture, (0, 0), blur)
    small = random.normal(0, noise, (picture.shape[0] // 2 + 1, picture.shape[1] // 2 + 1, 3)).astype(np.float32)
    picture = picture + cv2.resize(small, (picture.shape[1], picture.shape[0]), interpolation=cv2.INTER_LINEAR)
    if sharpen:
        picture = picture + 0.6 * (picture - cv2.GaussianBlur(picture, (0, 0), 1.6))
    return np.clip(picture, 0, 255)
