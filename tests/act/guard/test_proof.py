"""What guards the gate has shown lately that it does."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from gadfly.act.situation import Proof

NOW = 1_800_000_000.0
DAY = 86_400.0
CASES: list[tuple[dict[str, Any], str | None]] = [
    ({"proofs": {}}, "no guard has proven itself"),
    ({"proofs": {"cost": Proof(at=NOW, denied=True)}}, None),
    ({"proofs": {"cost": Proof(at=NOW - 8 * DAY, denied=True)}}, None),
    ({"proofs": {"cost": Proof(at=NOW - 8 * DAY - 1, denied=True)}}, "proved itself 8d1s ago"),
    ({"proofs": {"cost": Proof(at=NOW, denied=False)}}, "let through what it must deny"),
    ({"proofs": {"cost": Proof()}}, "has not proven itself yet"),
    ({"proofs": {"cost": Proof(at=NOW, denied=True), "rate": Proof()}}, "the guard rate"),
]


@pytest.mark.parametrize(("case", "words"), CASES)
def test_what_is_refused(judge: Callable[..., str | None], case: dict[str, Any], words: str | None) -> None:
    found = judge("proof", **case)
    if words is None:
        assert found is None
    else:
        assert found is not None
        assert words in found
