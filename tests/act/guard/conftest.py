"""What every table of a guard is made of: a sound act, and how a case differs from it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec
import pytest

from gadfly.act.guard import GUARDS
from gadfly.act.plan import Plan, Target
from gadfly.act.proof.sound import sound
from gadfly.act.situation import Situation

NOW = 1_800_000_000.0
Judge = Callable[..., str | None]


def fill(plan: Plan, count: int, **about: Any) -> tuple[Target, ...]:
    """So many targets like the first one of `plan`."""
    first = msgspec.structs.replace(plan.targets[0], **about)
    return tuple(msgspec.structs.replace(first, name=f"t{number}") for number in range(count))


@pytest.fixture
def judge() -> Judge:
    """What a guard has against the sound act, changed: `judge("cost", plan={"cost": 3.0}, terms={…}, …)`.

    `targets` is a number of targets, `target` what is different about each of them.
    """

    def run(
        guard: str,
        *,
        plan: dict[str, Any] | None = None,
        terms: dict[str, Any] | None = None,
        rules: dict[str, Any] | None = None,
        targets: int = 2,
        target: dict[str, Any] | None = None,
        **situation: Any,
    ) -> str | None:
        made, seen = sound(NOW)
        made = msgspec.structs.replace(made, targets=fill(made, targets, **(target or {})))
        made = msgspec.structs.replace(made, **(plan or {}))
        if terms is not None and seen.terms is not None:
            seen = msgspec.structs.replace(seen, terms=msgspec.structs.replace(seen.terms, **terms))
        if rules is not None:
            seen = msgspec.structs.replace(seen, rules=msgspec.structs.replace(seen.rules, **rules))
        seen: Situation = msgspec.structs.replace(seen, **situation)
        return GUARDS[guard](made, seen)

    return run
