"""The chance that components fail within the horizon, hour by hour."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from gadfly.predict.failure.calibration import Calibration
from gadfly.predict.failure.hazard import MOST, Hazard
from gadfly.predict.failure.unusual import Float, Int, Unusual

SIGNS = ("jitter", "restarts", "probe latency", "losses", "retries", "budget burn")
"""What is seen of a component in an hour: the mean deviation of its beats from their interval, how often it
was started, how long its probes took, lost beats, repeated probes, and how much of its error budget was
spent. Units are the caller's; each is 0 or more."""
HORIZON = 24
"""Hours: until the same shift comes again."""
LEAST_FAILURES = 5
"""Failures in a component's group below which there is too little to say."""
LEAST_HOURS = 24
"""Hours that must be known of a component: a day, so that a night is not unusual."""
OWN = 2.0
"""That a component fails as often as is told counts as so many failures."""


class Foresight:
    """Learns from each hour when its horizon is over, and tells of the present one.

    `group` [components]: the number of the group of each, from 0. Components of one group are alike: the same
    program, or the same kind of device. The same hours give the same chances.
    """

    def __init__(self, group: Int, *, horizon: int = HORIZON, signs: tuple[str, ...] = SIGNS) -> None:
        if horizon < 1:
            raise ValueError(f"the horizon is a number of hours from 1 on, not {horizon}")
        self._group = np.asarray(group, dtype=np.int64)
        if self._group.ndim != 1 or bool(np.any(self._group < 0)):
            raise ValueError("give each component the number of its group, from 0 on")
        self.horizon, self.signs = horizon, signs
        count, groups = len(self._group), int(self._group.max(initial=-1)) + 1
        self._unusual = Unusual(self._group, len(signs))
        self._hazard = Hazard(groups, 1 + 2 * len(signs))
        self._calibration = Calibration()
        self._hour = 0
        self._features = np.zeros((horizon, count, 1 + 2 * len(signs)), dtype=np.float32)
        self._told = np.full((horizon, count), np.nan)
        self._failed_at = np.full(count, -1)
        self._failures = np.zeros(groups)
        self._own_failed, self._own_told = np.zeros(count), np.zeros(count)

    def hour(self, numbers: Float, failed: NDArray[np.bool_]) -> Float:
        """[components] The chance to fail within the next :attr:`horizon` hours; NaN: too little to say.

        `numbers` [components, signs] of the hour that has just ended, NaN where unknown; `failed`
        [components] whether it turned bad within that hour.
        """
        count = len(self._group)
        if numbers.shape != (count, len(self.signs)) or failed.shape != (count,):
            raise ValueError(
                f"give numbers [{count}, {len(self.signs)}] and failed [{count}], "
                f"not {list(numbers.shape)} and {list(failed.shape)}"
            )
        np.add.at(self._failures, self._group, failed)
        self._failed_at = np.where(failed, self._hour, self._failed_at)
        place = self._hour % self.horizon
        if self._hour >= self.horizon:
            self._learn(place)
        now, smooth = self._unusual.take(np.asarray(numbers, dtype=np.float64))
        features = np.concatenate([np.ones((count, 1)), now, smooth], axis=1)
        odds = self._hazard.odds(features, self._group)
        self._features[place] = features
        known = self._unusual.hours >= LEAST_HOURS
        self._told[place] = np.where(known, odds, np.nan)
        self._hour += 1
        own = np.log((self._own_failed + OWN) / (self._own_told + OWN))
        odds = np.clip(self._calibration.corrected(odds) + own, -MOST, MOST)
        enough = known & (self._failures[self._group] >= LEAST_FAILURES)
        return np.where(enough, 1.0 / (1.0 + np.exp(-odds)), np.nan)

    def why(self, component: int) -> str:
        """What raises the chance of one component most, by the last hour."""
        if self._hour == 0:
            return "nothing is known yet"
        features = self._features[(self._hour - 1) % self.horizon, component].astype(np.float64)
        shares = self._hazard.shares(features[None, :], self._group[component : component + 1])[0, 1:]
        both = shares[: len(self.signs)] + shares[len(self.signs) :]
        strongest = [number for number in np.argsort(-both, kind="stable").tolist() if both[number] > 0.25][
            :2
        ]
        if not strongest:
            return "nothing about it is unusual"
        now = features[1 : 1 + len(self.signs)]
        return ", ".join(
            f"{self.signs[number]} {now[number]:+.1f} deviations from usual" for number in strongest
        )

    def _learn(self, place: int) -> None:
        """From the hour that ended a horizon ago: it failed if it did in one of the hours since."""
        told = self._told[place]
        counted = np.flatnonzero(~np.isnan(told))
        failed = (self._failed_at[counted] > self._hour - self.horizon).astype(np.float64)
        weight = 1.0 / self.horizon
        features = self._features[place, counted].astype(np.float64)
        odds = told[counted]
        self._calibration.learn(odds, failed, weight)
        chance = 1.0 / (1.0 + np.exp(-self._calibration.corrected(odds)))
        self._own_failed[counted] += weight * failed
        self._own_told[counted] += weight * chance
        self._hazard.learn(features, self._group[counted], failed, weight)
