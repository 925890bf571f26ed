"""How long after a stop does the last effect happen, with 1,000 executors that act all the time?

Each executor holds the lease over the node's local socket, on a connection of its own, and asks it directly
before each effect; four processes have 250 of them each, and each executor acts 20 times a second. The stop is
what the node does for `gadfly stop everything`: one transaction with its ledger entry, then the push. Counted
is from the moment the command begins to the last effect of any executor, by the machine's one monotonic clock.
Then the node loses its store (it cannot read whether it was stopped, so authority must lapse), and at the end it
closes its socket.
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

from gadfly.act import stop_book
from gadfly.act.board import Board
from gadfly.act.lease_holder import LeaseHolder, SocketLine
from gadfly.act.lease_server import LeaseServer
from gadfly.act.stop import Act
from gadfly.clock import SystemClock
from gadfly.ledger.log import Log
from gadfly.store.sqlite import Database
from report import Report, arguments, quantile

EXECUTORS = 1000
PROCESSES = 4
EVERY = 0.05
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
        intent = Act(principal="automation:bench", automation="bench", targets=(f"c{number}",), entry=1 << 40)
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


async def trial(node: Node, cells: Any) -> dict[str, float]:
    """One stop while all act: seconds from the command to the last effect, and to its return."""
    begun = time.monotonic()
    number = await node.stop()
    returned = time.monotonic()
    last = await quiet(cells, begun)
    at_stop = cells[1].sum()
    await asyncio.sleep(0.5)
    stray = float(cells[1].sum() - at_stop)
    await node.lift(number)
    return {"last": last, "returned": returned - begun, "stray": stray}


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
    """`acting`: executors that held the lease; `last`: for each trial, seconds to the last effect;
    `returned`: until the command was done; `stray`: effects after the quiet; `blind`: seconds to the last effect
    after the node lost its store (None where that was not tried); `closed`: the same after it closed its
    socket."""
    trials = 3 if quick else 10
    shared = SharedMemory(create=True, size=2 * EXECUTORS * 8)
    cells: Any = np.ndarray((2, EXECUTORS), np.float64, shared.buf)
    cells[:] = 0
    processes: list[BaseProcess] = []
    context = multiprocessing.get_context("spawn")
    try:
        with tempfile.TemporaryDirectory() as folder:
            node = Node(Path(folder))
            await node.board.look()
            await node.server.start()
            keeping = asyncio.create_task(node.board.run())
            share = EXECUTORS // PROCESSES
            for part in range(PROCESSES):
                process = context.Process(
                    target=executors,
                    args=(str(node.server.path), shared.name, part * share, share, EXECUTORS),
                    daemon=True,
                )
                process.start()
                processes.append(process)
            alive = await acting(cells, EXECUTORS, 30.0)
            effects, since = cells[1].sum(), time.monotonic()
            await asyncio.sleep(1.0)
            rate = float(cells[1].sum() - effects) / (time.monotonic() - since)
            found = []
            for _ in range(trials):
                found.append(await trial(node, cells))
                await acting(cells, EXECUTORS, 10.0)
            begun, blind = time.monotonic(), None
            if not quick:
                keeping.cancel()
                blind = await quiet(cells, begun)
                keeping = asyncio.create_task(node.board.run())
                await acting(cells, EXECUTORS, 15.0)
            begun = time.monotonic()
            await node.server.stop()
            closed = await quiet(cells, begun)
            keeping.cancel()
            node.db.close()
        return {
            "acting": alive,
            "rate": rate,
            "last": [one["last"] for one in found],
            "returned": [one["returned"] for one in found],
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


def main() -> None:
    args = arguments(__doc__ or "").parse_args()
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, max(soft, 4 * EXECUTORS)), hard))
    report = Report("executors", quick=args.quick)
    report.say(f"{EXECUTORS:,} executors in {PROCESSES} processes on {os.cpu_count()} processors")
    got = asyncio.run(measure(args.quick))
    report.table(
        ("stop", "last effect s", "command done s"),
        [
            (number, last, done)
            for number, (last, done) in enumerate(zip(got["last"], got["returned"], strict=True), 1)
        ],
    )
    report.say(f"{got['rate']:,.0f} effects a second before; {got['stray']:.0f} strays after")
    report.exactly("executors that held the lease", EXECUTORS, got["acting"], "")
    report.at_most("stop to last effect, the slowest", 1.0, max(got["last"]), "s")
    report.exactly("effects after the stop took hold", 0, got["stray"], "")
    if got["blind"] is not None:
        report.at_most("store lost to last effect", 30.0, got["blind"], "s")
    report.at_most("socket closed to last effect", 30.0, got["closed"], "s")
    report.figures.update(
        median=quantile(got["last"], 0.5), rate=got["rate"], command=quantile(got["returned"], 0.5)
    )
    report.finish()


if __name__ == "__main__":
    main()
