"""From files in the order given to one :class:`Document`."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, replace
from pathlib import Path

from station.bulletins.child import IMAGES, OFFICE
from station.bulletins.document import Document, Page
from station.bulletins.document_json import page_from_json
from station.bulletins.doubt import doubtful_share
from station.bulletins.flow import mend_pages
from station.bulletins.office import convert_office
from station.bulletins.sandbox import TaskFailed, TaskTimeout, run_task
from station.config import Settings
from station.errors import BulletinError, JobCancelled

#: file name endings that a bulletin may have
SUPPORTED_SUFFIXES: tuple[str, ...] = (*IMAGES, ".pdf", ".docx", *OFFICE, ".txt")

Corners = Mapping[int, tuple[tuple[float, float], ...]]


@dataclass(frozen=True)
class _Job:
    """One page to read: file, index in the file, number in the bulletin."""

    path: Path
    index: int
    number: int


def check_path(path: Path) -> None:
    """Raises :class:`BulletinError` for files that are missing, empty or of a kind that is not read."""
    if not path.is_file():
        raise BulletinError(f"Không thấy tệp “{path}”.", code="bulletins.missing")
    if path.suffix.lower() not in SUPPORTED_SUFFIXES:
        raise BulletinError(
            f"Tệp “{path.name}” thuộc loại chưa đọc được.",
            mend="Hãy dùng ảnh (JPEG, PNG, HEIC, TIFF), PDF, DOCX hoặc TXT.", code="bulletins.unsupported",
        )
    if path.stat().st_size == 0:
        raise BulletinError(
            f"Tệp “{path.name}” rỗng (0 byte).", mend="Hãy tải lên lại.", code="bulletins.empty_file"
        )


def read_bulletin(
    paths: Sequence[Path | str] | Path | str,
    settings: Settings,
    *,
    out_dir: Path | None = None,
    progress: Callable[[int, int], None] | None = None,
    cancelled: Callable[[], bool] | None = None,
    corners: Corners | None = None,
) -> Document:
    """The bulletin in ``paths``: one file, or several in their order; none of them is changed.

    ``out_dir`` receives the prepared page images (``page-001.jpg`` ...), the frame of all boxes; ``corners``
    maps page numbers (from 1) to four corners in pixels of the original, set by a person.  A page that cannot be
    read stays in the document with its problem; a file that cannot be opened raises :class:`BulletinError`.
    """
    files = [Path(paths)] if isinstance(paths, Path | str) else [Path(path) for path in paths]
    if not files:
        raise BulletinError("Chưa chọn tệp nào cho bản tin.", code="bulletins.missing")
    for path in files:
        check_path(path)
    ocr = settings.ocr
    with tempfile.TemporaryDirectory(prefix="station-bulletin-") as scratch:
        jobs: list[_Job] = []
        for path in files:
            if path.suffix.lower() in OFFICE:
                path = convert_office(path.resolve(), Path(scratch), ocr.page_timeout_seconds)
            jobs += _count(path.resolve(), len(jobs), settings, cancelled)
        workers = ocr.workers or max(1, min(4, os.cpu_count() or 1))

        def read_one(job: _Job) -> Page:
            return _read_page(job, settings, out_dir, cancelled, (corners or {}).get(job.number), len(jobs) == 1)

        pages = _in_parallel(jobs, read_one, workers, progress, cancelled)
    pages = mend_pages(pages)
    return Document(tuple(pages), _warnings(pages))


def _count(path: Path, before: int, settings: Settings, cancelled: Callable[[], bool] | None) -> list[_Job]:
    if path.suffix.lower() in (".docx", ".txt") or path.suffix.lower() in IMAGES and "tif" not in path.suffix.lower():
        return [_Job(path, 0, before + 1)]
    answer = run_task(
        {"task": "count", "path": str(path)}, seconds=min(20.0, settings.ocr.page_timeout_seconds),
        memory_mb=settings.ocr.memory_limit_mb, cancelled=cancelled,
    )
    return [_Job(path, index, before + 1 + index) for index in range(answer["pages"])]


def _read_page(
    job: _Job, settings: Settings, out_dir: Path | None, cancelled: Callable[[], bool] | None,
    corners: tuple[tuple[float, float], ...] | None, alone: bool,
) -> Page:
    task = {
        "task": "page", "path": str(job.path), "index": job.index, "language": settings.ocr.language,
        "out": str(out_dir / f"page-{job.number:03d}.jpg") if out_dir else "",
        "corners": [list(corner) for corner in corners] if corners else None,
    }
    try:
        answer = run_task(
            task, seconds=settings.ocr.page_timeout_seconds, memory_mb=settings.ocr.memory_limit_mb, cancelled=cancelled
        )
    except (TaskTimeout, TaskFailed) as error:
        if alone:
            raise
        return Page(job.number, (), problems=("timeout" if isinstance(error, TaskTimeout) else "failed",))
    except BulletinError as error:
        if alone or error.code == "bulletins.no_engine":
            raise
        return Page(job.number, (), problems=("failed",))
    return replace(page_from_json(answer["page"]), number=job.number)


def _in_parallel(
    jobs: Sequence[_Job], read_one: Callable[[_Job], Page], workers: int,
    progress: Callable[[int, int], None] | None, cancelled: Callable[[], bool] | None,
) -> list[Page]:
    """Pages in the order of ``jobs``, several at a time; nothing new starts once cancelled or failed."""
    pages: dict[int, Page] = {}
    waiting = list(jobs)
    with ThreadPoolExecutor(max_workers=workers) as pool:
        running: dict[Future[Page], _Job] = {}
        try:
            while waiting or running:
                if cancelled is not None and cancelled():
                    raise JobCancelled
                while waiting and len(running) < workers:
                    job = waiting.pop(0)
                    running[pool.submit(read_one, job)] = job
                done, _ = wait(running, timeout=1.0, return_when=FIRST_COMPLETED)
                for future in done:
                    pages[running.pop(future).number] = future.result()
                    if progress is not None:
                        progress(len(pages), len(jobs))
        except BaseException:
            waiting.clear()
            raise
    return [pages[job.number] for job in jobs]


def _warnings(pages: Sequence[Page]) -> tuple[str, ...]:
    """Codes for the whole document: every problem of a page once, and ``doubtful`` when much is unsure."""
    codes = [problem for page in pages for problem in page.problems]
    if doubtful_share(pages) > 0.2:
        codes.append("doubtful")
    return tuple(dict.fromkeys(codes))
