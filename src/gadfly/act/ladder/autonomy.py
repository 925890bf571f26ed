"""The ladder of autonomy: what a record of verified runs earns, and what failure costs. Pure.

A level is raised by proposal, on at least :data:`RUNS` measured runs at the present level whose success rate
is, with 95 % confidence, at least :data:`BOUND` (one-sided Clopper–Pearson, exact for any number of runs:
Clopper and Pearson, Biometrika 26, 1934). Without a single failure that takes 29 runs. It is lowered by
itself, at each failure.
"""

from __future__ import annotations

import functools
import math

from gadfly.act.automation import LEVELS

RUNS = 20
BOUND = 0.9
CONFIDENCE = 0.95
FAILURES = 2
"""Failures in a row that freeze an automation. One may be chance; two are a reason to look."""
EARNED = "approve"
"""Where every automation begins, whatever it declares: it acts on approval until its record says more."""


@functools.lru_cache(maxsize=4096)
def lower_bound(verified: int, runs: int) -> float:
    """The success rate that is exceeded with 95 % confidence; 0 where nothing was verified."""
    if not 0 <= verified <= runs:
        raise ValueError(f"{verified} of {runs} runs cannot be")
    if verified == 0:
        return 0.0
    low, high = 0.0, 1.0
    for _ in range(50):
        middle = (low + high) / 2
        if _at_least(verified, runs, middle) < 1 - CONFIDENCE:
            low = middle
        else:
            high = middle
    return low


def _at_least(verified: int, runs: int, rate: float) -> float:
    """The chance of so many successes or more, if each had this rate (above 0 and below 1)."""
    terms = (
        math.lgamma(runs + 1)
        - math.lgamma(found + 1)
        - math.lgamma(runs - found + 1)
        + found * math.log(rate)
        + (runs - found) * math.log1p(-rate)
        for found in range(verified, runs + 1)
    )
    return min(1.0, math.fsum(math.exp(term) for term in terms))


def earns(level: str, verified: int, runs: int) -> str:
    """The level that may be proposed; empty where the record does not bear another one, or there is none."""
    place = LEVELS.index(level)
    if place + 1 >= len(LEVELS) or runs < RUNS or lower_bound(verified, runs) < BOUND:
        return ""
    return LEVELS[place + 1]


def after_failure(level: str) -> str:
    """One lower, but not below where it acts on approval: there a person looks at each act already."""
    return LEVELS[max(LEVELS.index(level) - 1, min(LEVELS.index(level), LEVELS.index(EARNED)))]
