"""Each guard is shown what it alone must deny; one that is missing or broken is found."""

from __future__ import annotations

import asyncio
import contextlib
import sqlite3
from pathlib import Path

import pytest

from gadfly.act.gate import decide
from gadfly.act.guard import GUARDS
from gadfly.act.plan import Plan
from gadfly.act.proof import proving, synthetic
from gadfly.act.proof.proving import (
    WEEK,
    Proving,
    oldest,
    prove,
    record,
)
from gadfly.act.proof.sound import sound
from gadfly.act.situation import Situation
from gadfly.clock import VirtualClock
from gadfly.config import Config
from gadfly.config.owner import Owner
from gadfly.errors import StoreError
from gadfly.ledger.log import Log
from gadfly.store.sqlite import Database

NOW = 1_800_000_000.0
OWNERS = {"ops": Owner(contact=("mailto:ops@example.org",))}


def test_the_sound_act_is_allowed_by_all() -> None:
    assert decide(*sound(NOW)).words == "allowed"


@pytest.mark.parametrize("guard", GUARDS)
def test_it_alone_denies_its_requests(guard: str) -> None:
    for number, case in enumerate(synthetic.cases(NOW)[guard]):
        assert [one.guard for one in decide(*case).refusals] == [guard], number


@pytest.mark.parametrize("guard", GUARDS)
def test_without_it_the_gate_is_open(guard: str) -> None:
    left = {name: judge for name, judge in GUARDS.items() if name != guard}
    for case in synthetic.cases(NOW)[guard]:
        assert decide(*case, left).allowed
    assert {one.guard for one in prove(NOW, left) if not one.denied} == {guard}


@pytest.mark.parametrize("now", [0.0, NOW, 4e9])
def test_all_guards_prove_themselves_at_any_time(now: float) -> None:
    assert [one for one in prove(now) if not one.denied] == []


def broken(plan: Plan, situation: Situation) -> str | None:
    raise KeyError("a defect")


@pytest.mark.parametrize(
    ("instead", "reason"),
    [
        (lambda plan, situation: None, "it lets request 1 through"),
        (lambda plan, situation: "no", "it refuses what is sound"),
        (broken, "it refuses what is sound"),
        (lambda plan, situation: GUARDS["cost"](plan, situation) if plan.cost == 11 else None, "request 2"),
    ],
)
def test_a_broken_guard_is_found(instead: object, reason: str) -> None:
    found = {one.guard: one for one in prove(NOW, {**GUARDS, "cost": instead})}
    assert not found["cost"].denied
    assert reason in found["cost"].reason


def test_a_guard_that_fails_only_where_it_must_deny_is_found() -> None:
    def fails(plan: Plan, situation: Situation) -> str | None:
        return broken(plan, situation) if plan.cost else None

    found = {one.guard: one for one in prove(NOW, {**GUARDS, "cost": fails})}
    assert not found["cost"].denied
    assert "it fails at request 1" in found["cost"].reason


def test_a_guard_without_a_request_is_not_proven() -> None:
    found = {one.guard: one for one in prove(NOW, {**GUARDS, "new": lambda plan, situation: None})}
    assert not found["new"].denied
    assert "must add one" in found["new"].reason


def test_it_is_a_row_a_guard_and_one_entry(connection: sqlite3.Connection, log: Log) -> None:
    assert oldest(connection) == 0.0
    record(connection, log, prove(NOW, {**GUARDS, "cost": lambda plan, situation: None}), NOW)
    rows = dict(connection.execute("SELECT guard, denied FROM proof").fetchall())
    assert (rows["cost"], rows["stop"], len(rows)) == (0, 1, len(GUARDS))
    ((_, entry, _),) = log.about(connection, "guard:cost")
    assert (entry.kind, list(entry.body["failed"])) == ("proof", ["cost"])
    assert len(entry.body["denied"]) == len(GUARDS) - 1
    assert oldest(connection) == NOW
    record(connection, log, prove(NOW + 1, {"stop": GUARDS["stop"]}), NOW + 1)
    assert connection.execute("SELECT COUNT(*) FROM proof WHERE at < ?", (NOW + 1,)).fetchone() == (0,)


def nothing(connection: sqlite3.Connection) -> None:
    """Its turn comes after all that was asked for before."""


