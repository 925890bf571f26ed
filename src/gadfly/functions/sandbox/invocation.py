"""One call of a handler, in a process of its own that is killed when it has answered.

Everything here runs beside the handler and could be changed by it: nothing that the supervisor relies on is
decided here.
"""

from __future__ import annotations

import os
import resource
import sys
from collections.abc import Callable
from typing import Any

from gadfly.functions.sandbox import asking, frames, kernel, log_lines, wording
from gadfly.functions.sandbox.context import LambdaContext

ANSWER, LOG = 3, 1
HELLO = b"\0"
OWN = os.path.dirname(__file__)


def serve(
    load: Callable[[], Callable[[Any, Any], Any]],
    answer: int,
    log: int,
    narrower: kernel.Filter,
    cpu: int,
) -> None:
    """Say who this is, read the event, call the handler, answer, and wait to be killed. Never returns.

    `load` gives the handler: here the function's code runs for the first time. `narrower` is the filter's
    second half, `cpu` the seconds of processor time. It may be started ahead, and then loads before the event
    comes.
    """
    try:
        if "random" in sys.modules:
            sys.modules["random"].seed()
        # Nothing is to be read there. What is open in the cell has flags that all calls would share.
        nothing, closed = os.pipe()
        os.close(closed)
        os.dup2(nothing, 0)
        os.dup2(log, 1)
        os.dup2(log, 2)
        os.dup2(answer, ANSWER)
        kernel.close_from(ANSWER + 1)
        resource.setrlimit(resource.RLIMIT_CPU, (cpu, cpu))
        narrower.install()
        # The kernel adds who wrote it: by this the supervisor knows whom to kill.
        os.write(ANSWER, HELLO)
        _write(_answer(load))
        while os.read(ANSWER, 1):
            pass
    except BaseException as error:
        os.write(2, wording.whole(error).encode(errors="replace"))  # its log; that no answer came is seen
    finally:
        os._exit(1)


def _receive(count: int) -> bytes:
    return os.read(ANSWER, count)


def _exchange(message: dict[str, Any]) -> dict[str, Any]:
    _write(frames.pack(message))
    reply: dict[str, Any] = frames.read(_receive)
    return reply


def _answer(load: Callable[[], Callable[[Any, Any], Any]]) -> bytes:
    failed: BaseException | None = None
    try:
        handler = load()
    except BaseException as error:
        failed = error  # it answers when it is asked
    asked = frames.read(_receive)
    if "load" in asked:
        return wording.value(failed and wording.whole(failed)[-4000:], "")
    request = str(asked["context"].get("aws_request_id", ""))
    if failed is not None:
        return wording.error(failed, request, OWN)
    asking.connect(_exchange)
    log_lines.request = request
    try:
        found = handler(asked["event"], LambdaContext.of(asked["context"]))
        sys.stdout.flush()
        sys.stderr.flush()
    except BaseException as error:  # also SystemExit: whatever ends a handler is its answer
        return wording.error(error, request, OWN)
    return wording.value(found, request)


def _write(data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[os.write(ANSWER, view) :]
