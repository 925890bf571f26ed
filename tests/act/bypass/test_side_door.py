"""What was done past the gate is in the ledger within a minute, and whoever answers is told."""

from __future__ import annotations

import asyncio
import logging
import sqlite3
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from gadfly.act.bypass import side_door
from gadfly.act.bypass.side_door import SideDoor
from gadfly.catalogue import loads
from gadfly.clock import VirtualClock
from gadfly.errors import StoreError
from gadfly.ledger.entry import Entry
from gadfly.ledger.log import Log
from gadfly.monitor.events import EVENT, EventKind
from gadfly.monitor.liveness import Liveness
from gadfly.monitor.subject import Subject
from gadfly.store.sqlite import Database

CONFIG = """
[owner.o]
contact = ["mailto:o@b"]
[grant.g]
to = ["function:deploy"]
may = ["systemd:restart web-*"]
on = 'group = "web"'
until = 2099-01-01T00:00:00Z
owner = "o"
because = "It deploys the web."
"""


class Node:
    def __init__(self, path: Path, log: Log) -> None:
        self.file = path / "gadfly.toml"
        self.file.write_text(CONFIG)
        self.log = log
        self.db = Database(path / "gadfly.db")
        self.clock = VirtualClock()
        self.config = loads(CONFIG)
        self.names = [f"c{number}" for number in range(100)]
        self.kinds: dict[str, str] = {}
        self.door = SideDoor(
            self.db,
            log,
            self.clock,
            lambda: self.config,
            self.subject,
            lambda config: f"digest {len(config.owner)}",
            path=self.file,
            url="http://north/",
            node="north",
        )

    def subject(self, name: str) -> Subject | None:
        if name not in self.names:
            return None
        group = "web" if name == "c1" else ""
        return Subject(name=name, owner="o", group=group, kind=self.kinds.get(name, "service"))

    async def record(self) -> None:
        digest = f"digest {len(self.config.owner)}"
        one = Entry(kind="node", who="node", body={"configuration": digest}, at=1.0)
        await self.db.write(lambda connection: self.log.append(connection, [one]))

    async def live(self, seconds: float) -> None:
        """So long, a second at a time: the loop's own pace."""
        for _ in range(int(seconds)):
            await self.door.turn()
            await self.clock.advance(1.0)
        await self.door.turn()

    def events(self, *rows: tuple[int, EventKind, Liveness, Liveness]) -> Any:
        found = np.zeros(len(rows), EVENT)
        for index, (slot, kind, before, after) in enumerate(rows):
            found[index] = (slot, before, after, 0, kind, 0, int(self.clock.wall() * 1e9))
        return found

    async def unexplained(self) -> list[Entry]:
        def work(connection: sqlite3.Connection) -> list[Entry]:
            return [one for _, one, _ in self.log.read(connection, 0, 1 << 40) if one.kind == "unexplained"]

        return await self.db.read(work)

    async def letters(self) -> list[str]:
        def work(connection: sqlite3.Connection) -> list[str]:
            return [
                row[0] for row in connection.execute("SELECT json_extract(body, '$.subject') FROM outbox")
            ]

        return await self.db.read(work)


@pytest.fixture
async def node(tmp_path: Path, log: Log) -> AsyncIterator[Node]:
    made = Node(tmp_path, log)
    await made.record()
    await made.door.turn()
    yield made
    made.db.close()


async def test_a_restart_and_a_stop_are_found_at_once(node: Node) -> None:
    node.door.hear(
        node.events(
            (0, EventKind.restarted, Liveness.alive, Liveness.alive),
            (1, EventKind.transition, Liveness.alive, Liveness.left),
            (2, EventKind.transition, Liveness.alive, Liveness.silent),  # a failure is no act
            (3, EventKind.transition, Liveness.left, Liveness.left),
            (4, EventKind.card, Liveness.alive, Liveness.alive),
        ),
        lambda slot: node.names[slot],
    )
    await node.live(10)
    (entry,) = await node.unexplained()
    assert [one["what"] for one in entry.body["effects"]] == ["c1 was stopped", "c0 was restarted"]
    assert [one["covered"] for one in entry.body["effects"]] == [True, False]
    assert (entry.body["count"], entry.body["covered"]) == (2, 1)
    assert entry.at - node.clock.wall() <= 0 < 60 - (entry.at - 1_800_000_000.0)
    assert await node.letters() == ["No intent explains it: c1 was stopped"]  # c0 is nobody's automation
    assert node.door.unexplained == 2


