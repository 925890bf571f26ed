"""Times against places: what is back-dated, what is post-dated, and what clocks are forgiven."""

from __future__ import annotations

import pytest

from gadfly.errors import LedgerError
from gadfly.ledger.entry import rfc3339
from gadfly.ledger.order import Order

BACK, POST = "back-dated", "post-dated"

CASES = [
    # (cosigned, times, which entries are wrong and how)
    ([], [100, 101, 102], {}),
    ([], [100, 41, 102], {}),  # within the skew
    ([], [100, 39, 102], {1: BACK}),
    ([], [100, 300, 239, 241], {2: BACK}),
    ([(2, 500)], [100, 101, 102, 103], {2: BACK, 3: BACK}),
    ([(2, 160)], [100, 101, 102, 103], {}),
    ([(2, 160)], [100, 221, 102, 103], {1: POST}),
    ([(4, 160)], [100, 220, 221, 103], {2: POST}),
    ([(2, 150), (4, 300)], [100, 300, 361, 240], {1: POST, 2: POST}),
    ([(1, 1000), (3, 2000)], [100, 1000, 2000, 1939], {0: None, 3: BACK}),
    ([(9, 5)], [10, 20], {}),
    ([(0, 1000)], [939, 941], {0: BACK}),
]


@pytest.mark.parametrize(("cosigned", "times", "wrong"), CASES)
@pytest.mark.parametrize("lot", [1, 2, 4])
def test_what_is_wrong_is_named(
    cosigned: list[tuple[int, int]], times: list[int], wrong: dict[int, str | None], lot: int
) -> None:
    order = Order(cosigned, 60.0)
    found = []
    for start in range(0, len(times), lot):
        found += order.wrong(start, [rfc3339(at) for at in times[start : start + lot]])
    assert [" ".join(text.split()[:4]).rstrip(":") for text in found] == [
        f"entry {index} is {how}" for index, how in wrong.items() if how
    ]


def test_a_time_in_another_form_is_refused() -> None:
    with pytest.raises(LedgerError, match="not a time"):
        list(Order([]).wrong(0, ["2026-11-22T16:44:33Z"]))
