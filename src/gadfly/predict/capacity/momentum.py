"""By how much a series grows faster now than at this hour before, and how long such an excess went on."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from gadfly.predict.capacity.alike import DAY, WEEK
from gadfly.predict.capacity.levels import HOUR, Bool, Float, Int

HALF = 3
SPAN = 2 * HALF
"""Hours over which growth is compared: shorter is noise, longer is late. Only what both halves show counts,
so that one job, however large, is no trend."""
DAYS = 5
"""Days of which the usual growth at this hour is the median."""
SOON, LATER = 0.9, 0.6
"""What share of an excess goes on, in the next hours and in the rest of two days, where the series has shown
nothing: a leak does not stop by itself."""
SUPPOSED = 1.5
"""That counts as so many times having been seen."""
NONE, FULL = 0.15, 0.5
"""Excesses of the past count from the first share of the present one on, and fully from the second."""


@dataclass(frozen=True, slots=True)
class Momentum:
    """Growth beyond what is usual, of the last :data:`SPAN` hours, in units an hour."""

    now: Float
    """[series]"""
    then: Float
    """[series, hours - 1] at the end of each complete hour."""
    soon: Float
    """[series] the share of it that goes on in the next :data:`SPAN` hours,"""
    later: Float
    """[series] and after them."""

    def carried(self, horizon: int) -> Float:
        """[series, horizon] How many hours' worth of the excess are added until the end of each hour."""
        ahead = np.arange(1, horizon + 1)
        first = np.minimum(ahead, SPAN)
        return self.soon[:, None] * first + self.later[:, None] * (ahead - first)


def momentum(grown: Float, since: Int, now: float) -> Momentum:
    """From what was written [series, hours] by the end of each hour; the last hour has just begun."""
    part = (now / HOUR) % 1.0
    rise = _rise(grown[:, :-1])
    half = _excess(rise, since)
    then = np.zeros_like(half)
    then[:, HALF:] = _both(half[:, :-HALF], half[:, HALF:])
    excess = _both(_present(grown, rise, since, part, HALF), _present(grown, rise, since, part, 0))
    columns = np.arange(grown.shape[1] - 1)
    soon, later = _persistence(excess, then, half, columns >= (since + DAY + SPAN)[:, None])
    return Momentum(excess, then, soon, later)


def _both(first: Float, second: Float) -> Float:
    """An hour's excess that both halves of a span show; 0 where one shows more and the other less."""
    alike = np.sign(first) == np.sign(second)
    return np.where(alike, np.sign(first) * np.minimum(np.abs(first), np.abs(second)), 0.0) / HALF


def _rise(grown: Float) -> Float:
    """[series, hours] Growth within the last half span; 0 in the first hours."""
    rise = np.zeros_like(grown)
    rise[:, HALF:] = grown[:, HALF:] - grown[:, :-HALF]
    return rise


def _present(grown: Float, rise: Float, since: Int, part: float, ago: int) -> Float:
    """[series] The excess of the half span that ended `ago` hours before now, `part` of an hour into this.

    It begins within an hour; so do those that it is compared with.
    """
    end = grown.shape[1] - 1 - ago

    def level(column: int) -> Float:
        return grown[:, column - 1] * (1 - part) + grown[:, column] * part

    present = (grown[:, end] if ago == 0 else level(end)) - level(end - HALF)
    usual = np.full((len(grown), DAYS + 1), np.nan)
    for place, lag in enumerate((*(DAY * day for day in range(1, DAYS + 1)), WEEK)):
        column = end - lag
        if column > HALF:
            told = since <= column - HALF - 1
            mixed = rise[:, column - 1] * (1 - part) + rise[:, column] * part
            usual[:, place] = np.where(told, mixed, np.nan)
    return _least(present, usual)


def _excess(rise: Float, since: Int) -> Float:
    """[series, hours] Growth beyond the usual one, at each hour by what was known then; 0 where none was."""
    hours = rise.shape[1]
    column = np.arange(hours)
    usual = np.full((DAYS + 1, *rise.shape), np.nan)
    for place, lag in enumerate((*(DAY * day for day in range(1, DAYS + 1)), WEEK)):
        if lag < hours:
            told = column[lag:] >= (since + lag + HALF)[:, None]
            usual[place, :, lag:] = np.where(told, rise[:, :-lag], np.nan)
    return _least(rise, np.moveaxis(usual, 0, -1))


def _least(present: Float, usual: Float) -> Float:
    """[...] The difference from the median of the days, or from last week's where that is the smaller one.

    `usual` [..., days and a week]. 0 where there is neither.
    """
    days = np.sort(usual[..., :DAYS], axis=-1)  # NaN goes last
    number = np.count_nonzero(~np.isnan(days), axis=-1)
    low = np.take_along_axis(days, (np.maximum(number - 1, 0) // 2)[..., None], axis=-1)[..., 0]
    high = np.take_along_axis(days, np.minimum(number // 2, DAYS - 1)[..., None], axis=-1)[..., 0]
    by_days = np.where(number > 0, present - (low + np.where(number > 0, high, low)) / 2, 0.0)
    week = usual[..., DAYS]
    by_week = np.where(np.isnan(week), by_days, present - week)
    return np.where(np.abs(by_week) < np.abs(by_days), by_week, by_days)


def _persistence(excess: Float, then: Float, half: Float, counted: Bool) -> tuple[Float, Float]:
    """[series] Which share of excesses like this one went on, within SPAN hours and after them."""
    sign = np.where(excess < 0, -1.0, 1.0)[:, None]
    size = np.where(excess != 0, np.abs(excess), 1.0)[:, None]
    signed = then * sign
    following = half * sign / HALF
    share_of = np.clip((signed / size - NONE) / (FULL - NONE), 0.0, 1.0)
    weight = np.where(counted, share_of, 0.0)
    base = np.where(weight > 0, signed, 1.0)

    begun = (weight[:, 1:] > 0) & (weight[:, :-1] <= 0)
    # Neighbouring hours show one and the same excess: each run of them counts once, and once more each SPAN.
    runs = np.maximum(np.count_nonzero(begun, axis=1), 1)
    length = np.clip(np.count_nonzero(weight > 0, axis=1) / runs, 1.0, SPAN)

    def share(first: int, last: int, supposed: float) -> Float:
        """Of what follows from half span `first` to `last`."""
        lasting = np.zeros_like(signed)
        for step in range(first, last + 1):
            lasting[:, : -HALF * step] += following[:, HALF * step :] / (last + 1 - first)
        seen = weight.copy()
        seen[:, -HALF * last :] = 0.0
        number = np.sum(seen, axis=1) / length
        total = np.sum(seen * np.clip(lasting / base, -0.25, 1.25), axis=1) / length
        found: Float = (total + SUPPOSED * supposed) / (number + SUPPOSED)
        return found

    return share(1, 2, SOON), share(3, 8, LATER)
