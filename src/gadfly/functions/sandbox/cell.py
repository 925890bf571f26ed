"""A cell: the first process of its namespaces, which locks itself in, loads one function and forks for each
call."""

from __future__ import annotations

import importlib.util
import json
import os
import resource
import signal
import socket
import sys
import traceback
from collections.abc import Callable, Sequence
from typing import Any, NoReturn

from gadfly.functions.sandbox import calls, invocation, kernel, landlock, root

NOBODY = 65534
"""Who the cell is, inside."""
CONTROL = 3
FILES = 64


def main(order: dict[str, Any], control: int, go: int) -> NoReturn:
    """Runs in the child of the clone; `go` says, by a byte, that its users are mapped."""
    os.dup2(control, CONTROL)
    try:
        kernel.prctl(kernel.PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.read(go, 1) != b"g":
            os._exit(1)
        os.setsid()
        # Opened while it still is who started it: the way to them may be closed to the cell's user.
        folders = [root.Folder(root.look(outside), path, code) for outside, path, code in order["folders"]]
        _become_nobody()
        socket.sethostname("cell")
        root.build(folders, order["scratch"])
        kernel.close_from(CONTROL + 1)
        heard = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET, 0, CONTROL)
        _limit(order)
        _lock(folders, order)
        handler = _load(order)
    except BaseException as error:  # noqa: BLE001
        _tell({"failed": "".join(traceback.format_exception(error))[-4000:]})
        os._exit(1)
    _tell({"ready": True})
    _serve(handler, heard, order["scratch"])


def _become_nobody() -> None:
    try:
        os.setgroups([])
    except PermissionError:
        pass  # an ordinary user may not map groups, and has none but its own here
    os.setresgid(NOBODY, NOBODY, NOBODY)
    os.setresuid(NOBODY, NOBODY, NOBODY)


def _limit(order: dict[str, Any]) -> None:
    for what, most in (
        (resource.RLIMIT_AS, order["memory"]),
        (resource.RLIMIT_CPU, order["cpu"]),
        (resource.RLIMIT_FSIZE, max(order["scratch"], 1)),
        (resource.RLIMIT_NOFILE, FILES),
        (resource.RLIMIT_NPROC, order["processes"]),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_MEMLOCK, 0),
        (resource.RLIMIT_MSGQUEUE, 0),
        (resource.RLIMIT_SIGPENDING, 16),
    ):
        resource.setrlimit(what, (most, most))


def _lock(folders: Sequence[root.Folder], order: dict[str, Any]) -> None:
    kernel.drop_capabilities()
    kernel.prctl(kernel.PR_SET_NO_NEW_PRIVS, 1)
    kernel.prctl(kernel.PR_SET_MDWE, 1)
    landlock.restrict(
        [folder.path for folder in folders if not folder.code],
        ["/tmp"] if order["scratch"] else [],  # noqa: S108
        libraries=[folder.path for folder in folders if folder.code],
    )
    kernel.seccomp(calls.program(forks=True))


def _load(order: dict[str, Any]) -> Callable[[Any, Any], Any]:
    file, name = order["handler"]
    sys.path.append(order["code"])
    spec = importlib.util.spec_from_file_location(file, f"{order['code']}/{file}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[file] = module
    spec.loader.exec_module(module)
    handler = getattr(module, name)
    if not callable(handler):
        raise TypeError(f"{file}.{name} is no function")
    return handler  # type: ignore[no-any-return]


def _tell(what: dict[str, Any]) -> None:
    os.write(CONTROL, json.dumps(what).encode())


def _serve(handler: Callable[[Any, Any], Any], control: socket.socket, scratch: int) -> NoReturn:
    # The kernel takes away what has ended: zombies would count against the limit of processes.
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    while True:
        message, handed, _, _ = socket.recv_fds(control, 16, 2)
        if not message or len(handed) != 2:
            os._exit(0)
        if scratch:
            _wipe("/tmp")  # noqa: S108
        if os.fork() == 0:
            control.detach()
            invocation.serve(handler, *handed)
        for one in handed:
            os.close(one)


def _wipe(folder: str) -> None:
    """Remove what the call before left: calls that may write come one after another."""
    for entry in os.scandir(folder):
        if entry.is_dir(follow_symlinks=False):
            _wipe(entry.path)
            os.rmdir(entry.path)
        else:
            os.unlink(entry.path)
