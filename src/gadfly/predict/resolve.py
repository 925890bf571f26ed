"""What became of a prediction, from what was measured after it was made. Pure."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from gadfly.predict.prediction import Outcome

Floats = NDArray[np.float64]

SEEN_LATELY = 0.25
"""Of the time that a prediction is about, at its end: with no sample in it nobody knows how it ended."""


SUDDEN = 3_600.0
"""Seconds within which somebody empties what fills; what takes longer may be its own ebb."""
LARGER = 2.0
"""So many times larger than ever before is what somebody did: what is cleaned up by itself was so before."""
LOOKED = 36 * 3_600.0
"""Seconds of the past that tell what a series does by itself, at least."""


class Resolution(NamedTuple):
    """`happened`: when it came true (wall seconds), else None. `why`: words where it is void."""

    outcome: Outcome
    happened: float | None = None
    why: str = ""


ALREADY = Resolution(Outcome.void, why="it was so already when it was told")
"""Of what is full when its alarm begins."""
MOVED = "somebody moved it away from its limit, farther than it ever went by itself"
RENEWED = "its end was known, and was moved: it was renewed"


def filling(
    at: Floats,
    values: Floats,
    *,
    made: float,
    deadline: float,
    limit: float,
    rising: bool,
    now: float,
    acted: bool = False,
    known: bool = False,
    moved: bool = False,
) -> Resolution | None:
    """Whether a series was full between `made` and `deadline`; None: that is not known yet.

    `at` (n, wall seconds, ascending) and `values` (n, NaN: missing) are what was measured since. `acted`:
    somebody has taken the alarm upon them. What they then prevented is no false alarm, so it is void where
    the series ended farther from its limit than it was. `known`: it would have been full at a known moment,
    unless that was moved. `moved`: somebody has :func:`moved` it, without a word.
    """
    inside = (at > made) & (at <= min(deadline, now)) & np.isfinite(values)
    times, found = at[inside], values[inside]
    full = found >= limit if rising else found <= limit
    if full.any():
        return Resolution(Outcome.came_true, float(times[int(np.argmax(full))]))
    if now < deadline:
        return None
    if not len(times) or times[-1] < deadline - SEEN_LATELY * (deadline - made):
        return Resolution(Outcome.void, why="the series ended before its time came")
    if acted and abs(limit - found[-1]) > abs(limit - found[0]):
        return Resolution(Outcome.void, why="somebody acted, and it is farther from its limit than before")
    if known or moved:
        return Resolution(Outcome.void, why=RENEWED if known else MOVED)
    return Resolution(Outcome.did_not)


def moved(at: Floats, values: Floats, *, made: float, deadline: float, limit: float, rising: bool) -> bool:
    """Whether somebody took a series away from its limit between `made` and `deadline`: within an hour, by
    more than :data:`LARGER` times what it ever went by itself, by half of what was left at least, and it
    ended farther from its limit than it was.

    `at` (points, wall seconds, regular) and `values` (points, NaN: no sample): what is known of it, from long
    before `made`. What is cleaned up by a job has gone so far before, and stays a mistake.
    """
    if len(at) < 2 or not np.isfinite(limit):
        return False
    left = limit - values if rising else values - limit
    there = np.isfinite(left) & (at <= deadline)
    before, after = there & (at <= made), there & (at > made)
    if not after.any() or not before.any() or at[before][-1] - at[before][0] < LOOKED:
        return False
    width = max(1, round(SUDDEN / float(at[1] - at[0])))
    padded = np.concatenate([np.full(width, np.inf), np.where(there, left, np.inf)])
    lowest = np.lib.stride_tricks.sliding_window_view(padded, width + 1).min(axis=1)
    gain = np.where(there, left - lowest, 0.0)
    least = max(LARGER * float(gain[before].max()), float(left[before][-1]) / 2)
    return bool(gain[after].max() > least and left[after][-1] > left[before][-1])


def after_all(
    at: Floats, values: Floats, *, deadline: float, until: float, limit: float, rising: bool
) -> Resolution | None:
    """Whether what was told has come true after its `deadline`, before `until`; None: it has not.

    The prediction was wrong, and stays so; but whoever acted on the alarm did not act in vain.
    """
    inside = (at > deadline) & (at <= until) & np.isfinite(values)
    full = values[inside] >= limit if rising else values[inside] <= limit
    if not full.any():
        return None
    happened = float(at[inside][int(np.argmax(full))])
    return Resolution(Outcome.did_not, happened, "it came true after its deadline")


def warning(
    fired: Floats, *, made: float, deadline: float, now: float, known: bool = True
) -> Resolution | None:
    """Whether an alert began between `made` and `deadline`; None: that is not known yet.

    `fired` (n, wall seconds): when alerts began that concern what was warned of. `known` False: the series
    belongs to no component, so nothing could have confirmed it.
    """
    if not known:
        return Resolution(Outcome.void, why="the series belongs to no component, so nothing can confirm it")
    inside = fired[(fired > made) & (fired <= min(deadline, now))]
    if len(inside):
        return Resolution(Outcome.came_true, float(inside.min()))
    return None if now < deadline else Resolution(Outcome.did_not)
