"""When a probability is told: above its chance, within its budget, and not again for every wobble. Pure."""

from __future__ import annotations

import math

from gadfly import rate

CERTAIN = 0.95
"""What is told although the budget is spent: a disk that is full tomorrow must not be kept from its owner."""
RELEASE = 0.5
"""Of its chance: an alarm that stands ends below that, so that a probability near it is one alarm."""


def needed(chance: float, told: int, budget: float) -> float:
    """The probability from which is told now: `chance`, or :data:`CERTAIN` where `told` alarms of the last
    week have spent the budget (alarms a week)."""
    return chance if told < budget else max(chance, CERTAIN)


def stands(probability: float, chance: float, *, stood: bool) -> bool:
    """Whether this is an alarm now; `stood`: it was one before. Too little to say (NaN) changes nothing."""
    if math.isnan(probability):
        return stood
    return probability >= (chance * RELEASE if stood else chance)


def a_week(text: str) -> float:
    """Alarms a week in ``"2 alarms a week"``, written as any other rate. ValueError, with a message for
    whoever wrote it."""
    return rate.parse(text.replace(" alarms ", " ", 1).replace(" alarm ", " ", 1))
