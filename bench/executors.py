"""How long after a stop does the last effect happen, with 1,000 executors that act all the time?

Each executor holds the lease over the node's local socket, on a connection of its own, and asks it directly
before each effect; four processes have 250 of them each, and each executor acts 20 times a second. Beside them
the node's own executor acts as often in its process, each time under a permission of its own, and has one long
act on its way. The stop is what the node does for `gadfly stop everything`: one transaction with its ledger
entry, then the push. Counted is from the moment the command begins to the last effect of any executor, by the
machine's one monotonic clock. Every other stop comes while all of the store's readers are busy, with as many
more waiting for them. Then the node loses its store (it cannot read whether it was stopped, so authority must
lapse), and at the end it closes its socket.
"""

from __future__ import annotations

import asyncio
import logging
import multiprocessing
import os
import resource
import signal
import tempfile
import time
from contextlib import suppress
from multiprocessing.process import BaseProcess
from multiprocessing.shared_memory import SharedMemory
from pathlib import Path
from typing import Any

import numpy as np
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from gadfly.act import action
from gadfly.act.action import Action
from gadfly.act.action.effect import Edge, Effect, State
from gadfly.act.executing.board import Board
from gadfly.act.executing.capability import LASTS, Capability, issue
from gadfly.act.executing.executor import Executor
from gadfly.act.executing.lease_holder import LeaseHolder, SocketLine
from gadfly.act.executing.lease_server import LeaseServer
from gadfly.act.halt import stop_book
from gadfly.act.halt.stop import Act
from gadfly.act.plan import Plan, Target
from gadfly.clock import SystemClock
from gadfly.ledger.log import Log
from gadfly.store.sqlite import READERS, Database
from report import Report, arguments, quantile

EXECUTORS = 1000
PROCESSES = 4
EVERY = 0.05
LATER = 1 << 40
"""Where the intents of all acts stand in the ledger: after every stop, so that those that are lifted void none."""
BUSY = """WITH RECURSIVE number (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM number WHERE n < 10000000)
    SELECT max(n) FROM number"""
"""A question that keeps a reader busy for more than a second."""
QUIET = 2.0
"""Seconds without an effect after which no more are waited for."""


def executors(path: str, memory: str, first: int, count: int, total: int) -> None:
    """A process of executors: each writes when its last effect was, and how many it had."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    logging.disable()  # a thousand say together that the node closed its socket
    shared = SharedMemory(memory)
    cells = np.ndarray((2, total), np.float64, shared.buf)

    async def act(number: int) -> None:
        holder = LeaseHolder(f"executor-{number}", SocketLine(Path(path)))
        running = asyncio.create_task(holder.run())
        intent = Act(principal="automation:bench", automation="bench", targets=(f"c{number}",), entry=LATER)
        await asyncio.sleep(EVERY * (number % 50) / 50)
        while not running.done():
            if holder.refusal(intent) is None:
                cells[1, number] += 1
                cells[0, number] = time.monotonic()
            await asyncio.sleep(EVERY)

    async def all_of_them() -> None:
        await asyncio.gather(*(act(number) for number in range(first, first + count)))

    with suppress(KeyboardInterrupt):
        asyncio.run(all_of_them())


class Node:
    """What a node needs to stop: its store, its ledger, the board and the socket."""

    def __init__(self, folder: Path) -> None:
        self.db = Database(folder / "gadfly.db")
        self.log = Log("gadfly/bench/1", Ed25519PrivateKey.generate())
        self.board = Board(self.db, SystemClock())
        self.server = LeaseServer(self.board, folder / "lease.sock")

    async def read(self) -> None:
        """Keep every reader busy, and as many questions waiting, until cancelled."""

        async def ask() -> None:
            while True:
                await self.db.read(lambda connection: connection.execute(BUSY).fetchone())

        await asyncio.gather(*(ask() for _ in range(2 * READERS)))

    async def stop(self) -> int:
        """What the command does; the stop's number, once it is on disk and pushed."""
        made = await self.board.stop(self.log, scope="everything", who="person:olga", because="bench")
        return made.id

    async def lift(self, number: int) -> None:
        """Let everything go on."""
        await self.db.write(
            lambda connection: stop_book.lift(
                connection,
                self.log,
                number,
                who="person:olga",
                speaks_for=(),
                owners={},
                because="bench",
                now=time.time(),
            )
        )
        await self.board.look()


