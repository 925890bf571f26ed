"""Cheap forecasts of one moment by many methods, each a difference of two running sums.

A series is level + shape: the shape is what a phase of the season adds to the mean of the whole season
before it.

| name | forecast |
|---|---|
| `base` | level of about one season, and the mean shape of some seasons |
| `level K` | the mean of the last 3^K seasons without their shape: from the last value to everything |
| `shape short`, `middle`, `long` | the mean shape of fewer, or of more seasons |
| `shape smooth` | the mean shape of neighbouring points, where a season has many |
| `seasonal naive` | the value of the season before |
| `week short`, `week long` | the level of a week, and the mean shape of fewer or more weeks |
| `week naive` | the value of the week before |
| `year` | how the level changed a year ago from this moment to the one asked for |
| `shift` | how much the level has just moved, as far as that is unusual |
| `slope` | the straight line through the last points, damped; where a season is, its levels show it |

Each but the base is written as its difference from the base, so that
a weight of 0 means "no more than the base".
"""

from __future__ import annotations

import numpy as np

from gadfly.predict.forecast.history import Floats, History, Ints, Rows
from gadfly.predict.forecast.shift import Shift, places
from gadfly.predict.forecast.sums import Profile, run

SHAPES = (2, 7, 14, 100)
"""Seasons over which a shape is averaged; the second is the base's."""
BASE_SHAPE = 1
WEEKS = (3, 12)
"""Weeks over which a week's shape is averaged."""
MANY = 48
"""From so many points a season on, neighbours are alike enough for a smooth shape."""
SMOOTH = 24
"""A smooth shape is the mean over one in so many of a season's points on each side."""
SHORT = (-4, -3, -2)
"""Levels, as powers of three of a season, whose departure from the base's shows a shift."""
SLOPE = 32
"""Points of the shorter line."""
UNSEASONAL = (3, 27)
"""Points of a short and of a longer level, whose difference is unrest, where there is no season."""
UNREST = 16
"""Seasons over which it is looked how far off a phase is."""
LEVELS_ABOVE = 3
LEVELS_BELOW = 4
"""Spans of levels, each three times the one before: so many longer than a season, so many shorter."""


