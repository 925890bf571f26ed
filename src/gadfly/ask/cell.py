"""One value of a fact, as written in a file or sent by somebody."""

from __future__ import annotations

import datetime as dt
import json
import math
import re
from typing import Any

from gadfly.ask.table import Sort

LONGEST = 4_096
"""Characters of a text; of a list all of them together."""
LAST = 100_000_000_000.0
"""Seconds since the epoch beyond are milliseconds that somebody took for seconds."""
LAST_DAY = 1_000_000
"""Days since the epoch beyond are seconds that somebody took for days."""
LARGEST_INTEGER = 2**53
"""Beyond, a float does not tell whole numbers apart."""
EXPECTED: dict[Sort, str] = {
    "text": f"a text of at most {LONGEST:,} characters",
    "number": "a number",
    "integer": "a whole number",
    "flag": "true or false",
    "time": "a time: 2026-03-01T08:00:00Z (with Z or an offset), or seconds since 1970",
    "plan": "a time: 2026-03-01T08:00:00Z (with Z or an offset), or seconds since 1970",
    "day": "a day: 2026-03-01, or days since 1970",
    "list": 'a list of texts: ["a", "b"], or a;b in a CSV file',
}
FLAGS = {"true": True, "t": True, "1": True, "yes": True, "false": False, "f": False, "0": False, "no": False}
NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?")
EPOCH = dt.date(1970, 1, 1)


def parse(value: Any, sort: Sort) -> Any:
    """What is stored: None, text, float, int, bool or list. An empty text is None.

    value: of CSV a text; of JSON what stands there. Raises ValueError: it is not of that sort.
    """
    if value is None or value == "":
        return None
    return PARSE[sort](value)


def _text(value: Any) -> str:
    if not isinstance(value, str) or len(value) > LONGEST or "\x00" in value:
        raise ValueError
    return value


def _number(value: Any) -> float:
    if isinstance(value, str):
        if not NUMBER.fullmatch(value.strip()):
            raise ValueError
        value = float(value)
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise ValueError
    return float(value)


def _integer(value: Any) -> int:
    number = _number(value)
    if number != int(number) or abs(number) > LARGEST_INTEGER:
        raise ValueError
    return int(number)


def _flag(value: Any) -> bool:
    if isinstance(value, str):
        value = FLAGS.get(value.strip().lower())
    if value not in (True, False):
        raise ValueError
    return bool(value)


def _time(value: Any) -> float:
    if isinstance(value, str) and not NUMBER.fullmatch(value.strip()):
        when = dt.datetime.fromisoformat(value.strip())
        if when.tzinfo is None:
            raise ValueError
        return when.timestamp()
    seconds = _number(value)
    if abs(seconds) > LAST:
        raise ValueError
    return seconds


def _day(value: Any) -> int:
    if isinstance(value, str) and not NUMBER.fullmatch(value.strip()):
        return (dt.date.fromisoformat(value.strip()) - EPOCH).days
    days = _integer(value)
    if abs(days) > LAST_DAY:
        raise ValueError
    return days


def _list(value: Any) -> list[str]:
    if isinstance(value, str):
        if len(value) > LONGEST:
            raise ValueError
        value = json.loads(value) if value.lstrip().startswith("[") else value.split(";")
    if not isinstance(value, list) or sum(len(_text(one)) for one in value) > LONGEST:
        raise ValueError
    return value


PARSE: dict[Sort, Any] = {
    "text": _text,
    "number": _number,
    "integer": _integer,
    "flag": _flag,
    "time": _time,
    "plan": _time,
    "day": _day,
    "list": _list,
}
