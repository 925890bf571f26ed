"""A real node: a restart, a stop and an edit that nobody planned are in the ledger within a minute."""

from __future__ import annotations

import asyncio
import socket
import sqlite3
import time
from pathlib import Path

import pytest

from gadfly import catalogue
from gadfly.act.bypass import side_door
from gadfly.act.doubt import disk_watch
from gadfly.app import Node
from gadfly.instrument import Heart

pytestmark = pytest.mark.slow


def free_port(kind: socket.SocketKind) -> int:
    with socket.socket(socket.AF_INET, kind) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def declared(folder: Path) -> Path:
    file = folder / "gadfly.toml"
    file.write_text(
        f"""
        [node]
        listen = "127.0.0.1:{free_port(socket.SOCK_STREAM)}"
        state = "{folder / "state"}"
        watch_host = false
        [heartbeat]
        groups = ["239.192.71.70:{free_port(socket.SOCK_DGRAM)}"]
        [owner.ops]
        """
    )
    return file


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
    file = declared(tmp_path)
    async with Node(catalogue.load(file), path=file) as node:
        door = node.acting.side_door
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


async def test_a_configuration_changed_by_hand(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(disk_watch, "PATIENCE", 3.0)
    monkeypatch.setattr(side_door, "GATHER", 0.2)
    monkeypatch.setattr(side_door, "LOOK", 0.5)
    file = declared(tmp_path)
    async with Node(catalogue.load(file), path=file) as node:
        await asyncio.sleep(1.5)
        file.write_text(file.read_text() + "[owner.more]\n")
        await node.reload()
        await asyncio.sleep(5.0)
        assert node.acting.side_door.unexplained == 0  # edited, read, and in the ledger
        file.write_text(file.read_text() + "# by hand\n")
        assert await seen(node, "changed and not read")
