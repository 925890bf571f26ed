"""A text as a number, as Go's strconv.ParseFloat reads it."""

from __future__ import annotations

import math
import re

_SHAPE = re.compile(
    r"[-+]?(?:(?P<hexadecimal>0x(?:[0-9a-f_]+\.?[0-9a-f_]*|\.[0-9a-f_]+)p[-+]?[0-9][0-9_]*)"
    r"|(?:[0-9_]+\.?[0-9_]*|\.[0-9_]+)(?:e[-+]?[0-9][0-9_]*)?|inf|infinity)|nan",
    re.ASCII | re.IGNORECASE,
)
_STRAY = re.compile(r"(?<![0-9])_|_(?![0-9])", re.ASCII)
_STRAY_HEXADECIMAL = re.compile(r"(?<![0-9a-fx])_|_(?![0-9a-f])", re.ASCII | re.IGNORECASE)
"""An underscore that does not stand between digits, or between 0x and one."""


def parse_float(text: str) -> float | None:
    """None: it is no number there, or greater than any (which is an error there, too)."""
    found = _SHAPE.fullmatch(text)
    if found is None:
        return None
    hexadecimal = found["hexadecimal"] is not None
    if "_" in text:
        if (_STRAY_HEXADECIMAL if hexadecimal else _STRAY).search(text):
            return None
        text = text.replace("_", "")
    try:
        value = float.fromhex(text) if hexadecimal else float(text)
    except (OverflowError, ValueError):  # too great; or no digit at all
        return None
    return None if math.isinf(value) and text[-1] not in "fFyY" else value
