"""A cell: the first process of its namespaces, which locks itself in, compiles one function and forks for
each call.

There are two tiers that run. A: all layers. B: no user namespaces, so Landlock, the filter and limits alone;
nothing may be written. In both, the first process never runs the function's code, which could keep something
from one call to the next, or take the orders itself: it is loaded in every call, behind a filter that refuses
to fork.
"""

from __future__ import annotations

import contextlib
import errno
import gc
import json
import os
import random
import resource
import signal
import socket
import struct
import sys
from collections.abc import Callable
from typing import Any, NamedTuple, NoReturn

from gadfly.functions.sandbox import (
    ahead,
    asking,
    calls,
    evidence,
    frames,
    invocation,
    kernel,
    landlock,
    loading,
    log_lines,
    root,
    wording,
)

NOBODY = 65534
"""Who the cell is, inside, where it has a user namespace."""
CONTROL = 3
_TWO = struct.Struct("=2i")
"""Descriptors of an order: a call's socket and its log."""


class Tier(NamedTuple):
    """What a cell is built of besides Landlock, the filter and limits."""

    name: str
    spaces: int
    """Namespaces, as flags of clone(2)."""


TIERS = {
    "A": Tier(
        "A",
        kernel.CLONE_NEWUSER
        | kernel.CLONE_NEWPID
        | kernel.CLONE_NEWNS
        | kernel.CLONE_NEWNET
        | kernel.CLONE_NEWIPC
        | kernel.CLONE_NEWUTS
        | kernel.CLONE_NEWCGROUP,
    ),
    "B": Tier("B", 0),
}


def main(order: dict[str, Any], tier: Tier, control: int, go: int) -> NoReturn:
    """Runs in the child of the clone; `go` says, by a byte, that its users are mapped."""
    os.dup2(control, CONTROL)
    layer = "start"
    try:
        if os.read(go, 1) != b"g":
            os._exit(1)
        kernel.prctl(kernel.PR_SET_DUMPABLE, 0)
        os.setsid()
        seen = evidence.spaces() if order["evidence"] else {}
        # Opened while it still is who started it: the way to them may be closed to the cell's user.
        folders = [root.Folder(root.look(outside), path, code) for outside, path, code in order["folders"]]
        limits = _limits(order, tier)
        layer = "user"
        _become_nobody(tier, order["user"])
        # A change of user takes it away, so not before.
        kernel.prctl(kernel.PR_SET_PDEATHSIG, signal.SIGKILL)
        if tier.spaces:
            layer = "file system"
            socket.sethostname("cell")
            root.build(folders, order["scratch"])
        else:
            # By its descriptor, and not by a way that may be closed to this user.
            os.fchdir(folders[1].descriptor)
        layer = "limits"
        for what, most in limits:
            resource.setrlimit(what, (most, most))
        layer = "capabilities"
        kernel.drop_capabilities()
        kernel.prctl(kernel.PR_SET_NO_NEW_PRIVS, 1)
        _deny_writing_code()
        layer = "Landlock"
        version = _restrict_files(folders, order["scratch"], tier)
        if order["evidence"]:
            seen |= {"landlock": version, "mdwe": evidence.writes_no_code()}
        kernel.close_from(CONTROL + 1)
        heard = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET, 0, CONTROL)
        layer = "filter"
        kernel.Filter(calls.program()).install()
        if order["evidence"]:
            seen |= evidence.refusals()
        layer = ""
        sys.modules["gadfly_fn"] = asking
        log_lines.install()
        ready = ahead.prepare(order["handler"][0], order["code"])
        load = loading.loader(order["handler"], order["code"], ready)
    except BaseException as error:
        words = wording.whole(error)[-4000:]
        _tell({"failed": words, "layer": layer, "errno": getattr(error, "errno", 0)})
        os._exit(1)
    _tell({"evidence": seen})
    _serve(load, heard, order)


