"""Fixtures: a station of its own for every test, a real sound server for those that record."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.playout.make import StationUnderTest
from tests.pulse import PulseServer


@pytest.fixture
def station(tmp_path: Path) -> Iterator[StationUnderTest]:
    one = StationUnderTest(tmp_path / "home")
    yield one
    one.close()


@pytest.fixture
def pulse(tmp_path: Path) -> Iterator[PulseServer]:
    server = PulseServer(tmp_path / "pulse").start()
    yield server
    server.stop()
