"""Heartbeats become series: who has some, what they are called, what their values are, and when they end."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from gadfly.monitor.columns import Columns, Flag
from gadfly.monitor.liveness import Liveness
from gadfly.own_heartbeats import METRICS, Heartbeats, Labels, labels_of


class Members:
    """As many members as wanted, in plain arrays."""

    def __init__(self, size: int) -> None:
        self.size = size
        self.id = np.arange(1, size + 1, dtype=np.uint64)
        self.liveness = np.full(size, Liveness.alive, np.uint8)
        self.interval = np.full(size, 500, np.uint32)
        self.jitter = np.full(size, 0.01234567, np.float32)
        self.beats = np.arange(size, dtype=np.uint32)
        self.lost = np.full(size, 7, np.uint32)
        self.restarts = np.ones(size, np.uint16)


class Fleet:
    def __init__(self, size: int) -> None:
        self.members = Members(size)
        self.columns = Columns()
        self.columns.reach(size)
        self.columns.verdict[:size] = 8
        for slot in range(size):
            self.columns.call(slot, f"c{slot}")
        self.opened: list[Labels] = []

    def open(self, labels: Sequence[Labels]) -> np.ndarray:
        self.opened += labels
        return np.arange(len(self.opened) - len(labels), len(self.opened), dtype=np.int64)

    def look(self, heartbeats: Heartbeats, most: int = 1 << 62) -> dict[tuple[str, str], float]:
        self.seen = heartbeats.look(self.members, self.columns, self.open, most)  # type: ignore[arg-type]
        names = [self.opened[n] for n in self.seen.series.tolist()]
        return {
            (one["component"], one["__name__"]): value
            for one, value in zip(names, self.seen.value.tolist(), strict=True)
        }


def test_six_series_a_component() -> None:
    fleet = Fleet(2)
    found = fleet.look(Heartbeats(10))
    assert [found["c1", metric] for metric in METRICS] == [1.0, 0.5, 0.0123, 1.0, 7.0, 1.0]
    assert len(found) == 12
    assert fleet.opened[0] == {"__name__": "heartbeat_up", "component": "c0", "kind": "service"}


def test_labels_say_who_it_is() -> None:
    fleet = Fleet(2)
    columns = fleet.columns
    columns.kind[0], columns.owner[0] = 1, columns.owners.code("ops")
    columns.group[0], columns.host[0] = columns.groups.code("shop"), columns.hosts.code("h1")
    columns.call(1, "")
    assert labels_of(0, fleet.members, columns) == {  # type: ignore[arg-type]
        "component": "c0",
        "kind": "host",
        "owner": "ops",
        "group": "shop",
        "host": "h1",
    }
    assert labels_of(1, fleet.members, columns)["component"] == "0000000000000002"  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("liveness", "up"),
    [
        (Liveness.alive, 1.0),
        (Liveness.late, 1.0),
        (Liveness.suspect, 1.0),
        (Liveness.stalled, 1.0),
        (Liveness.silent, 0.0),
    ],
)
def test_up_is_what_the_heartbeats_say(liveness: Liveness, up: float) -> None:
    fleet = Fleet(1)
    fleet.members.liveness[0] = liveness
    assert fleet.look(Heartbeats(10))["c0", "heartbeat_up"] == up


def test_who_was_never_heard_counts_only_where_beats_are_expected() -> None:
    fleet = Fleet(2)
    fleet.members.liveness[:] = Liveness.never
    fleet.columns.flags[1] = Flag.declared | Flag.beats
    assert {name for name, _ in fleet.look(Heartbeats(10))} == {"c1"}
    assert fleet.look(Heartbeats(10))["c1", "heartbeat_up"] == 0.0


@pytest.mark.parametrize("how", ["left", "freed", "gone from the picture"])
def test_series_end_with_their_component(how: str) -> None:
    fleet, heartbeats = Fleet(3), Heartbeats(10)
    fleet.look(heartbeats)
    if how == "gone from the picture":
        fleet.columns.clear(1)
    else:
        fleet.members.liveness[1] = Liveness.left if how == "left" else 255
    found = fleet.look(heartbeats)
    assert {name for name, _ in found} == {"c0", "c2"}
    assert sorted(fleet.seen.ended.tolist()) == [6, 7, 8, 9, 10, 11]
    assert fleet.look(heartbeats)
    assert not len(fleet.seen.ended)


@pytest.mark.parametrize("word", ["owner", "name", "id"])
def test_who_is_called_differently_has_new_series(word: str) -> None:
    fleet, heartbeats = Fleet(2), Heartbeats(10)
    fleet.columns.call(0, "")
    fleet.look(heartbeats)
    if word == "owner":
        fleet.columns.owner[0] = fleet.columns.owners.code("ops")
    elif word == "name":
        fleet.columns.call(0, "known")
    else:
        fleet.members.id[0] = 99
    fleet.look(heartbeats)
    assert sorted(fleet.seen.ended.tolist()) == [0, 1, 2, 3, 4, 5]
    assert len(fleet.opened) == 18
    assert heartbeats.count == 12


def test_beyond_the_room_the_declared_come_first_and_who_has_series_keeps_them() -> None:
    fleet, heartbeats = Fleet(10), Heartbeats(3)
    fleet.columns.flags[7] = Flag.declared
    assert {name for name, _ in fleet.look(heartbeats)} == {"c0", "c1", "c7"}
    assert fleet.seen.refused == 7
    fleet.columns.flags[8] = Flag.declared
    assert {name for name, _ in fleet.look(heartbeats)} == {"c0", "c1", "c7"}
    fleet.members.liveness[0] = Liveness.left
    assert {name for name, _ in fleet.look(heartbeats)} == {"c1", "c7", "c8"}


def test_newcomers_come_a_few_at_a_time() -> None:
    fleet, heartbeats = Fleet(5), Heartbeats(10)
    assert len(fleet.look(heartbeats, 2)) == 12
    assert fleet.seen.waiting == 3
    assert len(fleet.look(heartbeats, 2)) == 24
    assert len(fleet.look(heartbeats, 2)) == 30
    assert fleet.seen.waiting == 0
    assert len(fleet.opened) == 30
