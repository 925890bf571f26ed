"""What an audit computes of 256 entries at a time, here or in processes beside: its work, not its judgement.

A process reads its range on a connection of its own. What is not as it should be (an entry missing, one that
is no bytes or cannot be read) it does not judge: it gives the range back, to be looked at in order.
"""

from __future__ import annotations

import multiprocessing
import os
import sqlite3
from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from hashlib import sha256
from typing import NamedTuple

import msgspec

from gadfly.ledger.entry import subjects
from gadfly.ledger.merkle import HASH
from gadfly.ledger.tiles import WIDTH
from gadfly.ledger.tree import with_middle

RANGE = 64
"""Tiles that a process computes at once: some 40 ms."""
WORTH = 8 * RANGE * WIDTH
"""Entries from which on processes are worth their start."""
PROCESSES = 4
"""At most: beyond it the disk, and whoever compares, are what is waited for."""


class Block(NamedTuple):
    """A tile's entries, or the last few: what comes of them."""

    start: int
    hashes: bytes
    """The leaves, 32 bytes each."""
    middle: bytes
    """The root of each full sixteen of them; only of a full tile."""
    times: list[str]
    pairs: int
    """The sum of the hashes of its pairs of subject and entry."""

    @property
    def size(self) -> int:
        """How many entries."""
        return len(self.hashes) // HASH

    def leaves(self) -> list[bytes]:
        """One by one."""
        return [self.hashes[at : at + HASH] for at in range(0, len(self.hashes), HASH)]


class _Head(msgspec.Struct, gc=False):
    about: tuple[str, ...]
    at: str
    who: str


_parse = msgspec.json.Decoder(_Head).decode


def block(start: int, bodies: Sequence[bytes]) -> Block:
    """Compute it. Raises where an entry is not one."""
    hashes, middle = b"".join([sha256(b"\0" + body).digest() for body in bodies]), b""
    if len(bodies) == WIDTH:
        hashes, middle = with_middle(hashes)
    times: list[str] = []
    pairs: list[tuple[str, int]] = []
    for index, body in enumerate(bodies, start):
        head = _parse(body)
        times.append(head.at)
        if head.who == "node" and len(head.about) == 1:  # nearly all are; subjects() says the same
            pairs.append((head.about[0], index))
        else:
            pairs += [(subject, index) for subject in subjects(head.who, head.about)]
    return Block(start, hashes, middle, times, sum(map(hash, pairs)))


class Beside:
    """Processes that compute blocks of the database at `path`, up to `count` entries. To be closed."""

    def __init__(self, path: str, count: int, processes: int) -> None:
        self._path = path
        self._count = count
        # Forked, so that they hash text as this process does.
        self._pool = ProcessPoolExecutor(processes, multiprocessing.get_context("fork"))
        self._ahead = 2 * processes
        self.reached = 0
        """Up to here blocks were given; what comes then is to be read in order."""

    def blocks(self) -> Iterator[Block]:
        """From the first on, in order, until one range cannot be computed, or all were."""
        step = RANGE * WIDTH
        starts = iter(range(0, self._count, step))
        waiting: deque[Future[list[Block] | None]] = deque()
        while True:
            while len(waiting) < self._ahead and (start := next(starts, None)) is not None:
                stop = min(start + step, self._count)
                waiting.append(self._pool.submit(_range, self._path, start, stop))
            if not waiting:
                return
            found = waiting.popleft().result()
            if found is None:
                return
            for one in found:
                self.reached = one.start + one.size
                yield one

    def close(self) -> None:
        """End them, each after the range that it has in hand."""
        self._pool.shutdown(cancel_futures=True)


def beside(connection: sqlite3.Connection, wanted: int) -> Beside | None:
    """`wanted` processes, where they are worth it and there is a file that they can open."""
    processes = min(wanted, PROCESSES, len(os.sched_getaffinity(0)))
    path = next((row[2] for row in connection.execute("PRAGMA database_list") if row[1] == "main"), "")
    if processes < 2 or not path or connection.in_transaction:
        return None
    first, last = connection.execute(
        "SELECT (SELECT min(id) FROM ledger_entry), (SELECT max(id) FROM ledger_entry)"
    ).fetchone()
    if first != 0 or last + 1 < WORTH:
        return None
    return Beside(path, last + 1, processes)


def _range(path: str, start: int, stop: int) -> list[Block] | None:
    """The blocks of a range; None where it is not as it should be. In a process beside."""
    connection = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
    try:
        rows = connection.execute(
            "SELECT id, body FROM ledger_entry WHERE id >= ? AND id < ? ORDER BY id", (start, stop)
        ).fetchall()
        ids, bodies = zip(*rows, strict=True) if rows else ((), ())
        if ids != tuple(range(start, stop)) or set(map(type, bodies)) != {bytes}:
            return None
        return [block(start + at, bodies[at : at + WIDTH]) for at in range(0, len(bodies), WIDTH)]
    except Exception:  # whatever it is, it is found again, and told, by who reads in order
        return None
    finally:
        connection.close()
