"""What a cell finds when it looks at its own locks: read or tried in there, and told to the supervisor."""

from __future__ import annotations

import errno
import os
import resource
import socket
from collections.abc import Callable

from gadfly.functions.sandbox import kernel

SPACES = ("user", "pid", "mnt", "net", "ipc", "uts", "cgroup")


def spaces() -> dict[str, object]:
    """The kernel's number of each namespace that this process is in. Before the root is taken away."""
    return {"spaces": {name: os.readlink(f"/proc/self/ns/{name}") for name in SPACES}}


def writes_no_code() -> bool:
    """Whether the kernel itself keeps memory from being both written and run (Linux 6.3)."""
    try:
        return bool(kernel.prctl(kernel.PR_GET_MDWE))
    except OSError:
        return False


def refusals() -> dict[str, object]:
    """What happens when the cell, locked, tries. Each is the name of an error, or "done"."""
    limits = {
        name.removeprefix("RLIMIT_").lower(): resource.getrlimit(getattr(resource, name))[0]
        for name in (
            "RLIMIT_AS",
            "RLIMIT_CPU",
            "RLIMIT_FSIZE",
            "RLIMIT_NOFILE",
            "RLIMIT_NPROC",
            "RLIMIT_CORE",
        )
    }
    return {
        "pid": os.getpid(),
        "user": os.getuid(),
        "host": os.uname().nodename,
        "limits": limits,
        "tried": {name: _tried(attempt) for name, attempt in _ATTEMPTS.items()},
    }


def _tried(attempt: Callable[[], object]) -> str:
    try:
        attempt()
    except OSError as error:
        return errno.errorcode.get(error.errno or 0, str(error))
    return "done"


_ATTEMPTS: dict[str, Callable[[], object]] = {
    "look up /etc": lambda: os.stat("/etc"),
    "read /etc/passwd": lambda: os.close(os.open("/etc/passwd", os.O_RDONLY)),
    "list /": lambda: os.listdir("/"),
    "write /tmp/x": lambda: os.close(os.open("/tmp/x", os.O_WRONLY | os.O_CREAT)),  # noqa: S108
    "open a socket": lambda: socket.socket().close(),
    "signal itself": lambda: os.kill(os.getpid(), 0),
    "change the mode of a file": lambda: os.chmod(os.__file__, 0o644),
    "run a program": lambda: os.execv("/bin/true", ["true"]),  # noqa: S606
}


def tasks_of(user: int) -> int:
    """How many threads this user runs now."""
    count = 0
    for name in os.listdir("/proc"):
        if not name.isdigit():
            continue
        try:
            with open(f"/proc/{name}/status") as file:
                told = dict(line.split(":", 1) for line in file)
        except OSError:
            continue  # it has ended meanwhile
        if int(told["Uid"].split()[0]) == user:
            count += int(told["Threads"])
    return count
