"""Members: found by id, added in batches, given back, full at the limit, seen alike by two processes."""

from __future__ import annotations

import os

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gadfly.monitor.liveness import Liveness
from gadfly.monitor.members import (
    NEVER,
    Members,
    host_numbers,
    pack_address,
    source_buckets,
)
from gadfly.monitor.row import FREE


def ids(*numbers: int) -> np.ndarray:
    return np.array(numbers, np.uint64)


def test_insert_and_find() -> None:
    members = Members.create(100)
    slots = members.insert(ids(7, 8, 9))
    assert slots.tolist() == [0, 1, 2]
    assert members.find(ids(9, 1, 7)).tolist() == [2, -1, 0]
    assert members.size == 3
    assert (members.deadline[:3] == NEVER).all()


def test_full_is_said_and_nothing_is_taken() -> None:
    members = Members.create(4)
    members.insert(ids(1, 2, 3))
    with pytest.raises(ValueError, match=r"raise node\.components"):
        members.insert(ids(4, 5))
    assert members.size == 3
    assert members.room() == 1


def test_a_slot_given_back_is_used_again_and_starts_empty() -> None:
    members = Members.create(10)
    members.insert(ids(1, 2, 3))
    members.rows["beats"][1] = 9
    members.cards.write(np.array([1]), [b"card"])
    members.remove(np.array([1]))
    assert members.liveness[1] == FREE
    assert members.find(ids(1, 2, 3)).tolist() == [0, -1, 2]
    assert members.used().tolist() == [0, 2]
    assert members.insert(ids(5)).tolist() == [1]
    assert members.beats[1] == 0
    assert members.card(1) == b""


def test_two_mappings_see_the_same() -> None:
    ear = Members.create(50)
    node = Members(os.dup(ear.descriptor))
    ear.insert(ids(11, 12))
    ear.cards.write(np.array([0]), [b"{}"])
    ear.counters.add("received", 3)
    assert node.find(ids(12)).tolist() == [1]
    assert node.card(0) == b"{}"
    assert node.counters.get("received") == 3
    assert node.size == 2


def test_memory_that_holds_no_members_is_refused() -> None:
    descriptor = os.memfd_create("other")
    os.ftruncate(descriptor, 8192)
    with pytest.raises(ValueError, match="no members"):
        Members(descriptor)
    os.close(descriptor)


def test_only_touched_pages_are_real() -> None:
    members = Members.create(1_000_000)
    members.insert(np.arange(1, 101, dtype=np.uint64))
    assert os.fstat(members.descriptor).st_blocks * 512 < 1_500_000
    members.close()


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.booleans(), st.sets(st.integers(1, 60), max_size=20)), max_size=30))
def test_any_order_of_adding_and_removing_is_like_a_dict(steps: list[tuple[bool, set[int]]]) -> None:
    members = Members.create(64)
    known: dict[int, int] = {}
    for add, numbers in steps:
        chosen = sorted(numbers - known.keys() if add else numbers & known.keys())
        if not chosen:
            continue
        if add:
            slots = members.insert(ids(*chosen)).tolist()
            assert not set(slots) & set(known.values())
            known |= dict(zip(chosen, slots, strict=True))
        else:
            members.remove(members.find(ids(*chosen)))
            for number in chosen:
                del known[number]
    wanted = [known.get(number, -1) for number in range(1, 61)]
    assert members.find(np.arange(1, 61, dtype=np.uint64)).tolist() == wanted
    members.close()


def test_a_table_full_of_gone_cells_is_rebuilt() -> None:
    members = Members.create(600)
    for start in range(1, 6000, 300):
        numbers = np.arange(start, start + 300, dtype=np.uint64)
        members.remove(members.insert(numbers))
    members.insert(ids(77))
    assert members.find(ids(77, 78)).tolist() == [members.used()[0], -1]


def test_a_reader_finds_without_an_index_whose_writer_was_killed() -> None:
    members = Members.create(600)
    members.insert(np.arange(1, 301, dtype=np.uint64))
    members.remove(np.array([4]))
    members._index._state[members._index.GENERATION] += np.uint64(1)
    members._index._table[:] = 0
    assert members.find(ids(300, 5, 1, 300, 999)).tolist() == [299, -1, 0, 299, -1]
    assert members.find(ids()).tolist() == []


def test_the_successor_of_a_killed_writer_puts_everything_in_order() -> None:
    members = Members.create(600)
    members.insert(np.arange(1, 301, dtype=np.uint64))
    members.cards.write(np.arange(3), [b"a" * 40, b"b" * 40, b"c" * 40])
    members.remove(np.array([4]))
    members.rows["id"][300] = 301  # an insert that came no further than this
    members.liveness[300] = Liveness.never
    members._own["size"][0] = 301
    members.liveness[2] = FREE  # a removal that came no further than this
    members.deadline[2] = 7
    members.rows["card_version"][1] |= 1  # a card half written
    members._index._state[members._index.GENERATION] += np.uint64(1)
    members._index._table[5:] = 0
    members.recover()
    assert int(members._index._state[members._index.GENERATION]) % 2 == 0
    found = members._index.find(ids(1, 2, 3, 5, 300, 301))
    assert found is not None
    assert found.tolist() == [0, 1, -1, -1, 299, 300]
    assert members.room() == 600 - 299
    assert (members.card(0), members.card(1), members.card(2)) == (b"a" * 40, b"", b"")
    assert members.deadline[2] == NEVER
    assert sorted(members.insert(ids(700, 701)).tolist()) == [2, 4]


@pytest.mark.parametrize(
    ("host", "port", "shown"),
    [("10.0.0.7", 90, "10.0.0.7:90"), ("fd00::1", 91, "[fd00::1]:91"), ("10.0.0.7", 0, "")],
)
def test_source_for_people(host: str, port: int, shown: str) -> None:
    members = Members.create(4)
    members.insert(ids(1))
    members.rows["address"][0] = np.frombuffer(pack_address(host), "V16")[0]
    members.rows["port"][0] = port
    assert members.source(0) == shown


def test_an_address_that_is_none_is_zeros() -> None:
    assert pack_address("unix") == bytes(16)


def test_networks_and_hosts() -> None:
    hosts = ["10.0.0.7", "10.0.0.8", "10.0.1.7", "fd00::1", "fd00::2", "10.0.0.7"]
    packed = np.frombuffer(b"".join(map(pack_address, hosts)), "V16")
    networks = source_buckets(packed).tolist()
    assert networks[0] == networks[1] != networks[2]
    assert networks[3] == networks[4]
    numbers = host_numbers(packed).tolist()
    assert numbers[0] == numbers[5]
    assert len(set(numbers)) == 5
