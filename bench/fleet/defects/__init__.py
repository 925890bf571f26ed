"""Every kind of question with its seed and its twin: `PAIRS[kind](fleet, kind, seed)` plants one of the two.

The kinds, seeds and twins are those of the catalogue of questions; how strong a seed is, is drawn from wide
ranges that lie clearly within the defect. A planted component has no trouble but what is planted.
"""

from __future__ import annotations

from collections.abc import Callable

from fleet.defects import (
    authority,
    behaviour,
    control,
    decisions,
    dependencies,
    forecasts,
    health,
    ownership,
    paging,
    silences,
    thresholds,
)
from fleet.fleet import Fleet

Pair = Callable[[Fleet, str, bool], None]

PAIRS: dict[str, Pair] = (
    thresholds.PAIRS | health.PAIRS | paging.PAIRS | silences.PAIRS | ownership.PAIRS | behaviour.PAIRS
    | control.PAIRS | authority.PAIRS | forecasts.PAIRS | dependencies.PAIRS | decisions.PAIRS
)  # fmt: skip
