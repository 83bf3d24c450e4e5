"""Cases: a paper, what happened to it, the picture that reached the station, and the truth."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import cv2
import numpy as np

from tests.bulletins.generator import effects_paper, effects_scan
from tests.bulletins.generator.effects_photo import Shot, shoot
from tests.bulletins.generator.papers import KINDS, make_paper
from tests.bulletins.generator.papers_types import Paper

Random = np.random.Generator


@dataclass(frozen=True)
class Case:
    """``picture`` (uint8 BGR or grey) of ``paper``; ``corners`` of the sheet (4 x 2, clockwise from its own top left) for photos."""

    name: str
    paper: Paper
    picture: np.ndarray
    corners: np.ndarray | None
    quality: int

    def write(self, folder: Path) -> Path:
        """Writes the picture and its truth in the shape of ``station bench ocr``; answers the picture's path."""
        for part in ("pages", "truth", "truth_body", "sheets"):
            (folder / part).mkdir(parents=True, exist_ok=True)
        path = folder / "pages" / f"{self.name}.{'jpg' if self.quality else 'png'}"
        cv2.imwrite(str(path), self.picture, [cv2.IMWRITE_JPEG_QUALITY, self.quality] if self.quality else [])
        (folder / "truth" / f"{self.name}.txt").write_text(self.paper.text + "\n", encoding="utf-8")
        if self.paper.other_texts:
            (folder / "truth" / f"{self.name}.alts.json").write_text(json.dumps(self.paper.other_texts, ensure_ascii=False), encoding="utf-8")
        document = self.name.partition("__")[0]
        (folder / "truth_body" / f"{document}.txt").write_text(self.paper.spoken_text + "\n", encoding="utf-8")
        if self.corners is not None:
            (folder / "sheets" / f"{self.name}.json").write_text(json.dumps(self.corners.round(1).tolist()), encoding="utf-8")
        return path


def _usual(random: Random, table: str = "wood") -> Shot:
    """A careful photo by hand."""
    return Shot(
        table=table, fill=float(random.uniform(0.84, 0.95)), pitch=float(random.normal(0, 5)), yaw=float(random.normal(0, 4)),
        roll=float(random.normal(0, 3)), falloff=float(random.uniform(0.05, 0.3)), level=float(random.uniform(0.75, 0.98)),
        warm=float(random.uniform(0, 0.25)), blur=float(random.uniform(0.4, 0.9)), noise=float(random.uniform(1.5, 5)),
        sharpen=bool(random.random() < 0.7), megapixels=int(random.choice((3, 5, 8))),
    )


def _any_table(random: Random) -> str:
    return str(random.choice(("plain", "wood", "tiles", "checks", "mat", "cluttered")))


def _steep(random: Random) -> Shot:
    return replace(_usual(random, _any_table(random)), pitch=float(random.uniform(18, 30) * random.choice((-1, 1))), yaw=float(random.uniform(-12, 12)))


def _curled(kind: str) -> Callable[[Random], Shot]:
    ways = {"bulge": (0.0, np.pi / 2), "wave": (0.0, np.pi / 2, 0.5), "lift": (0.0, np.pi, np.pi / 4, -np.pi / 2)}[kind]
    return lambda random: replace(
        _usual(random, _any_table(random)), curl=float(random.uniform(9, 22) if kind != "wave" else random.uniform(4, 9)), curl_kind=kind,
        curl_way=float(random.choice(ways)), pitch=float(random.normal(0, 9)),
    )


def _shadowed(kind: str, table: str = "") -> Callable[[Random], Shot]:
    return lambda random: replace(_usual(random, table or _any_table(random)), shadow=kind, depth=float(random.uniform(0.35, 0.65)))


def _on(table: str, **more: object) -> Callable[[Random], Shot]:
    return lambda random: replace(_usual(random, table), **more)  # type: ignore[arg-type]


def _cut(random: Random) -> Shot:
    """One side lies outside the picture, the text inside."""
    side = ((0.055, 0.0), (-0.055, 0.0), (0.0, 0.05), (0.0, -0.05))[int(random.integers(4))]
    return replace(_usual(random, _any_table(random)), fill=0.97, shift=side, roll=float(random.normal(0, 1)), pitch=float(random.normal(0, 2)))


