"""From levels to chances: who is judged at all, and by what."""

from __future__ import annotations

import numpy as np

from gadfly.predict.capacity.alike import weights
from gadfly.predict.capacity.filling import Filling
from gadfly.predict.capacity.habit import Habit, habit
from gadfly.predict.capacity.levels import HISTORY, HOUR, Bool, Float, Levels, gathered
from gadfly.predict.capacity.momentum import SPAN, momentum
from gadfly.predict.capacity.replay import AHEAD, MOMENTS, replay
from gadfly.predict.capacity.weeks import days_ahead, full_within_days

LEAST = 36
"""Hours of history below which there is too little to say: a day, and what may come after it."""
STALE = 3
"""Hours without a sample after which nothing is said."""
BEYOND = 1.5
"""What is left is out of reach when it is so many times the most that was ever written in two days."""
AT_ONCE = 256
"""Series whose moments are replayed together: some megabytes."""
DAY = 24 * HOUR
MOMENT = 1e-3
"""Seconds: what is sampled so short a time after an hour's begin is of the hour before."""


def time_to_full(
    at: Float,
    values: Float,
    limit: Float,
    *,
    now: float,
    rising: Bool | None = None,
    horizon: float = 2 * DAY,
    hours: int = HISTORY,
) -> Filling:
    """When each series is full, by its own past up to `now`.

    `at` [points] seconds since the epoch; `values` [series, points], NaN where there is none; `limit`
    [series]: 0 for what runs out, the size or quota for what fills up; `rising` [series]: the limit is above
    (else this is seen from the values). `horizon`: how many seconds ahead is looked; beyond two days, days
    are drawn instead of hours. Needs :data:`LEAST` hours of samples, one of them in the last :data:`STALE`;
    else NaN.
    Source: see :mod:`gadfly.predict.capacity`.
    """
    if horizon > AHEAD * HOUR:
        # Days are compared with each other: an hour that has just begun is not like the whole one a day
        # before, in which the nightly job ran. So the hours end now, and not with the clock's.
        apart = (np.floor(now / HOUR) + 1) * HOUR - MOMENT - now
        at, now = np.asarray(at, dtype=np.float64) + apart, now + apart
    return foresee(gathered(at, values, limit, now=now, rising=rising, hours=hours), horizon=horizon)


def foresee(levels: Levels, *, horizon: float = 2 * DAY) -> Filling:
    """As :func:`time_to_full`, from levels by the hour."""
    count, hours = levels.last.shape
    if hours < LEAST:
        raise ValueError(f"give at least {LEAST} hours of history, not {hours}")
    room = -levels.last[:, -1]
    known = (hours - 1 - levels.since).astype(np.float64)
    told = (known >= LEAST) & (levels.heard >= hours - 1 - STALE) & np.isfinite(room)
    long = horizon > AHEAD * HOUR
    moments = MOMENTS.astype(np.float64) * HOUR
    if long:
        days = days_ahead(max(3, int(np.ceil(horizon / DAY))))
        moments = np.concatenate([moments, days[days > 2] * DAY])
    chances = np.full((count, len(moments)), np.nan)
    chances[told] = 0.0
    usual, number = np.full(count, np.nan), np.full(count, np.nan)
    pace, overdue = np.full(count, np.nan), np.zeros(count)
    full = told & (room <= 0)
    chances[full] = 1.0
    near = told & ~full & _near(levels, room)
    judged = told & ~full if long else near
    chosen = np.flatnonzero(judged)
    for first in range(0, len(chosen), AT_ONCE):
        rows = chosen[first : first + AT_ONCE]
        part = levels.rows(rows)
        usually = habit(part)
        close = np.flatnonzero(near[rows])
        if len(close):
            into = rows[close]
            one = _some(usually, close)
            soon = _soon(part.rows(close), one, room[into])
            chances[into, : len(MOMENTS)], usual[into], number[into], pace[into] = soon
            overdue[into] = one.overdue
        if long:
            later = _later(usually, part, room[rows], int(days[-1]))[:, days > 2]
            chances[rows, len(MOMENTS) :] = np.fmax(later, chances[rows, len(MOMENTS) - 1][:, None])
    return Filling(
        edges=moments, chances=chances, room=room, history=known, usual=usual, days=number, momentum=pace,
        overdue=overdue,
    )  # fmt: skip


def _near(levels: Levels, room: Float) -> Bool:
    """[series] Whether what is left could be written within two days, by any two days and the last hours."""
    step = np.diff(levels.last, axis=1, prepend=levels.last[:, :1])
    up = np.where(step > 0, step, 0.0)
    excess = np.where(levels.peak > levels.last, levels.peak - levels.last, 0.0)
    written = np.cumsum(up, axis=1)
    most = (
        written[:, -1] if up.shape[1] <= AHEAD else np.max(written[:, AHEAD:] - written[:, :-AHEAD], axis=1)
    )
    recent = np.sum(up[:, -SPAN - 1 :], axis=1) * (AHEAD / SPAN)
    near: Bool = room <= BEYOND * (np.maximum(most, recent) + np.max(excess, axis=1))
    return near


def _some(one: Habit, rows: np.ndarray[tuple[int, ...], np.dtype[np.int64]]) -> Habit:
    return Habit(
        one.last[rows], one.peak[rows], one.grown[rows], one.written[rows], one.most[rows], one.overdue[rows]
    )


def _soon(levels: Levels, one: Habit, room: Float) -> tuple[Float, Float, Float, Float]:
    """Chances [series, MOMENTS], the usual rise, days' worth and pace [series]."""
    weight = weights(levels, one)
    moving = momentum(one.grown, levels.since, levels.now)
    found = replay(one.last, one.peak, levels.since, room, weight, moving, levels.now)
    chances = found.chances
    late = np.flatnonzero(one.overdue > 0)
    if len(late):
        part = levels.rows(late)
        grown = one.grown[late]
        spike = np.where(one.peak > one.last, one.peak - one.last, 0.0)[late]
        # In the hour of a release what came before it is no spike of what is written.
        spike = np.where(np.diff(grown - one.last[late], axis=1, prepend=0.0) != 0, 0.0, spike)
        ever = Habit(
            grown, grown + spike, grown, one.written[late], np.full(len(late), np.nan), one.overdue[late]
        )
        moved = momentum(grown, part.since, part.now)
        without = replay(grown, grown + spike, part.since, room[late], weights(part, ever), moved, part.now)
        share = one.overdue[late][:, None]
        chances[late] = (1 - share) * chances[late] + share * without.chances
    return chances, found.usual, found.days, moving.now * moving.soon


def _later(one: Habit, levels: Levels, room: Float, horizon: int) -> Float:
    """[series, days_ahead(horizon)] Chances by days drawn again; clean-ups as far as they are a habit."""
    found = full_within_days(one.last, one.peak, levels.since, room, horizon)
    late = np.flatnonzero(one.overdue > 0)
    if len(late):
        grown = one.grown[late]
        without = full_within_days(grown, grown, levels.since[late], room[late], horizon)
        share = one.overdue[late][:, None]
        found[late] = (1 - share) * found[late] + share * without
    return found
