"""The handler of a function whose events name what it is to try. It runs in a cell, and by :func:`main` outside.

Each public function of the modules beside this one is an attempt. What it gives is true where it got what no
function may have; everything else, and every error, is a refusal.
"""

from __future__ import annotations

import importlib
import json
import os
import signal
import sys

FAMILIES = ("files", "processes", "raw_calls", "sockets", "memory", "runtime", "endless")


def names(family: str) -> list[str]:
    """The attempts of a module."""
    module = importlib.import_module(family)
    return [
        name
        for name, one in vars(module).items()
        if callable(one) and not name.startswith("_") and getattr(one, "__module__", "") == family
    ]


def handler(event: dict[str, str], context: object) -> list[str]:
    """``["done", what]`` or ``["refused", why]``."""
    try:
        got = getattr(importlib.import_module(event["family"]), event["name"])()
    except BaseException as error:
        return ["refused", f"{type(error).__name__}: {error}"[:200]]
    return ["done", str(got)[:100]] if got else ["refused", "it got nothing"]


def main() -> None:
    """Try everything here and now, each in a fork that has 10 seconds; print a JSON object a line."""
    # Something that does not belong to an attempt and that it could find, as in any program.
    os.dup2(os.open("/etc/hostname", os.O_RDONLY), 40)
    for family in FAMILIES:
        begun = []
        for name in names(family):
            begun.append((name, *_begin(family, name)))
            # What waits may wait together; the others could be in each other's way.
            if family != "endless":
                print(json.dumps([family, *_end(*begun.pop())]), flush=True)
        for one in begun:
            print(json.dumps([family, *_end(*one)]), flush=True)


def _begin(family: str, name: str) -> tuple[int, int]:
    reads, writes = os.pipe()
    if (pid := os.fork()) == 0:
        os.close(reads)
        signal.alarm(10)
        os.write(writes, json.dumps(handler({"family": family, "name": name}, None)).encode())
        os._exit(0)
    os.close(writes)
    return pid, reads


def _end(name: str, pid: int, reads: int) -> list[str]:
    said = b""
    while part := os.read(reads, 65536):
        said += part
    os.close(reads)
    os.waitpid(pid, 0)
    return [name, *(json.loads(said) if said else ["ended", ""])]


if __name__ == "__main__":
    sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
    main()
