"""The trusted side: starts the template, orders cells, hands out calls, and ends what has answered or not.

Nothing that comes out of a cell is believed but its bytes: who wrote them is told by the kernel, how long it
may take and how much it may say is decided here.
"""

from __future__ import annotations

import asyncio
import compileall
import itertools
import json
import logging
import os
import socket
import subprocess
import sys
from collections import deque
from pathlib import Path
from typing import Any

from gadfly.functions.sandbox import channel, frames
from gadfly.functions.sandbox.cell import TIERS
from gadfly.functions.sandbox.cgroup import Cgroup, delegated, sweep
from gadfly.functions.sandbox.failure import SandboxError
from gadfly.functions.sandbox.instance import Asked, Instance, TooMuch
from gadfly.functions.sandbox.limits import Answer, Limits

__all__ = ["Answer", "Cell", "Limits", "SandboxError", "Template"]

USERS = range(66_000, 67_000)
"""The kernel's users of cells where the node is root: nobody's (between those of the system and those that
useradd gives to containers), so that limits of processes bind, and one cell is not another's."""
WORN = 5_000
"""Calls after which a cell takes no new ones: its first process has limits, too."""
_ZONES = "/usr/share/zoneinfo"
log = logging.getLogger(__name__)


class Template:
    """The process from which cells are cloned. `tier`: the only one to use; else the best that comes up."""

    def __init__(self, python: str = "", tier: str = "") -> None:
        self._python = python or os.path.realpath(sys.executable)
        self._turn = asyncio.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._numbers = itertools.count(1)
        self._users = itertools.cycle(USERS)
        self._forced = tier
        self._zones = os.path.isdir(_ZONES)
        self.tier = ""
        """Of all cells; known with the first one."""
        self.reasons: dict[str, str] = {}
        """Why a better tier is not there."""

    async def start(self) -> None:
        """SandboxError where it does not come up."""
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        ours.setblocking(False)
        package = str(Path(__file__).parents[3])
        script = str(Path(__file__).with_name("template.py"))
        # It writes no bytecode itself; where there is none, it would compile all of it at each start.
        await asyncio.to_thread(compileall.compile_dir, Path(__file__).parent, maxlevels=0, quiet=2)
        self._control = ours
        with theirs:
            os.set_inheritable(theirs.fileno(), True)
            self._process = subprocess.Popen(  # noqa: S603, ASYNC220  returns at once; it says when it is up
                [self._python, "-I", "-S", "-B", script, package, str(theirs.fileno())],
                env={},
                cwd="/",
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                pass_fds=(theirs.fileno(),),
            )
        try:
            said, _ = await channel.message(ours, "the template")
        except EOFError as error:
            raise SandboxError(str(error)) from None
        self._library = str(said["library"])

    async def cell(
        self, code: str, handler: tuple[str, str], limits: Limits, *, evidence: bool = False
    ) -> Cell:
        """A new one for this code. SandboxError where it does not come up; OSError or EOFError where
        this template is gone, and another one is to be started.

        The first one finds the tier: B only where this machine lacks a lock of A, and then it is said in the
        log. A cell with scratch is refused in tier B. `evidence`: the cell looks at its own locks.
        """
        if self.tier:
            return await self._cell(self.tier, code, handler, limits, evidence)
        for tier in (self._forced,) if self._forced else TIERS:
            try:
                made = await self._cell(tier, code, handler, limits, evidence)
            except SandboxError as error:
                if not error.lasting:
                    raise
                self.reasons[tier] = f"{error.layer}: {error}"
            else:
                self.tier = tier
                if self.reasons:
                    log.warning("functions run in tier %s: %s", tier, _short(self.reasons))
                return made
        raise SandboxError(
            f"functions are refused on this machine, `gadfly fn doctor` says more: {_short(self.reasons)}"
        )

    async def _cell(
        self, tier: str, code: str, handler: tuple[str, str], limits: Limits, evidence: bool
    ) -> Cell:
        if limits.scratch and tier == "B":
            raise SandboxError("scratch is refused in tier B: without a mount namespace none can be made")
        number = next(self._numbers)
        order = {
            "number": number,
            "tier": tier,
            "whole": tier == "B",
            "evidence": evidence,
            "folders": [
                [self._library, self._library, True],
                [code, "/code", False],
                *([[_ZONES, _ZONES, False]] if self._zones else []),
            ],
            "user": next(self._users),
            "scratch": limits.scratch,
            "memory": limits.memory,
            "cpu": limits.cpu,
            "processes": limits.processes + limits.armed,
            "handler": handler,
            "code": "/code" if tier == "A" else ".",
        }
        mine, its = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        mine.setblocking(False)
        watched = -1
        group: Cgroup | None = None
        try:
            with its:
                if folder := delegated():
                    group = Cgroup.make(folder, limits)
                async with self._turn:
                    handed = [its.fileno(), *([group.descriptor] if group else [])]
                    socket.send_fds(self._control, [json.dumps(order).encode()], handed)
                    said, given = await channel.message(self._control, "a cell", 1, number)
            (watched,) = given
            return Cell(mine, watched, limits, int(said["pid"]), group, await _ready(mine))
        except BaseException:
            mine.close()
            channel.end(watched)
            if group:
                group.close()
            raise

    def close(self) -> None:
        """End it; cells are ended by their own :meth:`Cell.close`."""
        if self._process is not None:
            self._control.close()
            self._process.kill()
            self._process.wait()
            self._process = None
            sweep()


