"""Enquiries: the budget, who is asked first, and frames that every heart can verify."""

from __future__ import annotations

import numpy as np
import pytest

from gadfly.monitor.enquiry import TRY_BITS, Budget, choose, frames, fresh_nonces
from gadfly.telemetry.frame import Kind, decode, key_id

S = 1_000_000_000
OLD, NEW = b"o" * 16, b"n" * 16
KEYS = {key_id(NEW): NEW, key_id(OLD): OLD}


def test_budget_fills_by_the_second_and_holds_a_quarter() -> None:
    budget = Budget(2000, 0)
    assert budget.available(0) == 500
    budget.spend(500)
    assert budget.available(0) == 0
    assert budget.available(S // 10) == 200
    assert budget.available(60 * S) == 500
    assert budget.available(S) == 500  # a clock that goes back takes nothing away


def test_all_are_chosen_where_there_is_budget() -> None:
    slots, none = np.arange(5), np.zeros(5, bool)
    chosen, rest = choose(slots, np.zeros(5), none, 5)
    assert chosen.tolist() == [0, 1, 2, 3, 4]
    assert not len(rest)
    assert not len(choose(slots, np.zeros(5), none, 0)[0])


def test_a_small_host_is_not_kept_waiting_by_a_large_one() -> None:
    slots = np.arange(102)
    hosts = np.array([1] * 100 + [2, 3], np.uint64)
    chosen, rest = choose(slots, hosts, np.zeros(102, bool), 6)
    assert {100, 101} <= set(chosen.tolist())
    assert len(chosen) == 6
    assert sorted([*chosen.tolist(), *rest.tolist()]) == slots.tolist()


def test_those_being_asked_go_on_first() -> None:
    slots = np.arange(10)
    begun = np.zeros(10, bool)
    begun[[3, 7]] = True
    chosen, _ = choose(slots, np.zeros(10), begun, 3)
    assert chosen.tolist()[:2] == [3, 7]


def test_nonces_are_fresh_and_leave_room_for_the_tries() -> None:
    nonces = fresh_nonces(1000)
    assert len(set(nonces.tolist())) == 1000
    assert not (nonces & np.uint64((1 << TRY_BITS) - 1)).any()
    assert int(nonces.max()) < 1 << 63
    assert int(nonces.min()) > 0


@pytest.mark.parametrize("secret", [OLD, NEW])
def test_signed_with_the_key_of_the_one_asked(secret: bytes) -> None:
    made = frames(np.array([9]), np.array([64]), np.array([key_id(secret) & 0xFF]), KEYS, 7)
    frame = decode(made[0].tobytes(), {key_id(secret): secret})
    assert (frame.kind, frame.component, frame.sequence, frame.sent) == (Kind.enquiry, 9, 64, 7)


def test_a_key_that_is_no_longer_live_gives_way_to_the_newest() -> None:
    gone = next(n for n in range(256) if n not in {key_id(NEW) & 0xFF, key_id(OLD) & 0xFF})
    made = frames(np.array([9]), np.array([64]), np.array([gone]), KEYS, 7)
    assert decode(made[0].tobytes(), {key_id(NEW): NEW}).key_id == key_id(NEW)


def test_without_keys_unsigned() -> None:
    made = frames(np.array([1, 2]), np.array([64, 128]), np.zeros(2), {}, -5)
    assert [decode(one.tobytes(), {}).component for one in made] == [1, 2]
    assert frames(np.empty(0), np.empty(0), np.empty(0), KEYS, 0).shape == (0, 64)
