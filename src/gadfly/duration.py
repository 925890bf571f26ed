"""Durations as people write them, and bounds on durations: ``"1m30s"``, ``"> 14d"``.

All values are seconds. The grammar is that of Prometheus, with fractions: one or more numbers with a unit,
the larger unit first, no unit twice.
"""

from __future__ import annotations

import re

UNITS = {"w": 604_800.0, "d": 86_400.0, "h": 3_600.0, "m": 60.0, "s": 1.0, "ms": 0.001}
LONGEST = 3650 * UNITS["d"]
FORMS = "250ms, 5s, 1m30s, 12h or 14d"

_PART = re.compile(r"(\d{1,12}(?:\.\d{1,9})?)(ms|[wdhms])", re.ASCII)
_BOUND = re.compile(r"\s*([<>])\s*(\S+)\s*")


def parse(text: str) -> float:
    """The seconds in `text`. ValueError, with a message for whoever wrote it, where it is not a duration."""
    if text == "0":
        return 0.0
    total, end, last = 0.0, 0, float("inf")
    for part in _PART.finditer(text):
        unit = UNITS[part[2]]
        if part.start() != end or unit >= last:
            break
        total, end, last = total + float(part[1]) * unit, part.end(), unit
    if end != len(text) or not text:
        raise ValueError(f'"{text[:80]}" is not a duration; write {FORMS}')
    if total > LONGEST:
        raise ValueError(f'"{text[:80]}" is longer than ten years; write a shorter duration')
    return round(total, 9)


def format(seconds: float) -> str:
    """The shortest writing that :func:`parse` reads back as the same number, to the nanosecond."""
    if seconds < 0:
        raise ValueError(f"a duration is not negative: {seconds}")
    whole, rest = divmod(round(seconds * 1_000_000_000), 1_000_000_000)
    words = []
    for unit in ("d", "h", "m"):
        count, whole = divmod(whole, int(UNITS[unit]))
        if count:
            words.append(f"{count}{unit}")
    if rest and not whole:
        words.append(f"{rest / 1_000_000:.6f}".rstrip("0").rstrip(".") + "ms")
    elif rest:
        words.append(f"{whole}.{rest:09d}".rstrip("0") + "s")
    elif whole or not words:
        words.append(f"{whole}s")
    return "".join(words)


def parse_bound(text: str, sign: str) -> float:
    """The seconds in a bound like ``"> 14d"`` or ``"< 2h"``; `sign` is the one that makes sense there."""
    found = _BOUND.fullmatch(text)
    if found is None or found[1] != sign:
        example = "14d" if sign == ">" else "2h"
        raise ValueError(f'"{text[:80]}" is not a bound; write "{sign} {example}"')
    return parse(found[2])
