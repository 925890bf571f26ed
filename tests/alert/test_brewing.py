"""What is a sign of a large failure: many under suspicion, or several incidents at once."""

from __future__ import annotations

import pytest

from gadfly.alert.brewing import AT_ONCE, BREWING, SIGNS, Brewing


@pytest.mark.parametrize(
    ("opened", "suspected", "total", "share"),
    [
        pytest.param([], 0, 0, 0.0, id="nothing"),
        pytest.param([], BREWING - 1, 100, 0.0, id="chance"),
        pytest.param([], BREWING, 100, BREWING / 100, id="many-under-suspicion"),
        pytest.param([10.0] * (SIGNS - 1), 0, 100, 0.0, id="few-at-once"),
        pytest.param([10.0] * SIGNS, 0, 100, 0.01, id="several-at-once"),
        pytest.param([10.0] * SIGNS, 5, 100, 0.05, id="several-and-a-few-suspected"),
        pytest.param([10.0 - AT_ONCE * 2] * SIGNS, 0, 100, 0.0, id="several-a-while-ago"),
        pytest.param([10.0] * SIGNS, 0, 0, 1.0, id="nobody-is-known"),
    ],
)
def test_the_share_that_may_be_lost(opened: list[float], suspected: int, total: int, share: float) -> None:
    brewing = Brewing()
    for at in opened:
        brewing.began(at, 1)
    assert brewing.share(10.0, suspected, total) == share


def test_what_did_not_reach_the_disk_did_not_begin() -> None:
    brewing = Brewing()
    brewing.began(10.0, 1000)
    assert brewing.share(10.0, 0, 100) > 0
    brewing.forget()
    assert brewing.share(10.0, 0, 100) == 0
