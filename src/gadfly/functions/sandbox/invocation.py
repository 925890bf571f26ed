"""One call of a handler, in a process of its own that is killed when it has answered.

Everything here runs beside the handler and could be changed by it: nothing that the supervisor relies on is
decided here.
"""

from __future__ import annotations

import os
import random
import sys
from _random import Random
from collections.abc import Callable
from os import close, closerange, dup2, pipe, read, write
from resource import RLIMIT_CPU, setrlimit
from typing import Any

from gadfly.functions.sandbox import asking, frames, kernel, log_lines, wording
from gadfly.functions.sandbox.context import LambdaContext

ANSWER, LOG = 3, 1
FILES = 64
"""Descriptors that a process of a cell may have, from 0 on."""
HELLO = b"\0"
_draw_anew, _numbers = Random.seed, random._inst
"""What random.seed() does, without the pages that its own code and names lie on."""
OWN = os.path.dirname(__file__)


def serve(
    load: Callable[[], Callable[[Any, Any], Any]],
    answer: int,
    log: int,
    narrower: kernel.Filter,
    cpu: int,
    *,
    armed: bool,
) -> None:
    """Say who this is, read the event, call the handler, answer, and wait to be killed. Never returns.

    `load` gives the handler: here the function's code runs for the first time. `narrower` is the filter's
    second half, `cpu` the seconds of processor time. `armed`: the event comes later, and there is time to
    rehearse.
    """
    try:
        _draw_anew(_numbers)
        # Nothing is to be read there. What is open in the cell has flags that all calls would share.
        nothing, closed = pipe()
        close(closed)
        dup2(nothing, 0)
        dup2(log, 1)
        dup2(log, 2)
        dup2(answer, ANSWER)
        closerange(ANSWER + 1, FILES)
        setrlimit(RLIMIT_CPU, (cpu, cpu))
        narrower.install()
        # The kernel adds who wrote it: by this the supervisor knows whom to kill.
        write(ANSWER, HELLO)
        if armed:
            rehearse()
        _write(_answer(load))
        while read(ANSWER, 1):
            pass
    except BaseException as error:
        write(2, wording.whole(error).encode(errors="replace"))  # its log; that no answer came is seen
    finally:
        os._exit(1)


def _receive(count: int) -> bytes:
    return read(ANSWER, count)


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
    return _called(handler, asked, request)


def _called(handler: Callable[[Any, Any], Any], asked: dict[str, Any], request: str) -> bytes:
    try:
        found = handler(asked["event"], LambdaContext(asked["context"]))
        sys.stdout.flush()
        sys.stderr.flush()
    except BaseException as error:  # also SystemExit: whatever ends a handler is its answer
        return wording.error(error, request, OWN)
    return wording.value(found, request)


def _write(data: bytes) -> None:
    sent = write(ANSWER, data)
    while sent < len(data):
        sent += write(ANSWER, memoryview(data)[sent:])


def rehearse(times: int = 1) -> None:
    """Go through what is done for every call, with an event and a handler of our own.

    It leaves nothing but what it wrote of the interpreter's: caches of types and of our code, the first time;
    in a fork, pages of its own, which a call would have to wait for otherwise.
    """
    for _ in range(times):
        _called(_give_back, frames.read(_rehearsed), "")


_TEXTS = "function_name", "function_version", "invoked_function_arn", "memory_limit_in_mb"
_MORE = "aws_request_id", "log_group_name", "log_stream_name"
_rehearsal = frames.pack(
    {
        "event": {"rehearsed": [1, 2.5, None, True]},
        "context": {**dict.fromkeys(_TEXTS + _MORE, ""), "seconds": 1.0},
    }
)


def _rehearsed(count: int) -> bytes:
    return _rehearsal[:count]


def _give_back(event: Any, context: LambdaContext) -> Any:
    return {"event": event, "name": context.function_name}
