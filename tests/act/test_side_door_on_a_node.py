"""A real node, real beats: a restart and a stop that nobody planned are in the ledger within a minute."""

from __future__ import annotations

import asyncio
import socket
import sqlite3
import time
from pathlib import Path
from typing import Any

import pytest

from gadfly import catalogue
from gadfly.act import side_door
from gadfly.act.side_door import SideDoor
from gadfly.app import Node
from gadfly.instrument import Heart
from gadfly.monitor.heard import Events

pytestmark = pytest.mark.slow


def free_port(kind: socket.SocketKind) -> int:
    with socket.socket(socket.AF_INET, kind) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


async def seen(node: Node, words: str) -> bool:
    def work(connection: sqlite3.Connection) -> bool:
        row = connection.execute(
            'SELECT 1 FROM ledger_entry WHERE instr(body, \'"kind":"unexplained"\') AND instr(body, ?)',
            (words,),
        ).fetchone()
        return row is not None

    for _ in range(600):
        if await node.db.read(work):
            return True
        await asyncio.sleep(0.1)
    return False


async def test_a_restart_and_a_stop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(side_door, "GATHER", 0.2)
    monkeypatch.setattr(side_door, "REST", 0.5)
    udp = free_port(socket.SOCK_DGRAM)
    file = tmp_path / "gadfly.toml"
    file.write_text(
        f"""
        [node]
        listen = "127.0.0.1:{free_port(socket.SOCK_STREAM)}"
        state = "{tmp_path / "state"}"
        watch_host = false
        [heartbeat]
        groups = ["239.192.71.70:{udp}"]
        [owner.ops]
        """
    )
    async with Node(catalogue.load(file), path=file) as node:
        door = SideDoor(
            node.db,
            node.recorder.log,
            node.clock,
            lambda: node.config,
            node._subject,
            lambda config: "none",
            path=file,
            url="",
            node="north",
        )
        follow = node.flow._follow

        def follow_and_hear(events: Events) -> Any:
            door.hear(events, node.components.name)
            return follow(events)

        monkeypatch.setattr(node.flow, "_follow", follow_and_hear)
        running = asyncio.create_task(door.run())
        began = time.monotonic()
        first = await asyncio.to_thread(lambda: Heart("shop", 0.2, to=node.hearing.udp, owner="ops").start())
        await asyncio.sleep(1.0)
        assert door.unexplained == 0  # what comes for the first time is no effect
        second = await asyncio.to_thread(lambda: Heart("shop", 0.2, to=node.hearing.udp, owner="ops").start())
        assert await seen(node, "shop was restarted")
        await asyncio.to_thread(second.stop)
        assert await seen(node, "shop was stopped")
        assert time.monotonic() - began < 60
        await asyncio.to_thread(first.stop)
        running.cancel()