class Own:
    """The node's own executor, which acts all the time. Its effects are counted in the last of `cells`."""

    def __init__(self, board: Board, cells: Any) -> None:
        self._key = Ed25519PrivateKey.generate()
        clock = SystemClock()
        self._executor = Executor(
            "own", self._key.public_key(), board.own, clock, Edge(monotonic=clock.monotonic)
        )
        self._cells = cells
        self._fence = 0
        self.ended = 0.0
        """When the long act was ended, on the monotonic clock; 0 while it is on its way."""
        action.ACTIONS["bench"] = Action(lambda text: None, lambda text, values, edge: text, self._do)

    async def run(self) -> None:
        """Act until cancelled."""
        await asyncio.gather(self._act("short"), self._act("long"))

    async def _act(self, argument: str) -> None:
        target = Target(name=argument)
        plan = Plan(
            principal="automation:bench",
            automation="bench",
            action="bench",
            argument=argument,
            targets=(target,),
            made=time.time(),
        )
        while True:
            self._fence += 1
            now = time.time()
            permission = issue(
                self._key,
                Capability(
                    plan=plan.hash,
                    intent=LATER,
                    fence=self._fence,
                    cell="",
                    executor="own",
                    issued=now,
                    ends=now + LASTS,
                ),
            )
            effect = await self._executor.perform(permission, plan, target)
            if effect.state is State.unknown:
                self.ended = time.monotonic()
            await asyncio.sleep(EVERY)

    async def _do(self, text: str, values: Any, edge: Edge) -> Effect:
        if text == "long":
            self.ended = 0.0
            await asyncio.Event().wait()
        self._cells[1, -1] += 1
        self._cells[0, -1] = time.monotonic()
        return Effect(state=State.finished, ok=True, words="done")


async def trial(node: Node, own: Own, cells: Any, busy: bool) -> dict[str, float]:
    """One stop while all act: seconds from the command to the last effect, to the end of the long act, and to
    the command's return. `busy`: while the readers are."""
    reading = asyncio.create_task(node.read()) if busy else None
    await asyncio.sleep(0.5)
    begun = time.monotonic()
    number = await node.stop()
    returned = time.monotonic()
    last = await quiet(cells, begun)
    at_stop = cells[1].sum()
    await asyncio.sleep(0.5)
    stray = float(cells[1].sum() - at_stop)
    if reading is not None:
        reading.cancel()
    await node.lift(number)
    return {
        "busy": busy,
        "last": last,
        "own": max(0.0, float(cells[0, -1]) - begun),
        "ended": own.ended - begun if own.ended > begun else float("inf"),
        "returned": returned - begun,
        "stray": stray,
    }


async def quiet(cells: Any, begun: float) -> float:
    """Seconds from `begun` to the last effect, once there were none for a while."""
    while time.monotonic() - max(float(cells[0].max()), begun) < QUIET:  # noqa: ASYNC110 - other processes write
        await asyncio.sleep(0.05)
    return max(0.0, float(cells[0].max()) - begun)


