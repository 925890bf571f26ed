"""When each of many series is full, as a distribution."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from gadfly.predict.capacity.levels import HOUR, Bool, Float
from gadfly.predict.wording import number

AGES = 1000 * 365 * 24 * HOUR
_NONE = np.empty(0)


@dataclass(frozen=True, slots=True)
class Filling:
    """Chances of being full by the time; NaN where there is too little to say."""

    edges: Float
    """[moments] or [series, moments] seconds from now, not falling in a row."""
    chances: Float
    """[series, moments] that it is full by then; not falling in a row. Full is when it is so once."""
    room: Float
    """[series] what is left now, in the gauge's unit; not above 0: it is full."""
    certain: bool = False
    """Whether nothing can come after the last moment, so that any deadline may be asked for."""
    history: Float = field(default_factory=_NONE.copy)
    """[series] hours that are known of it. (Empty, as those below, where the end is known.)"""
    usual: Float = field(default_factory=_NONE.copy)
    """[series] how much it rises within a day from moments like this, by their median; NaN: not judged."""
    days: Float = field(default_factory=_NONE.copy)
    """[series] how many days' worth of moments like this there were; NaN: not judged."""
    momentum: Float = field(default_factory=_NONE.copy)
    """[series] by how much an hour it rises faster than was usual, so far as that is supposed to go on."""
    overdue: Float = field(default_factory=_NONE.copy)
    """[series] the chance that its clean-up will not come by itself any more; 0 where there is none."""

    def probability(self, deadline: float) -> Float:
        """[series] The chance that it is full within `deadline` seconds from now.

        Between two moments it is taken to grow evenly. ValueError: further than was looked.
        """
        edges = np.broadcast_to(self.edges, self.chances.shape)
        if not deadline >= 0:
            raise ValueError(f"a deadline lies ahead: give seconds from now, not {deadline}")
        if not self.certain and deadline > float(np.max(self.edges, initial=0.0)):
            raise ValueError(
                f"looked {np.max(self.edges, initial=0.0):g} s ahead, not {deadline:g}: "
                "give time_to_full a longer horizon"
            )
        found = _between(edges, self.chances, np.full(len(self.room), float(deadline)))
        return np.where(np.isnan(self.chances[:, -1]), np.nan, np.where(self.room <= 0, 1.0, found))

    def quantiles(self, levels: tuple[float, ...]) -> Float:
        """[series, levels] Seconds from now by when it is full with each of these chances.

        inf: not foreseen, as far as was looked. 0: it is full. NaN: too little to say.
        """
        edges = np.broadcast_to(self.edges, self.chances.shape)
        count, moments = self.chances.shape
        found = np.empty((count, len(levels)))
        for place, level in enumerate(levels):
            reached = np.count_nonzero(self.chances < level, axis=1)
            inside = np.minimum(reached, moments - 1)[:, None]
            before = np.maximum(inside - 1, 0)
            right = np.take_along_axis(edges, inside, axis=1)[:, 0]
            high = np.take_along_axis(self.chances, inside, axis=1)[:, 0]
            first = inside[:, 0] == 0
            left = np.where(first, 0.0, np.take_along_axis(edges, before, axis=1)[:, 0])
            low = np.where(first, 0.0, np.take_along_axis(self.chances, before, axis=1)[:, 0])
            step = high - low
            share = np.clip((level - low) / np.where(step > 0, step, 1.0), 0.0, 1.0)
            at = np.where(reached < moments, left + (right - left) * share, np.inf)
            found[:, place] = np.where(self.room <= 0, 0.0, at)
        found[np.isnan(self.chances[:, -1])] = np.nan
        return found

    def why(self, rising: Bool | None = None, room: Float | None = None) -> list[str]:
        """A sentence a series: what its chances rest on. `rising` [series]: whether the gauge itself rises
        towards its limit, as all are taken to without it; `room` [series]: what is left by newer samples."""
        count = len(self.room)
        up = [True] * count if rising is None else rising.tolist()
        left = self.room.tolist() if room is None else room.tolist()
        return [self._why(row, up[row], left[row]) for row in range(count)]

    def _why(self, row: int, up: bool, left: float) -> str:
        if self.certain:
            if np.isnan(left):
                return "too little to say: no end is known"
            if left > AGES:
                return "ends in more than a thousand years; are its values in seconds, not in milliseconds?"
            return f"ends in {_time(left)}, which is known" if left > 0 else "has ended"
        if left <= 0:
            return "it is full"
        if np.isnan(self.chances[row, -1]):
            hours = round(float(self.history[row]))
            return f"too little to say after {hours} hours" if hours > 1 else "too little to say so soon"
        if np.isnan(self.days[row]):
            return f"{number(left)} left; it never {'rose' if up else 'fell'} by so much in two days"
        usual, goes = float(self.usual[row]), "rises" if up else "falls"
        went = "rose" if up == (usual >= 0) else "fell"
        words = [
            f"{number(left)} left; from {max(1, round(float(self.days[row])))} days like this one it {went} "
            f"by {abs(usual):.4g} within a day"
        ]
        momentum = float(self.momentum[row])
        if momentum > 0.05 * left / 24:
            words.append(f"now it {goes} by {momentum:.3g} an hour more than usual")
        elif momentum < -0.05 * left / 24:
            words.append(f"now it {goes} by {-momentum:.3g} an hour less than usual")
        if self.overdue[row] > 0.2:
            words.append(f"its clean-up is overdue ({float(self.overdue[row]):.0%} that it does not come)")
        return "; ".join(words)


def _between(edges: Float, chances: Float, at: Float) -> Float:
    """[series] The chances at these times, from 0 at 0 on, straight between two moments."""
    passed = np.count_nonzero(edges <= at[:, None], axis=1)
    moments = edges.shape[1]
    right = np.minimum(passed, moments - 1)[:, None]
    left = np.maximum(passed - 1, 0)[:, None]
    high = np.take_along_axis(chances, right, axis=1)[:, 0]
    low = np.where(passed > 0, np.take_along_axis(chances, left, axis=1)[:, 0], 0.0)
    end = np.take_along_axis(edges, right, axis=1)[:, 0]
    start = np.where(passed > 0, np.take_along_axis(edges, left, axis=1)[:, 0], 0.0)
    span = end - start
    share = np.clip((at - start) / np.where(span > 0, span, 1.0), 0.0, 1.0)
    return low + (high - low) * share


def _time(seconds: float) -> str:
    """A time for people: 40 minutes, 13 hours, 12 days."""
    if seconds < 2 * HOUR:
        return f"{seconds / 60:.0f} minutes"
    if seconds < 72 * HOUR:
        return f"{seconds / HOUR:.0f} hours"
    return f"{seconds / (24 * HOUR):.0f} days"
