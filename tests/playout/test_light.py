"""What lives for months loads no more than it needs: the process that is on air, on a machine of 4 GB."""

from __future__ import annotations

import json
import subprocess
import sys

HEAVY = {"cv2", "PIL", "alembic", "mako", "flask", "pypdfium2", "docx", "torch", "onnxruntime", "scipy"}


def test_the_air_process_loads_no_heavy_library() -> None:
    code = "import json, sys, station.playout.air; print(json.dumps(sorted({name.partition('.')[0] for name in sys.modules})))"
    loaded = set(json.loads(subprocess.run([sys.executable, "-c", code], capture_output=True, check=True).stdout))
    assert "sqlalchemy" in loaded
    assert not loaded & HEAVY
