"""Sound goes first: every thread of the mixer has real-time priority, nothing that it starts has."""

import os
import subprocess
import sys
import time

import pytest

from station.playout.engine import REALTIME_PRIORITY
from station.playout.engine_client import EngineClient
from station.playout.reader import calm


def may_be_realtime():
    code = f"import os; os.sched_setscheduler(0, os.SCHED_RR, os.sched_param({REALTIME_PRIORITY}))"
    return subprocess.run([sys.executable, "-c", code], capture_output=True, check=False).returncode == 0


@pytest.mark.skipif(not hasattr(os, "sched_getscheduler") or not may_be_realtime(), reason="real-time priority is not allowed here")
def test_every_thread_of_the_mixer_is_realtime_and_its_children_are_not(tmp_path):
    from station.config import load_settings

    (tmp_path / "station.toml").write_text('[air]\noutput = "file"\n', encoding="utf-8")
    settings = load_settings(tmp_path)
    settings.home.ensure()
    client = EngineClient(settings)
    client.start()
    try:
        until = time.monotonic() + 15
        while (event := client.wait(1.0)) is None or event["event"] != "ready":
            assert time.monotonic() < until
        threads = [int(name) for name in os.listdir(f"/proc/{client.pid}/task")]
        assert len(threads) >= 3
        assert {os.sched_getscheduler(thread) for thread in threads} == {os.SCHED_RR}, "one at a low priority holds all up"
    finally:
        client.close()
    code = "import os; os.sched_setscheduler(0, os.SCHED_RR, os.sched_param(5)); import subprocess, sys\n" \
        "from station.playout.reader import calm\n" \
        "subprocess.run([sys.executable, '-c', 'import os; print(os.sched_getscheduler(0))'], preexec_fn=calm)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert int(done.stdout) == os.SCHED_OTHER
    calm()  # does nothing where there is nothing to do
