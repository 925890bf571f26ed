"""Who may speak: a predictor that does worse than the naive guess falls silent, and earns its voice back.

::

    speaks ──skill < 0 over its window, with enough resolved──▶ silent
       ▲                                                           │  it goes on predicting, untold
       └────────────── skill ≥ 0.05 over the same ─────────────────┘

All its predictions together are judged, as a series has few. But where what it said of a series, or of an
owner's series, was good, it speaks of these on: nobody's series take away the alarms of another's.
"""

from __future__ import annotations

from gadfly.store.predictions import Tally

ENOUGH = 20
"""Resolved predictions before anything follows from a skill: with fewer it is chance."""
FEW = 5
"""Resolved predictions of one series from which its own record counts for it."""
RETURN = 0.05
"""Skill at which it speaks again: more than at the edge, so that it does not come and go."""

WORST = -10.0
"""Below that a skill says no more than that it is bad."""


def skill(tally: Tally) -> float | None:
    """1 - its Brier score / that of the naive guess; None where there is nothing to compare."""
    return 1 - tally.brier / tally.naive if tally.known and tally.naive > 0 else None


def silent(tally: Tally, *, was: bool) -> bool:
    """Whether it is silent from now on; `was`: it is now."""
    found = skill(tally)
    if tally.known < ENOUGH or found is None:
        return was
    return found < RETURN if was else found < 0


def heard(series: Tally, owner: Tally) -> bool:
    """Whether one that is silent speaks of this series all the same: by the record of the series, or where
    that is too short, by that of its owner's."""
    judged = series if series.known >= FEW else owner
    found = skill(judged)
    return judged.known >= (FEW if judged is series else ENOUGH) and found is not None and found >= RETURN


def why(tally: Tally) -> str:
    """What is said of one that falls silent, or speaks again."""
    found = skill(tally) or 0.0
    words = f"{found:.2f}" if found > WORST else f"below {WORST:g}"
    than = "worse than" if found < 0 else "better than"
    record = f"of {tally.known:,} predictions {tally.true:,} came true"
    return f"{record}; its skill is {words}, {than} the naive guess"
