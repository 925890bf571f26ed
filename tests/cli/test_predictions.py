"""`gadfly predictions`: when it is expected, in few words."""

from __future__ import annotations

import pytest

from gadfly.cli.predictions import _in


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(None, "–"), (-1.0, "now"), (90.0, "90 s"), (864_000.0, "10 d"), (1e300, "ages")],
    ids=str,
)
def test_when(seconds: float | None, said: str) -> None:
    assert _in(seconds) == said
