"""How a handler's answer and its errors are written, so that they are the same here and at AWS Lambda.

What JSON has no word for: a Decimal is a number, bytes are their UTF-8 text, what has `_asdict` (a named
tuple) is an object; a number that is none (NaN, infinities) and everything else cannot be marshalled, which
is an error of its own.
"""

from __future__ import annotations

import decimal
import json
import traceback
from typing import Any

from gadfly.functions.sandbox import frames

LONGEST = 4096
"""Characters of an error's message."""
_FRAMES, _LINE = 40, 1024
_SIMPLE, _HOLDERS, _ROWS = (str, int, float), (list, dict), (list, tuple)


def value(found: Any, request: str) -> bytes:
    """The frame of what a handler gave; where it cannot be marshalled, of the error that says so."""
    try:
        return frames.pack({"value": _objects(found, set())}, _encoder)
    except Exception as error:  # also whatever its own `_asdict` raises
        return _frame(f"Unable to marshal response: {error}", "Runtime.MarshalError", request, [])


def error(raised: BaseException, request: str, own: str) -> bytes:
    """The frame of what a handler raised; `own` is the folder whose code at the top of the trace is ours."""
    trace = raised.__traceback__
    while trace is not None and trace.tb_frame.f_code.co_filename.startswith(own):
        trace = trace.tb_next
    try:
        words = str(raised)
    except Exception:
        words = "its message could not be read"
    # Without the marks below a line: a runtime that has them and one that has not shall say the same.
    lines = [(one.filename, one.lineno or 0, one.name, one.line) for one in traceback.extract_tb(trace)]
    return _frame(words, type(raised).__name__, request, traceback.format_list(lines))


def whole(raised: BaseException) -> str:
    """For people: the error with all of its trace."""
    return "".join(traceback.format_exception(raised))


def _frame(words: str, kind: str, request: str, trace: list[str]) -> bytes:
    return frames.pack(
        {
            "error": {
                "errorMessage": words[:LONGEST],
                "errorType": kind,
                "requestId": request,
                "stackTrace": [line[:_LINE] for line in trace[-_FRAMES:]],
            }
        }
    )


def _objects(found: Any, inside: set[int]) -> Any:
    """The same with what has `_asdict` as objects and keys of bytes as text. ValueError, RecursionError.

    `inside`: what it is in, by its id.
    """
    if found is None or isinstance(found, _SIMPLE):
        return found
    here = id(found)
    if here in inside:
        raise ValueError("Circular reference detected")
    inside.add(here)
    try:
        if not isinstance(found, _HOLDERS) and callable(fields := getattr(found, "_asdict", None)):
            found = fields()
        if isinstance(found, dict):
            return {
                key.decode() if isinstance(key, bytes) else key: _objects(one, inside)
                for key, one in found.items()
            }
        if isinstance(found, _ROWS):
            return [_objects(one, inside) for one in found]
        return found
    finally:
        inside.discard(here)


def _plain(found: Any) -> Any:
    if isinstance(found, decimal.Decimal):
        return int(found) if found.is_finite() and found.as_tuple().exponent == 0 else float(found)
    if isinstance(found, bytes):
        return found.decode()
    raise TypeError(f"Object of type {type(found).__name__} is not JSON serializable")


_encoder = json.JSONEncoder(separators=(",", ":"), default=_plain, allow_nan=False)
