"""Deliveries hold so much memory at once, and no more, however many send."""

from __future__ import annotations

from contextlib import ExitStack

import pytest

from gadfly.errors import LimitError
from gadfly.functions.trigger.in_hand import ROOM, SHARE, InHand

PART = 1 << 20


def test_all_senders_together_and_each_address_have_so_much() -> None:
    in_hand = InHand()
    with ExitStack() as held:
        first = held.enter_context(in_hand.of("192.0.2.1"))
        for _ in range(SHARE // PART):
            first(PART)
        with pytest.raises(LimitError, match="later"):
            first(1)
        with pytest.raises(LimitError, match="later"), in_hand.of("192.0.2.1") as again:
            again(1)
        second = held.enter_context(in_hand.of("192.0.2.2"))
        second(ROOM - SHARE)
        with pytest.raises(LimitError, match="later"), in_hand.of("192.0.2.3") as third:
            third(1)
    with in_hand.of("192.0.2.3") as free:
        free(SHARE)
    assert not in_hand._held
    assert in_hand._all == 0
