"""Series with everything that can happen to series: resets, gaps, jitter, NaN, infinities, stale markers, churn."""

from __future__ import annotations

import math
import random
from typing import NamedTuple

import numpy as np

from gadfly.promql.source import STALE

BASE = 1_767_225_600  # 2026-01-01, a multiple of two hours, which is what a block of Prometheus spans
HOURS = 3
CUT = BASE * 1000 + 7_200_000  # before: blocks; from here on: remote write


class Line(NamedTuple):
    """One series; times in ms, all multiples of 125 ms (exact as seconds)."""

    labels: dict[str, str]
    at: list[int]
    value: list[float]


def made(seed: int) -> list[Line]:
    """The series, each with its own habits."""
    rnd = random.Random(seed)
    lines: list[Line] = []

    def add(name: str, labels: dict[str, str], at: list[int], value: list[float]) -> None:
        lines.append(Line({"__name__": name, **labels}, at, value))

    def times(every: float, jitter: int = 0, start: float = 0.0, end: float = HOURS * 3600) -> list[int]:
        found = []
        when = start
        while when < end:
            found.append(BASE * 1000 + int(when * 1000) + 125 * rnd.randint(0, jitter))
            when += every
        return found

    def thinned(at: list[int]) -> list[int]:
        """With gaps, of one sample or of many."""
        kept, skip = [], 0
        for when in at:
            if skip:
                skip -= 1
            elif rnd.random() < 0.02:
                skip = rnd.choice((0, 1, 3, 25, 60))
            else:
                kept.append(when)
        return kept

    def counter(count: int, steepness: float) -> list[float]:
        value, found = rnd.choice((0.0, 5.0, 1e6)), []
        for _ in range(count):
            value = 0.0 if rnd.random() < 0.01 else value + rnd.choice((0.0, 1.0, rnd.random() * steepness))
            found.append(value)
        return found

    for job in "ab":
        for inst in range(1, 4):
            for code in ("200", "500"):
                at = thinned(times(15, jitter=8, start=rnd.random() * 30 // 0.125 * 0.125))
                add("req_total", {"job": job, "inst": f"i{inst}", "code": code}, at, counter(len(at), 50))
    for inst in range(1, 5):
        at = thinned(times(15 if inst < 4 else 37.5, jitter=4))
        value = [rnd.gauss(20, 10) for _ in at]
        for i in range(len(value)):
            if rnd.random() < 0.02:
                value[i] = rnd.choice((math.nan, math.inf, -math.inf, 0.0, -0.0, STALE))
        add("temp", {"job": "a" if inst < 3 else "b", "inst": f"i{inst}"}, at, value)
    for inst in (1, 2):
        at = times(30)
        add("edge", {"job": "a", "inst": f"i{inst}"}, at, [float(i % 17) * inst for i in range(len(at))])
    at = times(240)
    add("sparse", {"job": "a"}, at, [rnd.random() for _ in at])
    at = [*times(300), BASE * 1000 + HOURS * 3600000 - 500]
    add("rare", {"job": "b"}, at, [float(i) for i in range(len(at))])
    for inst in range(1, 6):
        at = times(60)
        add("ties", {"inst": f"i{inst}"}, at, [float(rnd.randint(0, 2)) for _ in at])
    for inst in range(1, 4):
        switch = rnd.randrange(7800, 10_000) // 15 * 15
        for version, start, end in (("v1", 0, switch), ("v2", switch, HOURS * 3600)):
            at = times(15, start=start, end=end)
            value = [1.0] * len(at)
            if version == "v1":
                at.append(BASE * 1000 + switch * 1000 + 125)
                value.append(STALE)
            add("info", {"inst": f"i{inst}", "version": version, "zone": f"z{inst % 2}"}, at, value)
    at = times(60)
    add("date", {"job": "a"}, at, [rnd.uniform(-3e9, 6e9) for _ in at])
    for inst in (1, 2):
        at = times(15)
        add("big", {"inst": f"i{inst}"}, at, [1e15 + rnd.randint(0, 1000) for _ in at])
        add("tiny", {"inst": f"i{inst}"}, at, [rnd.random() * 1e-300 for _ in at])
        add("cancel", {"inst": f"i{inst}"}, at, [rnd.choice((1e16, -1e16, 1.0, 3.5)) for _ in at])
    at = times(15, start=9000)
    add("empty_then_full", {"job": "a", "zone": "z1"}, at, [float(i) for i in range(len(at))])
    at = times(15, end=8400)
    add("gone", {"job": "a"}, at, [float(i) for i in range(len(at))])
    at = times(15, start=7200)
    often = [STALE if rnd.random() < 0.1 else float(i % 50) for i in range(len(at))]
    add("stale_often", {"job": "b"}, at, often)
    for inst in (1, 2):
        at = times(15, jitter=3)
        add("flip", {"inst": f"i{inst}", "job": "b"}, at, [float((i // 7) % 2) for i in range(len(at))])
    for job in "abc":
        bounds = ("0.1", "0.5", "1", "2.5", "+Inf") if job != "c" else ("0.1", "1")
        at = thinned(times(15, jitter=2))
        counts = np.cumsum(
            np.random.default_rng(seed + ord(job)).integers(0, 5, (len(at), len(bounds))), axis=0
        )
        counts = np.cumsum(counts, axis=1)
        for i, bound in enumerate(bounds):
            value = counts[:, i].astype(float).tolist()
            there = at
            if job == "b" and bound == "1":  # not always there, and not always monotonic
                there, value = at[::2], [v - 40 * (n % 3) for n, v in enumerate(value[::2])]
            add("h_bucket", {"job": job, "le": bound, "inst": "i1"}, there, value)
    for bounds, job in (
        (("-1", "0", "1", "+Inf"), "negative"),
        (("1", "1.0", "2", "+Inf"), "twice"),
        (("+Inf",), "alone"),
        (("much", "1", "Inf", "+Inf"), "word"),
        (("NaN", "1", "+Inf"), "nan"),
        (("1e-3", "5", "1e1"), "open"),
    ):
        at = times(30, jitter=2)
        for i, bound in enumerate(bounds):
            value = [float(max(0, (n * (i + 1)) // 3 - (7 if n % 40 == 9 else 0))) for n in range(len(at))]
            if job == "nan":
                value = [math.nan if n % 9 == i else one for n, one in enumerate(value)]
            add("odd_bucket", {"job": job, "le": bound}, at, value)
    return [_ascending(line) for line in lines]


def _ascending(line: Line) -> Line:
    """Without stale markers before `CUT`, for OpenMetrics has none; times strictly ascending."""
    at: list[int] = []
    value: list[float] = []
    stale = np.array([STALE]).view(np.uint64)[0]
    for when, number in sorted(zip(line.at, line.value, strict=True), key=lambda one: one[0]):
        if at and when <= at[-1]:
            continue
        if when < CUT and np.array([number]).view(np.uint64)[0] == stale:
            continue
        at.append(when)
        value.append(number)
    return Line(line.labels, at, value)


def openmetrics(lines: list[Line], before: int) -> str:
    """The samples before that time, as promtool reads them."""
    out = []
    for line in lines:
        labels = ",".join(f'{name}="{value}"' for name, value in line.labels.items() if name != "__name__")
        for at, value in zip(line.at, line.value, strict=True):
            if at < before:
                number = "NaN" if value != value else repr(value).replace("inf", "Inf")
                out.append(f"{line.labels['__name__']}{{{labels}}} {number} {at / 1000}")
    return "\n".join([*out, "# EOF", ""])
