"""Alarms that were asked for, and alarms that came: early warning on series of many kinds.

Each kind is a fleet with a budget that its series share, and a fleet where each series has a budget of its own.
Everything counts, from the first point on.
"""

from __future__ import annotations

import sys
from collections.abc import Callable

import numpy as np

from gadfly.predict.warning import Detector
from report import Report, arguments

STEP, WEEK = 300.0, 604_800.0
DAY = 288

Draw = Callable[[np.random.Generator, int, np.ndarray], np.ndarray]
"""The next values from the time, in points, and the last values."""


def _ar(rng: np.random.Generator, _i: int, last: np.ndarray) -> np.ndarray:
    return 0.9 * last + rng.normal(size=len(last))


def _walk(rng: np.random.Generator, _i: int, last: np.ndarray) -> np.ndarray:
    return last + rng.normal(size=len(last))


def _daily(rng: np.random.Generator, i: int, last: np.ndarray) -> np.ndarray:
    place = np.arange(len(last)) / 40 + 2 * np.pi * i / DAY
    weekend = 0.5 if i // DAY % 7 >= 5 else 1.0
    return np.asarray(weekend * (50 + 30 * np.sin(place)) + 4 * rng.normal(size=len(last)))


def _spikes(rng: np.random.Generator, _i: int, last: np.ndarray) -> np.ndarray:
    return np.where(rng.random(len(last)) < 0.02, 20 * rng.pareto(2, len(last)), 0.1) + 0.01 * rng.normal(
        size=len(last)
    )


def _shifts(rng: np.random.Generator, _i: int, last: np.ndarray) -> np.ndarray:
    """A level that moves once a week or so, in whole tens, beneath noise in the first decimal."""
    level = np.round(last / 10) * 10
    moved = np.where(rng.random(len(last)) < 0.0005, 10.0 * rng.integers(1, 20, len(last)), level)
    return np.asarray(moved + np.clip(rng.normal(size=len(last)), -3, 3))


KINDS: dict[str, Draw] = {
    "noise": lambda rng, _i, last: rng.normal(size=len(last)),
    "heavy tail": lambda rng, _i, last: rng.pareto(1.5, len(last)),
    "autoregressive": _ar,
    "random walk": _walk,
    "daily and weekly": _daily,
    "counts": lambda rng, i, last: rng.poisson(3 + 2 * np.sin(2 * np.pi * i / DAY), len(last)).astype(float),
    "spikes": _spikes,
    "level shifts": _shifts,
}


def alarms(draw: Draw, series: int, weeks: float, budget: float, *, each: bool) -> float:
    """Alarms a week that came."""
    rng = np.random.default_rng(17)
    detector = Detector(series, alarms_a_week=budget, each=each)
    numbers = np.arange(series)
    values = np.zeros(series)
    count = 0
    points = int(weeks * WEEK / STEP)
    for i in range(points):
        values = draw(rng, i, values)
        count += int(detector.take(numbers, np.full(series, 1.4e9 + STEP * i), values).alarm.sum())
    return count / weeks / (series if each else 1)


def main() -> None:
    args = arguments(__doc__ or "").parse_args()
    report = Report("budget", quick=args.quick)
    series, weeks = (40, 1.0) if args.quick else (60, 6.0)
    rows: list[tuple[object, ...]] = []
    worst = 0.0
    for name, draw in KINDS.items():
        shared = alarms(draw, series, weeks, 50.0, each=False)
        own = alarms(draw, series, weeks, 2.0, each=True)
        rows.append((name, 50.0, shared, 2.0, own))
        worst = max(worst, abs(shared / 50 - 1), abs(own / 2 - 1))
    report.table(
        ("series", "asked of all", "came", "asked of each", "came"),
        rows,
        title=f"{series} series, {weeks:g} weeks",
    )
    report.figures["alarms_a_week"] = {str(row[0]): {"shared": row[2], "each": row[4]} for row in rows}
    report.at_most("alarms beside the budget, the worst kind", 0.25, worst, "")
    report.finish()


if __name__ == "__main__":
    sys.exit(main())
