"""``station bench ocr``: character errors by kind of page, beside Tesseract as it comes, in one run.

``--set data=FOLDER`` holds ``pages/DOC__LEVEL.EXT``, ``truth/DOC__LEVEL.txt`` (with other reading orders in
``.alts.json``), ``truth_body/DOC.txt`` (what is read aloud) and, where known, ``sheets/DOC__LEVEL.json`` (the four
corners of the sheet in the photo); default: ``../shared/ocr``.  ``python -m tests.bulletins.generator FOLDER`` makes
such a folder.  ``levels=a,b`` and
``sample=N`` (documents of each level) make a quick run; ``ablation=yes`` also reads every picture with each step of the
preparation left out.

Figures, for each level: ``LEVEL.body`` is the error of the on-air text found anywhere in the whole text, in percent;
``LEVEL.spoken`` that of ``--spoken`` against the on-air text, exactly.  Then both over all pages, the share of sheets
found, the time and memory of a photo, and how well doubtful words are marked.  Cost grows with the pages, a page costs the same wherever it stands.
"""

from __future__ import annotations

import bisect
import json
import resource
import subprocess
import sys
import tempfile
import time
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import station
from station.bench import Figure
from station.bulletins import read_bulletin
from station.bulletins.document import Document
from station.bulletins.doubt import MARK_BELOW
from station.config import Settings, build_settings
from station.errors import StationError
from station.home import StationHome

#: percent of characters; the same for whole text and, half a point more, for what is spoken
GOALS = {
    "docx": 0.0, "pdf_text": 0.2, "scan300_clean": 0.15, "scan200_stamp": 0.15, "scan200_skewnoise": 0.35, "pdf_scan": 0.5,
    "rot90": 0.3, "rot180": 0.3, "photo_8mp": 0.45, "photo_2mp": 1.2, "fax150": 0.6, "photocopy2": 8.0,
}
SPOKEN_MORE = 0.5
#: pages so poor that the confidence figures leave them out
POOR = ("photocopy2", "copy_1", "copy_2")
#: levels whose pages are photographs, for the time a photo takes
PHOTOS = ("photo_", "unseen_")
_PLAIN = str.maketrans({"–": "-", "—": "-", "‐": "-", "’": "'", "‘": "'", "“": '"', "”": '"', "″": '"', "…": "...", "\u00a0": " "})


def plain(text: str) -> str:
    """NFC, one kind of dash and quote, single spaces: what the data's own scorer compares."""
    return " ".join(unicodedata.normalize("NFC", text).translate(_PLAIN).split())


@dataclass
class Errors:
    """Character errors and characters, added up."""

    errors: int = 0
    characters: int = 0

    def add(self, errors: int, characters: int) -> None:
        self.errors += errors
        self.characters += characters

    @property
    def percent(self) -> float:
        return round(100 * self.errors / self.characters, 3) if self.characters else 0.0


@dataclass
class Marks:
    """Recognized words: how sure, and whether right."""

    words: list[tuple[float, bool]] = field(default_factory=list)

    def auc(self) -> float:
        """Probability that a wrong word is less sure than a right one."""
        right = sorted(sure for sure, good in self.words if good)
        wrong = [sure for sure, good in self.words if not good]
        if not right or not wrong:
            return float("nan")
        above = sum(
            (len(right) - bisect.bisect_right(right, sure)) + 0.5 * (bisect.bisect_right(right, sure) - bisect.bisect_left(right, sure))
            for sure in wrong
        )
        return above / (len(right) * len(wrong))


def _body_errors(truth: str, text: str) -> int:
    """Edit distance of ``truth`` to the best place in ``text``."""
    import edlib

    if not text:
        return len(truth)
    letters = {c: chr(i + 1) for i, c in enumerate(dict.fromkeys(truth + text))}
    one, other = ("".join(letters[c] for c in value) for value in (truth, text))
    return int(edlib.align(one, other, mode="HW", task="distance")["editDistance"])


def _as_it_comes(path: Path) -> str:
    """Plain Tesseract on the file; a PDF's pages as pictures of 200 dots an inch; nothing for text files."""
    pictures = [path]
    with tempfile.TemporaryDirectory() as folder:
        if path.suffix.lower() == ".pdf":
            import pypdfium2 as pdfium

            pictures = []
            for number, page in enumerate(pdfium.PdfDocument(path)):
                pictures.append(Path(folder) / f"{number}.png")
                page.render(scale=200 / 72).to_pil().save(pictures[-1])
        texts = [
            subprocess.run(["tesseract", str(one), "-", "-l", "vie"], capture_output=True, check=False).stdout.decode("utf-8", "replace")
            for one in pictures
        ]
    return "\n".join(texts)


