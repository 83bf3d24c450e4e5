"""Runs one task on an untrusted file in a process of its own and brings back its answer."""

from __future__ import annotations

import json
import logging
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import station
from station.errors import BulletinError, JobCancelled

log = logging.getLogger(__name__)


class TaskTimeout(BulletinError):
    """The process took too long and was ended."""

    code = "bulletins.timeout"


class TaskFailed(BulletinError):
    """The process ended without an answer: out of memory, or a crash in a decoder."""

    code = "bulletins.failed"


def _environment() -> dict[str, str]:
    root = str(Path(station.__file__).resolve().parents[1])
    kept = {
        name: value for name, value in os.environ.items()
        if name in ("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "TESSDATA_PREFIX", "VIRTUAL_ENV", "LD_LIBRARY_PATH")
    }
    return {
        **kept, "PYTHONPATH": root, "OMP_THREAD_LIMIT": "1", "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1",
        "PYTHONIOENCODING": "utf-8", "MALLOC_ARENA_MAX": "2",
    }


def run_task(
    task: dict[str, Any], *, seconds: float, memory_mb: int, cancelled: Callable[[], bool] | None = None
) -> dict[str, Any]:
    """The answer to ``task``.  Raises :class:`BulletinError` as the task did, :class:`TaskTimeout`,
    :class:`TaskFailed`, or :class:`JobCancelled`."""
    process = subprocess.Popen(
        [sys.executable, "-m", "station.bulletins.child"], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        stderr=subprocess.PIPE, env=_environment(), start_new_session=True,
    )
    payload: bytes | None = json.dumps({**task, "seconds": seconds, "memory_mb": memory_mb}).encode()
    end = time.monotonic() + seconds
    while True:
        try:
            out, err = process.communicate(payload, timeout=0.5)
            break
        except subprocess.TimeoutExpired:
            payload = None
            stop = cancelled is not None and cancelled()
            if stop or time.monotonic() > end:
                _kill(process)
                if stop:
                    raise JobCancelled from None
                raise TaskTimeout(
                    f"Đọc tệp “{Path(task['path']).name}” quá {seconds:.0f} giây nên đã dừng.",
                    mend="Hãy thử tải lại riêng trang này, hoặc chụp ảnh nhỏ hơn; bản gốc vẫn được giữ.",
                ) from None
    try:
        answer = json.loads(out)
    except ValueError:
        answer = {"crash": True}
    if "error" in answer:
        message, mend, code, detail = answer["error"]
        raise BulletinError(message, mend=mend, code=code, detail=detail)
    if "memory" in answer or "crash" in answer:
        detail = err.decode("utf-8", "replace")[-600:]
        log.warning("bulletin process ended with %s: %s", process.returncode, detail)
        raise TaskFailed(
            f"Không đọc được tệp “{Path(task['path']).name}”.",
            mend="Hãy thử chụp hoặc lưu lại tệp; bản gốc vẫn được giữ.", detail=detail,
        )
    return answer


def _kill(process: subprocess.Popen[bytes]) -> None:
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except ProcessLookupError:
        pass
    process.communicate()