async def acting(cells: Any, count: int, seconds: float) -> int:
    """How many executors act, once all do or the time is over."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        alive = int(np.count_nonzero(cells[0] > time.monotonic() - 10 * EVERY))
        if alive == count:
            break
        await asyncio.sleep(0.05)
    return alive


async def measure(quick: bool = False) -> dict[str, Any]:
    """`acting`: executors that held the lease; for each trial `last`: seconds to the last effect; `own`: to
    that of the node's own executor; `ended`: to the end of its long act; `returned`: until the command was
    done; `busy`: whether the readers were; `stray`: effects after the quiet; `blind`: seconds to the last effect
    after the node lost its store (None where that was not tried); `closed`: the same after it closed its
    socket."""
    trials = 2 if quick else 20
    shared = SharedMemory(create=True, size=2 * (EXECUTORS + 1) * 8)
    cells: Any = np.ndarray((2, EXECUTORS + 1), np.float64, shared.buf)
    cells[:] = 0
    processes: list[BaseProcess] = []
    context = multiprocessing.get_context("spawn")
    try:
        with tempfile.TemporaryDirectory() as folder:
            node = Node(Path(folder))
            await node.board.look()
            await node.server.start()
            keeping = asyncio.create_task(node.board.run())
            own = Own(node.board, cells)
            acts = asyncio.create_task(own.run())
            share = EXECUTORS // PROCESSES
            for part in range(PROCESSES):
                process = context.Process(
                    target=executors,
                    args=(str(node.server.path), shared.name, part * share, share, EXECUTORS + 1),
                    daemon=True,
                )
                process.start()
                processes.append(process)
            alive = await acting(cells, EXECUTORS + 1, 30.0)
            effects, since = cells[1].sum(), time.monotonic()
            await asyncio.sleep(1.0)
            rate = float(cells[1].sum() - effects) / (time.monotonic() - since)
            found = []
            for number in range(trials):
                found.append(await trial(node, own, cells, busy=number % 2 == 1))
                await acting(cells, EXECUTORS + 1, 10.0)
            begun, blind = time.monotonic(), None
            if not quick:
                keeping.cancel()
                blind = await quiet(cells, begun)
                keeping = asyncio.create_task(node.board.run())
                await acting(cells, EXECUTORS + 1, 15.0)
            begun = time.monotonic()
            await node.server.stop()
            closed = await quiet(cells[:, :-1], begun)
            acts.cancel()
            keeping.cancel()
            node.db.close()
        return {
            "acting": alive,
            "rate": rate,
            **{name: [one[name] for one in found] for name in ("busy", "last", "own", "ended", "returned")},
            "stray": sum(one["stray"] for one in found),
            "blind": blind,
            "closed": closed,
        }
    finally:
        for process in processes:
            process.kill()
            process.join()
        del cells
        shared.close()
        shared.unlink()


def say(report: Report, got: dict[str, Any]) -> None:
    """The goals of a stop."""
    free = [last for last, busy in zip(got["last"], got["busy"], strict=True) if not busy]
    busy = [last for last, busy in zip(got["last"], got["busy"], strict=True) if busy]
    report.exactly(
        "executors that held the lease, the node's own among them", EXECUTORS + 1, got["acting"], ""
    )
    report.at_most("stop to the last effect, the slowest", 1.0, max(free), "s")
    report.at_most("stop to the last effect while all readers are busy, the slowest", 1.0, max(busy), "s")
    report.at_most("stop to the end of an act on its way, the slowest", 1.0, max(got["ended"]), "s")
    report.exactly("effects after the stop took hold", 0, got["stray"], "")


def main() -> None:
    args = arguments(__doc__ or "").parse_args()
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, max(soft, 4 * EXECUTORS)), hard))
    report = Report("executors", quick=args.quick)
    report.say(f"{EXECUTORS:,} executors in {PROCESSES} processes on {os.cpu_count()} processors")
    got = asyncio.run(measure(args.quick))
    report.table(
        (
            "stop",
            "readers",
            "last effect s",
            "last of the node's own s",
            "long act ended s",
            "command done s",
        ),
        [
            (number, "busy" if busy else "free", *rest)
            for number, (busy, *rest) in enumerate(
                zip(*(got[name] for name in ("busy", "last", "own", "ended", "returned")), strict=True), 1
            )
        ],
    )
    report.say(f"{got['rate']:,.0f} effects a second before; {got['stray']:.0f} strays after")
    say(report, got)
    if got["blind"] is not None:
        report.at_most("store lost to last effect", 30.0, got["blind"], "s")
    report.at_most("socket closed to last effect", 30.0, got["closed"], "s")
    report.figures.update(
        median=quantile(got["last"], 0.5), rate=got["rate"], command=quantile(got["returned"], 0.5)
    )
    report.finish()


if __name__ == "__main__":
    main()