def spans(points: int, season: int) -> tuple[list[int], int]:
    """The spans of the levels, shortest first, and which of them is the base's."""
    below = [_span(season, -k) for k in range(LEVELS_BELOW, 0, -1)] if season > 1 else []
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
        self.half = season // SMOOTH if season >= MANY else 0
        self.need = max(season, 1) if week == 0 else week * season
        known = np.arange(self.points) - self.start
        if season > 1:
            self._shape(self.x, known)
        else:
            self.free = self.x
        self.free_run = run(self.free)
        self._deviation(known)
        self._shift()
        threes = [round(float(np.log(one / self.spans[self.base]) / np.log(3))) for one in self.spans]
        self.names = [f"level {one}" for i, one in enumerate(threes) if i != self.base] + ["level all"]
        if season > 1:
            self.names += ["shape short", "shape middle", "shape long", "seasonal naive"]
        if self.half:
            self.names += ["shape smooth"]
        if week:
            self.names += ["week short", "week long", "week naive"]
        if year:
            self.names += ["year"]
        if self.short:
            self.names += ["shift"]
        self.slopes = [SLOPE, self.points] if season < 2 else []
        if self.slopes:
            self.tilt_run = run(self.free * (np.arange(self.points) - float(self.points)))
            self.names += ["slope 1", "slope all"]

    def _shape(self, x: Floats, known: Ints) -> None:
        season = self.season
        total = run(x)
        at = np.arange(self.points)
        mean = self._trailing(total, known, season)
        self.shape = Profile(self._since(0, x - mean, 0.0), self.start, season)
        if self.half:
            self.shape_along = self.shape.along()
        (before,) = self.shape.means(at - season, SHAPES[BASE_SHAPE : BASE_SHAPE + 1])
        self.free = self._since(season, x - before, self._since(0, mean, 0.0))
        if self.week:
            longer = self.week * season
            self.run = total
            own = self._since(0, x - self._trailing(total, known, longer), 0.0)
            self.week_shape = Profile(own, self.start, longer)

    def _trailing(self, total: Floats, known: Ints, span: int) -> Floats:
        """float64[series, points]: the mean of the last `span` points; of the first so many until they are
        full.
        """
        at = np.arange(self.points)
        mean = (total[:, 1:] - total[:, np.maximum(at + 1 - span, 0)]) / np.minimum(
            np.maximum(known + 1, 1), span
        )
        first = np.minimum(self.start + span - 1, self.points - 1)
        return self._since(span - 1, mean, np.take_along_axis(mean, _rows(first, len(total)), axis=1))

    def _since(self, count: int, late: Floats, early: Floats | float) -> Floats:
        """`late`, changed to `early` until `count` points after the start."""
        if self.start.size > 1:
            return np.where(np.arange(self.points) - self.start >= count, late, early)
        cut = min(int(self.start[0, 0]) + count, self.points)
        late[:, :cut] = np.broadcast_to(early, late.shape)[:, :cut]
        return late

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
        self.off_run = run(off)
        if self.season > 1:
            # Counted from the second season on, as `off` is.
            self.off_shape = Profile(off, self.start + self.season, self.season)

    def _shift(self) -> None:
        wanted = {_span(self.season, k) for k in SHORT} if self.season > 3 else set()
        self.short = [i for i, span in enumerate(self.spans) if span in wanted]
        if self.short:
            at = places(self.points)
            now = self.free_run[:, at]
            level = self.level(now, at, self.season)
            away = [self.level(now, at, self.spans[i]) - level for i in self.short]
            self.shift = Shift(at, away, (at - self.start >= self.quiet).astype(np.int64))

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
        point. Each moment looks so far ahead, each time; rows are steps by moments.
        """
        series, count, steps = len(self.x), len(moments), len(ahead)
        added = np.empty((series, len(self.names), steps, count), np.float32)
        now = self.free_run[:, moments]
        levels = [self.level(now, moments, span) for span in self.spans]
        level = levels[self.base]
        base = level[:, None]
        place = 0
        for i, one in enumerate([*levels, self.level(now, moments, self.points)]):
            if i != self.base:
                added[:, place] = (one - level)[:, None]
                place += 1
        if self.season > 1:
            at = self._before(moments, ahead, self.season)
            whole = (series, steps, count)
            shapes = [one.reshape(whole) for one in self.shape.means(at, SHAPES)]
            usual = shapes.pop(BASE_SHAPE)
            base = base + usual
            others = [(one, usual) for one in shapes]
            others.append((self.x[:, np.maximum(at, 0)].reshape(whole), base))
            if self.half:
                # Neighbours that are not known yet are those of a season before.
                at = at - self.season * (at + self.half >= np.tile(moments, steps))
                smooth = self.shape.smooth(self.shape_along, at, SHAPES[BASE_SHAPE], self.half)
                others.append((smooth.reshape(whole), usual))
            others += [(one, base) for one in self._weeks(moments, ahead)]
            for one, beside in others:
                np.subtract(one, beside, out=added[:, place], casting="same_kind")
                place += 1
        if self.year:
            added[:, place] = self._year(moments, ahead)
            place += 1
        if self.short:
            away = [levels[i] - level for i in self.short]
            added[:, place] = self.shift.size(moments, away)[:, None]
            place += 1
        for span in self.slopes:
            # Damped: what a line may still add dies away over as long as it was seen.
            reach = np.minimum(np.maximum(moments - self.start, 1), span).astype(np.float64)[:, None]
            added[:, place] = self.slope(moments, span)[:, None] * (
                reach * -np.expm1(-ahead[:, None] / reach)
            )
            place += 1
        rows = (series, count * steps)
        return np.broadcast_to(base, (series, steps, count)).reshape(rows), added.reshape(series, -1, rows[1])

    def _before(self, moments: Ints, ahead: Ints, season: int) -> Ints:
        """int64[rows]: the last point known that is whole seasons before the one asked for."""
        return (moments - 1 + (ahead - season * -(-ahead // season))[:, None]).ravel()

    def _weeks(self, moments: Ints, ahead: Ints) -> list[Floats]:
        """float64[series, steps, moments] each: the level of a week and the week's shape, or the week
        before.
        """
        if not self.week:
            return []
        longer = self.week * self.season
        at = self._before(moments, ahead, longer)
        total = self.run[:, moments] - self.run[:, np.maximum(moments - longer, 0)]
        level = (total / np.minimum(np.maximum(moments - self.start, 1), longer))[:, None]
        whole = (len(self.x), len(ahead), len(moments))
        found: list[Floats] = [level + one.reshape(whole) for one in self.week_shape.means(at, WEEKS)]
        return [*found, self.x[:, np.maximum(at, 0)].reshape(whole)]

    def _year(self, moments: Ints, ahead: Ints) -> Floats:
        width = max(self.season, self.year // 24)
        then = moments - self.year
        to = self._before(moments + 1, ahead, self.year)
        whole = (len(self.x), len(ahead), len(moments))
        away = self._around(to, width, np.tile(moments, len(ahead))).reshape(whole)
        away -= self._around(then, width, moments)[:, None]
        return np.where((then - self.start >= width)[:, None], away, 0.0)

    def _around(self, at: Ints, width: int, moments: Ints) -> Floats:
        begin = np.maximum(at - width // 2, 0)
        end = np.clip(at - width // 2 + width, 0, moments)
        return (self.free_run[:, end] - self.free_run[:, begin]) / np.maximum(end - begin, 1)

    def unrest(self, moments: Ints, ahead: Ints) -> Rows:
        """float32[series, 4, rows]: how far points are from their level: ever, lately, and in this phase;
        and how far the last few are.
        """
        series, count, steps = len(self.x), len(moments), len(ahead)
        out = np.empty((series, 4, steps, count), np.float32)
        out[:, 0] = (self.off_run[:, -1:] / np.maximum(self.points - self.start - self.quiet, 1))[:, None]
        span = max(self.span, 8)
        lately = self.off_run[:, moments] - self.off_run[:, np.maximum(moments - span, 0)]
        out[:, 1] = (lately / np.minimum(np.maximum(moments - self.start - self.quiet, 1), span))[:, None]
        if self.season < 2:
            out[:, 2] = out[:, 1]
        else:
            at = self._before(moments, ahead, self.season)
            (phase,) = self.off_shape.means(at, (UNREST,))
            out[:, 2] = phase.reshape(series, steps, count)
        now = self.free_run[:, moments]
        short, long = (_span(self.season, SHORT[0]), self.season) if self.season > 1 else UNSEASONAL
        out[:, 3] = np.abs(self.level(now, moments, short) - self.level(now, moments, long))[:, None]
        return out.reshape(series, 4, -1)


def _span(season: int, threes: int) -> int:
    return max(1, round(season * 3.0**threes))


def _shared(start: Ints) -> Ints:
    """One number for all when they start together: then counts are made once, not for every series."""
    return start[:1, None] if (start == start[:1]).all() else start[:, None]


def _rows(at: Ints, count: int) -> Ints:
    return np.broadcast_to(at, (count, 1))
