"""The odds of failing, learnt from what was followed by failures: for all, and apart for each group."""

from __future__ import annotations

import numpy as np

from gadfly.predict.failure.unusual import Float, Int

PRIOR = 1.0
"""Precision of the weights for all before anything was seen."""
GROUP_PRIOR = 4.0
"""Precision of what is different in a group: some failures are needed to tell it."""
BASE = -4.0
"""Log odds supposed before the first failure: one in fifty-five."""
FADES = 0.9997
"""What was seen counts for so much an hour later: a third after five months."""
MOST = 8.0
"""Log odds beyond which nothing is told."""


class Hazard:
    """Logistic regression, online: one Newton step an hour, with the curvature summed up from all hours
    (the Laplace approximation carried forward, as in Spiegelhalter and Lauritzen 1990)."""

    def __init__(self, groups: int, features: int) -> None:
        self._weights = np.zeros(features)
        self._weights[0] = BASE
        self._curve = PRIOR * np.eye(features)
        self._apart = np.zeros((groups, features))
        self._curves = np.tile(GROUP_PRIOR * np.eye(features), (groups, 1, 1))

    def odds(self, features: Float, group: Int) -> Float:
        """[components] Log odds; `features` [components, features], of which the first is 1."""
        odds: Float = features @ self._weights + np.sum(features * self._apart[group], axis=1)
        return np.clip(odds, -MOST, MOST)

    def learn(self, features: Float, group: Int, failed: Float, weight: float) -> None:
        """What became of some hours: 1 where it failed within the horizon, else 0 [hours].

        `weight`: that of an hour; hours whose horizons overlap tell of the same failures.
        """
        if not len(features):
            return
        chance = _chance(np.clip(features @ self._weights, -MOST, MOST))
        self._curve = (self._curve - PRIOR * np.eye(len(self._curve))) * FADES + PRIOR * np.eye(
            len(self._curve)
        )
        self._curve += (features * (weight * chance * (1 - chance))[:, None]).T @ features
        self._weights = self._weights + np.linalg.solve(
            self._curve, weight * (features.T @ (failed - chance))
        )
        chance = _chance(self.odds(features, group))
        slope = np.zeros_like(self._apart)
        np.add.at(slope, group, features * (weight * (failed - chance))[:, None])
        spread = features * np.sqrt(weight * chance * (1 - chance))[:, None]
        # A group at a time: the products of all hours at once would be as many numbers as hours and squares.
        order = np.argsort(group, kind="stable")
        present, starts = np.unique(group[order], return_index=True)
        prior = GROUP_PRIOR * np.eye(features.shape[1])
        for one, rows in zip(present.tolist(), np.split(order, starts[1:]), strict=True):
            self._curves[one] = (self._curves[one] - prior) * FADES + prior + spread[rows].T @ spread[rows]
        found = np.linalg.solve(self._curves[present], slope[present][:, :, None])[:, :, 0]
        self._apart[present] += found

    def shares(self, features: Float, group: Int) -> Float:
        """[components, features] What each feature adds to the log odds."""
        return features * (self._weights + self._apart[group])


def _chance(odds: Float) -> Float:
    found: Float = 1.0 / (1.0 + np.exp(-odds))
    return found