#: photos: how each is taken
SHOTS: dict[str, Callable[[Random], Shot]] = {
    "photo_plain": _on("plain"), "photo_wood": _on("wood"), "photo_tiles": _on("tiles"), "photo_checks": _on("checks"),
    "photo_flowers": _on("flowers"), "photo_mat": _on("mat"), "photo_cluttered": _on("cluttered"), "photo_pale": _on("low_contrast"),
    "photo_pale_shadow": _shadowed("person", "low_contrast"), "photo_person": _shadowed("person"), "photo_phone": _shadowed("phone"),
    "photo_hand": _shadowed("hand"), "photo_blinds": _shadowed("blinds"),
    "photo_fingers": lambda random: replace(_usual(random, _any_table(random)), fingers=int(random.integers(1, 4))),
    "photo_steep": _steep,
    "photo_turned": lambda random: replace(_usual(random, _any_table(random)), roll=float(random.uniform(12, 32) * random.choice((-1, 1)))),
    "photo_sideways": lambda random: replace(_usual(random, _any_table(random)), roll=float(random.choice((90, 270)) + random.normal(0, 3)), landscape=True),
    "photo_upside_down": lambda random: replace(_usual(random, _any_table(random)), roll=float(180 + random.normal(0, 3))),
    "photo_cut": _cut,
    "photo_neighbours": lambda random: replace(_usual(random, _any_table(random)), neighbours=int(random.integers(1, 4)), fill=float(random.uniform(0.72, 0.88))),
    "photo_dim_warm": lambda random: replace(_usual(random, _any_table(random)), level=float(random.uniform(0.33, 0.5)), warm=0.75, noise=7.0, falloff=0.45),
    "photo_glare": _on("wood", glare=True),
    "photo_bulge": _curled("bulge"), "photo_wave": _curled("wave"), "photo_lifted": _curled("lift"),
    "photo_torn": _on("wood", edge="torn"), "photo_dogeared": _on("tiles", edge="dogeared"),
    "photo_folded": _on("plain"), "photo_stamp": _on("wood"), "photo_stained": _on("plain"),
    "photo_small": lambda random: replace(_usual(random, _any_table(random)), megapixels=2),
    "photo_far": lambda random: replace(_usual(random, _any_table(random)), megapixels=8, fill=float(random.uniform(0.5, 0.65))),
    "photo_soft": lambda random: replace(_usual(random, _any_table(random)), megapixels=8, blur=float(random.uniform(2.0, 2.8)), sharpen=False),
    "photo_shaken": lambda random: replace(_usual(random, _any_table(random)), megapixels=8, motion=float(random.uniform(4, 8))),
    "photo_noisy": lambda random: replace(_usual(random, _any_table(random)), noise=14.0),
    "photo_half_sheet": lambda random: replace(_usual(random, _any_table(random)), landscape=bool(random.random() < 0.5)),
    "photo_12mp": lambda random: replace(_usual(random, _any_table(random)), megapixels=12),
}
#: never looked at while the reading was made: backgrounds and mixtures of their own
UNSEEN: dict[str, Callable[[Random], Shot]] = {
    "unseen_granite": _on("granite"), "unseen_grass": _on("grass"),
    "unseen_granite_shadow": _shadowed("hand", "granite"),
    "unseen_mixture": lambda random: replace(
        _shadowed("person", "flowers")(random), fingers=2, curl=8.0, curl_way=float(random.choice((0.0, np.pi / 2))), roll=float(random.normal(0, 10)),
        pitch=float(random.normal(0, 10)), warm=0.4,
    ),
}
#: sheets that were rolled up: the lines of text are bent by more than their own height
ROLLED: dict[str, Callable[[Random], Shot]] = {
    "photo_rolled": lambda random: replace(
        _usual(random, _any_table(random)), curl=float(random.uniform(26, 42)), curl_kind=str(random.choice(("bulge", "lift"))), curl_way=0.0,
        pitch=float(random.uniform(9, 20) * random.choice((-1, 1))), megapixels=8,
    ),
}
#: what comes from a machine
SCANS: dict[str, Callable[[np.ndarray, int, Random], np.ndarray]] = {
    "scan_300": lambda page, dpi, random: effects_scan.scanned(page, dpi, 300, random),
    "scan_200_skew": lambda page, dpi, random: effects_scan.scanned(page, dpi, 200, random, skew=float(random.uniform(-4, 4)), noise=9, shade=0.3),
    "scan_150": lambda page, dpi, random: effects_scan.scanned(page, dpi, 150, random, skew=float(random.normal(0, 1))),
    "scan_show_through": lambda page, dpi, random: effects_scan.scanned(page, dpi, 200, random),
    "scan_stamp": lambda page, dpi, random: effects_scan.scanned(page, dpi, 200, random, skew=float(random.normal(0, 0.6))),
    "scan_sideways": lambda page, dpi, random: np.ascontiguousarray(np.rot90(effects_scan.scanned(page, dpi, 200, random), int(random.choice((1, 3))))),
    "scan_upside_down": lambda page, dpi, random: np.ascontiguousarray(np.rot90(effects_scan.scanned(page, dpi, 200, random), 2)),
    "fax_150": lambda page, dpi, random: effects_scan.faxed(page, dpi, random),
    "fax_200": lambda page, dpi, random: effects_scan.faxed(page, dpi, random, to_dpi=200),
    "copy_1": lambda page, dpi, random: effects_scan.photocopied(page, dpi, random),
    "copy_2": lambda page, dpi, random: effects_scan.photocopied(page, dpi, random, generations=2),
}
#: every condition that a page can meet
CONDITIONS: tuple[str, ...] = (*SHOTS, *SCANS, *ROLLED)
_STAMPED = ("photo_stamp", "scan_stamp")


