"""The guards, by name: each a pure function of a plan and a situation, one file each.

A guard returns None where it has nothing against the plan, else its refusal in words that say who must do
what. To add one: a file with a function of this signature, its name in :data:`GUARDS`, and a synthetic
request that it must deny among those with which guards prove themselves.
"""

from __future__ import annotations

from collections.abc import Callable

from gadfly.act.guard import (
    announced,
    attempts,
    autonomy,
    belief,
    capacity,
    consent,
    consequence,
    cost,
    domain,
    expiry,
    freeze,
    grant,
    inputs,
    level,
    proof,
    radius,
    rate,
    review,
    shape,
    sight,
    stages,
    standing,
    stop,
    storm,
    targets,
    versions,
    window,
)
from gadfly.act.plan import Plan
from gadfly.act.situation import Situation

Guard = Callable[[Plan, Situation], str | None]

GUARDS: dict[str, Guard] = {
    "targets": targets.targets,
    "inputs": inputs.inputs,
    "belief": belief.belief,
    "grant": grant.grant,
    "expiry": expiry.expiry,
    "standing": standing.standing,
    "consent": consent.consent,
    "radius": radius.radius,
    "rate": rate.rate,
    "capacity": capacity.capacity,
    "domain": domain.domain,
    "stages": stages.stages,
    "attempts": attempts.attempts,
    "cost": cost.cost,
    "versions": versions.versions,
    "freeze": freeze.freeze,
    "stop": stop.stop,
    "storm": storm.storm,
    "sight": sight.sight,
    "consequence": consequence.consequence,
    "announced": announced.announced,
    "shape": shape.shape,
    "window": window.window,
    "level": level.level,
    "autonomy": autonomy.autonomy,
    "review": review.review,
    "proof": proof.proof,
}
"""In the order in which their refusals are read."""
LIFTED_BY_PERSONS = frozenset({"autonomy", "consequence", "consent", "review"})
"""Guards that ask for nothing but a person's word: a plan that only they refuse waits for it."""