class Node:
    """As much of a node as proofs need."""

    def __init__(self, path: Path, log: Log) -> None:
        self.db = Database(path / "gadfly.db")
        self.clock = VirtualClock(NOW)
        self.guards = dict(GUARDS)
        self.proving = Proving(
            self.db,
            log,
            self.clock,
            lambda: Config(owner=OWNERS),
            url="http://north/",
            node="north",
            guards=self.guards,
        )

    async def live(self, seconds: float) -> None:
        """So long, with turns for the store's own threads."""
        for _ in range(5):
            await self.settle()
            await self.clock.advance(seconds / 5)
        await self.settle()

    async def settle(self) -> None:
        """Return when the store's threads have done what waited for them, and what that led to."""
        for _ in range(5):
            await self.db.read(nothing)
            with contextlib.suppress(StoreError):
                await self.db.write(nothing)

    async def times(self) -> list[float]:
        def work(connection: sqlite3.Connection) -> list[float]:
            return [row[0] for row in connection.execute("SELECT DISTINCT at FROM proof")]

        return await self.db.read(work)

    async def proven(self, since: float) -> float:
        """When all guards proved themselves last, as soon as that was not before `since`."""
        async with asyncio.timeout(10.0):
            while len(times := await self.times()) != 1 or times[0] < since:  # noqa: ASYNC110  a table has none
                await asyncio.sleep(0.005)
        return times[0]

    async def subjects(self) -> list[str]:
        def work(connection: sqlite3.Connection) -> list[str]:
            return [
                row[0] for row in connection.execute("SELECT json_extract(body, '$.subject') FROM outbox")
            ]

        return await self.db.read(work)


async def test_at_the_start_each_week_and_when_asked(tmp_path: Path, log: Log) -> None:
    node = Node(tmp_path, log)
    running = asyncio.create_task(node.proving.run())
    assert await node.proven(NOW) == NOW
    await node.live(3600.0)
    assert await node.times() == [NOW]
    node.proving.again()
    second = await node.proven(NOW + 1)
    await node.live(WEEK)
    await node.live(2 * proving.LOOK)
    await node.proven(second + WEEK)
    node.clock.set_wall(NOW)  # a proof that comes from the future is none
    async with asyncio.timeout(10.0):
        while await node.proven(0.0) >= second:
            await node.live(proving.LOOK)
    assert await node.subjects() == []
    running.cancel()
    node.db.close()


@pytest.mark.parametrize("turns", range(5))
async def test_a_stop_right_after_a_reload_ends_it(tmp_path: Path, log: Log, turns: int) -> None:
    db = Database(tmp_path / "gadfly.db")
    proofs = Proving(db, log, VirtualClock(), Config, url="", node="north")
    running = asyncio.ensure_future(proofs.run())
    async with asyncio.timeout(10.0):
        while not proofs.proofs:  # noqa: ASYNC110  it is the first it does
            await asyncio.sleep(0.005)
    proofs.again()
    for _ in range(turns):
        await asyncio.sleep(0)
    running.cancel()
    done, _ = await asyncio.wait([running], timeout=2.0)
    running.cancel()
    assert done, "it went on after it was ended"
    db.close()


async def test_a_guard_that_failed_is_told_once(tmp_path: Path, log: Log) -> None:
    node = Node(tmp_path, log)
    node.guards["cost"] = lambda plan, situation: None
    await node.proving.prove()
    await node.proving.prove()
    assert await node.subjects() == ["Nothing acts on north: guards have not proven themselves (cost)"]
    node.guards["rate"] = node.guards["cost"]
    await node.proving.prove()
    assert len(await node.subjects()) == 2
    node.db.close()


async def test_while_the_disk_refuses_it_is_tried_again(
    tmp_path: Path, log: Log, monkeypatch: pytest.MonkeyPatch
) -> None:
    node = Node(tmp_path, log)
    write = node.db.write

    async def refuse(work: object) -> None:
        raise StoreError("the disk is full")

    monkeypatch.setattr(node.db, "write", refuse)
    running = asyncio.create_task(node.proving.run())
    await node.live(0.5)
    assert await node.times() == []
    monkeypatch.setattr(node.db, "write", write)
    await node.live(5.0)
    await node.proven(NOW)
    running.cancel()
    node.db.close()
