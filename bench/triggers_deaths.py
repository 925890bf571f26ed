"""Lives of a process with triggers, each ended by SIGKILL at a random moment, and a check of what they left.

SIGKILL takes the process, not the machine: what a power cut does is the matter of `synchronous=FULL`, under which
every row is committed, and is not tried.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import random
import select
import shutil
import signal
import socket
import sqlite3
import tempfile
import time
import traceback
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from pathlib import Path

import triggers_life
from triggers_life import Found, examine

FOLDER = 40
"""Lives of one folder; then what is left is done, and the folder examined."""
OPEN = 200
"""Deliveries that wait for their acknowledgement, before new ones are made."""
DRAIN = 60.0
"""Seconds after which a last life that does not come to its end counts as broken."""


@dataclass
class Tally:
    """What was seen, over all folders."""

    killed: int = 0
    folders: int = 0
    broken: int = 0
    """Lives that ended by an error of their own."""
    planted: int = 0
    """Faults that were planted and not found: the check itself would be broken."""
    found: Found = field(default_factory=Found)


def live_and_die(lives: int, seconds: float, tally: Tally, seed: int = 7) -> None:
    """Until so many were killed, or `seconds` are over."""
    rng = random.Random(seed)
    until = time.monotonic() + seconds
    while tally.killed < lives and time.monotonic() < until:
        folder = Path(tempfile.mkdtemp(prefix="gadfly-triggers-"))
        try:
            _folder(folder, min(FOLDER, lives - tally.killed), rng, tally)
        finally:
            shutil.rmtree(folder)
        tally.folders += 1


def _folder(folder: Path, lives: int, rng: random.Random, tally: Tally) -> None:
    tally.broken += _wait(_fork(lambda: triggers_life.set_up(folder)), DRAIN) != 0
    began = time.monotonic()
    sender = _Sender(rng)
    for number in range(lives):
        code = _life(folder, began, rng, sender, number)
        tally.killed += code == -signal.SIGKILL
        tally.broken += code != -signal.SIGKILL
        if rng.random() < 0.1:
            time.sleep(rng.random() * 0.4)  # the node is not there for some minutes of its time
    tally.broken += (
        _wait(_fork(lambda: triggers_life.live(folder, began, rng.getrandbits(32), None)), DRAIN) != 0
    )
    tally.found.add(examine(folder, sender.acknowledged))
    missed = _planted(folder, sender.acknowledged)
    tally.planted += len(missed)
    tally.found.words += missed


def _life(folder: Path, began: float, rng: random.Random, sender: _Sender, seed: int) -> int:
    ours, theirs = socket.socketpair()
    pid = _fork(lambda: triggers_life.live(folder, began, seed, theirs), ours)
    theirs.close()
    life = 0.01 + rng.random() ** 2 * 0.25
    kill = time.monotonic() + life
    if rng.random() < 0.7:  # others die while they begin; how long that takes is the machine's business
        kill, latest, before = 0.0, time.monotonic() + DRAIN, len(sender.acknowledged)
    try:
        while kill == 0.0 or time.monotonic() < kill:
            sender.send(ours)
            sender.hear(ours, 0.002)
            if kill == 0.0 and (len(sender.acknowledged) > before or time.monotonic() > latest):
                kill = time.monotonic() + life
    finally:
        os.kill(pid, signal.SIGKILL)
        code = _wait(pid, DRAIN)
        while sender.hear(ours, 0.0):
            pass
        ours.close()
    sender.again()
    return code


class _Sender:
    """Sends deliveries, and those that were not acknowledged once more to the next life."""

    def __init__(self, rng: random.Random) -> None:
        self.acknowledged: list[str] = []
        self._rng = rng
        self._open: dict[str, bool] = {}
        """By name; whether it was sent to this life."""
        self._count = 0
        self._rest = b""

    def send(self, way: socket.socket) -> None:
        for _ in range(self._rng.randrange(3) if len(self._open) < OPEN else 0):
            self._count += 1
            self._open[f"msg_{self._count}"] = False
        waiting = [name for name, sent in self._open.items() if not sent][:20]
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            for name in waiting:
                way.sendall(f"{name}\n".encode())
                self._open[name] = True

    def hear(self, way: socket.socket, seconds: float) -> bool:
        if not select.select([way], [], [], seconds)[0]:
            return False
        try:
            part = way.recv(1 << 16)
        except ConnectionResetError:
            return False
        *lines, self._rest = (self._rest + part).split(b"\n")
        for line in lines:
            name, status = line.decode().split()
            if status in ("200", "202"):
                self._open.pop(name, None)
                self.acknowledged.append(name)
        return bool(part)

    def again(self) -> None:
        self._rest = b""
        self._open = dict.fromkeys(self._open, False)


def _fork(work: Callable[[], Coroutine[object, object, None]], close: socket.socket | None = None) -> int:
    pid = os.fork()
    if pid:
        return pid
    code = 1
    try:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        if close is not None:
            close.close()
        asyncio.run(work())
        code = 0
    except BaseException:  # a fork must end here, whatever happened
        traceback.print_exc()
    os._exit(code)


def _wait(pid: int, seconds: float) -> int:
    """Its exit code; it is killed where it takes too long."""
    until = time.monotonic() + seconds
    while True:
        done, status = os.waitpid(pid, os.WNOHANG)
        if done:
            return os.waitstatus_to_exitcode(status)
        if time.monotonic() > until:
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)
            return 1
        time.sleep(0.001)


def _planted(folder: Path, acknowledged: list[str]) -> list[str]:
    """Faults that are planted one by one in what was left; those that are not found."""
    missed = []
    for statement, kind in (
        (f"DELETE FROM invocation WHERE key = '{acknowledged[0]}'", "lost"),
        ("DELETE FROM invocation WHERE id = (SELECT MAX(id) FROM invocation WHERE function = 'lines')", "lost"),
        (
            "DELETE FROM invocation WHERE id = (SELECT MAX(id) FROM invocation WHERE function = 'every')",
            "unexplained",
        ),
        (
            "INSERT INTO invocation (function, called, key, event, created, due, allowed, state, reason)"
            " SELECT function, called, key || '..' || key, event, created, due, allowed, 'skipped', 'x'"
            " FROM invocation WHERE function = 'every' AND key NOT LIKE '%..%' LIMIT 1",
            "doubled",
        ),
        ("DELETE FROM attempt WHERE invocation = (SELECT MAX(id) FROM invocation WHERE state = 'done')", "unexplained"),
        ("UPDATE invocation SET reason = '' WHERE id = (SELECT MAX(id) FROM invocation WHERE state = 'skipped')", "unexplained"),
    ):  # fmt: skip
        with contextlib.closing(sqlite3.connect(folder / "gadfly.db", isolation_level=None)) as connection:
            before = getattr(examine(folder, acknowledged), kind)
            connection.execute("BEGIN IMMEDIATE")
            changed = connection.execute(statement).rowcount
            connection.execute("COMMIT")
        if changed and getattr(examine(folder, acknowledged), kind) <= before:
            missed.append(f"planted, and not found as {kind}: {statement}")
    return missed
