"""One call of a handler, in a process of its own that is killed when it has answered.

Everything here runs beside the handler and could be changed by it: nothing that the supervisor relies on is
decided here.
"""

from __future__ import annotations

import os
import signal
import sys
import traceback
from collections.abc import Callable
from typing import Any

from gadfly.functions.sandbox import calls, frames, kernel
from gadfly.functions.sandbox.context import Context

ANSWER, LOG = 3, 1
HELLO = b"\0"


def serve(handler: Callable[[Any, Any], Any], answer: int, log: int) -> None:
    """Read the event, call the handler, answer, and wait to be killed. Never returns."""
    try:
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        os.dup2(log, 1)
        os.dup2(log, 2)
        os.dup2(answer, ANSWER)
        kernel.close_from(ANSWER + 1)
        # The kernel adds who wrote it: by this the supervisor knows whom to kill.
        os.write(ANSWER, HELLO)
        for stream in (sys.stdout, sys.stderr):
            # What was said before it was ended is there to be read.
            stream.reconfigure(line_buffering=True)  # type: ignore[union-attr]
        kernel.seccomp(calls.program(forks=False))
        asked = frames.read(lambda count: os.read(ANSWER, count))
        _write(_answer(handler, asked["event"], Context.of(asked["context"])))
        while os.read(ANSWER, 1):
            pass
    except BaseException:  # noqa: BLE001
        traceback.print_exc()  # into its log; the supervisor sees that no answer came
        sys.stderr.flush()
    finally:
        os._exit(1)


def _answer(handler: Callable[[Any, Any], Any], event: Any, context: Context) -> bytes:
    try:
        found = handler(event, context)
        sys.stdout.flush()
        sys.stderr.flush()
        return frames.pack({"value": found})
    except BaseException as error:  # noqa: BLE001  also SystemExit: whatever ends a handler is its answer
        trace = traceback.format_exception(error)
        return frames.pack(
            {
                "error": {
                    "errorMessage": str(error)[:4096],
                    "errorType": type(error).__name__,
                    "stackTrace": [line[:1024] for line in trace[-20:]],
                }
            }
        )


def _write(data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[os.write(ANSWER, view) :]
