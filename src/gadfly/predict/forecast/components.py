"""Cheap forecasts of one moment by many methods, each a difference of two running sums.

A series is level + shape: the shape is what a phase of the season adds to the mean of the whole season
before it.

| name | forecast |
|---|---|
| `base` | level of about one season, and the mean shape of some seasons |
| `level K` | the mean of the last 3^K seasons without their shape: from the last value to everything |
| `shape short`, `shape long` | the mean shape of fewer, or of more seasons |
| `seasonal naive` | the value of the season before |
| `week short`, `week long` | the level of a week, and the mean shape of fewer or more weeks |
| `week naive` | the value of the week before |
| `year` | how the level changed a year ago from this moment to the one asked for |
| `slope` | the straight line through the last points, damped |

Each but the base is written as its difference from the base, so that
a weight of 0 means "no more than the base".
"""

from __future__ import annotations

import numpy as np

from gadfly.predict.forecast.history import Floats, History, Ints, Rows

SHAPES = (2, 7, 100)
"""Seasons over which a shape is averaged; the middle one is the base's."""
BASE_SHAPE = 1
WEEKS = (3, 12)
"""Weeks over which a week's shape is averaged."""
UNREST = 16
"""Seasons over which it is looked how far off a phase is."""
LEVELS_ABOVE = 3
LEVELS_BELOW = 4
"""Spans of levels, each three times the one before: so many longer than a season, so many shorter."""


def spans(points: int, season: int) -> tuple[list[int], int]:
    """The spans of the levels, shortest first, and which of them is the base's."""
    below = [max(1, round(season / 3**k)) for k in range(LEVELS_BELOW, 0, -1)] if season > 1 else []
    above = [season * 3**k for k in range(LEVELS_ABOVE + (season < 2) + 1)]
    chosen = sorted({1, *below, *(one for one in above if one * 2 <= max(points, 2))})
    base = chosen.index(season) if season in chosen else len(chosen) - 1
    return chosen, base


