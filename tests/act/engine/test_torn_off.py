"""A process that ends between intent and outcome: unknown counts as used, is measured, and never repeated."""

from __future__ import annotations

import pytest

from gadfly.errors import LimitError, StoreError
from gadfly.monitor.liveness import Liveness


async def test_after_a_crash_it_is_measured_and_not_done_again(world) -> None:
    world.hang = True
    await world.start("act")
    world.view.become("w3", Liveness.stalled)
    await world.advance(70)
    assert len(world.done) == 1
    assert await world.rows("SELECT state FROM intent") == [("open",)]

    await world.restart()
    world.hang = False
    await world.advance(5)
    [unknown] = await world.entries("outcome")
    assert unknown.body["state"] == "unknown"
    assert await world.rows("SELECT COUNT(*) FROM reservation WHERE ended IS NULL") == [(1,)]
    world.view.become("w3", Liveness.alive)  # it had its effect after all
    await world.advance(5)
    assert [entry.body["state"] for entry in await world.entries("outcome")] == ["unknown", "verified"]
    assert await world.rows("SELECT state FROM intent") == [("verified",)]
    assert await world.rows("SELECT COUNT(*) FROM reservation WHERE ended IS NULL") == [(0,)]
    assert len(world.done) == 1


@pytest.mark.parametrize(("anew", "state"), [(False, "failed"), (True, "verified")])
async def test_what_runs_as_before_was_not_restarted(world, anew: bool, state: str) -> None:
    """Whatever is found of a torn act, it counts once: as what nobody saw the end of."""
    world.hang = True
    world.declare(expect="component restarted within 30s")
    await world.start("act")
    world.view.become("w3", Liveness.stalled)
    await world.advance(70)
    await world.restart()
    if anew:
        world.view.become("w3", Liveness.alive)
    else:
        world.view.wake("w3")
    await world.advance(40)
    assert [entry.body["state"] for entry in await world.entries("outcome")] == ["unknown", state]
    assert await world.rows("SELECT state, counted FROM intent") == [(state, "unknown")]
    assert await world.rows("SELECT level, failures, frozen FROM standing") == [("act-small", 1, "")]
    assert await world.rows("SELECT COUNT(*) FROM reservation WHERE ended IS NULL") == [(0,)]


async def test_two_torn_acts_freeze_it_and_its_owner_is_told(world) -> None:
    await world.start("act")
    await world.db.write(lambda connection: connection.execute("UPDATE standing SET failures = 1"))
    world.hang = True
    world.view.become("w3", Liveness.stalled)
    await world.advance(70)
    await world.restart()
    await world.advance(5)
    assert [subject for subject in await world.letters() if "frozen" in subject] == [
        "restart is frozen: 2 failures in a row"
    ]


async def test_an_act_that_lapses_may_freeze_it_and_its_owner_is_told(world) -> None:
    world.hang = True
    await world.start("act")
    await world.db.write(lambda connection: connection.execute("UPDATE standing SET failures = 1"))
    world.view.become("w3", Liveness.stalled)
    await world.advance(61 + 900 + 150, 5.0)
    assert [subject for subject in await world.letters() if "frozen" in subject] == [
        "restart is frozen: 2 failures in a row"
    ]


async def test_what_had_no_effect_has_failed(world) -> None:
    world.hang = True
    await world.start("act")
    world.view.become("w3", Liveness.stalled)
    await world.advance(70)
    await world.restart()
    world.hang = False
    await world.advance(40)
    assert [entry.body["state"] for entry in await world.entries("outcome")] == ["unknown", "failed"]
    assert "its end was not seen" in (await world.entries("outcome"))[1].body["reason"]


async def test_an_act_that_outlives_its_time_is_unknown(world) -> None:
    world.hang = True
    await world.start("act")
    world.view.become("w3", Liveness.stalled)
    await world.advance(61 + 900 + 150, 5.0)
    states = [entry.body["state"] for entry in await world.entries("outcome")]
    assert states == ["unknown"]
    assert len(world.done) == 1
    assert await world.rows("SELECT COUNT(*) FROM reservation WHERE ended IS NULL") == [(1,)]


async def test_what_is_too_long_for_an_entry_is_written_shorter(world, monkeypatch) -> None:
    append = world.log.append

    def limited(connection, entries):
        if any(entry.kind == "outcome" and entry.body["measured"] for entry in entries):
            raise LimitError("An entry has 65536 bytes at most.")
        return append(connection, entries)

    monkeypatch.setattr(world.log, "append", limited)
    await world.start("act")
    world.view.become("w3", Liveness.stalled)
    await world.advance(70)
    [outcome] = await world.entries("outcome")
    assert (outcome.body["state"], outcome.body["measured_left_out"]) == ("verified", 1)


async def test_a_limit_loses_no_outcome(world, monkeypatch) -> None:
    append, refused = world.log.append, []

    def limited(connection, entries):
        if len(refused) < 4 and any(entry.kind == "outcome" for entry in entries):
            refused.append(1)
            raise LimitError("too much at the moment")
        return append(connection, entries)

    monkeypatch.setattr(world.log, "append", limited)
    await world.start("act")
    world.view.become("w3", Liveness.stalled)
    await world.advance(80)
    assert [entry.body["state"] for entry in await world.entries("outcome")] == ["verified"]


async def test_no_append_no_effect_and_no_outcome_is_lost(world, monkeypatch, caplog) -> None:
    def refuse(*given: object) -> range:
        raise StoreError("the disk is full")

    await world.start("act")
    world.view.become("w3", Liveness.stalled)
    with monkeypatch.context() as patch:
        patch.setattr(world.log, "append", refuse)
        await world.advance(70)
    assert world.done == []
    assert "the disk is full" in caplog.text

    with monkeypatch.context() as patch:

        def fill(verb: str, name: str) -> None:
            world.view.become(name, Liveness.alive)
            patch.setattr(world.log, "append", refuse)

        world.effect = fill
        await world.advance(70)
        assert len(world.done) == 1
        assert await world.rows("SELECT state FROM intent") == [("open",)]
    await world.advance(5)
    assert [entry.kind for entry in await world.entries()] == ["decision", "intent", "outcome"]
    assert len(world.done) == 1
