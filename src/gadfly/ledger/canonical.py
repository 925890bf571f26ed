"""RFC 8785: one value, one text. What is hashed and signed must not depend on who wrote it down.

Members are sorted by the UTF-16 code units of their names, strings have the fewest escapes, numbers are
written as ECMAScript writes them, and there is no blank. Input is I-JSON (RFC 7493): integers beyond 2^53
that no double is written as, and lone surrogates, are refused, for not every reader would read them as
written; so are NaN and infinity.
"""

from __future__ import annotations

import math
from json.encoder import encode_basestring as _quoted
from typing import Any

import msgspec

EXACT = 1 << 53
"""Beyond this, integers and IEEE 754 doubles part ways (RFC 7493, section 2.2)."""
DEPTH = 64
"""Nesting at most: nothing that people read is deeper, and a parser's stack ends somewhere."""

_EASY = frozenset({str, bool, type(None)})

_sorted = msgspec.json.Encoder(order="sorted")


def canonical(value: Any) -> bytes:
    """The canonical bytes of `value`: None, bool, int, float, str, and lists, tuples and dicts of these.

    ValueError or TypeError, with the reason, where there are none.
    """
    # msgspec sorts by code point and writes 1.0 and 1e21 where ECMAScript has 1 and 1e+21. Without floats
    # and with names in ASCII the two texts are the same, and it is ten times faster.
    return _sorted.encode(value) if _plain(value, DEPTH) else _text(value, DEPTH).encode()


def _plain(value: Any, depth: int) -> bool:
    """Whether msgspec's text is the canonical one. Looks at exact types: it accepts far more than JSON."""
    kind = type(value)
    if kind in _EASY:
        return True
    if kind is int:
        return bool(-EXACT <= value <= EXACT)
    if depth == 0:
        return False
    if kind is dict:
        for name, item in value.items():
            if type(name) is not str or not name.isascii():
                return False
            if type(item) not in _EASY and not _plain(item, depth - 1):  # most calls are spared
                return False
        return True
    if kind is list or kind is tuple:
        return all(type(item) in _EASY or _plain(item, depth - 1) for item in value)
    return False


def _text(value: Any, depth: int) -> str:
    if value is None:
        return "null"
    if value is True or value is False:
        return "true" if value else "false"
    if isinstance(value, str):
        return _quoted(value)
    if isinstance(value, int):
        # What a double was written as may be read as an integer; then it must be writable again.
        if not -EXACT <= value <= EXACT and (
            abs(value) >= 10**21 or number(float(value)) != int.__repr__(value)
        ):
            raise ValueError(f"{value} is beyond 2^53, where readers of JSON disagree: write it as a string")
        return int.__repr__(value)
    if isinstance(value, float):
        return number(value)
    if depth == 0:
        raise ValueError(f"nested deeper than {DEPTH}")
    if isinstance(value, dict):
        for name in value:
            if not isinstance(name, str):
                raise TypeError(f"a member's name is a string, not {name!r}")
        members = sorted(value.items(), key=_code_units)
        return "{" + ",".join(f"{_quoted(name)}:{_text(item, depth - 1)}" for name, item in members) + "}"
    if isinstance(value, list | tuple):
        return "[" + ",".join(_text(item, depth - 1) for item in value) + "]"
    raise TypeError(f"{type(value).__name__} has no form in JSON")


def _code_units(member: tuple[str, Any]) -> bytes:
    return member[0].encode("utf-16-be")


def number(value: float) -> str:
    """A double as ECMAScript writes it (ECMA-262, Number::toString; RFC 8785, section 3.2.2.3)."""
    if not math.isfinite(value):
        raise ValueError(f"{value} is not a number in JSON")
    if value == 0:
        return "0"  # the sign of zero is not kept
    sign = "-" if value < 0 else ""
    # repr gives the shortest digits that read back as the same double, which is what ECMAScript asks for.
    mantissa, _, exponent = float.__repr__(abs(value)).partition("e")
    whole, _, fraction = mantissa.partition(".")
    digits = (whole + fraction).lstrip("0")
    point = len(whole) + int(exponent or 0) - (len(whole + fraction) - len(digits))
    digits = digits.rstrip("0")
    count = len(digits)
    if count <= point <= 21:
        return sign + digits + "0" * (point - count)
    if 0 < point <= 21:
        return f"{sign}{digits[:point]}.{digits[point:]}"
    if -6 < point <= 0:
        return f"{sign}0.{'0' * -point}{digits}"
    tail = f".{digits[1:]}" if count > 1 else ""
    return f"{sign}{digits[0]}{tail}e{point - 1:+d}"
