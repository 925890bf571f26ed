"""Runs handlers under AWS' own runtime client, one process a handler. ``python -B official.py``

A line on standard input, ``{"folder", "handler", "log", "environment"}``, forks a process in which
`awslambdaric` is started just as ``python -m awslambdaric HANDLER`` starts it; forked, because loading Python
a hundred times takes longer than all the rest. ``null`` ends it, which ``ended`` says; ``gone`` says that it
ended by itself.
"""

from __future__ import annotations

import json
import os
import runpy
import select
import signal
import sys
from concurrent.futures import ThreadPoolExecutor  # noqa: F401  loaded once, for all that are forked
from typing import NoReturn

import simplejson  # noqa: F401  the same; awslambdaric reads the environment while it is loaded


def _run(order: dict[str, object]) -> NoReturn:
    log = os.open(str(order["log"]), os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.dup2(log, 1)
    os.dup2(log, 2)
    os.environ.clear()
    os.environ.update(order["environment"])  # type: ignore[call-overload]
    sys.path.insert(0, str(order["folder"]))
    sys.argv = ["awslambdaric", str(order["handler"])]
    code: object = 0
    try:
        runpy.run_module("awslambdaric", run_name="__main__", alter_sys=True)
    except SystemExit as ended:
        code = ended.code
    except BaseException:
        code = 70
    os._exit(code if isinstance(code, int) else 1)


def _order() -> dict[str, object] | None:
    line = os.read(0, 1 << 16)
    if not line:
        sys.exit()
    found: dict[str, object] | None = json.loads(line)
    return found


def main() -> None:
    while True:
        if (order := _order()) is None:
            os.write(1, b"ended\n")
            continue
        child = os.fork()
        if child == 0:
            _run(order)
        watched = os.pidfd_open(child)
        if watched in select.select([0, watched], [], [])[0]:
            os.write(1, b"gone\n")
        else:
            signal.pidfd_send_signal(watched, signal.SIGKILL)
        os.waitpid(child, 0)
        os.close(watched)


if __name__ == "__main__":
    main()
