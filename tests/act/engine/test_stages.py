"""A canary, the rest of its cell, then cell after cell; what fails ends the run."""

from __future__ import annotations

import asyncio

import msgspec
import pytest

from gadfly.act.halt import stop_book
from gadfly.errors import StoreError
from gadfly.monitor.liveness import Liveness


@pytest.fixture
def regions(world):
    """Forty components more, so that shares leave room; three in each of two regions are the targets."""
    for number in range(200):
        world.view.add(f"other{number}", group="others")
    for region in ("eu", "us"):
        for number in range(3):
            world.view.add(f"{region}{number}", group="edge", labels={"region": region})
    limits = msgspec.structs.replace(
        world.config.automation["restart"].limits, at_once=6, group="100%", fleet="50%"
    )
    world.declare(on="manual", targets='group = "edge"', limits=limits, level="act")
    for region in ("eu", "us"):
        for number in range(3):
            world.view.become(f"{region}{number}", Liveness.stalled)
    return world


def order(world) -> list[list[str]]:
    """The names that were acted on, by moment."""
    found: dict[float, list[str]] = {}
    for at, _, name in world.done:
        found.setdefault(at, []).append(name)
    return [sorted(names) for _, names in sorted(found.items())]


async def test_one_stage_after_the_other(regions) -> None:
    await regions.start("act")
    _, decision = await regions.acts.trigger("restart", "")
    assert decision.allowed, decision.words
    await regions.advance(60)
    assert order(regions) == [["eu0"], ["eu1", "eu2"], ["us0", "us1", "us2"]]
    outcomes = await regions.entries("outcome")
    assert [entry.body.get("cell") for entry in outcomes] == ["eu", None]
    assert outcomes[-1].body["state"] == "verified"
    assert len(outcomes[-1].body["measured"]) == 6


async def test_a_canary_that_fails_is_the_only_one(regions) -> None:
    regions.effect = lambda verb, name: None
    await regions.start("act")
    await regions.acts.trigger("restart", "")
    await regions.advance(40)
    assert order(regions)[0] == ["eu0"]
    assert {name for *_, name in regions.done} == {"eu0"}
    outcome = (await regions.entries("outcome"))[0]
    assert outcome.body["state"] == "failed"
    assert outcome.body["measured"]["us2"] == "untouched"


async def test_a_guard_that_speaks_up_on_the_way_ends_it(regions) -> None:
    """Between two stages the gate is asked again: a storm began meanwhile."""

    def storm(verb: str, name: str) -> None:
        regions.view.become(name, Liveness.alive)
        if name == "eu2":
            regions.view.lately = 100

    regions.effect = storm
    await regions.start("act")
    await regions.acts.trigger("restart", "")
    await regions.advance(60)
    assert order(regions) == [["eu0"], ["eu1", "eu2"]]
    outcome = (await regions.entries("outcome"))[-1]
    assert outcome.body["state"] == "partial"
    assert "3 of 6 verified; the rest was not done: storm" in outcome.body["reason"]
    assert outcome.body["measured"]["us0"] == "untouched"


async def test_without_the_gate_there_is_no_next_stage(regions, monkeypatch) -> None:
    append = regions.log.append

    def refuse(connection, entries):
        if any(entry.kind == "outcome" for entry in entries):
            return append(connection, entries)
        raise StoreError("the disk is full")

    def fill(verb: str, name: str) -> None:
        regions.view.become(name, Liveness.alive)
        regions.view.lately = 100  # a refusal, which could not be written down
        monkeypatch.setattr(regions.log, "append", refuse)

    regions.effect = fill
    await regions.start("act")
    await regions.acts.trigger("restart", "")
    await regions.advance(10)
    assert order(regions) == [["eu0"]]
    [outcome] = await regions.entries("outcome")
    assert "the gate could not be asked: the disk is full" in outcome.body["reason"]


async def test_without_authority_nothing_more_is_begun(regions) -> None:
    def drop(verb: str, name: str) -> None:
        regions.view.become(name, Liveness.alive)
        regions.authority.drop()
        regions.renew = lambda: None

    regions.effect = drop
    await regions.start("act")
    await regions.acts.trigger("restart", "")
    await regions.advance(10)
    assert order(regions) == [["eu0"]]
    outcome = (await regions.entries("outcome"))[-1]
    assert outcome.body["state"] == "partial"
    assert "no authority" in outcome.body["reason"]


async def test_a_part_that_a_person_stopped_counts_for_nothing(regions) -> None:
    """It was stopped between two stages: neither is it a success, nor did it fail."""
    tasks = []

    def stop(verb: str, name: str) -> None:
        regions.view.become(name, Liveness.alive)
        tasks.append(
            asyncio.ensure_future(
                regions.db.write(
                    lambda connection: stop_book.put(
                        connection,
                        regions.log,
                        scope="everything",
                        who="person:boss",
                        because="look first",
                        now=regions.clock.wall(),
                    )
                )
            )
        )

    regions.effect = stop
    await regions.start("act")
    await regions.db.write(lambda connection: connection.execute("UPDATE standing SET failures = 1"))
    await regions.acts.trigger("restart", "")
    await regions.advance(10)
    await asyncio.gather(*tasks)
    assert order(regions) == [["eu0"]]
    [outcome] = await regions.entries("outcome")
    assert outcome.body["state"] == "partial"
    assert outcome.body["reason"].startswith("1 of 6 verified; the rest was not done: stop")
    assert await regions.rows("SELECT failures FROM standing") == [(1,)]
    assert await regions.rows("SELECT state, counted FROM intent") == [("partial", "")]
    # What was not touched was not used: it rests for nothing, counts as no try, and explains no effect.
    assert await regions.rows("SELECT target, ended IS NULL FROM reservation") == [("eu0", 0)]


async def test_each_stage_that_the_gate_allows_stands_in_the_ledger(regions) -> None:
    await regions.start("act")
    await regions.acts.trigger("restart", "")
    await regions.advance(60)
    decisions = [entry.body for entry in await regions.entries("decision")]
    assert [(one["allowed"], one.get("intent"), one["count"]) for one in decisions] == [
        (True, None, 6),
        (True, 1, 5),
        (True, 1, 3),
    ]


async def test_an_approval_holds_to_the_end_of_the_act_it_was_used_for(regions) -> None:
    """Cells that rest outlast the hour of an approval; what it allowed is finished all the same."""
    gate = msgspec.structs.replace(regions.config.gate, approval=60.0, soak=300.0, floor="0%")
    regions.config = msgspec.structs.replace(regions.config, gate=gate)
    regions.declare(level="approve")
    for one in list(regions.view.subjects()):
        regions.view.become(one.name, Liveness.alive)
    await regions.start("approve")
    _, decision = await regions.acts.trigger("restart", "")
    assert decision.waits, decision.words
    _, decision = await regions.acts.approve(1, "person:anna")
    assert decision.allowed, decision.words
    await regions.advance(900, step=5.0)
    assert order(regions) == [["eu0"], ["eu1", "eu2"], ["us0", "us1", "us2"]]
    assert (await regions.entries("outcome"))[-1].body["state"] == "verified"
