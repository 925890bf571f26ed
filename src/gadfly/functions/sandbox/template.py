"""The template: an interpreter from which cells are cloned. ``python -I -S -B``

It never runs a function's code. It is started with an empty environment and one descriptor, a socket on which
the supervisor orders cells. It says that it is up before it has loaded the library, and loads the rest, a
module at a time, while nobody orders anything: the first cell of all need not wait for what it may not need.
"""

from __future__ import annotations

import contextlib
import ctypes
import importlib
import json
import os
import select
import signal
import socket
import sys
import threading
from typing import Any, NoReturn

MODULES = [
    "abc", "array", "base64", "binascii", "bisect", "collections", "contextlib", "copy", "datetime",
    "decimal", "enum", "fnmatch", "functools", "hashlib", "heapq", "hmac", "io", "itertools", "json",
    "logging", "math", "operator", "os.path", "random", "re", "secrets", "socket", "string", "struct",
    "textwrap", "threading", "time", "traceback", "types", "typing", "urllib.parse", "zlib",
]  # fmt: skip
"""Small ones that many functions name."""
LARGE = [
    "argparse", "asyncio", "calendar", "csv", "dataclasses", "email.message", "fractions", "gzip", "html",
    "http.client", "ipaddress", "pathlib", "queue", "sqlite3", "ssl", "statistics", "tempfile",
    "unicodedata", "urllib.request", "uuid", "xml.etree.ElementTree", "zoneinfo",
]  # fmt: skip
"""Each page that is there costs every call, to map it and to take it away; so these are loaded by the cells
of those functions that name them. But in tier B the way to the library may be closed to the cell's user."""
EXTENSIONS = [
    "_bz2", "_ctypes", "_decimal", "_hashlib", "_lzma", "_sqlite3", "_ssl", "_uuid", "pyexpat", "zlib",
]  # fmt: skip
"""Loaded before anything else: they need libraries of the system, which no cell sees."""
QUIET = 0.05
"""Seconds without an order after which it goes on loading."""
REHEARSALS = 16
"""After so many, the interpreter has what it keeps of code that runs often, and no call need write it."""
STACK = 2 << 20
"""Bytes of a thread's stack, of those addresses that a cell may have."""


def main(package: str, descriptor: int) -> NoReturn:
    sys.path.insert(0, package)
    from gadfly.functions.sandbox import cell, invocation, kernel

    for name in EXTENSIONS:
        _load([name])
    _lock_by_folders()
    sys.path.remove(package)
    if not os.geteuid():
        # Where this is an ordinary user, what it has cloned must be open to it until its users are mapped.
        kernel.prctl(kernel.PR_SET_DUMPABLE, 0)
    os.environ.clear()  # the interpreter itself puts a locale there
    kernel.few_arenas(2)
    threading.stack_size(STACK)
    for stream in (sys.stdout, sys.stderr):
        # What a call said before it was ended is there to be read.
        stream.reconfigure(line_buffering=True)  # type: ignore[union-attr]
    # Cells that have ended are nobody's zombies.
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    invocation.rehearse(REHEARSALS)
    control = socket.socket(fileno=descriptor)
    control.send(json.dumps({"up": True, "library": os.path.dirname(os.__file__)}).encode())
    rest, large = MODULES[::-1], LARGE[::-1]
    while True:
        quiet = QUIET
        while rest and not select.select([control], [], [], quiet)[0]:
            _load(rest)
            quiet = 0.0
        message, handed, _, _ = socket.recv_fds(control, 65536, 16)
        if not message:
            os._exit(0)  # at once: the cells end with it
        order: dict[str, Any] = json.loads(message)
        if order["whole"]:
            rest, large = rest + large, []
            while rest:
                _load(rest)
        there, go = os.pipe()
        tier = cell.TIERS[order["tier"]]
        try:
            pid, watched = kernel.clone(tier.spaces, handed[1] if len(handed) > 1 else -1)
        except OSError as error:
            _refuse(control, order, "namespaces", error)
            for one in (there, go, *handed):
                os.close(one)
            continue
        if pid == 0:
            control.close()
            os.close(go)
            cell.main(order, tier, handed[0], there)
        try:
            if tier.spaces:
                _map(pid, cell.NOBODY, order["user"])
            os.write(go, b"g")
            socket.send_fds(
                control, [json.dumps({"number": order["number"], "pid": pid}).encode()], [watched]
            )
        except OSError as error:
            _refuse(control, order, "users of the namespace", error)
        for one in (there, go, watched, *handed):
            os.close(one)


def _load(rest: list[str]) -> None:
    """The next module of the library; what this interpreter was built without, a handler has not either."""
    with contextlib.suppress(ImportError):
        importlib.import_module(rest.pop())


def _lock_by_folders() -> None:
    """SQLite locks a file by a folder beside it: no cell may lock files."""
    with contextlib.suppress(ImportError, OSError, AttributeError):
        sqlite = ctypes.CDLL(importlib.import_module("_sqlite3").__file__)
        sqlite.sqlite3_vfs_find.restype = ctypes.c_void_p
        if found := sqlite.sqlite3_vfs_find(b"unix-dotfile"):
            sqlite.sqlite3_vfs_register(ctypes.c_void_p(found), 1)


def _refuse(control: socket.socket, order: dict[str, Any], layer: str, error: OSError) -> None:
    words = {"number": order["number"], "failed": str(error), "layer": layer, "errno": error.errno}
    control.send(json.dumps(words).encode())


def _map(pid: int, inside: int, outside: int) -> None:
    """The one user and group that the namespace has: nobody's where this is root, else its own."""
    if os.geteuid():
        _write(f"/proc/{pid}/setgroups", "deny")
    _write(f"/proc/{pid}/gid_map", f"{inside} {os.getegid() if os.geteuid() else outside} 1")
    _write(f"/proc/{pid}/uid_map", f"{inside} {os.geteuid() or outside} 1")


def _write(path: str, text: str) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CLOEXEC)
    try:
        os.write(descriptor, text.encode())
    finally:
        os.close(descriptor)


def _begin(package: str, descriptor: int) -> None:
    try:
        main(package, descriptor)
    except BaseException:
        import traceback

        words = traceback.format_exc()[-4000:]
        os.write(descriptor, json.dumps({"failed": words}).encode())
        raise


if __name__ == "__main__":
    _begin(sys.argv[1], int(sys.argv[2]))
