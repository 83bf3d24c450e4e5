"""Benchmarks beside naive baselines: one module for each ``station bench NAME``.

A module of this package has ``run(options) -> Iterator[Figure]``: it yields each figure as soon as it is measured
and writes its progress to standard error.  ``options`` is a mapping of the command's ``--set KEY=VALUE`` pairs.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Literal

#: ``station bench NAME`` for each of these names
NAMES = ("text", "ocr", "voices", "programs", "air", "web", "scale")


@dataclass(frozen=True)
class Figure:
    """One measured figure.

    ``ratio`` is ``value / baseline`` where a baseline was measured in the same run.  ``goal`` is the bar, and
    ``sense`` tells whether a good ``value`` is at most or at least that; ``of`` says what the goal is about.
    """

    name: str
    value: float
    unit: str
    baseline: float | None = None
    goal: float | None = None
    sense: Literal["at_most", "at_least"] = "at_most"
    of: Literal["value", "ratio"] = "value"

    @property
    def ratio(self) -> float | None:
        if self.baseline is None or self.baseline == 0:
            return None
        return self.value / self.baseline

    @property
    def met(self) -> bool:
        if self.goal is None:
            return True
        measured = self.value if self.of == "value" else self.ratio
        if measured is None:
            return False
        return measured <= self.goal if self.sense == "at_most" else measured >= self.goal

    def to_json(self) -> str:
        """The figure as one JSON line."""
        return json.dumps(
            {
                "name": self.name, "value": self.value, "unit": self.unit, "baseline": self.baseline,
                "ratio": self.ratio, "goal": self.goal, "met": self.met,
            },
            ensure_ascii=False,
        )
