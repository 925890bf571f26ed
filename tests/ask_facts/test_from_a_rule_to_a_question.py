"""A rule that never fires, in virtual time: summed up, found twice, asked, told, written into the ledger."""

from __future__ import annotations

import asyncio
import contextlib
import json
import math
import time
from typing import Any

import msgspec
import pytest

from gadfly.ask.question import Answer
from gadfly.errors import ConfigError, GadflyError, StoreError
from gadfly.store import facts

DAY = 86_400.0
HOT = """
[owner.ops]
contact = ["exec:/bin/true"]
[rule.hot]
when = "temperature > 200"
owner = "ops"
because = "The room burns."
[ask.kind.never-near]
threshold = { days = 15 }
because = "a quarter takes long in a test"
"""


def warm(day: float) -> float:
    """20 to 24 degrees, by the hour."""
    return 22 + 2 * math.sin(day * 2 * math.pi)


async def lived(place: Any) -> None:
    """Declared for sixteen days, and quiet all the time; 09:00 on the day after."""
    place.sample(18, 240.0, warm, __name__="temperature")
    place.up(18)
    await place.asking.look()
    await place.clock.advance(16 * DAY + 9 * 3600)


async def questions(place: Any) -> list[dict[str, Any]]:
    rows = await place.db.read(
        lambda connection: connection.execute("SELECT body FROM question ORDER BY id").fetchall()
    )
    return [json.loads(body) for (body,) in rows]


async def letters(place: Any) -> list[str]:
    rows = await place.db.read(
        lambda connection: connection.execute("SELECT body FROM outbox ORDER BY id").fetchall()
    )
    return [json.loads(body)["text"] for (body,) in rows]


@pytest.mark.parametrize("place", [HOT], indirect=True, ids=["hot"])
async def test_found_twice_it_is_asked_told_and_written_down(place: Any) -> None:
    await lived(place)
    await place.asking.look()
    assert await questions(place) == []  # one sighting may be chance
    await place.clock.advance(DAY)
    await place.asking.look()
    (asked,) = await questions(place)
    assert (asked["kind"], asked["subjects"], asked["owner"]) == ("never-near", ["hot"], "ops")
    (entry,) = await place.entries("question")
    assert entry.body["event"] == "asked"
    assert entry.body["sha256"] == asked["sha256"]
    (letter,) = await letters(place)
    assert asked["text"] in letter
    found = next(one for one in place.asking.evaluation.findings if one.kind == "never-near")
    assert found.values["max"] == pytest.approx(24.0, abs=0.01)
    assert found.values["coverage"] > 0.99


@pytest.mark.parametrize("place", [HOT], indirect=True, ids=["hot"])
async def test_days_that_were_summed_up_are_not_read_again(place: Any) -> None:
    await lived(place)
    await place.asking.look()
    place.node.series.source = None  # whatever is known now, is kept
    await place.clock.advance(DAY)
    await place.asking.look()
    days = await place.db.read(lambda connection: list(facts.days(connection, "sample_daily")))
    assert len({one.day for one in days}) == 16
    assert place.asking.looked.known["sample_daily"]["*"] == 16


@pytest.mark.parametrize("place", [HOT], indirect=True, ids=["hot"])
async def test_a_process_that_ends_between_two_steps_goes_on_where_it_was(place: Any) -> None:
    await lived(place)
    await place.asking.look()
    await place.restart()
    await place.clock.advance(DAY)

    broken = place.recorder.journal.write

    def refuses(*_: Any) -> Any:
        raise StoreError("the disk is full")

    place.recorder.journal.write = refuses
    with pytest.raises(StoreError):
        await place.asking.look()
    assert await questions(place) == []  # all of it or nothing
    assert await letters(place) == []
    assert (await place.asking.book()).questions == {}
    place.recorder.journal.write = broken
    await place.restart()
    await place.asking.look()
    assert len(await questions(place)) == len(await letters(place)) == 1
    await place.restart()
    await place.asking.look()  # the same day, once more
    assert len(await questions(place)) == len(await letters(place)) == 1


@pytest.mark.parametrize("place", [HOT], indirect=True, ids=["hot"])
async def test_an_answer_is_a_decision_in_the_ledger_and_a_fact_of_the_next_day(place: Any) -> None:
    await lived(place)
    await place.asking.look()
    await place.clock.advance(DAY)
    await place.asking.look()
    given = Answer(
        answer="accept",
        by="person:anna",
        reason="Only a fire reaches it, and that is what it is for.",
        until=place.clock.wall() + 200 * DAY,
    )
    answered = await place.asking.answer(1, given)
    assert answered.answer == "accept"
    (entry,) = await place.entries("answer")
    assert entry.who.startswith("person:~")  # no name stands in the ledger
    await place.clock.advance(DAY)
    looked = await place.asking.look()
    assert looked.known["decision"]["subject"] == 1
    assert looked.known["question"]["answer"] == 1


