"""Which pasts are asked again: blocks of horizons, and the moments to forecast from in each."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from gadfly.predict.forecast.history import Ints

GOLDEN = 0.6180339887498949
"""Moments are moved by its multiples, so that they do not keep step with a season."""


@dataclass(frozen=True)
class Block:
    """Horizons that share their weights.

    first, last: the horizons, 1 is the next point. centre: on the scale of `log2(1 + horizon)`.
    moments: int64[moments], how many points were known. ahead: int64[steps], how far each of them looked.
    stride: how far the moments are apart. A row is a step and a moment, the moments of a step next to each
    other.
    """

    first: int
    last: int
    centre: float
    moments: Ints
    ahead: Ints
    stride: float


def blocks(horizon: int) -> list[tuple[int, int]]:
    """Horizons 1, 2-4, 5-13, 14-40, … up to the last; a short rest joins the block before it."""
    found: list[tuple[int, int]] = []
    first = 1
    while first <= horizon:
        last = min(3 * first - 2, horizon)
        if found and (last - first + 1) * 2 < first:
            found[-1] = (found[-1][0], last)
        else:
            found.append((first, last))
        first = last + 1
    return found


def plan(points: int, need: int, horizon: int, rows: int, width: int) -> list[Block]:
    """The rows to learn from: at most about `rows` a block, of at most `width` horizons each.

    `need` points must be known before a moment. A block whose horizon the past cannot hold has no rows.
    """
    made = []
    for first, last in blocks(horizon):
        steps = np.unique(np.linspace(first, last, min(width, last - first + 1)).round().astype(np.int64))
        room = points - last - need + 1
        count = max(0, min(room, rows // max(len(steps), 2)))
        stride = room / count if count else 1.0
        turn = np.arange(count)
        # From the newest backwards; the fraction keeps the moments apart from any whole period.
        back = np.floor(turn * stride + (turn * GOLDEN % 1.0) * max(stride - 1.0, 0.0)).astype(np.int64)
        moments = points - last - np.minimum(back, max(room - 1, 0))
        centre = float(np.mean(np.log2(1.0 + np.arange(first, last + 1))))
        made.append(Block(first, last, centre, moments, steps, stride))
    return made
