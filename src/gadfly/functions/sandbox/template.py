"""The template: an interpreter with the standard library loaded, from which cells are cloned. ``python -I -S -B``

It never runs a function's code. It is started with an empty environment and one descriptor, a socket on which
the supervisor orders cells.
"""

from __future__ import annotations

import gc
import importlib
import json
import os
import socket
import sys
from typing import Any

MODULES = (
    "abc argparse array asyncio base64 binascii bisect calendar collections contextlib copy csv dataclasses "
    "datetime decimal email.message enum fnmatch fractions functools gzip hashlib heapq hmac html http.client "
    "io ipaddress itertools json logging math operator os.path pathlib queue random re secrets socket ssl "
    "sqlite3 statistics string struct tempfile textwrap threading time traceback types typing unicodedata "
    "urllib.parse urllib.request uuid xml.etree.ElementTree zlib zoneinfo"
).split()


def main(package: str, descriptor: int) -> None:
    sys.path.insert(0, package)
    for name in MODULES:
        importlib.import_module(name)
    from gadfly.functions.sandbox import cell, kernel

    sys.path.remove(package)
    kernel.prctl(kernel.PR_SET_DUMPABLE, 0)
    gc.collect()
    gc.freeze()
    spaces = (
        kernel.CLONE_NEWUSER
        | kernel.CLONE_NEWPID
        | kernel.CLONE_NEWNS
        | kernel.CLONE_NEWNET
        | kernel.CLONE_NEWIPC
        | kernel.CLONE_NEWUTS
        | kernel.CLONE_NEWCGROUP
    )
    control = socket.socket(fileno=descriptor)
    control.send(b'{"up":true}')
    while True:
        message, handed, _, _ = socket.recv_fds(control, 65536, 16)
        if not message:
            return
        order: dict[str, Any] = json.loads(message)
        there, go = os.pipe()
        pid, watched = kernel.clone(spaces)
        if pid == 0:
            control.close()
            os.close(go)
            cell.main(order, handed[0], there)
        try:
            _map(pid, cell.NOBODY, order["user"])
            os.write(go, b"g")
            socket.send_fds(control, [json.dumps({"pid": pid}).encode()], [watched])
        except OSError as error:
            control.send(json.dumps({"failed": f"mapping users: {error}"}).encode())
        for one in (there, go, watched, *handed):
            os.close(one)


def _map(pid: int, inside: int, outside: int) -> None:
    if os.geteuid():
        _write(f"/proc/{pid}/setgroups", "deny")
    _write(f"/proc/{pid}/gid_map", f"{inside} {outside if not os.geteuid() else os.getegid()} 1")
    _write(f"/proc/{pid}/uid_map", f"{inside} {outside if not os.geteuid() else os.geteuid()} 1")


def _write(path: str, text: str) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CLOEXEC)
    try:
        os.write(descriptor, text.encode())
    finally:
        os.close(descriptor)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