def _judge_words(document: Document, truths: Sequence[str], marks: Marks) -> None:
    """Each word right or wrong, by the alignment with the nearest of the accepted reading orders.

    A word that was read right but stands elsewhere is right too: order is not what its confidence speaks of.
    """
    from rapidfuzz.distance import Levenshtein

    words = [word for block in document.blocks() for line in block.lines for word in line.words if plain(word.text)]
    read = [plain(word.text) for word in words]
    truth = min((plain(one).split() for one in truths), key=lambda one: Levenshtein.distance(one, read))
    right = [False] * len(words)
    left: Counter[str] = Counter()
    for block in Levenshtein.opcodes(truth, read):
        if block.tag == "equal":
            right[block.dest_start:block.dest_end] = [True] * (block.dest_end - block.dest_start)
        else:
            left.update(truth[block.src_start:block.src_end])
    for index, word in enumerate(read):
        if not right[index] and left[word] > 0:
            left[word] -= 1
            right[index] = True
    marks.words += [(word.confidence, good) for word, good in zip(words, right, strict=True)]


def sheet_is_found(found: Sequence[Sequence[float]], true: Sequence[Sequence[float]], size: tuple[int, int]) -> bool:
    """True when ``found`` corners lie on the ``true`` ones: off by less than 1.5 % of the picture's diagonal on average.

    For a sheet that leaves the picture, whose corners are anyone's guess, it is enough that the parts inside agree.
    ``size``: width and height of the picture.
    """
    import cv2
    import numpy as np

    if len(found) != 4:
        return False
    one, other = np.array(found, np.float64), np.array(true, np.float64)
    off = min(np.linalg.norm(np.roll(one, turn, axis=0) - other, axis=1).mean() for turn in range(4))
    if off < 0.015 * float(np.hypot(*size)):
        return True
    if not ((other < 0) | (other > np.array(size))).any():
        return False
    masks = [np.zeros((size[1] // 4 + 1, size[0] // 4 + 1), np.uint8) for _ in range(2)]
    for mask, quad in zip(masks, (one, other), strict=True):
        cv2.fillPoly(mask, [(quad / 4).astype(np.int32)], 1)
    return float((masks[0] & masks[1]).sum()) > 0.965 * float((masks[0] | masks[1]).sum())


def _size_of(path: Path) -> tuple[int, int]:
    from PIL import Image

    with Image.open(path) as image:
        return image.size


def _settings() -> Settings:
    return build_settings(StationHome(Path(tempfile.gettempdir()) / "station-bench"), {}, {})


def _pages(data: Path, options: Mapping[str, str]) -> dict[str, list[Path]]:
    found: dict[str, list[Path]] = defaultdict(list)
    for path in sorted((data / "pages").iterdir()):
        found[path.stem.partition("__")[2]].append(path)
    wanted = [name for name in options.get("levels", "").split(",") if name] or [*GOALS, *sorted(set(found) - set(GOALS))]
    sample = int(options.get("sample", "0")) or None
    return {level: found[level][:sample] for level in wanted if level in found}


def run(options: Mapping[str, str]) -> Iterator[Figure]:
    """Figures as they are measured; see the module."""
    data = Path(options.get("data") or Path(station.__file__).resolve().parents[2] / "shared" / "ocr")
    if not (data / "pages").is_dir():
        raise StationError(f"Không thấy dữ liệu đo ở {data}.", mend="Hãy ghi: --set data=THƯ_MỤC")
    settings, marks = _settings(), Marks()
    photo_seconds: list[float] = []
    found: list[bool] = []
    whole_body, whole_spoken = Errors(), Errors()
    levels = _pages(data, options)
    for level, paths in levels.items():
        body, spoken, base = Errors(), Errors(), Errors()
        for path in paths:
            print(f"{path.name}", file=sys.stderr)
            truths = [(data / "truth" / f"{path.stem}.txt").read_text(encoding="utf-8")]
            others = data / "truth" / f"{path.stem}.alts.json"
            if others.exists():
                truths += json.loads(others.read_text(encoding="utf-8"))
            aloud = plain((data / "truth_body" / f"{path.stem.partition('__')[0]}.txt").read_text(encoding="utf-8"))
            began = time.monotonic()
            document = read_bulletin([path], settings)
            if level.startswith(PHOTOS):
                photo_seconds.append(time.monotonic() - began)
            from rapidfuzz.distance import Levenshtein

            body.add(_body_errors(aloud, plain(document.text())), len(aloud))
            spoken.add(Levenshtein.distance(aloud, plain(document.spoken_text())), len(aloud))
            if path.suffix != ".docx" and level != "pdf_text":
                base.add(_body_errors(aloud, plain(_as_it_comes(path))), len(aloud))
            if path.suffix != ".docx" and level not in POOR and level != "pdf_text":
                _judge_words(document, truths, marks)
            sheet = data / "sheets" / f"{path.stem}.json"
            if sheet.exists():
                found.append(sheet_is_found(document.pages[0].corners, json.loads(sheet.read_text()), _size_of(path)))
        for total, part in ((whole_body, body), (whole_spoken, spoken)):
            total.add(part.errors, part.characters)
        goal = GOALS.get(level)
        baseline = base.percent if base.characters else None
        yield Figure(f"{level}.body", body.percent, "%", baseline, goal)
        yield Figure(f"{level}.spoken", spoken.percent, "%", baseline, None if goal is None else goal + SPOKEN_MORE)
    yield Figure("all.body", whole_body.percent, "%")
    yield Figure("all.spoken", whole_spoken.percent, "%")
    if found:
        yield Figure("sheet.found", round(100 * sum(found) / len(found), 1), "%", goal=95.0, sense="at_least")
    if photo_seconds:
        yield Figure("photo.seconds_mean", round(sum(photo_seconds) / len(photo_seconds), 2), "s", goal=5.0)
        yield Figure("photo.seconds_longest", round(max(photo_seconds), 2), "s", goal=5.0)
        peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
        yield Figure("page.peak_memory", round(peak, 0), "MB", goal=400.0)
    yield from _confidence(marks)
    if options.get("ablation") == "yes":
        yield from _ablation(levels, data)


def _confidence(marks: Marks) -> Iterator[Figure]:
    """How well doubt is placed, and the reliability table."""
    if not marks.words:
        return
    wrong = [sure for sure, good in marks.words if not good]
    marked = [sure for sure, _ in marks.words if sure < MARK_BELOW]
    yield Figure("doubt.auc", round(marks.auc(), 4), "", goal=0.92, sense="at_least")
    if wrong:
        found = sum(sure < MARK_BELOW for sure in wrong) / len(wrong)
        yield Figure("doubt.wrong_words_marked", round(100 * found, 1), "%", goal=80.0, sense="at_least")
    yield Figure("doubt.words_marked", round(100 * len(marked) / len(marks.words), 1), "%", goal=12.0)
    edges = (0.0, 0.5, 0.7, 0.8, 0.9, 0.95, 0.98, 0.99, 1.0001)
    for low, high in zip(edges, edges[1:], strict=False):
        inside = [(sure, good) for sure, good in marks.words if low <= sure < high]
        if inside:
            stated = sum(sure for sure, _ in inside) / len(inside)
            right = sum(good for _, good in inside) / len(inside)
            name = f"reliability.{low:.2f}-{min(high, 1):.2f}"
            yield Figure(f"{name}.words", len(inside), "")
            yield Figure(f"{name}.right", round(right, 3), "", baseline=round(stated, 3))


def _ablation(levels: Mapping[str, list[Path]], data: Path) -> Iterator[Figure]:
    """Error of the on-air text over all pictures with each step left out; the baseline has every step."""
    import cv2

    from station.bulletins.child import IMAGES
    from station.bulletins.document_json import page_from_json, page_to_json
    from station.bulletins.engine import open_engine
    from station.bulletins.images import load_image
    from station.bulletins.page import read_image
    from station.bulletins.prepare import STEPS

    cv2.setNumThreads(1)
    engines = [open_engine("vie")]
    pictures = [path for paths in levels.values() for path in paths if path.suffix.lower() in IMAGES]

    def errors(skip: frozenset[str]) -> float:
        total = Errors()
        for path in pictures:
            print(f"{path.name} without {', '.join(skip) or 'nothing'}", file=sys.stderr)
            aloud = plain((data / "truth_body" / f"{path.stem.partition('__')[0]}.txt").read_text(encoding="utf-8"))
            image, scale = load_image(path)
            page = page_from_json(json.loads(json.dumps(page_to_json(read_image(image, engines, scale=scale, skip=skip)))))
            total.add(_body_errors(aloud, plain(Document((page,)).text())), len(aloud))
        return total.percent

    whole = errors(frozenset())
    for step in STEPS:
        yield Figure(f"without.{step}", errors(frozenset({step})), "%", baseline=whole)
