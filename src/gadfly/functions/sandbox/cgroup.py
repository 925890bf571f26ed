"""Limits of a whole cell by cgroup v2, where the node was given a branch of the tree to divide.

A branch is used where it is ours: marked as delegated (systemd's ``Delegate=yes`` sets the attribute) or
owned by this user, with the memory and pids controllers. The kernel divides a branch only where no process
stands in it directly, so the node has to run one below it (``DelegateSubgroup=node``). Nothing is moved and
nothing taken that was not given: elsewhere the limits of each process hold alone.
"""

from __future__ import annotations

import contextlib
import functools
import itertools
import os
from pathlib import Path
from typing import Protocol

NEEDED = ("memory", "pids")
_numbers = itertools.count(1)
_left: list[Path] = []


class Sizes(Protocol):
    """What of the limits of a function is about a cell as a whole."""

    @property
    def memory(self) -> int: ...
    @property
    def processes(self) -> int: ...
    @property
    def at_once(self) -> int: ...
    @property
    def armed(self) -> int: ...


class Branch:
    """Where cells get their folder, or (`folder` is None) why they get none: `words` says it."""

    def __init__(self, folder: Path | None, words: str) -> None:
        self.folder = folder
        self.words = words


def find(own: str, mounts: str, user: int) -> Branch:
    """Look for it. `own`: /proc/self/cgroup; `mounts`: /proc/self/mountinfo; `user`: the effective one."""
    where = next((line[3:] for line in own.splitlines() if line.startswith("0::/")), None)
    mounted = next(
        (
            fields[4]
            for fields in (line.split() for line in mounts.splitlines())
            if "-" in fields and fields[fields.index("-") + 1] == "cgroup2"
        ),
        None,
    )
    if where is None or mounted is None:
        return Branch(None, "cgroup v2 is not mounted here")
    if where == "/":
        return Branch(None, "the node runs in the root cgroup; start it by systemd with Delegate=yes")
    above = Path(mounted + where).parent
    try:
        there = set((above / "cgroup.controllers").read_text().split())
        if missing := [name for name in NEEDED if name not in there]:
            return Branch(None, f"{above} has no controllers {', '.join(missing)}")
        if not _ours(above, user):
            return Branch(None, f"{above} is not delegated: systemd does it with Delegate=yes")
        if (above / "cgroup.procs").read_text().split():
            return Branch(None, f"processes stand in {above} itself: add DelegateSubgroup=node")
        wanted = [name for name in (*NEEDED, "cpu") if name in there]
        (above / "cgroup.subtree_control").write_text(" ".join("+" + name for name in wanted))
    except OSError as error:
        return Branch(None, f"{above}: {error.strerror}")
    return Branch(above, f"{above} divides {', '.join(wanted)}")


def _ours(folder: Path, user: int) -> bool:
    for name in ("user.delegate", "trusted.delegate"):
        with contextlib.suppress(OSError):
            if os.getxattr(folder, name) == b"1":
                return True
    return bool(user) and folder.stat().st_uid == user and os.access(folder, os.W_OK)


@functools.cache
def branch() -> Branch:
    """This process's; looked for once."""
    return find(Path("/proc/self/cgroup").read_text(), Path("/proc/self/mountinfo").read_text(), os.geteuid())


def delegated() -> Path | None:
    """The folder of :func:`branch`."""
    return branch().folder


def settings(limits: Sizes) -> dict[str, str]:
    """What is written for a cell: file to content."""
    return {
        "memory.max": str(limits.memory * (limits.at_once + 1)),
        "memory.swap.max": "0",
        "pids.max": str(limits.processes + limits.armed),
        "cpu.max": f"{limits.at_once * 100_000} 100000",
    }


class Cgroup:
    """The folder of one cell; `descriptor` is for the clone that begins in it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.descriptor = os.open(folder, os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC)

    @classmethod
    def make(cls, branch: Path, limits: Sizes) -> Cgroup:
        """OSError where the kernel takes no limit of memory or processes; others only where it has them."""
        sweep()
        folder = branch / f"cell-{os.getpid()}-{next(_numbers)}"
        folder.mkdir()
        for name, content in settings(limits).items():
            if name in ("memory.max", "pids.max") or (folder / name).exists():
                (folder / name).write_text(content)
        return cls(folder)

    def close(self) -> None:
        """End what is left in it; the folder goes when the kernel lets it."""
        os.close(self.descriptor)
        with contextlib.suppress(OSError):
            (self.folder / "cgroup.kill").write_text("1")
        _left.append(self.folder)
        sweep()


def sweep() -> None:
    """Remove folders of cells that have ended; what is still busy is tried again the next time."""
    for folder in list(_left):
        with contextlib.suppress(OSError):
            folder.rmdir()
        if not folder.exists():
            _left.remove(folder)
