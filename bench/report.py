"""What every bench prints: a table for people, then one JSON object on the last line for machines.

    report = Report("detect", quick=args.quick)
    report.table(("system", "p50 s", "p99 s"), rows)
    report.at_most("SIGKILL p50, beats each 1 s", 0.8, got, "s")
    report.peers["prometheus"] = {...}
    report.finish()

A goal that was missed, or could not be measured, is printed as missed; nothing here can turn it into met.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import platform
import sys
import time
from collections.abc import Iterable, Sequence
from typing import Any


def arguments(description: str) -> argparse.ArgumentParser:
    """A parser that already knows ``--quick``."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--quick", action="store_true", help="a smoke run of at most 20 seconds")
    return parser


def quantile(values: Iterable[float], q: float) -> float:
    """The nearest-rank quantile: a value that was really seen. NaN where nothing was.

    Nearest rank does not interpolate, so p99 of fewer than 100 values is their maximum.
    """
    ordered = sorted(values)
    if not ordered:
        return math.nan
    return ordered[max(0, math.ceil(q * len(ordered)) - 1)]


def shown(value: object) -> str:
    """A cell of the table: three significant digits for floats, a dash for what is missing."""
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return "–"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return f"{value:,}"
    if isinstance(value, float):
        if value and abs(value) < 1e-3:
            return f"{value:.1e}"
        return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.{max(0, 2 - _exponent(value))}f}"
    return str(value)


def _exponent(value: float) -> int:
    return math.floor(math.log10(abs(value))) if value else 0


class Report:
    """Collects rows and goals; prints as they come, so that a run broken off still tells what it saw."""

    def __init__(self, name: str, *, quick: bool = False) -> None:
        self.name = name
        self.quick = quick
        self.goals: list[dict[str, Any]] = []
        self.peers: dict[str, Any] = {}
        self.figures: dict[str, Any] = {}
        self._started = time.monotonic()

    def say(self, text: str = "") -> None:
        """One line for people."""
        print(text, flush=True)

    def table(self, columns: Sequence[str], rows: Iterable[Sequence[object]], title: str = "") -> None:
        """Print aligned rows: the first column to the left, figures to the right."""
        cells = [[shown(cell) for cell in row] for row in rows]
        widths = [max(len(line[i]) for line in [list(columns), *cells]) for i in range(len(columns))]
        if title:
            self.say(f"\n{title}")
        for line in (list(columns), ["─" * width for width in widths], *cells):
            first, rest = line[0].ljust(widths[0]), zip(line[1:], widths[1:], strict=True)
            self.say("  ".join([first, *(cell.rjust(width) for cell, width in rest)]).rstrip())

    def at_most(self, name: str, goal: float, got: float | None, unit: str) -> bool:
        """State a goal that is met when `got` is not above `goal`."""
        return self._goal(name, f"≤ {goal:g}", got, unit, got is not None and got <= goal)

    def at_least(self, name: str, goal: float, got: float | None, unit: str) -> bool:
        """State a goal that is met when `got` is not below `goal`."""
        return self._goal(name, f"≥ {goal:g}", got, unit, got is not None and got >= goal)

    def exactly(self, name: str, goal: float, got: float | None, unit: str) -> bool:
        """State a goal that is met by one value only."""
        return self._goal(name, f"= {goal:g}", got, unit, got == goal)

    def _goal(self, name: str, goal: str, got: float | None, unit: str, met: bool) -> bool:
        if got is not None and not math.isfinite(got):
            got, met = None, False
        self.goals.append({"name": name, "goal": goal, "got": got, "unit": unit, "met": bool(met)})
        return bool(met)

    def finish(self) -> None:
        """Print the goals and, as the last line, the JSON object."""
        if self.goals:
            rows = [
                (g["name"], g["goal"], g["got"], g["unit"], "met" if g["met"] else "MISSED")
                for g in self.goals
            ]
            self.table(("goal", "wanted", "got", "unit", ""), rows, title="Goals")
        self.say()
        result = {
            "bench": self.name,
            "quick": self.quick,
            "seconds": round(time.monotonic() - self._started, 1),
            "machine": {
                "cpus": os.cpu_count(),
                "kernel": platform.release(),
                "python": platform.python_version(),
            },
            "figures": self.figures,
            "goals": self.goals,
            "peers": self.peers,
        }
        json.dump(_finite(result), sys.stdout, ensure_ascii=False, allow_nan=False, default=float)
        print(flush=True)


def _finite(value: Any) -> Any:
    """NaN and infinity are not JSON; what was not seen is null."""
    if isinstance(value, dict):
        return {str(key): _finite(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(item) for item in value]
    if isinstance(value, float):
        return round(value, 6) if math.isfinite(value) else None
    return value
