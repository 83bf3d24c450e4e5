"""A sheet photographed by hand: the table, the camera, the light and what else got into the picture."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from tests.bulletins.generator import effects_camera as camera
from tests.bulletins.generator import effects_light as light
from tests.bulletins.generator.effects_table import MILLIMETRES, TABLES

#: the long and short side of a phone's picture, pixels
MEGAPIXELS = {2: (1600, 1200), 3: (2048, 1536), 5: (2592, 1944), 8: (3264, 2448), 12: (4000, 3000)}


@dataclass(frozen=True)
class Shot:
    """How one photo is taken; angles in degrees, ``curl`` in millimetres, ``shift`` as shares of the frame."""

    table: str = "wood"
    megapixels: int = 5
    fill: float = 0.9
    pitch: float = 0.0
    yaw: float = 0.0
    roll: float = 0.0
    shift: tuple[float, float] = (0.0, 0.0)
    landscape: bool = False
    curl: float = 0.0
    curl_kind: str = "bulge"
    curl_way: float = 0.0
    edge: str = ""
    shadow: str = ""
    depth: float = 0.45
    falloff: float = 0.2
    level: float = 0.92
    warm: float = 0.0
    glare: bool = False
    fingers: int = 0
    neighbours: int = 0
    blur: float = 0.7
    motion: float = 0.0
    noise: float = 3.0
    sharpen: bool = True


def shoot(page: np.ndarray, dpi: int, shot: Shot, random: np.random.Generator, *, others: tuple[np.ndarray, ...] = ()) -> tuple[np.ndarray, np.ndarray]:
    """The photo (uint8 BGR) of ``page`` (uint8 BGR) and its corners in it (4 x 2, from the page's own top left, clockwise)."""
    from tests.bulletins.generator.effects_paper import edge_mask

    sheet = (page.shape[1] * 25.4 / dpi, page.shape[0] * 25.4 / dpi)
    long, short = MEGAPIXELS[shot.megapixels]
    frame = (long, short) if shot.landscape else (short, long)
    view = camera.aim(frame, sheet, fill=shot.fill, pitch=shot.pitch, yaw=shot.yaw, roll=shot.roll, shift=shot.shift)
    surface = camera.bent(shot.curl, shot.curl_way, shot.curl_kind) if shot.curl else camera.flat
    texture = TABLES[shot.table](random)
    for number in range(shot.neighbours):
        _lay(texture, others[number % len(others)], random, sheet)
    table = camera.photograph_table(texture, view, MILLIMETRES).astype(np.float32)
    mask = edge_mask(page, random, shot.edge)
    if shot.curl:
        page = _shade(page, surface)
    seen, cover = camera.photograph_sheet(page, view, sheet, surface)
    if shot.edge:
        shape, _ = camera.photograph_sheet((mask * 255).astype(np.uint8)[..., None].repeat(3, axis=2), view, sheet, surface)
        cover = cover * np.clip(shape[..., 0].astype(np.float32) / 255, 0, 1)
    corners = camera.corners_of(view, sheet, surface)
    # the sheet throws a narrow shadow on the table
    near = cv2.warpAffine(cover, np.array([[1, 0, 5], [0, 1, 7]], np.float32), frame)
    table *= 1 - 0.3 * cv2.GaussianBlur(near, (0, 0), 3 + shot.curl / 2)[..., None]
    picture = table * (1 - cover[..., None]) + seen.astype(np.float32) * cover[..., None]
    if shot.fingers:
        light.put_fingers(picture, corners, random, shot.fingers)
    lit = light.falloff(picture.shape[:2], random, shot.falloff) * shot.level
    if shot.shadow:
        lit = lit * light.shadow(picture.shape[:2], random, shot.shadow, shot.depth)
    picture *= lit[..., None]
    if shot.glare:
        picture += light.glare(picture.shape[:2], random, corners)[..., None]
    picture *= np.array([1 - 0.55 * shot.warm, 1 - 0.18 * shot.warm, 1.0], np.float32)
    picture = light.sensor(picture, random, blur=shot.blur, noise=shot.noise, sharpen=shot.sharpen, motion=shot.motion)
    return picture.astype(np.uint8), corners


def _shade(page: np.ndarray, surface: camera.Surface) -> np.ndarray:
    """``page`` darker where the sheet leans away from the light."""
    v, u = np.mgrid[0:1:60j, 0:1:60j]
    high = surface(u, v)
    slope = np.gradient(high, axis=1) + 0.5 * np.gradient(high, axis=0)
    small = np.clip(1 - 0.28 * slope / max(1.0, np.abs(slope).max()), 0.6, 1.12).astype(np.float32)
    return np.clip(page * cv2.resize(small, (page.shape[1], page.shape[0]))[..., None], 0, 255).astype(np.uint8)


def _lay(texture: np.ndarray, other: np.ndarray, random: np.random.Generator, sheet: tuple[float, float]) -> None:
    """Another sheet on the table, beside or partly under the one that is photographed, in place."""
    scale = texture.shape[0] / MILLIMETRES
    size = (int(sheet[0] * scale), int(sheet[1] * scale))
    small = cv2.resize(other, size, interpolation=cv2.INTER_AREA)
    side = int(random.integers(4))
    middle = texture.shape[0] / 2
    far = ((0, -1), (1, 0), (0, 1), (-1, 0))[side]
    x = middle + far[0] * size[0] * random.uniform(0.75, 1.12) + random.uniform(-0.15, 0.15) * size[0]
    y = middle + far[1] * size[1] * random.uniform(0.75, 1.12) + random.uniform(-0.15, 0.15) * size[1]
    turn = cv2.getRotationMatrix2D((size[0] / 2, size[1] / 2), float(random.uniform(-14, 14)), 1.0)
    turn[:, 2] += (x - size[0] / 2, y - size[1] / 2)
    layer = cv2.warpAffine(small, turn, texture.shape[1::-1])
    cover = cv2.warpAffine(np.full(small.shape[:2], 255, np.uint8), turn, texture.shape[1::-1])
    texture[cover > 127] = layer[cover > 127]
