"""What is left of an act whose node and keeper were both killed: found after a restart, and ended.

While a program runs, a file says which act it is of, its number and when it began (the kernel's clock ticks
since this boot). After a restart the sessions of these files are looked for: the program itself, or what it
left running in its session when it ended after the node. A session of another that got the same number is
told by its beginning, and by the act that stands in its environment.
"""

from __future__ import annotations

import asyncio
import logging
import os
import signal
from contextlib import suppress
from pathlib import Path

import msgspec

from gadfly.act.action.keeper import members
from gadfly.clock import Clock

log = logging.getLogger("gadfly.act")

FOLDER = "acts"
"""Within the state folder."""
FENCE = "GADFLY_FENCE"
"""The variable that names the act to what it runs."""
REST = 0.5
"""Seconds between the polite signal and the one that cannot be refused."""
ROUNDS = 10
"""How often is looked again for what was started meanwhile."""


class Began(msgspec.Struct, frozen=True, kw_only=True):
    """A program that an act runs."""

    pid: int
    fence: int
    started: int
    """Clock ticks since the boot."""
    boot: str


def note(folder: Path, pid: int, fence: int) -> None:
    """It runs. Where that cannot be written it runs all the same: then only the keeper knows of it."""
    try:
        folder.mkdir(mode=0o700, exist_ok=True)
        began = Began(pid=pid, fence=fence, started=_started(pid), boot=_boot())
        (folder / str(pid)).write_bytes(msgspec.json.encode(began))
    except OSError as error:
        log.error("that an act runs process %d is not noted: %s", pid, error)


def forget(folder: Path, pid: int) -> None:
    """It ended."""
    with suppress(OSError):
        (folder / str(pid)).unlink()


async def end(folder: Path, clock: Clock) -> dict[int, int]:
    """End what earlier processes of the node left; by act, how many processes that were."""
    noted = await asyncio.to_thread(_noted, folder)
    ended: dict[int, set[int]] = {}
    for turn in range(ROUNDS):
        left = await asyncio.to_thread(_left, noted)
        if not left:
            break
        for pid, fence in left:
            ended.setdefault(fence, set()).add(pid)
            with suppress(OSError):
                os.kill(pid, signal.SIGKILL if turn else signal.SIGTERM)
        await clock.sleep(REST)
    for one in noted:
        forget(folder, one.pid)
    return {fence: len(pids) for fence, pids in ended.items()}


def _noted(folder: Path) -> list[Began]:
    found = []
    boot = _boot()
    with suppress(OSError):
        for path in sorted(folder.iterdir()):
            try:
                one = msgspec.json.decode(path.read_bytes(), type=Began)
            except (OSError, msgspec.MsgspecError):
                path.unlink(missing_ok=True)
                continue
            if one.boot == boot and path.name == str(one.pid):
                found.append(one)
            else:
                path.unlink(missing_ok=True)
    return found


def _left(noted: list[Began]) -> list[tuple[int, int]]:
    return [(pid, one.fence) for one in noted for pid in members(one.pid) if _its(pid, one)]


def _its(pid: int, one: Began) -> bool:
    """Whether this process of the session is of that act."""
    with suppress(OSError):
        if _started(one.pid) == one.started:
            return True  # the program itself leads its session still
    with suppress(OSError):
        return f"{FENCE}={one.fence}".encode() in Path(f"/proc/{pid}/environ").read_bytes().split(b"\0")
    return False


def _started(pid: int) -> int:
    return int(Path(f"/proc/{pid}/stat").read_bytes().rpartition(b")")[2].split()[19])


def _boot() -> str:
    return Path("/proc/sys/kernel/random/boot_id").read_text().strip()
