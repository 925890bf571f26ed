"""promtool's notation for the values of a series: ``1 2 _ 0+10x3 5-1x2 7x4 stale``."""

from __future__ import annotations

import re

import numpy as np

from gadfly.errors import QueryError
from gadfly.promql.source import STALE
from gadfly.promql.values import Floats, Ints

_NUMBER = r"[+-]?(?:[0-9]+\.?[0-9]*(?:[eE][+-]?[0-9]+)?|\.[0-9]+(?:[eE][+-]?[0-9]+)?|[Ii]nf|NaN)"
_TERM = re.compile(
    rf"(?P<gap>_)(?:x(?P<gaps>[0-9]+))?|(?P<stale>stale)"
    rf"|(?P<first>{_NUMBER})(?:(?P<step>[+-](?![+-])[^x\s]+)?x(?P<more>[0-9]+))?"
)
MOST = 1_000_000


def sequence(text: str) -> tuple[Ints, Floats]:
    """Positions (n) and values (n): `_` leaves a gap, `axn` and `a+bxn` stand for n + 1 values, `_xn` for n
    gaps. Raises `QueryError`."""
    index: list[int] = []
    value: list[float] = []
    position = 0
    for word in text.split():
        term = _TERM.fullmatch(word)
        if term is None:
            raise QueryError(f"not a value or a sequence of values: {word!r}", "bad_data")
        if term["gap"]:
            position += int(term["gaps"] or 1)
            continue
        count = int(term["more"] or 0) + 1
        if len(value) + count > MOST:
            raise QueryError(f"more than {MOST:,} values in one series", "bad_data")
        first = STALE if term["stale"] else float(term["first"])
        index.extend(range(position, position + count))
        if term["step"]:
            step = float(term["step"])
            value.extend(first + k * step for k in range(count))
        else:
            value.extend([first] * count)  # -0 and the marker as they are
        position += count
    return np.array(index, dtype=np.int64), np.array(value)
