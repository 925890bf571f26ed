"""One failure domain at a time, over all actors, with a rest in between."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec
import pytest

from gadfly.act.guard.domain import domain
from gadfly.act.proof.sound import sound
from gadfly.act.situation import Held, Used


def held(**about: Any) -> Held:
    return Held(**{"automation": "other", "action": "systemd:restart", "cell": "there", **about})


CASES: list[tuple[dict[str, Any], str | None]] = [
    ({}, None),
    ({"used": Used(held=(held(),))}, 'in progress in cell "there"'),
    ({"used": Used(held=(held(cell="here"),))}, None),
    ({"used": Used(held=(held(argument="worker@{component}"),))}, "in progress"),
    ({"used": Used(held=(held(argument="other@{component}"),))}, None),
    ({"used": Used(held=(held(argument="other@{component}", group="synthetic"),))}, "in progress"),
    ({"used": Used(held=(held(action="command", group="other"),))}, None),
    ({"used": Used(held=(held(action="command", group="synthetic"),))}, "in progress"),
    ({"used": Used(held=(held(environment="staging"),))}, None),
    ({"used": Used(held=(held(disturbs=False),))}, None),
    ({"used": Used(held=(held(),)), "plan": {"disturbs": False}}, None),
    ({"used": Used(soaking=(held(),))}, "within 10m"),
    ({"used": Used(soaking=(held(cell="here"),))}, None),
    # what is broken already may be mended while another cell rests, but not while it is worked on
    ({"used": Used(soaking=(held(),)), "target": {"well": False}}, None),
    ({"used": Used(held=(held(),)), "target": {"well": False}}, "in progress"),
]


def test_several_cells_without_stages_are_refused() -> None:
    plan, situation = sound(1_800_000_000.0)
    other = msgspec.structs.replace(plan.targets[1], cell="there")
    both = msgspec.structs.replace(plan, targets=(plan.targets[0], other), cells=())
    assert "touches 2 cells at once" in str(domain(both, situation))
    staged = msgspec.structs.replace(both, cells=("here", "there"))
    assert domain(staged, situation) is None


@pytest.mark.parametrize(("case", "words"), CASES)
def test_what_is_refused(judge: Callable[..., str | None], case: dict[str, Any], words: str | None) -> None:
    found = judge("domain", **case)
    if words is None:
        assert found is None
    else:
        assert found is not None
        assert words in found
