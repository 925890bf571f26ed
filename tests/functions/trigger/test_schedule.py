"""Schedules: every instant is accounted for once, and what does not run says why."""

from __future__ import annotations

import datetime as dt
import random
from itertools import accumulate
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gadfly.clock import VirtualClock
from gadfly.functions import queue as queues
from gadfly.functions.function import Function
from gadfly.functions.queue import New, Outcome, Queue
from gadfly.functions.trigger import schedule
from gadfly.functions.trigger.schedule import Schedules, Turn, decide, jitter
from gadfly.store.sqlite import Database

START = float(int(dt.datetime(2026, 11, 22, 12, 0, 30, tzinfo=dt.UTC).timestamp()))
NONE = "missed: the node was not there (catchup = none)"
OLD = "missed, and older than the window of 600 s"
LATER = "missed: a later one stands for it (catchup = last)"


def function(on: str = "schedule: */10 * * * *", **more: object) -> Function:
    return Function(
        name="f", path="/f.py", module="f", handler="handler", owner="o", purpose="p", on=(on,), **more
    )  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("ages", "catchup", "wanted"),
    [
        ([5], "none", [""]),
        ([59, 5], "none", ["", ""]),
        ([61], "none", [NONE]),
        ([900, 300, 5], "none", [NONE, NONE, ""]),
        ([900, 300, 100], "last", [OLD, LATER, ""]),
        ([300, 100, 5], "last", [LATER, LATER, ""]),
        ([900], "last", [OLD]),
        ([900, 300, 100, 5], "all", [OLD, "", "", ""]),
        ([], "all", []),
    ],
)
def test_what_becomes_of_instants(ages: list[int], catchup: str, wanted: list[str]) -> None:
    instants = [10_000 - age for age in ages]
    turns = decide(instants, 10_000.0, catchup=catchup, window=600.0)  # type: ignore[arg-type]
    assert [turn.skipped for turn in turns] == wanted
    assert [10_000 - turn.first for turn in turns] == ages


def test_what_is_on_time_is_late_by_its_jitter_and_what_was_missed_is_not() -> None:
    turns = decide([9_000, 9_990], 10_000.0, catchup="all", window=3_600.0, late_by=20.0)
    assert [turn.due for turn in turns] == [10_000.0, 10_010.0]


def test_no_more_is_made_up_for_than_the_most() -> None:
    turns = decide(range(0, 60_000, 10), 60_000.0, catchup="all", window=1e9)
    assert sum(not turn.skipped for turn in turns) == schedule.MOST
    assert turns[0].skipped.startswith("4,900 times, each missed: 1000 later ones")
    assert turns[0] == Turn(0, 48_990, 60_000.0, turns[0].skipped, late=True)


def test_a_long_row_of_the_same_is_one_but_for_the_latest() -> None:
    turns = decide(range(0, 60_000, 60), 60_000.0, catchup="none", window=600.0)
    assert len(turns) == schedule.LISTED + 2
    assert turns[0].last < turns[1].first
    assert turns[0].skipped.startswith("899 times, each missed")


@given(
    st.lists(st.integers(1, 2_000), max_size=300),
    st.sampled_from(["none", "last", "all"]),
    st.floats(0, 100_000),
)
def test_every_instant_is_accounted_for_once(gaps: list[int], catchup: str, window: float) -> None:
    instants = list(accumulate(gaps))
    now = (instants[-1] if instants else 0) + 30.0
    turns = decide(instants, now, catchup=catchup, window=window)  # type: ignore[arg-type]
    covered = [one for turn in turns for one in instants if turn.first <= one <= turn.last]
    assert covered == instants
    assert len({turn.key for turn in turns}) == len(turns)
    assert all(turn.first == turn.last for turn in turns if not turn.skipped)
    made_up = [turn for turn in turns if not turn.skipped and now - turn.first > schedule.ON_TIME]
    assert len(made_up) <= {"none": 0, "last": 1, "all": len(instants)}[catchup]
    assert all(now - turn.first <= window for turn in made_up)


def test_jitter_is_stable_and_spread() -> None:
    found = [jitter(f"f{number}", "schedule: 0 * * * *", 60.0) for number in range(1_000)]
    assert found == [jitter(f"f{number}", "schedule: 0 * * * *", 60.0) for number in range(1_000)]
    assert all(0 <= one < 60 for one in found)
    assert [sum(low <= one < low + 10 for one in found) > 100 for low in range(0, 60, 10)] == [True] * 6
    assert jitter("f", "schedule: 0 * * * *", 0.0) == 0.0


