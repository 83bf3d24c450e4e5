"""A pinhole camera over a table: where each point of a sheet, flat or curled, lands in the photo."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np
from scipy.interpolate import LinearNDInterpolator

#: heights (millimetres above the table) of points (u, v) of a sheet, 0-1 across and down
Surface = Callable[[np.ndarray, np.ndarray], np.ndarray]


def flat(u: np.ndarray, v: np.ndarray) -> np.ndarray:
    return np.zeros_like(u)


def bent(amount: float, direction: float, kind: str) -> Surface:
    """A sheet that bulges, waves or lifts one side, by ``amount`` millimetres, along ``direction`` (radians)."""
    def height(u: np.ndarray, v: np.ndarray) -> np.ndarray:
        along = (u - 0.5) * np.cos(direction) + (v - 0.5) * np.sin(direction) + 0.5
        if kind == "bulge":
            return amount * np.sin(np.pi * np.clip(along, -0.2, 1.2))
        if kind == "wave":
            return amount * np.sin(2 * np.pi * along)
        return amount * np.clip((along - 0.55) / 0.45, 0, None) ** 2

    return height


@dataclass(frozen=True)
class Camera:
    """Frame in pixels, focal length in pixels, rotation matrix, distance and shift of the sheet's middle in the frame."""

    width: int
    height: int
    focal: float
    rotation: np.ndarray
    distance: float
    shift: tuple[float, float]

    def project(self, points: np.ndarray) -> np.ndarray:
        """Pixels (n x 2) of points (n x 3) in millimetres: x right, y down, z towards the camera, origin at the sheet's middle."""
        turned = points @ self.rotation.T
        deep = self.distance - turned[:, 2]
        x = self.focal * turned[:, 0] / deep + self.width / 2 + self.shift[0]
        y = self.focal * turned[:, 1] / deep + self.height / 2 + self.shift[1]
        return np.stack([x, y], axis=1)


def aim(
    frame: tuple[int, int], sheet: tuple[float, float], *, fill: float, pitch: float, yaw: float, roll: float,
    shift: tuple[float, float] = (0.0, 0.0),
) -> Camera:
    """A camera whose picture (width, height in pixels) a sheet (millimetres) fills by the share ``fill``; angles in degrees."""
    p, y, r = np.radians([pitch, yaw, roll])
    about_x = np.array([[1, 0, 0], [0, np.cos(p), -np.sin(p)], [0, np.sin(p), np.cos(p)]])
    about_y = np.array([[np.cos(y), 0, np.sin(y)], [0, 1, 0], [-np.sin(y), 0, np.cos(y)]])
    about_z = np.array([[np.cos(r), -np.sin(r), 0], [np.sin(r), np.cos(r), 0], [0, 0, 1]])
    rotation = about_x @ about_y @ about_z
    width, height = frame
    focal = 1.15 * max(frame)
    half = np.array([[sx * sheet[0] / 2, sy * sheet[1] / 2, 0] for sx in (-1, 1) for sy in (-1, 1)])
    distance = 400.0
    for _ in range(30):  # the distance at which the sheet's bounds fill the frame
        bounds = Camera(width, height, focal, rotation, distance, (0, 0)).project(half)
        size = np.ptp(bounds, axis=0)
        share = max(size[0] / width, size[1] / height)
        distance *= (share / fill) ** 0.8
    # the sheet's bounds are centred, then moved
    bounds = Camera(width, height, focal, rotation, distance, (0, 0)).project(half)
    middle = (bounds.min(axis=0) + bounds.max(axis=0)) / 2
    offset = (width / 2 - middle[0] + shift[0] * width, height / 2 - middle[1] + shift[1] * height)
    return Camera(width, height, focal, rotation, distance, offset)


def sheet_points(sheet: tuple[float, float], surface: Surface, u: np.ndarray, v: np.ndarray) -> np.ndarray:
    """Millimetres (n x 3) of points (u, v) of the sheet."""
    return np.stack([(u - 0.5) * sheet[0], (v - 0.5) * sheet[1], surface(u, v)], axis=-1).reshape(-1, 3)


def corners_of(camera: Camera, sheet: tuple[float, float], surface: Surface) -> np.ndarray:
    """The sheet's corners in the photo, clockwise from its own top left (4 x 2)."""
    u, v = np.array([0.0, 1, 1, 0]), np.array([0.0, 0, 1, 1])
    return camera.project(sheet_points(sheet, surface, u, v))


def photograph_sheet(page: np.ndarray, camera: Camera, sheet: tuple[float, float], surface: Surface) -> tuple[np.ndarray, np.ndarray]:
    """``page`` (uint8 BGR) as the camera sees it, and how much (0-1) of each pixel of the frame it covers."""
    across = np.linspace(-0.06, 1.06, 41)
    down = np.linspace(-0.06, 1.06, 57)
    u, v = np.meshgrid(across, down)
    seen = camera.project(sheet_points(sheet, surface, u, v))
    step = 8
    gx, gy = np.meshgrid(np.arange(0, camera.width + step, step), np.arange(0, camera.height + step, step))
    back = LinearNDInterpolator(seen, np.stack([u.ravel(), v.ravel()], axis=1))(gx, gy).astype(np.float32)
    known = np.isfinite(back[..., 0]).astype(np.float32)
    grown, frame = np.array([[step, 0, 0], [0, step, 0]], np.float32), (camera.width, camera.height)
    big, known = (
        cv2.warpAffine(one, grown, frame, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE) for one in (np.nan_to_num(back), known)
    )
    rows, columns = page.shape[:2]
    map_x, map_y = (np.ascontiguousarray(big[..., axis] * size, np.float32) for axis, size in ((0, columns), (1, rows)))
    # as large as the photo sees it, so that nothing aliases
    edge = np.linalg.norm(np.diff(corners_of(camera, sheet, surface), axis=0), axis=1).max()
    factor = min(1.0, 1.15 * edge / max(rows, columns))
    if factor < 1:
        page = cv2.resize(page, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA)
    picture = cv2.remap(page, map_x * np.float32(factor), map_y * np.float32(factor), cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
    pixel = np.maximum(1e-6, np.abs(cv2.Sobel(big, cv2.CV_32F, 1, 0) / 8) + np.abs(cv2.Sobel(big, cv2.CV_32F, 0, 1) / 8))
    inside = np.minimum(big, 1 - big) / pixel + 0.5
    cover = np.where(known > 0.999, np.clip(inside, 0, 1).min(axis=2), 0)
    return picture, cover


def photograph_table(texture: np.ndarray, camera: Camera, millimetres: float) -> np.ndarray:
    """A flat square ``texture`` (BGR), ``millimetres`` wide, centred below the sheet, as the camera sees it."""
    side = texture.shape[0]
    half = millimetres / 2
    plane = np.array([[-half, -half, 0], [half, -half, 0], [half, half, 0], [-half, half, 0]])
    target = camera.project(plane).astype(np.float32)
    source = np.array([[0, 0], [side, 0], [side, side], [0, side]], np.float32)
    return cv2.warpPerspective(
        texture, cv2.getPerspectiveTransform(source, target), (camera.width, camera.height), flags=cv2.INTER_LINEAR,
        borderMode=cv2.BORDER_REFLECT,
    )