@pytest.mark.parametrize("place", [HOT], indirect=True, ids=["hot"])
async def test_a_kind_that_is_muted_here_is_not_asked_and_the_next_reload_counts(place: Any) -> None:
    muted = HOT.replace("threshold = { days = 15 }", "muted = true")
    await lived(place)
    place.take(muted)
    await place.asking.look()
    assert all(one.kind != "never-near" for one in place.asking.evaluation.findings)
    place.take(HOT.replace("days = 15", "days = 15, ratio = 1000"))
    await place.asking.look()
    assert all(one.kind != "never-near" for one in place.asking.evaluation.findings)
    place.take(HOT)
    await place.asking.look()
    assert any(one.kind == "never-near" for one in place.asking.evaluation.findings)


@pytest.mark.parametrize("place", [HOT], indirect=True, ids=["hot"])
async def test_it_looks_by_itself_once_a_day_at_its_hour_and_catches_up_after_a_pause(place: Any) -> None:
    place.up(10)
    looks = await hours_of_looks(place, days=2.5)
    assert looks == [9, 9, 9]  # the first at once after the start would be no day's work
    await place.restart()
    place.clock.set_wall(place.clock.wall() + 3 * DAY)  # the node was down
    place.up(10)
    assert await hours_of_looks(place, days=1.0) == [12, 9]  # one for the days that were missed


async def hours_of_looks(place: Any, days: float) -> list[int]:
    """At which hours of the day it looked, by its own turns."""
    found: list[int] = []
    ends = place.clock.wall() + days * DAY
    while place.clock.wall() < ends:
        before = place.asking.looked
        wait = await place.asking.turn()
        if place.asking.looked is not before and place.asking.evaluation is not None:
            found.append(int(place.clock.wall() % DAY // 3600))
        await place.clock.advance(max(wait, 900.0))
    return found


@pytest.mark.parametrize("place", [HOT + "[ask]\non = false\n"], indirect=True, ids=["off"])
async def test_nothing_is_looked_at_where_it_is_off(place: Any) -> None:
    assert await place.asking.turn() is None
    assert place.asking.looked is None


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ("[ask.kind.never-nearer]\nmuted = true\nbecause = 'not asked here'\n", "never-near"),
        ("[ask.kind.unacted]\nthreshold = { many = 3 }\nbecause = 'not asked here'\n", "many"),
    ],
    ids=["kind", "threshold"],
)
async def test_a_kind_or_threshold_that_there_is_not_is_named(place: Any, more: str, words: str) -> None:
    place.take('[owner.ops]\ncontact = ["exec:/bin/true"]\n' + more)
    with pytest.raises(ConfigError, match=words):
        await place.asking.look()
    assert any(words in one for one in place.asking.warnings())


LONG = "SELECT 'x' AS subject, sum(a.range) AS worse FROM range(1000000000) a, range(1000) b"


@pytest.fixture
def slow(place: Any) -> None:
    """Kinds of which one takes longer than anybody waits."""
    unacted = place.asking.kinds.every()["unacted"]
    kind = msgspec.structs.replace(unacted, query=LONG, threshold={})
    place.asking.kinds.every = lambda: {"unacted": kind}


async def begun(place: Any) -> asyncio.Task[Any]:
    """A look that is in the midst of it."""
    task = asyncio.ensure_future(place.asking.look())
    looking = place.asking.looking
    while looking.world is None or LONG not in looking.world._statements:  # noqa: ASYNC110 - a thread sets it
        await asyncio.sleep(0.01)
    await asyncio.sleep(0.2)
    return task


async def test_who_ends_the_node_does_not_wait_for_a_long_query(place: Any, slow: None) -> None:
    task = await begun(place)
    since = time.monotonic()
    await place.asking.stop()
    assert time.monotonic() - since < 15  # the query alone may take 30
    with contextlib.suppress(GadflyError):
        await task
    assert await questions(place) == []


async def test_who_waits_no_longer_ends_no_look_and_the_next_one_joins_it(place: Any, slow: None) -> None:
    task = await begun(place)
    world = place.asking.looking.world
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    again = asyncio.ensure_future(place.asking.look())
    await asyncio.sleep(0.05)
    assert place.asking.looking.world is world
    world._db.interrupt()  # the query has taken too long
    looked = await again
    assert "unacted" in looked.trouble
    del place.asking.kinds.every
    assert (await place.asking.look()).trouble == {}
