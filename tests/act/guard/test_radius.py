"""How much is touched at once: by the automation, of a group, of the fleet; what is in progress counts."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from gadfly.act.situation import Fleet, Held, Part, Used

SMALL = Fleet(whole=Part(8, 8), groups={"synthetic": Part(8, 8)})


def held(targets: int, **about: Any) -> Used:
    return Used(held=(Held(**{"group": "synthetic", "cell": "here", "targets": targets, **about}),))


CASES: list[tuple[dict[str, Any], str | None]] = [
    ({"targets": 4}, None),
    ({"targets": 5, "terms": {"at_once": 5, "group": 0.5}}, None),
    ({"targets": 5}, "may touch 4 at once"),
    ({"targets": 2, "used": held(2, automation="synthetic")}, None),
    ({"targets": 2, "used": held(3, automation="synthetic")}, "3 in progress"),
    # of a group: a quarter of sixteen, whoever holds it
    ({"targets": 2, "used": held(2, automation="other")}, None),
    ({"targets": 2, "used": held(3, automation="other")}, "group synthetic; at most 4"),
    ({"targets": 2, "used": held(3, automation="other", group="elsewhere")}, None),
    ({"targets": 2, "used": held(3, automation="other", disturbs=False)}, None),
    # of the fleet
    ({"terms": {"fleet": 0.002}, "targets": 2}, None),
    ({"terms": {"fleet": 0.001}, "targets": 2}, "the fleet; at most 1"),
    ({"terms": {"fleet": 0.005}, "used": held(4, automation="other", group="elsewhere")}, "the fleet"),
    # a share is rounded down, but one is always within it
    ({"targets": 1, "fleet": SMALL}, None),
    ({"targets": 2, "fleet": SMALL}, "at most 1"),
    ({"targets": 1, "fleet": SMALL, "terms": {"group": 0.0}}, "at most 0"),
    # a group that the picture does not know has no share
    ({"targets": 1, "target": {"group": "unheard"}}, "at most 0"),
    ({"targets": 2, "target": {"group": ""}}, None),
    # what disturbs nothing is not counted against groups
    ({"targets": 4, "plan": {"disturbs": False}, "terms": {"group": 0.01}}, None),
    ({"targets": 4, "plan": {"disturbs": False, "destructive": True}, "terms": {"group": 0.01}}, "at most 1"),
    # by hand: the defaults of an automation
    ({"targets": 4, "plan": {"automation": "", "principal": "person:anna"}, "terms": None}, None),
    ({"targets": 5, "plan": {"automation": "", "principal": "person:anna"}}, "at most 4"),
]


@pytest.mark.parametrize(("case", "words"), CASES)
def test_what_is_refused(judge: Callable[..., str | None], case: dict[str, Any], words: str | None) -> None:
    found = judge("radius", **case)
    if words is None:
        assert found is None
    else:
        assert found is not None
        assert words in found
