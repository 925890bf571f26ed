"""In a freeze nothing changes, for machines and persons alike."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from gadfly.act.situation import Freeze

NOW = 1_800_000_000.0


def frozen(**about: Any) -> tuple[Freeze, ...]:
    return (Freeze(**{"name": "holidays", "because": "nobody is there", **about}),)


CASES: list[tuple[dict[str, Any], str | None]] = [
    ({"freezes": frozen()}, "holidays is in force: nobody is there"),
    ({"freezes": frozen(), "plan": {"automation": "", "principal": "person:anna"}}, "in force"),
    ({"freezes": frozen(starts=NOW + 1)}, None),
    ({"freezes": frozen(ends=NOW)}, None),
    ({"freezes": frozen(ends=NOW + 1)}, "in force"),
    # while the clocks differ it holds: begun by the later one, ended by both
    ({"freezes": frozen(starts=NOW + 5), "witness": NOW + 6}, "in force"),
    ({"freezes": frozen(ends=NOW + 5), "witness": NOW + 6}, "in force"),
    ({"freezes": frozen(on='group = "other"')}, None),
    ({"freezes": frozen(on='group = "synthetic"')}, "in force"),
    ({"freezes": frozen(automation="other")}, None),
    ({"freezes": frozen(automation="synthetic"), "plan": {"disturbs": False}}, "in force"),
    ({"freezes": frozen(), "plan": {"disturbs": False}}, "in force"),  # it changes something all the same
    ({"freezes": frozen(), "plan": {"action": "notify"}}, None),
]


@pytest.mark.parametrize(("case", "words"), CASES)
def test_what_is_refused(judge: Callable[..., str | None], case: dict[str, Any], words: str | None) -> None:
    found = judge("freeze", **case)
    if words is None:
        assert found is None
    else:
        assert found is not None
        assert words in found