class Cell:
    """One function's code in its namespaces; calls in it share nothing but that, compiled."""

    def __init__(
        self,
        control: socket.socket,
        watched: int,
        limits: Limits,
        pid: int,
        group: Cgroup | None,
        evidence: dict[str, Any],
    ) -> None:
        self._control = control
        self._watched = watched
        self._limits = limits
        self._group = group
        self._places = asyncio.Semaphore(1 if limits.scratch else limits.at_once)
        self._armed: deque[Instance] = deque()
        self._calls = self._running = self._waiting = 0
        self.pid = pid
        """The number of its first process."""
        self.evidence = evidence
        """What it saw of its own locks, where that was asked for."""
        self._arm()

    async def call(self, event: Any, context: dict[str, Any], asked: Asked) -> Answer:
        """One call, in a process of its own that is killed before this returns.

        `asked` answers what the handler asks the broker for. ValueError for an event that is too large.
        """
        seconds = self._limits.seconds
        first = frames.pack({"event": event, "context": {**context, "seconds": seconds}})
        return await self._ordered(first, seconds, asked)

    async def load(self) -> None:
        """Load the code as a call does, and no more. SandboxError with its last words where that fails."""
        answer = await self._ordered(frames.pack({"load": True}), channel.STARTING, _refusing)
        if words := answer.ended or answer.error or answer.value:
            raise SandboxError(f"the code was not loaded: {words}")

    async def _ordered(self, first: bytes, seconds: float, asked: Asked) -> Answer:
        self._waiting += 1
        try:
            await self._places.acquire()
        except BaseException:
            self._waiting -= 1
            self._retire()
            raise
        self._waiting -= 1
        self._running += 1
        try:
            instance = self._instance()
        except OSError:
            self.close()
            self._free()
            return Answer(None, None, "the cell was gone before the call began", b"", 0, began=False)
        except BaseException:
            self._free()
            raise
        try:
            return await self._call(instance, first, seconds, asked)
        finally:
            instance.end(self._free)

    async def _call(self, instance: Instance, first: bytes, seconds: float, asked: Asked) -> Answer:
        found: dict[str, Any] = {}
        ended = ""
        try:
            await instance.hello()
        except (TimeoutError, EOFError) as error:
            # Something in the cell answers for others, or nobody does any more, so all of it goes.
            self.close()
            why = "nobody said who runs" if isinstance(error, TimeoutError) else "it could not be started"
            return Answer(None, None, f"{why}: the cell was ended", *instance.output.all(), began=False)
        try:
            found = await instance.run(first, seconds, self._limits.answer, asked)
        except TimeoutError:
            ended = f"not done after {seconds:g} s"
        except (EOFError, ConnectionError):
            ended = "ended without an answer: out of memory or processor time, or by itself"
            if instance.output.flooded:
                ended = f"wrote more than {instance.output.size >> 20} MiB of output"
        except TooMuch as error:
            ended = str(error)
        except (ValueError, RecursionError) as error:
            ended = f"its answer could not be read: {error}"
        raised = found.get("error")
        if raised is not None and not isinstance(raised, dict):
            found, raised, ended = {}, None, "its answer could not be read: the error is no object"
        return Answer(found.get("value"), raised, ended, *instance.output.all())

    def _instance(self) -> Instance:
        while self._armed:
            instance = self._armed.popleft()
            if instance.awaits():
                return instance
            instance.forget()
        return Instance(self._control, self.pid)

    def _free(self) -> None:
        """A call's process is gone."""
        self._running -= 1
        self._calls += 1
        self._places.release()
        self._retire()
        if not self.closed:
            self._arm()

    def _retire(self) -> None:
        """A worn one ends when nobody is in it or waits to be."""
        if self.worn and not self.closed and not self._running and not self._waiting:
            self.close()

    def _arm(self) -> None:
        """Keep as many ready as are wanted; with scratch none is made while another may still write."""
        wanted = min(self._limits.armed, 1) if self._limits.scratch else self._limits.armed
        if self._limits.scratch and self._running:
            return
        try:
            while len(self._armed) < wanted:
                self._armed.append(Instance(self._control, self.pid, ahead=True))
        except OSError:
            self.close()

    @property
    def worn(self) -> bool:
        """Whether another one is to be made for new calls; it ends by itself after those that it has."""
        return self._calls >= WORN

    @property
    def closed(self) -> bool:
        """Whether it was ended; another one is to be made."""
        return self._watched < 0

    def close(self) -> None:
        """End it with all that runs in it: the first process of a namespace takes the others along."""
        for instance in self._armed:
            instance.forget()
        self._armed.clear()
        self._control.close()
        channel.end(self._watched)
        self._watched = -1
        if self._group:
            self._group.close()
            self._group = None


async def _ready(cell: socket.socket) -> dict[str, Any]:
    """Wait until it is locked in and takes calls; what it saw of its locks. SandboxError."""
    try:
        said, _ = await channel.message(cell, "the cell")
    except EOFError as error:
        raise SandboxError(str(error)) from None
    return dict(said["evidence"])


async def _refusing(ask: Any) -> dict[str, Any]:
    return {"denied": "nothing is granted while the code is loaded"}


def _short(reasons: dict[str, str]) -> str:
    return "; ".join(f"no tier {tier}: {words.strip().splitlines()[-1]}" for tier, words in reasons.items())