async def test_a_start_of_the_node_is_no_effect(node: Node, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its own host beats by its own heart, and who left long ago is only remembered."""
    node.names[0] = "here"
    monkeypatch.setattr(node.door, "_own", "here")
    node.door.hear(
        node.events(
            (0, EventKind.restarted, Liveness.left, Liveness.alive),
            (0, EventKind.transition, Liveness.alive, Liveness.left),
            (1, EventKind.transition, Liveness.never, Liveness.left),
        ),
        lambda slot: node.names[slot],
    )
    await node.live(10)
    assert await node.unexplained() == []


@pytest.mark.parametrize(("name", "level"), [("c0", logging.INFO), ("c1", logging.WARNING)])
async def test_a_restart_by_hand_is_a_warning_where_an_act_was_declared(
    node: Node, caplog: pytest.LogCaptureFixture, name: str, level: int
) -> None:
    caplog.set_level(logging.INFO, "gadfly.act")
    node.door.see("restarted", name, node.clock.wall())
    await node.live(10)
    assert [(one.levelno, one.getMessage()) for one in caplog.records] == [
        (level, f"no intent explains 1 effects, as: {name} was restarted")
    ]
    (entry,) = await node.unexplained()
    assert entry.body["covered"] == (level == logging.WARNING)


async def test_jobs_begin_and_end_by_themselves(node: Node) -> None:
    node.kinds = {"c0": "job", "c1": "function"}
    for name in ("c0", "c1", "unknown"):
        node.door.see("restarted", name, node.clock.wall())
    await node.live(60)
    assert await node.unexplained() == []


async def test_what_an_intent_explains_is_no_news(node: Node) -> None:
    wall = node.clock.wall()

    def work(connection: sqlite3.Connection) -> None:
        connection.execute(
            "INSERT INTO intent (entry, plan, body, principal, automation, owner, action, symptom, cost, at,"
            " ends) VALUES (1, '', '', '', '', '', 'systemd:restart', '', 0, ?, ?)",
            (wall, wall + 60),
        )
        connection.execute(
            "INSERT INTO reservation (intent, target, automation, action, symptom, grp, cell, environment,"
            " disturbs, well, at) VALUES (1, 'c1', '', '', '', '', '', '', 1, 1, ?)",
            (wall,),
        )

    await node.db.write(work)
    node.door.see("restarted", "c1", wall + 2)
    await node.live(30)
    assert await node.unexplained() == []


async def test_a_burst_is_one_entry_and_one_letter(node: Node, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(side_door, "MOST", 50)
    for name in node.names:
        node.door.see("restarted", name, node.clock.wall())
    await node.live(30)
    (entry,) = await node.unexplained()
    assert entry.body["count"] == 100
    assert len(await node.letters()) == 1


async def test_while_more_comes_entries_and_letters_are_bounded(node: Node) -> None:
    for _ in range(300):
        node.door.see("restarted", "c1", node.clock.wall())
        await node.live(1)
    entries = await node.unexplained()
    assert 300 / side_door.REST - 2 <= len(entries) <= 300 / side_door.REST + 1
    assert len(await node.letters()) == 1
    await node.live(side_door.QUIET)
    node.door.see("restarted", "c1", node.clock.wall())
    await node.live(30)
    assert len(await node.letters()) == 2


async def test_a_configuration_changed_on_disk_is_found_within_a_minute(node: Node) -> None:
    node.file.write_text(CONFIG + "\n# changed by hand\n")
    await node.live(59)
    (entry,) = await node.unexplained()
    assert "changed and not read" in entry.body["effects"][0]["what"]
    assert len(await node.letters()) == 1
    await node.live(120)
    assert len(await node.unexplained()) == 1


@pytest.mark.parametrize(
    ("more", "count"),
    [("[owner.p]\n", 0), ("[gate]\nsmall = 5\n", 1), (CONFIG.partition("[grant.g]")[0], 1)],
)
async def test_what_may_be_done_changed_by_a_signal_is_unexplained(node: Node, more: str, count: int) -> None:
    fresh = loads(more if "contact" in more else CONFIG + more)
    node.door.signalled(node.config, fresh)
    await node.live(20)
    found = await node.unexplained()
    assert len(found) == count
    if found:
        assert "who sent it is not known" in found[0].body["effects"][0]["what"]
        assert len(await node.letters()) == 1


async def test_a_configuration_in_force_without_an_entry_is_found(node: Node) -> None:
    node.config = loads(CONFIG + "[owner.p]\n")
    await node.live(59)
    (entry,) = await node.unexplained()
    assert "stands in no entry" in entry.body["effects"][0]["what"]


async def test_a_reload_with_its_entry_is_no_news(node: Node) -> None:
    node.file.write_text(CONFIG + "[owner.p]\n")
    await node.live(10)
    node.config = loads(CONFIG + "[owner.p]\n")
    await node.record()
    await node.live(120)
    assert await node.unexplained() == []


async def test_while_the_disk_refuses_nothing_is_lost(node: Node, monkeypatch: pytest.MonkeyPatch) -> None:
    write = node.db.write

    async def refuse(work: object) -> None:
        raise StoreError("the disk is full")

    monkeypatch.setattr(node.db, "write", refuse)
    running = asyncio.create_task(node.door.run())
    node.door.see("restarted", "c1", node.clock.wall())
    await node.clock.advance(side_door.GATHER)
    for _ in range(10):
        await asyncio.sleep(0.01)
        await node.clock.advance(1.0)
    running.cancel()
    monkeypatch.setattr(node.db, "write", write)
    assert await node.letters() == []
    await node.live(30)
    assert len(await node.unexplained()) == 1
    assert len(await node.letters()) == 1
