"""What a series does by itself: its rises, and the clean-ups that are a habit. Rescues are taken out."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from gadfly.predict.capacity.levels import Bool, Float, Int, Levels

PACES = 6.0
"""A drop is a release when it takes back more than so many hours of its mean rise,"""
JITTERS = 8.0
"""and more than so many of its median hourly changes: noise goes to and fro."""
BRINK = 0.02
"""Of the most room seen: what is released with less left was done because it was full."""
UNUSUAL = 4.0
"""A release so many times larger than the median one is not the habit."""
NEVER = -1


@dataclass(frozen=True, slots=True)
class Habit:
    """Levels [series, hours] that start at 0, without what will not happen by itself again.

    Before the first sample they are 0.
    """

    last: Float
    peak: Float
    grown: Float
    """`last` without any release: what was written."""
    written: Float
    """[series, hours] what was written since the last release; NaN where there was none before."""
    most: Float
    """[series] the median over releases of what was written before each; NaN where there are not two."""
    overdue: Float
    """[series] the chance that the habit has ended."""


def habit(levels: Levels) -> Habit:
    """Tell releases from noise, and habits from rescues."""
    hours = levels.last.shape[1]
    column = np.arange(hours)
    step = np.diff(levels.last, axis=1, prepend=levels.last[:, :1])
    known = column > levels.since[:, None]
    step = np.where(known, step, 0.0)
    release, start, size = _releases(step, known)
    kept_start = _habitual(levels, start, size)
    run_start = np.maximum.accumulate(np.where(start, column, NEVER), axis=1)
    kept = release & np.take_along_axis(kept_start, np.maximum(run_start, 0), axis=1)
    last = np.cumsum(np.where(release & ~kept, 0.0, step), axis=1)
    grown = np.cumsum(np.where(release, 0.0, step), axis=1)
    excess = np.where(known & ~(release & ~kept), levels.peak - levels.last, 0.0)
    # A rescue, too, begins anew what is written until the next clean-up.
    ended = np.maximum.accumulate(np.where(release, column, NEVER), axis=1)
    written = np.where(ended >= 0, grown - np.take_along_axis(grown, np.maximum(ended, 0), axis=1), np.nan)
    most, overdue = _overdue(kept_start & release, ended, written, levels.now)
    return Habit(last, last + excess, grown, written, most, overdue)


def _releases(step: Float, known: Bool) -> tuple[Bool, Bool, Float]:
    """Which hours [series, hours] release, which of them begin to, and how much the whole run releases."""
    hours = step.shape[1]
    span = np.maximum(np.count_nonzero(known, axis=1), 1)
    pace = np.sum(np.maximum(step, 0.0), axis=1) / span
    ordered = np.sort(np.where(known, np.abs(step), np.inf), axis=1)
    jitter = np.take_along_axis(ordered, ((span - 1) // 2)[:, None], axis=1)[:, 0]
    jitter = np.where(np.isfinite(jitter), jitter, 0.0)
    least = np.maximum(PACES * pace, JITTERS * jitter)
    falls = step < 0
    fallen = np.cumsum(np.where(falls, -step, 0.0), axis=1)
    run = fallen - np.maximum.accumulate(np.where(falls, 0.0, fallen), axis=1)
    ends = falls & ~np.concatenate([falls[:, 1:], np.zeros((len(step), 1), dtype=np.bool_)], axis=1)
    column = np.arange(hours)
    end = np.minimum.accumulate(np.where(ends, column, hours - 1)[:, ::-1], axis=1)[:, ::-1]
    size = np.where(falls, np.take_along_axis(run, end, axis=1), 0.0)
    release = falls & (size > least[:, None]) & (least > 0)[:, None]
    start = release & ~np.concatenate([np.zeros((len(step), 1), dtype=np.bool_), release[:, :-1]], axis=1)
    return release, start, size


def _habitual(levels: Levels, start: Bool, size: Float) -> Bool:
    """[series, hours] Of the beginnings of releases: those of a habit, of which there are at least two."""
    most_room = -np.nanmin(np.where(np.isnan(levels.last), 0.0, levels.last), axis=1)
    before = np.concatenate([levels.peak[:, :1], levels.peak[:, :-1]], axis=1)
    brink = np.fmax(before, levels.peak) > -BRINK * most_room[:, None]
    near = start.copy()
    near[:, 1:] |= start[:, :-1]
    near[:, :-1] |= start[:, 1:]
    timely = np.zeros_like(start)
    for lag in (24, 168):
        if lag < start.shape[1]:
            timely[:, lag:] |= near[:, :-lag]
            timely[:, :-lag] |= near[:, lag:]
    kept = start & (~brink | timely)
    number = np.count_nonzero(kept, axis=1)
    ordered = np.sort(np.where(kept, size, np.inf), axis=1)
    median = np.take_along_axis(ordered, (np.maximum(number - 1, 0) // 2)[:, None], axis=1)
    kept = kept & (size <= UNUSUAL * median)
    found: Bool = kept & (np.count_nonzero(kept, axis=1) >= 2)[:, None]
    return found


def _overdue(start: Bool, ended: Int, written: Float, now: float) -> tuple[Float, Float]:
    """[series] The median of what was written up to a release, and the chance that none comes any more.

    Of n gaps between releases, in time and in what was written, none was as large as the present one. Were
    the habit intact, the largest of n + 1 exchangeable gaps would be the present one with 1 / (n + 1), and
    the more seldom the further it is beyond; that a habit ends at a gap is supposed with 1 / (n + 2)
    (Laplace's rule).
    """
    hours = start.shape[1]
    before_end = np.concatenate([np.full((len(start), 1), NEVER), ended[:, :-1]], axis=1)
    before_written = np.concatenate([np.full((len(start), 1), np.nan), written[:, :-1]], axis=1)
    counted = start & (before_end >= 0)
    number = np.count_nonzero(counted, axis=1)
    column = np.arange(hours)
    longest = np.max(np.where(counted, column - before_end, 0), axis=1)
    ordered = np.sort(np.where(counted, before_written, np.inf), axis=1)
    middle = np.take_along_axis(ordered, (np.maximum(number - 1, 0) // 2)[:, None], axis=1)[:, 0]
    largest = np.max(np.where(counted, before_written, 0.0), axis=1)
    some = number > 0
    most = np.where(some, middle, np.nan)
    waited = hours - 1 - ended[:, -1] + (now / 3600.0) % 1.0
    # Two hours: a clean-up takes time, and the hour in which it ends is not over.
    in_time = waited / (longest + 2.0)
    lot = np.where(some, written[:, -1], 0.0) / np.where(some & (largest > 0), 1.05 * largest, 1.0)
    beyond = np.where(some, np.minimum(in_time, np.where(largest > 0, lot, np.inf)), 0.0)
    late = beyond > 1.0
    ends = 1.0 / (number + 2.0)
    intact = (1.0 - ends) * np.where(late, beyond, 1.0) ** -number.astype(np.float64) / (number + 1.0)
    return most, np.where(late, ends / (ends + intact), 0.0)
