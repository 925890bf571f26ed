"""Running sums: the mean of any stretch is a difference of two of them."""

from __future__ import annotations

import numpy as np

from gadfly.predict.forecast.history import Floats, Ints


def run(x: Floats) -> Floats:
    """float64[series, points + 1]: the sum of all points before each."""
    out = np.empty((x.shape[0], x.shape[1] + 1))
    out[:, 0] = 0.0
    np.cumsum(x, axis=1, out=out[:, 1:])
    return out


class Profile:
    """Means over the same phase of earlier seasons.

    x: float64[series, points], 0 before the start. start: int64, first points, of shape [series, 1] or
    [1, 1]. season: points.
    """

    def __init__(self, x: Floats, start: Ints, season: int) -> None:
        self.start, self.season = start, season
        # Zeros before the start: what reaches back beyond it adds nothing, and is not counted.
        self.pad = -x.shape[1] % season + season
        self.sums = np.empty((x.shape[0], self.pad + x.shape[1]))
        self.sums[:, : self.pad] = 0.0
        self.sums[:, self.pad :] = x
        for begin in range(season, self.sums.shape[1], season):
            self.sums[:, begin : begin + season] += self.sums[:, begin - season : begin]

    def means(self, at: Ints, seasons: tuple[int, ...]) -> list[Floats]:
        """float64[series, rows] each: the mean at `at` and the same phase before, of at most so many
        seasons.
        """
        there = at + self.pad
        ever = self.sums[:, np.maximum(there, 0)]
        known = self._known(at)
        found = []
        for count in seasons:
            before = there - count * self.season
            total = ever - self.sums[:, np.maximum(before, 0)] if (before > 0).any() else ever
            found.append(total / np.minimum(known, count))
        return found

    def along(self) -> Floats:
        """What `smooth` needs: sums along the phases of the sums over seasons."""
        return run(self.sums)

    def smooth(self, along: Floats, at: Ints, seasons: int, half: int) -> Floats:
        """float64[series, rows]: as `means`, and over as many as `half` neighbouring points on each side."""
        there = at + self.pad
        width = seasons * self.season
        upper, lower = np.maximum(there + half + 1, 0), np.maximum(there - half, 0)
        total = along[:, upper] - along[:, lower]
        total -= along[:, np.maximum(upper - width, 0)] - along[:, np.maximum(lower - width, 0)]
        total /= np.minimum(self._known(at), seasons) * (2 * half + 1)
        return total

    def _known(self, at: Ints) -> Ints:
        known: Ints = np.maximum((at - self.start) // self.season + 1, 1)
        return known
