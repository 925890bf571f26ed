"""Cards: written over, moved, given back, bounded, read whole or not at all, found again after a restart."""

from __future__ import annotations

import os

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from gadfly.monitor.members import Members


def some(count: int = 3) -> Members:
    members = Members.create(100)
    members.insert(np.arange(1, count + 1, dtype=np.uint64))
    return members


def put(members: Members, **cards: bytes) -> int:
    slots = np.array([int(key[1:]) for key in cards])
    return members.cards.write(slots, list(cards.values()))


def test_a_card_that_fits_stays_where_it_is() -> None:
    members = some()
    put(members, s0=b"a" * 30, s1=b"b" * 10)
    before = int(members.rows["card_offset"][0])
    put(members, s0=b"c" * 32)
    assert int(members.rows["card_offset"][0]) == before
    assert members.card(0) == b"c" * 32
    assert members.card(1) == b"b" * 10


def test_a_card_that_grew_moves_and_its_room_is_used_again() -> None:
    members = some()
    put(members, s0=b"a" * 30)
    before = int(members.rows["card_offset"][0])
    put(members, s0=b"a" * 100)
    put(members, s1=b"b" * 20)
    assert int(members.rows["card_offset"][1]) == before
    assert members.card(0) == b"a" * 100


def test_no_room_left_is_counted_and_the_member_keeps_none() -> None:
    members = some(1)
    members._own["cards"][0] = len(members.cards._arena) - 40
    assert put(members, s0=b"a" * 100) == 1
    assert members.card(0) == b""
    assert put(members, s0=b"a" * 20) == 0
    assert members.card(0) == b"a" * 20


def test_same_tells_what_is_held() -> None:
    members = some()
    put(members, s0=b"x")
    assert members.cards.same(np.array([0, 1]), [b"x", b"x"]) == [True, False]


def test_a_reader_never_sees_half_a_card() -> None:
    members = some()
    put(members, s0=b"whole")
    members.rows["card_version"][0] |= 1  # the ear is writing, and stays at it
    assert members.card(0) == b""


def test_a_damaged_row_reads_nothing_from_beyond() -> None:
    members = some()
    put(members, s0=b"x")
    members.rows["card_offset"][0] = 1 << 60
    assert members.card(0) == b""


def test_the_version_wraps() -> None:
    members = some()
    members.rows["card_version"][0] = 65_534
    put(members, s0=b"x")
    assert members.rows["card_version"][0] == 0
    assert members.card(0) == b"x"


def test_a_new_ear_finds_the_rooms_that_are_free() -> None:
    members = some()
    put(members, s0=b"a" * 30, s1=b"b" * 2000, s2=b"c" * 30)
    members.cards.release(np.array([1]))
    successor = Members(os.dup(members.descriptor))
    successor.cards.recover(successor.size)
    top = int(successor._own["cards"][0])
    successor.cards.write(np.array([1]), [b"d" * 1136])
    assert int(successor._own["cards"][0]) == top
    assert [members.card(slot)[:1] for slot in range(3)] == [b"a", b"d", b"c"]


@settings(max_examples=50, deadline=None)
@given(st.lists(st.dictionaries(st.integers(0, 4), st.binary(max_size=200), min_size=1), max_size=20))
def test_any_order_of_writing_is_like_a_dict(steps: list[dict[int, bytes]]) -> None:
    members = some(5)
    held: dict[int, bytes] = {}
    for step in steps:
        members.cards.write(np.array(list(step)), list(step.values()))
        held |= step
        assert all(members.card(slot) == held.get(slot, b"") for slot in range(5))
    members.close()