class Node:
    """The part of a node that keeps schedules, at a time of one's choice."""

    def __init__(self, folder: Path) -> None:
        self.clock = VirtualClock(START)
        self.folder = folder

    async def start(self, *functions: Function) -> None:
        self.store = Database(self.folder / "gadfly.db")
        self.queue = Queue(self.store, self.clock, random.Random(1))
        await self.queue.open()
        self.schedules = Schedules(self.store, self.queue)
        await self.schedules.declare(functions, self.clock.wall())

    def stop(self) -> None:
        self.store.close()

    async def at(self, seconds: float) -> float:
        self.clock.set_wall(START + seconds)
        return await self.schedules.advance(self.clock.wall())

    async def run(self) -> list[str]:
        works = await self.queue.claim({"f": 100})
        for work in works:
            await self.queue.end(work, Outcome(ended="ok"))
        return [work.key for work in works]

    async def rows(self) -> list[tuple[str, str, str]]:
        return [(one.key, one.state, one.reason) for one in reversed(await self.queue.recent())]


@pytest.fixture
async def node(tmp_path: Path):
    node = Node(tmp_path)
    yield node
    node.stop()


async def test_it_begins_when_it_is_declared_and_says_when_to_come_again(node: Node) -> None:
    await node.start(function())
    assert await node.at(0) == schedule.LOOK
    assert await node.at(530) == 40
    assert await node.rows() == []
    assert await node.at(570) == schedule.LOOK
    assert node.schedules.next() == START + 1_170
    assert await node.run() == ["2026-11-22T12:10:00Z"]
    assert b'"Scheduled Event"' in await node.queue.event(1)


async def test_nothing_declared_is_nothing_to_do(node: Node) -> None:
    await node.start()
    assert await node.at(0) == schedule.LOOK
    assert node.schedules.next() is None


async def test_no_instant_is_doubled_or_lost_by_a_restart(node: Node) -> None:
    await node.start(function(catchup="all"))
    await node.at(571)
    node.stop()
    node.clock.set_wall(START + 575)
    await node.start(function(catchup="all"))
    await node.at(576)
    node.stop()
    node.clock.set_wall(START + 3_000)
    await node.start(function(catchup="all"))
    await node.at(3_000)
    assert [key[11:16] for key, _, _ in await node.rows()] == ["12:10", "12:20", "12:30", "12:40", "12:50"]
    assert [state for _, state, _ in await node.rows()] == ["waiting"] * 5


async def test_what_was_missed_has_its_reason(node: Node) -> None:
    await node.start(function(catchup="last"))
    await node.at(0)
    await node.at(3_000)
    rows = await node.rows()
    assert [(key[11:16], state) for key, state, _ in rows] == [
        ("12:10", "skipped"),
        ("12:20", "skipped"),
        ("12:30", "skipped"),
        ("12:40", "skipped"),
        ("12:50", "waiting"),
    ]
    assert {reason for _, state, reason in rows if state == "skipped"} == {LATER}


async def test_a_year_away_is_one_row_and_not_half_a_million(node: Node) -> None:
    await node.start(function("schedule: * * * * *", window=600.0))
    await node.at(365 * 86_400)
    rows = await node.rows()
    assert len(rows) == 100
    (whole,) = [one for one in await node.queue.recent(limit=1_000) if "not told apart" in one.reason]
    assert whole.key == "2026-11-22T12:00:31Z..2027-11-21T12:00:30Z"
    assert await node.run() == ["2027-11-22T12:00:00Z"]


async def test_one_that_overlaps_is_skipped_and_what_is_made_up_for_is_not(node: Node) -> None:
    await node.start(function("schedule: * * * * *", catchup="all", overlap="skip"))
    await node.at(331)
    assert await node.run() == ["2026-11-22T12:01:00Z"]
    for _ in range(4):
        await node.run()
    works = await node.queue.claim({"f": 9})
    assert works == []
    await node.at(391)
    (work,) = await node.queue.claim({"f": 9})
    await node.at(451)
    assert await node.queue.claim({"f": 9}) == []
    late, early = await node.queue.recent(state="skipped")
    assert late.reason == f"the one of {work.key} still runs (overlap = skip)"
    assert early.reason == "the one of 2026-11-22T12:01:00Z still waits (overlap = skip)"


async def test_a_schedule_that_was_taken_out_for_a_while_makes_up_for_nothing(node: Node) -> None:
    await node.start(function(catchup="all"))
    await node.schedules.declare([], node.clock.wall())
    await node.at(3_000)
    await node.schedules.declare([function(catchup="all")], node.clock.wall())
    await node.at(3_000)
    assert await node.rows() == []


async def test_the_clock_is_set_forth_and_back(node: Node) -> None:
    await node.start(function(catchup="none"))
    await node.at(571)
    await node.at(86_400)
    await node.at(600)
    assert node.schedules.next() == START + 1_170
    await node.at(1_171)
    keys = [key for key, _, _ in await node.rows()]
    assert len(keys) == len(set(keys))
    await node.at(900)
    await node.at(1_171)
    assert node.schedules.next() == START + 1_770


async def test_what_has_no_room_in_the_queue_is_skipped_with_that_reason(
    node: Node, monkeypatch: pytest.MonkeyPatch
) -> None:
    await node.start(function())
    monkeypatch.setattr(queues, "WAITING", 1)
    await node.queue.put(New(function="f", called="c", key="k", event=b"{}"))
    await node.at(571)
    (skipped,) = await node.queue.recent(state="skipped")
    assert "1 calls of function f wait already" in skipped.reason