def _limits(order: dict[str, Any], tier: Tier) -> list[tuple[int, int]]:
    """Of each process of the cell. Read before it is locked in: some count from what there is already."""
    with open("/proc/self/statm") as file:
        mapped = int(file.read().split()[0]) * resource.getpagesize()
    others = 0
    if not tier.spaces and os.geteuid():
        # Without a namespace the kernel counts all that this user runs.
        others = evidence.tasks_of(os.geteuid())
    return [
        (resource.RLIMIT_AS, order["memory"] + mapped),
        # Its own time is small, call by call, but is never given back; a call's limit is set in its process.
        (resource.RLIMIT_CPU, max(order["cpu"], 60)),
        (resource.RLIMIT_FSIZE, max(order["scratch"], 1)),
        (resource.RLIMIT_NOFILE, invocation.FILES),
        (resource.RLIMIT_NPROC, order["processes"] + others),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_MEMLOCK, 0),
        (resource.RLIMIT_MSGQUEUE, 0),
        (resource.RLIMIT_SIGPENDING, 16),
        (resource.RLIMIT_NICE, 0),
        (resource.RLIMIT_RTPRIO, 0),
    ]


def _become_nobody(tier: Tier, user: int) -> None:
    if not tier.spaces:
        if os.geteuid():
            return  # an ordinary user has nobody else to become
        os.setgroups([])
        os.setresgid(user, user, user)
        os.setresuid(user, user, user)
        return
    # An ordinary user may not map groups, and has none but its own here.
    with contextlib.suppress(PermissionError):
        os.setgroups([])
    os.setresgid(NOBODY, NOBODY, NOBODY)
    os.setresuid(NOBODY, NOBODY, NOBODY)


def _deny_writing_code() -> None:
    """Memory that can be written is never run: the kernel's lock since 6.3; the filter refuses it, too."""
    try:
        kernel.prctl(kernel.PR_SET_MDWE, 1)
    except OSError as error:
        if error.errno != errno.EINVAL:
            raise


def _restrict_files(folders: list[root.Folder], scratch: int, tier: Tier) -> int:
    writable = [root.look("/tmp")] if scratch else []  # noqa: S108
    return landlock.restrict(
        [folder.descriptor for folder in folders if not folder.code],
        writable,
        libraries=[folder.descriptor for folder in folders if folder.code],
        # With a root of its own they are not even there.
        hidden=() if tier.spaces else root.HIDDEN,
    )


def _tell(what: dict[str, Any]) -> None:
    os.write(CONTROL, json.dumps(what).encode())


def _serve(load: Callable[[], loading.Handler], control: socket.socket, order: dict[str, Any]) -> NoReturn:
    # The kernel takes away what has ended: zombies would count against the limit of processes.
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    narrower = kernel.Filter(calls.narrower())
    random.seed()  # with what gauss() keeps for the next time; each call draws its own seed
    invocation.rehearse(2)  # again, for what the function's imports have put out of the caches
    gc.freeze()
    # After a fork, each page that is written is copied, here and there: so as little as can be is done here.
    room = socket.CMSG_SPACE(_TWO.size)
    while True:
        message, handed, _, _ = control.recvmsg(16, room)
        if not message or len(handed) != 1 or len(handed[0][2]) != _TWO.size:
            os._exit(0)
        answer, log = _TWO.unpack(handed[0][2])
        if order["scratch"]:
            try:
                _wipe("/tmp")  # noqa: S108
            except (OSError, RecursionError):
                os._exit(1)  # the call is ordered once more, in a new cell
        try:
            child = kernel.fork()
        except OSError:
            child = -1  # no process left of those that it may have: the caller sees that nobody answers
        if child == 0:
            # Also where no namespace ends with its first process.
            kernel.die_with_parent()
            invocation.serve(load, answer, log, narrower, order["cpu"], armed=message == frames.ARMED)
        os.close(answer)
        os.close(log)


def _wipe(folder: str) -> None:
    """Remove what the call before left: calls that may write come one after another."""
    for entry in os.scandir(folder):
        if entry.is_dir(follow_symlinks=False):
            _wipe(entry.path)
            os.rmdir(entry.path)
        else:
            os.unlink(entry.path)
