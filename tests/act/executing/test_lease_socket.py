"""Executors hold the lease over the node's local socket."""

from __future__ import annotations

import asyncio
import json
import stat
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from gadfly.act.executing import lease_server
from gadfly.act.executing.board import Board
from gadfly.act.executing.lease import Ask, Renewal
from gadfly.act.executing.lease_holder import LeaseHolder, SocketLine
from gadfly.act.executing.lease_server import LeaseServer
from gadfly.act.halt import stop_book
from gadfly.act.halt.stop import Act
from gadfly.clock import SystemClock
from gadfly.ledger.log import Log
from gadfly.store.sqlite import Database

ACT = Act(principal="automation:a", automation="a")


class Node:
    """As much of a node as the lease needs."""

    def __init__(self, path: Path, log: Log) -> None:
        self.log = log
        self.db = Database(path / "gadfly.db")
        self.board = Board(self.db, SystemClock())
        self.server = LeaseServer(self.board, path / "lease.sock")

    async def stop(self) -> None:
        await self.db.write(
            lambda connection: stop_book.put(
                connection, self.log, scope="everything", who="person:anna", because="", now=1.0
            )
        )
        await self.board.look()


@pytest.fixture
async def node(tmp_path: Path, log: Log) -> AsyncIterator[Node]:
    made = Node(tmp_path, log)
    await made.board.look()
    await made.server.start()
    yield made
    await made.server.stop()
    made.db.close()


async def until(holds: Callable[[], bool]) -> None:
    for _ in range(1000):
        if holds():
            return
        await asyncio.sleep(0.005)
    pytest.fail("it did not come to pass within 5 s")


async def test_a_stop_reaches_an_executor_that_waits(node: Node) -> None:
    holder = LeaseHolder("e", SocketLine(node.server.path), version="1")
    running = asyncio.create_task(holder.run())
    await until(lambda: holder.refusal(ACT) is None)
    assert node.board.executors["e"].version == "1"
    await node.stop()
    await until(lambda: holder.refusal(ACT) is not None)
    assert "was stopped by person:anna" in (holder.refusal(ACT) or "")
    running.cancel()


async def test_the_end_of_the_node_is_the_end_of_authority(node: Node) -> None:
    holder = LeaseHolder("e", SocketLine(node.server.path))
    running = asyncio.create_task(holder.run())
    await until(lambda: holder.refusal(ACT) is None)
    await node.server.stop()
    await until(lambda: holder.refusal(ACT) is not None)
    assert "not connected" in (holder.refusal(ACT) or "")
    await node.server.start()  # and it comes back by itself
    await until(lambda: holder.refusal(ACT) is None)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    assert holder.refusal(ACT) is not None


async def test_an_executor_that_was_away_during_a_stop_comes_back_to_it(node: Node) -> None:
    await node.stop()
    line = SocketLine(node.server.path)
    holder = LeaseHolder("e", line)
    assert holder.refusal(ACT) is not None
    await holder.renew()
    assert "was stopped" in (holder.refusal(ACT) or "")
    await line.close()


async def test_a_state_folder_may_have_a_long_name(tmp_path: Path, node: Node) -> None:
    folder = tmp_path / ("x" * 120)
    folder.mkdir()
    server = LeaseServer(node.board, folder / "lease.sock")
    await server.start()
    line = SocketLine(server.path)
    assert (await line.ask(Ask(executor="e"))).stops == ()
    await line.close()
    await server.stop()
    assert list(folder.iterdir()) == []


async def test_only_the_nodes_user_may_open_it(node: Node) -> None:
    assert stat.S_IMODE(node.server.path.stat().st_mode) == 0o600


@pytest.mark.parametrize(
    "line",
    [b"\n", b"{}\n", b'{"executor": ""}\n', b"\xff\xff\n", b'{"executor": 7}\n', b"x" * 10_000 + b"\n"],
)
async def test_what_is_no_question_ends_the_connection(node: Node, line: bytes) -> None:
    reader, writer = await asyncio.open_unix_connection(node.server.path)
    writer.write(line)
    answer = await asyncio.wait_for(reader.read(), 5)
    assert answer == b"" or "error" in json.loads(answer)
    writer.close()
    own = SocketLine(node.server.path)
    assert (await own.ask(Ask(executor="e"))).stops == ()
    await own.close()


async def test_beyond_the_limit_nobody_is_let_in(node: Node, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lease_server, "CONNECTIONS", 1)
    first, second = SocketLine(node.server.path), SocketLine(node.server.path)
    await first.ask(Ask(executor="e"))
    with pytest.raises((OSError, ValueError)):
        await second.ask(Ask(executor="f"))
    await first.close()
    await second.close()


async def test_a_line_that_fails_leaves_no_authority() -> None:
    class Broken:
        asked = 0

        async def ask(self, ask: Ask) -> Renewal:
            self.asked += 1
            if self.asked == 1:
                return Renewal(mark="m", lasts=30.0)
            raise ValueError("not as agreed")

        async def close(self) -> None:
            pass

    line = Broken()
    holder = LeaseHolder("e", line)
    await holder.renew()
    assert holder.refusal(ACT) is None
    running = asyncio.create_task(holder.run())
    await until(lambda: line.asked > 1 and holder.refusal(ACT) is not None)
    running.cancel()


async def test_authority_counts_from_the_asking_however_late_the_answer_is_read() -> None:
    class Slow:
        now = 100.0

        async def ask(self, ask: Ask) -> Renewal:
            self.now += 25.0  # the machine slept, or the answer lay in a buffer
            return Renewal(mark="m", lasts=30.0)

        async def close(self) -> None:
            pass

    line = Slow()
    holder = LeaseHolder("e", line, now=lambda: line.now)
    await holder.renew()
    assert holder.refusal(ACT) is None
    line.now = 130.0
    assert "lapsed" in (holder.refusal(ACT) or "")
