"""Two gates in two processes on one file, each spending the same budgets as fast as it can.

A node takes a lock on its state, so that two never share one. Here nothing keeps them apart but the transaction in
which each decides: both open the file themselves. Now and then one is killed and another takes its place. What
was used is then read from the ledger, in its order.
"""

from __future__ import annotations

import os
import random
import shutil
import signal
import sqlite3
import tempfile
import time
import traceback
from pathlib import Path
from typing import NamedTuple

from act_evidence import Limits, exceeded
from act_life import KEY, ORIGIN
from act_world import MEMBERS, START, Scene, seed, sound, terms
from gadfly.act.books import book
from gadfly.ledger.log import Log
from gadfly.store.schema import migrate

GATES = 2
FASTER = 900.0
"""Simulated seconds in one: an hour's budget is used up and comes back every four seconds."""
SHARED = 3
"""Automations that they share; few, so that each budget is wanted all the time."""


class Raced(NamedTuple):
    """What the race showed."""

    intents: int
    exceeded: int
    most: dict[str, float]
    """The largest use of each budget, as a share of its limit."""
    proposed: int
    killed: int
    broken: int
    """Gates that ended by an error of their own."""


def race(seconds: float) -> Raced:
    """Let them race for so long."""
    folder = Path(tempfile.mkdtemp(prefix="gadfly-race-"))
    rng = random.Random(3)
    pids: list[int] = []
    killed = broken = 0
    try:
        connection = _open(folder)
        migrate(connection)
        connection.execute("BEGIN IMMEDIATE")
        seed(connection)
        connection.execute("COMMIT")
        connection.close()
        began = time.monotonic()
        number = 0
        while time.monotonic() < began + seconds:
            while len(pids) < GATES:
                number += 1
                pids.append(_fork(folder, number, began, began + seconds))
            time.sleep(0.3 + rng.random())
            if time.monotonic() < began + seconds - 1:
                victim = pids.pop(0)
                os.kill(victim, signal.SIGKILL)
                broken += _ended(victim)
                killed += 1
        while pids:
            broken += _ended(pids.pop(0))
        limits = {}
        for group in range(SHARED):
            own = terms(group, START)
            limits[f"automation:{own.name}"] = Limits(own.at_once, own.per_hour, own.cost)
        over, most, intents = exceeded(folder, limits)
        proposed = (folder / "proposed").stat().st_size
        return Raced(intents, over, most, proposed, killed, broken)
    finally:
        for pid in pids:
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)
        shutil.rmtree(folder)


def _ended(pid: int) -> bool:
    """Whether it ended by an error of its own; one that was killed on the way did not."""
    _, status = os.waitpid(pid, 0)
    return os.waitstatus_to_exitcode(status) not in (0, -signal.SIGKILL)


def _open(folder: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(folder / "gadfly.db", isolation_level=None, timeout=30)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    return connection


def _fork(folder: Path, number: int, began: float, until: float) -> int:
    pid = os.fork()
    if pid:
        return pid
    code = 1
    try:
        _gate(folder, number, began, until)
        code = 0
    except BaseException:  # a fork must end here, whatever happened
        traceback.print_exc()
    os._exit(code)


def _gate(folder: Path, number: int, began: float, until: float) -> None:
    rng, log, connection = random.Random(number), Log(ORIGIN, KEY), _open(folder)
    tally = os.open(folder / "proposed", os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    while time.monotonic() < until:
        now = START + (time.monotonic() - began) * FASTER
        scene = _want(rng, now)
        connection.execute("BEGIN IMMEDIATE")
        book.propose(connection, log, scene.plan, scene.seen)
        connection.execute("COMMIT")
        os.write(tally, b".")
        if rng.random() < 0.5:  # of whoever's acts, so that those of a killed gate end as well
            connection.execute("BEGIN IMMEDIATE")
            row = connection.execute(
                "SELECT id FROM intent WHERE state IN ('open', 'unknown') ORDER BY RANDOM() LIMIT 1"
            ).fetchone()
            if row is not None:
                state = rng.choice(("verified", "verified", "verified", "unknown", "cancelled"))
                book.finish(connection, log, row[0], book.Outcome(state=state, by="node", at=now))
                connection.execute("UPDATE standing SET level = 'act', failures = 0, frozen = ''")
            connection.execute("COMMIT")


def _want(rng: random.Random, now: float) -> Scene:
    """One cell only, so that nothing but the budgets is against it."""
    members = rng.sample(range(0, MEMBERS, 4), rng.choice((1, 1, 2)))
    return sound(now, rng.randrange(SHARED), members, rng.choice((0.0, 0.5, 1.0, 3.0)))
