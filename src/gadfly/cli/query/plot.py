"""A plot of one series in characters: bars of eighths, as many columns as there is room for."""

from __future__ import annotations

import itertools
import math
import time
from collections.abc import Sequence

EIGHTHS = " ▁▂▃▄▅▆▇█"
HIGH = 6
"""Lines of a plot."""
GAP = "·"
"""Below a column without a sample."""


def short(value: float) -> str:
    """A number in at most six figures."""
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "+Inf" if value > 0 else "-Inf"
    return f"{value:.6g}"


def columns_of(
    points: Sequence[tuple[float, float]], start: float, end: float, count: int
) -> list[float | None]:
    """The mean of the points in each of so many equal stretches of time; None where there is none.

    Where there are fewer points than columns, a point reaches to the next one.
    """
    sums, counts = [0.0] * count, [0] * count
    finite = [(at, value) for at, value in points if math.isfinite(value) and start <= at <= end]
    for at, value in finite:
        place = min(count - 1, int((at - start) / (end - start) * count))
        sums[place] += value
        counts[place] += 1
    found = [total / number if number else None for total, number in zip(sums, counts, strict=True)]
    if len(finite) > 1:
        ats = sorted(at for at, _ in finite)
        step = min(after - before for before, after in itertools.pairwise(ats))
        reach = math.ceil(step / (end - start) * count)
        last, value = -count, 0.0
        for place, here in enumerate(found):
            if here is not None:
                last, value = place, here
            elif place - last < reach:
                found[place] = value
    return found


def plot(points: Sequence[tuple[float, float]], start: float, end: float, *, wide: int = 80) -> list[str]:
    """Lines of a plot of points (Unix seconds, value), at most `wide` cells; its scale stands at the left."""
    finite = [value for _, value in points if math.isfinite(value)]
    if not finite:
        return ["  no number there"]
    low, high = min(0.0, *finite), max(0.0, *finite) if min(finite) >= 0 else max(finite)
    # What hardly moves far from zero would be a full block: its own range says more.
    if min(finite) > 0.5 * max(finite) > 0 and max(finite) > min(finite):
        low = min(finite)
    if high <= low:
        high = low + (abs(low) or 1.0)
    labels = [short(float(f"{value:.4g}")) for value in (high, high / 2 + low / 2, low)]
    margin = max(map(len, labels))
    count = max(10, wide - margin - 2)
    cells = columns_of(points, start, end, count)
    out = []
    for line in range(HIGH):
        base = (HIGH - 1 - line) * 8
        label = {0: labels[0], HIGH // 2: labels[1], HIGH - 1: labels[2]}.get(line, "")
        row = "".join(_cell(value, low, high, base) for value in cells)
        out.append(f"{label:>{margin}} │{row}".rstrip())
    out.append(f"{'':>{margin}} └{_axis(start, end, count)}")
    return out


def _cell(value: float | None, low: float, high: float, base: int) -> str:
    if value is None:
        return GAP if base == 0 else " "
    # By their size first: the difference of the largest numbers is none.
    size = max(abs(low), abs(high))
    share = (min(max(value, low), high) / size - low / size) / (high / size - low / size)
    filled = round(share * HIGH * 8)
    # A value at the very bottom is there all the same.
    if base == 0:
        filled = max(filled, 1)
    return EIGHTHS[max(0, min(8, filled - base))]


def _axis(start: float, end: float, count: int) -> str:
    """The first, middle and last time, apart as far as there is room."""
    form = "%H:%M:%S" if end - start < 86_400 else "%m-%d %H:%M"
    times = [time.strftime(form, time.localtime(at)) for at in (start, (start + end) / 2, end)]
    if count < sum(map(len, times)) + 4:
        return f"{times[0]} … {times[2]}"
    left = (count - len(times[1])) // 2 - len(times[0])
    right = count - left - sum(map(len, times))
    return f"{times[0]}{' ' * left}{times[1]}{' ' * right}{times[2]}"
