"""Chances corrected by how often they were right: isotonic regression over a few bins."""

from __future__ import annotations

import numpy as np

from gadfly.predict.failure.unusual import Float

EDGES = np.array([-6.0, -5.0, -4.0, -3.0, -2.0, -1.0, 0.0, 1.0, 2.0])
"""Log odds between the bins."""
SUPPOSED = 4.0
"""That a bin is right counts as so many outcomes."""
FADES = 0.9997
"""As in :mod:`~gadfly.predict.failure.hazard`."""


class Calibration:
    """What was told, by bin, and how often it came true."""

    def __init__(self) -> None:
        self._number = np.zeros(len(EDGES) + 1)
        self._told = np.zeros(len(EDGES) + 1)
        self._true = np.zeros(len(EDGES) + 1)

    def learn(self, odds: Float, failed: Float, weight: float) -> None:
        """Log odds that were told [n], and 1 where it came true, else 0 [n]; each counts as `weight`."""
        place = np.searchsorted(EDGES, odds)
        size = len(self._number)
        chance = 1.0 / (1.0 + np.exp(-odds))
        self._number = self._number * FADES + weight * np.bincount(place, minlength=size)
        self._told = self._told * FADES + weight * np.bincount(place, weights=chance, minlength=size)
        self._true = self._true * FADES + weight * np.bincount(place, weights=failed, minlength=size)

    def corrected(self, odds: Float) -> Float:
        """[n] Log odds as they were right; rising where `odds` rise."""
        used = self._number > 0
        if not used.any():
            return odds
        number, told = self._number[used], self._told[used]
        mean = told / number
        share = (self._true[used] + SUPPOSED * mean) / (number + SUPPOSED)
        share = rising(share, number + SUPPOSED)
        shift = np.log(share / (1 - share)) - np.log(mean / (1 - mean))
        centre = np.log(mean / (1 - mean))
        # Between two bins' centres the correction changes evenly, and the order stays as it was.
        beyond = np.where(
            odds < centre[0], odds - centre[0], np.where(odds > centre[-1], odds - centre[-1], 0.0)
        )
        found: Float = np.interp(odds, centre, centre + shift) + beyond
        return found


def rising(values: Float, weights: Float) -> Float:
    """The nearest values that do not fall, by weighted squares (pool adjacent violators, Ayer 1955)."""
    blocks: list[tuple[float, float, int]] = []
    for value, weight in zip(values.tolist(), weights.tolist(), strict=True):
        blocks.append((value, weight, 1))
        while len(blocks) > 1 and blocks[-2][0] > blocks[-1][0]:
            (low, lighter, before), (high, heavier, after) = blocks[-2], blocks[-1]
            both = lighter + heavier
            blocks[-2:] = [((low * lighter + high * heavier) / both, both, before + after)]
    return np.concatenate([np.full(number, value) for value, _, number in blocks])
