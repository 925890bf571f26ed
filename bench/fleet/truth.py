"""What is wrong in a fleet, and what only looks wrong.

The harm of a seeded defect is what it costs in a month, were nobody to ask: how often it bites, times how many
feel it (by the tier and the components that stand on its own), times three where it breaks things by itself,
times chance, since nobody knows a cost better than by half. The dearest fifth are of grade 3, the next quarter 2,
the next third 1, the rest 0. It is drawn where the defect is made and known to no question.
"""

from __future__ import annotations

import json
import math
from dataclasses import asdict, dataclass, field
from pathlib import Path

import numpy as np

from fleet.estate import Component

SAFETY = frozenset(
    [
        "dead-metric",
        "healthcheck-too-deep",
        "wide-silence",
        "nobody-home",
        "same-fix-again",
        "harmful",
        "radius-creep",
        "empty-means-all",
        "no-way-back",
        "stop-button-cold",
        "break-glass-habit",
        "dry-run-differs",
        "two-hands",
        "acts-on-blindness",
        "promotion-unearned",
        "purpose-drift",
        "shared-identity",
        "toxic-pair",
        "horizon-cliff",
        "both-think-dead",
        "loop",
        "who-watches",
    ]
)
"""Kinds whose defect breaks things by itself, as the catalogue marks them."""
REACH = {1: 4.0, 2: 3.0, 3: 2.0, 4: 1.0}
"""How many feel a failure, by tier."""


@dataclass(slots=True)
class Defect:
    """A seed, or its twin. `names` are all names under which a question may rightly speak of it."""

    kind: str
    sort: str
    subject: str
    names: list[str]
    owner: str | None
    born: float
    pace: float
    """Bites a month: pages, acts, or 1."""
    tier: int
    component: str | None = None
    harm: int = 0
    touched: list[str] = field(default_factory=list)
    """Everything that was made or altered for it: no longer clean."""


def grade(defects: list[Defect], dependents: dict[str, int], rng: np.random.Generator) -> None:
    """Set the harm of every seed."""
    seeds = [one for one in defects if one.sort == "seed"]
    costs = np.array(
        [
            max(1.0, one.pace)
            * REACH[one.tier]
            * math.log2(2 + dependents.get(one.component or "", 0))
            * (3.0 if one.kind in SAFETY else 1.0)
            * rng.lognormal(0, 0.4)
            for one in seeds
        ]
    )
    share = costs.argsort().argsort() / len(seeds)
    for one, place in zip(seeds, share, strict=True):
        one.harm = int(np.searchsorted([0.22, 0.55, 0.80], place, side="right"))


def downstream(edges: list[tuple[str, str]], components: list[Component]) -> dict[str, int]:
    """How many components stand, directly or through others, on each."""
    needing: dict[str, list[str]] = {}
    for src, dst in edges:
        needing.setdefault(dst, []).append(src)
    counts: dict[str, int] = {}
    for one in components:
        seen, front = {one.name}, [one.name]
        while front:
            front = [src for dst in front for src in needing.get(dst, ()) if src not in seen]
            seen.update(front)
        counts[one.name] = len(seen) - 1
    return counts


def write(defects: list[Defect], path: Path) -> None:
    """As JSON, one object a defect, beside the folder of facts: it must not lie in it."""
    path.write_text(json.dumps([asdict(one) for one in defects], indent=1))
