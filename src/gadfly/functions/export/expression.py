"""Schedules and log patterns as AWS writes them. Pure.

A cron expression of EventBridge Scheduler has six fields (minutes, hours, day of month, month, day of week,
year), counts days of the week from 1 for Sunday, and wants a ``?`` in one of the two fields of days. Source:
EventBridge Scheduler user guide, "Schedule types"; CloudWatch Logs user guide, "Filter pattern syntax".
"""

from __future__ import annotations

import re

from gadfly.errors import GadflyError

_DAYS = ("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT")
_MONTHS = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
_REGEX = re.compile(r"[A-Za-z0-9 _#=@/;,\-.^$\[\]|?*+()\\:!&'~<>]+")
LONGEST = 256
"""Characters of an expression that AWS takes."""


class ExportError(GadflyError):
    """Something of the function has no counterpart at AWS; its owner must decide what to do about it."""


def schedule(fields: str) -> str:
    """``15 3 * * *`` becomes ``cron(15 3 * * ? *)``. ExportError."""
    minute, hour, day, month, weekday = fields.split()
    if day != "*" and weekday != "*":
        raise ExportError(
            f'"{fields}" means either of two kinds of days, which AWS does not know; write two '
            f"functions, or one kind"
        )
    days = "?" if weekday != "*" else _field(day, 1, 31)
    weekdays = "?" if weekday == "*" else _weekdays(weekday)
    found = f"cron({_field(minute, 0, 59)} {_field(hour, 0, 23)} {days} {_months(month)} {weekdays} *)"
    if len(found) > LONGEST:
        raise ExportError(
            f'"{fields}" becomes longer than the {LONGEST} characters that AWS takes; simplify it'
        )
    return found


def filter_pattern(match: str) -> str:
    """The pattern of a log subscription. ExportError where AWS' expressions do not know it."""
    if not match:
        return ""
    if re.fullmatch(r"[A-Za-z0-9_ ]+", match):
        return f'"{match}"'
    if not _REGEX.fullmatch(match) or "(?" in match:
        raise ExportError(
            f'the pattern "{match[:80]}" has what filters of CloudWatch Logs do not know; simplify it'
        )
    return f"%{match}%"


def _field(text: str, low: int, high: int) -> str:
    """Steps are written out: AWS reads some of them in another way."""
    if text == "*" or text == "L":
        return text
    found: list[str] = []
    for part in text.split(","):
        span, slash, step = part.partition("/")
        if not slash:
            found.append(part)
            continue
        first, dash, last = span.partition("-")
        start = low if span == "*" else int(first)
        end = int(last) if dash else high
        found += [str(one) for one in range(start, end + 1, int(step))]
    return ",".join(found)


def _months(text: str) -> str:
    named = re.sub(r"[A-Za-z]+", lambda found: str(_MONTHS.index(found[0].upper()) + 1), text)
    return _field(named, 1, 12)


def _weekdays(text: str) -> str:
    named = re.sub(r"[A-Za-z]{3}", lambda found: str(_DAYS.index(found[0].upper())), text)
    if (nth := re.fullmatch(r"([0-7])#([1-5])", named)) is not None:
        return f"{int(nth[1]) % 7 + 1}#{nth[2]}"
    if (last := re.fullmatch(r"([0-7])L", named)) is not None:
        return f"{int(last[1]) % 7 + 1}L"
    if not re.fullmatch(r"[0-7*/,-]+", named):
        raise ExportError(f'the days "{text[:40]}" have no counterpart at AWS; write them as names')
    days: set[int] = set()
    for part in _field(named, 0, 6).split(","):
        first, dash, end = part.partition("-")
        if dash:
            days |= {one % 7 for one in range(int(first), int(end) + 1)}
        else:
            days.add(int(first) % 7)
    return ",".join(_DAYS[one] for one in sorted(days))