def make_case(condition: str, seed: int, *, kind: str = "", dpi: int = 300) -> Case:
    """The case of ``condition`` (of :data:`CONDITIONS` or :data:`UNSEEN`) that ``seed`` stands for."""
    everything = (*SHOTS, *SCANS, *UNSEEN, *ROLLED)
    number = everything.index(condition)
    random = np.random.default_rng([seed, number])
    if not kind:
        kind = KINDS[(seed * 5 + number) % len(KINDS)]
        if condition in _STAMPED:
            kind = ("notice", "dispatch", "schedule")[seed % 3]
    paper = make_paper(kind, seed * 100 + number, dpi=dpi)
    page = effects_paper.printed(paper, random, tint=tuple(int(v) for v in random.integers(240, 256, 3)))
    if condition in _STAMPED or (random.random() < 0.3 and condition not in ("fax_150", "fax_200", "copy_1", "copy_2")):
        effects_paper.sign_and_stamp(page, paper, random)
    if condition == "photo_stained":
        effects_paper.stains(page, random, 3)
    elif condition == "photo_folded":
        effects_paper.folds(page, random)
    elif condition == "scan_show_through":
        effects_paper.show_through(page, np.asarray(make_paper("plan", seed + 7, dpi=dpi).image.convert("RGB")), 0.16)
    elif condition == "photo_half_sheet":
        page = effects_paper.cropped(paper, page)
    name = f"g{seed:03d}n{number:02d}__{condition}"
    if condition in SCANS:
        quality = 0 if condition.startswith(("fax", "copy")) or condition == "scan_300" else int(random.integers(70, 92))
        return Case(name, paper, SCANS[condition](page, dpi, random), None, quality)
    shot = {**SHOTS, **UNSEEN, **ROLLED}[condition](random)
    others: tuple[np.ndarray, ...] = ()
    if shot.neighbours:
        others = tuple(effects_paper.printed(make_paper(KINDS[(seed + i) % len(KINDS)], seed + 31 * i, dpi=100), random) for i in range(3))
    picture, corners = shoot(page, dpi, shot, random, others=others)
    return Case(name, paper, picture, corners, int(random.integers(58, 93)))