class Components:
    """All that is needed to forecast from any moment of a history at once.

    season: points, 1 for none. week: seasons in a week, 0 for none. year: points in a year, 0 for none.
    """

    def __init__(self, history: History, season: int, week: int, year: int) -> None:
        self.season, self.week, self.year = season, week, year
        self.points = history.x.shape[1]
        self.start = _shared(history.start)
        self.x = history.x
        self.spans, self.base = spans(self.points, season)
        self.need = max(season, 1) if week == 0 else week * season
        x = history.x
        known = np.arange(self.points) - self.start
        if season > 1:
            self._shape(x, known)
        else:
            self.free = x
        self.free_run = _run(self.free)
        self.tilt_run = _run(self.free * (np.arange(self.points) - float(self.points)))
        self._deviation(known)
        threes = [round(float(np.log(one / self.spans[self.base]) / np.log(3))) for one in self.spans]
        self.names = [f"level {one}" for i, one in enumerate(threes) if i != self.base] + ["level all"]
        if season > 1:
            self.names += ["shape short", "shape long"]
            self.names += ["seasonal naive"]
        if week:
            self.names += ["week short", "week long", "week naive"]
        if year:
            self.names += ["year"]
        self.slope_span = max(4 * season, 32)
        self.names += ["slope 1", "slope all"]

    def _shape(self, x: Floats, known: Ints) -> None:
        season = self.season
        run = _run(x)
        at = np.arange(self.points)
        mean = self._trailing(run, known, season)
        shape = self._since(0, x - mean, 0.0)
        # Zeros before the start: what reaches back beyond it adds nothing, and is not counted.
        self.pad = -self.points % season + season
        self.shape_run = _seasonal_run(shape, self.pad, season)
        before = self._shape_mean(at - season, SHAPES[BASE_SHAPE])
        self.free = self._since(season, x - before, self._since(0, mean, 0.0))
        if self.week:
            longer = self.week * season
            self.run = run
            own = self._since(0, x - self._trailing(run, known, longer), 0.0)
            self.week_pad = -self.points % longer + longer
            self.week_run = _seasonal_run(own, self.week_pad, longer)

    def _trailing(self, run: Floats, known: Ints, span: int) -> Floats:
        """float64[series, points]: the mean of the last `span` points; of the first so many until they are
        full.
        """
        at = np.arange(self.points)
        mean = (run[:, 1:] - run[:, np.maximum(at + 1 - span, 0)]) / np.minimum(
            np.maximum(known + 1, 1), span
        )
        first = np.minimum(self.start + span - 1, self.points - 1)
        return self._since(span - 1, mean, np.take_along_axis(mean, _rows(first, len(run)), axis=1))

    def _since(self, count: int, late: Floats, early: Floats | float) -> Floats:
        """`late`, changed to `early` until `count` points after the start."""
        if self.start.size > 1:
            return np.where(np.arange(self.points) - self.start >= count, late, early)
        cut = min(int(self.start[0, 0]) + count, self.points)
        late[:, :cut] = np.broadcast_to(early, late.shape)[:, :cut]
        return late

    def _shape_mean(self, at: Ints, seasons: int) -> Floats:
        """The mean shape at `at` and as many seasons before as are known, at most so many in all."""
        there = at + self.pad
        mean: Floats = self.shape_run[:, np.maximum(there, 0)]
        mean = mean - self.shape_run[:, np.maximum(there - seasons * self.season, 0)]
        mean /= np.minimum(np.maximum((at - self.start) // self.season + 1, 1), seasons)
        return mean

    def _deviation(self, known: Ints) -> None:
        """How far each point was from the level before it."""
        span = min(self.season, self.points) if self.season > 1 else 8
        at = np.arange(self.points)
        level = (self.free_run[:, :-1] - self.free_run[:, np.maximum(at - span, 0)]) / np.minimum(
            np.maximum(known, 1), span
        )
        # In the first season nothing tells the shape from the level: it is not counted.
        self.quiet = max(self.season, 2)
        off = self._since(self.quiet, np.abs(self.free - level), 0.0)
        self.span = span
        self.off_run = _run(off)
        if self.season > 1:
            self.off_seasonal = _seasonal_run(off, self.pad, self.season)

    def level(self, now: Floats, moments: Ints, span: int) -> Floats:
        """float64[series, rows]: the mean of the last `span` points before each moment, without their
        shape.
        """
        mean: Floats = now - self.free_run[:, np.maximum(moments - span, 0)]
        mean /= np.minimum(np.maximum(moments - self.start, 1), span)
        return mean

    def slope(self, moments: Ints, span: int) -> Floats:
        """float64[series, rows]: the least-squares slope of the last `span` points, in units a point."""
        back = np.maximum(moments - span, 0)
        count = np.clip(moments - self.start, 2, span).astype(np.float64)
        total = self.free_run[:, moments] - self.free_run[:, back]
        tilt = self.tilt_run[:, moments] - self.tilt_run[:, back]
        centre = moments - self.points - (count + 1) / 2
        slope: Floats = (tilt - centre * total) / (count * (count * count - 1) / 12)
        return slope

    def design(self, moments: Ints, ahead: Ints) -> tuple[Floats, Rows]:
        """The base's forecasts float64[series, rows], and what each component adds float32[series,
        components, rows].

        moments: int64[moments], how many points are known. ahead: int64[steps], horizons, 1 is the next
        point. Each moment looks so far ahead, each time; rows are moments by steps.
        """
        series, count, steps = len(self.x), len(moments), len(ahead)
        added = np.empty((series, len(self.names), count, steps), np.float32)
        now = self.free_run[:, moments]
        levels = [self.level(now, moments, span) for span in self.spans]
        level = levels[self.base]
        base = level[:, :, None]
        place = 0
        for i, one in enumerate([*levels, self.level(now, moments, self.points)]):
            if i != self.base:
                added[:, place] = (one - level)[:, :, None]
                place += 1
        if self.season > 1:
            at = self._before(moments, ahead, self.season)
            short, usual, long = (self._shape_mean(at, one).reshape(series, count, steps) for one in SHAPES)
            base = base + usual
            np.subtract(short, usual, out=added[:, place], casting="same_kind")
            np.subtract(long, usual, out=added[:, place + 1], casting="same_kind")
            naive = self.x[:, np.maximum(at, 0)].reshape(series, count, steps)
            np.subtract(naive, base, out=added[:, place + 2], casting="same_kind")
            place += 3
        for one in self._weeks(moments, ahead):
            np.subtract(one, base, out=added[:, place], casting="same_kind")
            place += 1
        if self.year:
            added[:, place] = self._year(moments, ahead)
            place += 1
        for span in (self.slope_span, self.points):
            # Damped: what a line may still add dies away over as long as it was seen.
            reach = np.minimum(np.maximum(moments - self.start, 1), span).astype(np.float64)[:, :, None]
            added[:, place] = self.slope(moments, span)[:, :, None] * (reach * -np.expm1(-ahead / reach))
            place += 1
        rows = (series, count * steps)
        return np.broadcast_to(base, (series, count, steps)).reshape(rows), added.reshape(series, -1, rows[1])

    def _before(self, moments: Ints, ahead: Ints, season: int) -> Ints:
        """int64[rows]: the last point known that is whole seasons before the one asked for."""
        return (moments[:, None] - 1 + ahead - season * -(-ahead // season)).ravel()

    def _weeks(self, moments: Ints, ahead: Ints) -> list[Floats]:
        """float64[series, moments, steps] each: the level of a week and the week's shape, or the week
        before.
        """
        if not self.week:
            return []
        longer = self.week * self.season
        at = self._before(moments, ahead, longer)
        there = at + self.week_pad
        total = self.run[:, moments] - self.run[:, np.maximum(moments - longer, 0)]
        level = (total / np.minimum(np.maximum(moments - self.start, 1), longer))[:, :, None]
        whole = (len(self.x), len(moments), len(ahead))
        found = []
        for count in WEEKS:
            total = self.week_run[:, there] - self.week_run[:, np.maximum(there - count * longer, 0)]
            total /= np.minimum(np.maximum((at - self.start) // longer + 1, 1), count)
            found.append(level + total.reshape(whole))
        found.append(self.x[:, np.maximum(at, 0)].reshape(whole))
        return found

    def _year(self, moments: Ints, ahead: Ints) -> Floats:
        width = max(self.season, self.year // 24)
        then = moments - self.year
        to = self._before(moments + 1, ahead, self.year)
        whole = (len(self.x), len(moments), len(ahead))
        away = self._around(to, width, np.repeat(moments, len(ahead))).reshape(whole)
        away -= self._around(then, width, moments)[:, :, None]
        return np.where((then - self.start >= width)[:, :, None], away, 0.0)

    def _around(self, at: Ints, width: int, moments: Ints) -> Floats:
        begin = np.maximum(at - width // 2, 0)
        end = np.clip(at - width // 2 + width, 0, moments)
        return (self.free_run[:, end] - self.free_run[:, begin]) / np.maximum(end - begin, 1)

    def unrest(self, moments: Ints, ahead: Ints) -> Rows:
        """float32[series, 3, rows]: how far points are from their level: ever, lately, and in this phase."""
        series, count, steps = len(self.x), len(moments), len(ahead)
        out = np.empty((series, 3, count, steps), np.float32)
        out[:, 0] = (self.off_run[:, -1:] / np.maximum(self.points - self.start - self.quiet, 1))[:, :, None]
        span = max(self.span, 8)
        lately = self.off_run[:, moments] - self.off_run[:, np.maximum(moments - span, 0)]
        out[:, 1] = (lately / np.minimum(np.maximum(moments - self.start - self.quiet, 1), span))[:, :, None]
        if self.season < 2:
            out[:, 2] = out[:, 1]
        else:
            at = self._before(moments, ahead, self.season)
            there = at + self.pad
            phase = (
                self.off_seasonal[:, there]
                - self.off_seasonal[:, np.maximum(there - UNREST * self.season, 0)]
            )
            phase /= np.minimum(np.maximum((at - self.start) // self.season, 1), UNREST)
            out[:, 2] = phase.reshape(series, count, steps)
        return out.reshape(series, 3, -1)


def _shared(start: Ints) -> Ints:
    """One number for all when they start together: then counts are made once, not for every series."""
    return start[:1, None] if (start == start[:1]).all() else start[:, None]


def _rows(at: Ints, count: int) -> Ints:
    return np.broadcast_to(at, (count, 1))


def _run(x: Floats) -> Floats:
    out = np.zeros((x.shape[0], x.shape[1] + 1))
    np.cumsum(x, axis=1, out=out[:, 1:])
    return out


def _seasonal_run(x: Floats, pad: int, season: int) -> Floats:
    """Running sums phase by phase, with `pad` zeros before."""
    out = np.zeros((x.shape[0], pad + x.shape[1]))
    out[:, pad:] = x
    for begin in range(season, out.shape[1], season):
        out[:, begin : begin + season] += out[:, begin - season : begin]
    return out
