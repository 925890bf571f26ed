"""One declared prediction at work: its past, what is foreseen now, and what became of what was foreseen.

All of it reads series and computes, in a thread; nothing here writes or tells.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

import msgspec
import numpy as np
from numpy.typing import NDArray

from gadfly.config.predict import Prediction
from gadfly.predict.history import LOOKBACK, SERIES, History
from gadfly.predict.limit import limits
from gadfly.predict.outlook import Outlook, outlook
from gadfly.predict.prediction import LEVELS, Foreseen, Key, key, named
from gadfly.predict.resolve import Resolution, after_all, filling, moved
from gadfly.promql import Limits
from gadfly.promql.query import instant, range_query
from gadfly.promql.source import Selects
from gadfly.promql.values import Vector
from gadfly.store.predictions import Row

Floats = NDArray[np.float64]

DAY = 86_400.0
ROOM = 1.5
"""Half of what is more likely than not to fill by a moment fills well before it: who needs twelve hours is
told when it is likely within eighteen, and has the twelve in the median (bench/capacity.py)."""
NEAR = 2 * DAY
"""Seconds that are looked ahead at each turn, or as far as the owner needs."""
MONTH = 30 * DAY
HORIZON = 60 * DAY
"""And now and then: as far as people plan."""
AGAIN = 3_600.0
"""Seconds after which the weeks to come are looked at again."""
LATELY = 3_600.0
"""Seconds that are read of what ends at a known moment: the last value says all."""
ENDED = 900.0
"""Seconds without a sample after which a series is no more, and nothing is said of it."""
SURE = 0.5
"""What ends at a known moment has a probability of 1 before the deadline, and of 0 after it."""
LOOKS = 1_000
"""Times at which is looked between a prediction and its deadline at most."""


class Look(NamedTuple):
    """What one turn found."""

    at: float
    foreseen: list[Foreseen]
    resolved: list[tuple[Row, Resolution]]
    outlook: Outlook | None
    """Its series are those of `foreseen`, in their order; None without any."""
    left_out: Sequence[Key] = ()
    """Series for which there was no room."""


class Gauge:
    """`name` and `config` as declared. Not to be used by two threads at once.

    What is full at `time()` ends at a moment that is its value: a certificate, a licence. Of that the seconds
    that are left are looked at, and nothing needs to be learnt.
    """

    def __init__(self, name: str, config: Prediction) -> None:
        self.name = name
        self.config = config
        self.ends = config.full.strip() == "time()"
        self.full = "0" if self.ends else config.full
        self._number = _is_number(self.full)
        every = float(config.every)
        self.history = History(config.of, max(LATELY, every) if self.ends else float(config.history), every)
        self._looked = 0.0
        self._far: Far | None = None

    def look(
        self,
        source: Selects,
        now: float,
        open: Sequence[Row] = (),
        acted: Callable[[Row], bool] = lambda row: False,
        stopping: Callable[[], bool] = lambda: False,
        again: Callable[[Row], bool] = lambda row: False,
    ) -> Look:
        """Foresee, and resolve of `open` what can be. QueryError, LimitError, StoreError.

        Alarms among `open` that have an outcome already are looked at for whether they come true after all.

        `acted` tells whether somebody has taken on the alarm of a row, `again` whether its series was moved
        away from its limit before: what happens twice is what the series does.
        """
        newest = self.newest(source, now)
        self.history.read(source, now, stopping, newest)
        at, values = self.known(self.history)
        keys = self.history.keys
        # What came since the last time of the grid may be full already.
        fresh = sorted(newest.keys() - set(keys) - set(self.history.left_out))
        if fresh := fresh[: max(0, SERIES - len(keys))]:
            keys = [*keys, *fresh]
            at = at if len(at) else np.array([now])
            late = np.full((len(fresh), len(at)), np.nan)
            late[:, -1] = [newest[one] for one in fresh]
            values = np.concatenate([values.reshape(-1, len(at)), late])
        limit = limits(source, self.full, keys, now)
        if self._far is None or abs(now - self._far.at) >= AGAIN or self._far.keys != keys:
            self._far = far(keys, at, values, limit, now, ends=self.ends)
        foreseen = [
            _current(one, newest.get(one.key, one.value))
            for one in foresee(keys, at, values, limit, now, self.act, self._far, newest, ends=self.ends)
        ]
        places = {one: row for row, one in enumerate(keys)}
        rows = [places[one.key] for one in foreseen]
        ahead = outlook(at, values[rows], self.act) if rows and not self.ends else None
        resolved = self._resolved(source, now, open, acted, again)
        return Look(now, foreseen, resolved, ahead, self.history.left_out)

    def known(self, history: History) -> tuple[Floats, Floats]:
        """Times and values of `history`; of what ends, what is left of it."""
        at, values = history.known()
        return at, values - at if self.ends else values

    def newest(self, source: Selects, now: float) -> dict[Key, float]:
        """What each series is now: the grid may be minutes behind, and what is full meanwhile must not be
        foreseen to become so."""
        found = instant(source, self.config.of, round(now * 1000), Limits())
        if not isinstance(found, Vector):
            return {}
        begun = now if self.ends else 0.0
        return {key(one.labels): one.value - begun for one in found.samples if np.isfinite(one.value)}

    kind = "capacity"

    @property
    def act(self) -> float:
        """Seconds ahead that it looks: what the owner needs, and room above it unless the end is known."""
        return float(self.config.act) * (1.0 if self.ends else ROOM)

    def _resolved(
        self,
        source: Selects,
        now: float,
        open: Sequence[Row],
        acted: Callable[[Row], bool],
        again: Callable[[Row], bool],
    ) -> list[tuple[Row, Resolution]]:
        if not open:
            return []
        # What was looked at for a row since it was made need not be looked at again, but for its last
        # sample and for the end.
        due = any(row.deadline <= now for row in open if not row.outcome)
        since = min(row.made for row in open)
        since = since if due or not 0 < self._looked <= now else max(since, self._looked)
        measured = _measured(source, self.config.of, since, now, float(self.config.every))
        bounds = {id: (limit, rising) for id, limit, rising in self._bounds(source, now, open)}
        past, pasts = self.known(self.history)
        places = {one: row for row, one in enumerate(self.history.keys)}
        found = []
        for row in open:
            at, values = measured.get(row.series, (np.empty(0), np.empty(0)))
            values = values - at if self.ends else values
            limit, rising = bounds[row.id]
            if row.outcome:
                resolution = after_all(
                    at,
                    values,
                    deadline=row.deadline,
                    until=row.deadline + self.act,
                    limit=limit,
                    rising=rising,
                )
            else:
                resolution = filling(
                    at,
                    values,
                    made=row.made,
                    deadline=row.deadline,
                    limit=limit,
                    rising=rising,
                    now=now,
                    acted=row.deadline <= now and row.told and acted(row),
                    known=self.promised(row),
                    moved=row.deadline <= now
                    and (place := places.get(key(row.labels))) is not None
                    and not again(row)
                    and self.moved(past, pasts[place], row, limit, rising),
                )
            if resolution is not None:
                found.append((row, resolution))
        self._looked = now
        return found

    def promised(self, row: Row) -> bool:
        """Whether it was known that this would end by its deadline."""
        return self.ends and row.probability >= SURE

    def moved(self, at: Floats, values: Floats, row: Row, limit: float, rising: bool) -> bool:
        """Whether somebody moved the series of a row away from its limit in time, by what is known of it."""
        return not self.ends and moved(
            at, values, made=row.made, deadline=row.deadline, limit=limit, rising=rising
        )

    def _bounds(self, source: Selects, now: float, open: Sequence[Row]) -> list[tuple[int, float, bool]]:
        """The limit of each row as it is now, or as it was, and whether it is reached from below."""
        current = limits(source, self.full, [key(row.labels) for row in open], now)
        found = []
        for row, limit in zip(open, current.tolist(), strict=True):
            was = float(row.evidence.get("limit", np.nan))
            # Another number was declared anew, and judges nothing that was said before.
            other = self._number and np.isfinite(was) and not np.isclose(limit, was, rtol=1e-4, atol=0)
            judged = was if other or not np.isfinite(limit) else limit
            found.append((row.id, judged, bool(row.evidence.get("rising"))))
        return found


def _is_number(text: str) -> bool:
    try:
        return bool(np.isfinite(float(text)))
    except ValueError:
        return False


class Far(NamedTuple):
    """What is foreseen beyond the next days, at the time `at`, of the series `keys`."""

    at: float
    keys: list[Key]
    within: Floats
    """(series, levels) seconds from `at` until it is full."""
    month: Floats
    """(series) the probability that it is full within thirty days."""


def far(keys: Sequence[Key], at: Floats, values: Floats, limit: Floats, now: float, *, ends: bool) -> Far:
    """Weeks ahead, which costs more and changes slowly."""
    from gadfly.predict import capacity

    if not len(at) or not len(keys):
        return Far(now, list(keys), np.empty((0, len(LEVELS))), np.empty(0))
    if ends:
        filling = capacity.known(_ends(at, values), now=now)
    else:
        filling = capacity.time_to_full(at, values, limit, now=now, horizon=HORIZON)
    return Far(now, list(keys), filling.quantiles(LEVELS), filling.probability(MONTH))


def foresee(
    keys: Sequence[Key],
    at: Floats,
    values: Floats,
    limit: Floats,
    now: float,
    act: float,
    beyond: Far | None = None,
    newest: Mapping[Key, float] | None = None,
    *,
    ends: bool = False,
) -> list[Foreseen]:
    """What is foreseen of each of the series `keys` that still have samples.

    `at` (points, wall seconds), `values` (series, points; NaN: no sample) and `limit` (series) are what is
    known until `now`. `beyond`: what was foreseen of the same series weeks ahead; `newest`: what each is now,
    where the last of the times is a while ago.
    """
    from gadfly.predict import capacity
    from gadfly.predict.capacity.levels import rises

    if not len(at) or not len(keys):
        return []
    if ends:
        filling = capacity.known(_ends(at, values), now=now)
    else:
        filling = capacity.time_to_full(at, values, limit, now=now, horizon=max(NEAR, act))
    rising = rises(values, limit)
    current = np.array([(newest or {}).get(one, np.nan) for one in keys])
    room = np.where(
        np.isnan(current) | ends, filling.room, np.where(rising, limit - current, current - limit)
    )
    chance, why = filling.probability(act), filling.why(rising, room)
    within = filling.quantiles(LEVELS)
    if beyond is not None and not ends:
        later = np.maximum(beyond.within - (now - beyond.at), act)
        within = np.where(np.isfinite(within) | ~np.isfinite(later), within, later)
    ended = now - max(3 * float(np.diff(at[-2:]).sum()), ENDED)
    found = []
    for row, one in enumerate(keys):
        there = np.flatnonzero(np.isfinite(values[row]))
        if not len(there) or at[there[-1]] < ended:
            continue
        found.append(
            Foreseen(
                key=one,
                probability=float(chance[row]),
                value=float(values[row, there[-1]]),
                limit=float(limit[row]),
                rising=bool(rising[row]) and not ends,
                within=tuple(float(number) if np.isfinite(number) else None for number in within[row]),
                kind="ends" if ends else "fills",
                month=float(beyond.month[row]) if beyond is not None else float("nan"),
                why=why[row] if ends or np.isfinite(limit[row]) else "no limit is known of it",
            )
        )
    return found


def _current(one: Foreseen, value: float) -> Foreseen:
    """With what it is now, which may be full, or full no longer."""
    fresh = msgspec.structs.replace(one, value=value)
    if fresh.full == one.full:
        return fresh
    if fresh.full:
        return msgspec.structs.replace(fresh, within=(0.0,) * len(LEVELS), why="it is full")
    why = "too little to say: a moment ago it was full"
    unknown = (None,) * len(LEVELS)
    return msgspec.structs.replace(fresh, probability=float("nan"), within=unknown, why=why)


def _ends(at: Floats, values: Floats) -> Floats:
    """When each ends (wall seconds), from what is left of it at the times `at`; NaN without a sample."""
    there = np.isfinite(values)
    last = values.shape[1] - 1 - np.argmax(there[:, ::-1], axis=1)
    found = at[last] + values[np.arange(len(values)), last]
    return np.where(there.any(axis=1), found, np.nan)


def _measured(
    source: Selects, of: str, since: float, now: float, every: float
) -> Mapping[str, tuple[Floats, Floats]]:
    """What each series came to after `since`, by its name: times and values."""
    step = max(1.0, min(every, 60.0), (now - since) / LOOKS)
    start = round(since * 1000)
    matrix = range_query(
        source,
        of,
        start,
        max(start, round(now * 1000)),
        round(step * 1000),
        Limits(lookback_ms=max(LOOKBACK, round(step * 1000))),
    )
    return {named(one.labels): (one.at / 1000, one.value) for one in matrix.series}
