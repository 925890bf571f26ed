"""How figures are written in a sentence."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from itertools import pairwise

DAY = 86_400
UNITS = (("d", DAY), ("h", 3600), ("min", 60), ("s", 1))
LAST_DAY = 100_000
"""Numbers below are days since 1970, not seconds."""
UNKNOWN = "unknown"


def number(value: float) -> str:
    """Thousands apart; what is not whole has three digits that count."""
    if value == int(value) and abs(value) < 1e15:
        return f"{int(value):,}"
    if abs(value) >= 1e15 or 0 < abs(value) < 1e-6:
        return f"{value:.3g}"
    text = f"{Decimal(f'{value:.3g}'):,f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def duration(seconds: float) -> str:
    """The two greatest units: ``2 h 10 min``; days alone from ten on."""
    if seconds < 0:
        return f"−{duration(-seconds)}"
    if seconds < 1:
        return f"{number(seconds * 1000)} ms" if seconds else "0 s"
    for (name, size), (less, part) in pairwise(UNITS):
        if size == DAY and seconds >= 9.5 * DAY:
            return f"{round(seconds / DAY):,} d"
        parts = round(seconds / part)
        if parts * part >= size:
            whole, rest = divmod(parts * part, size)
            return f"{whole:,} {name} {rest // part} {less}" if rest else f"{whole:,} {name}"
    return f"{number(seconds)} s"


def date(value: float) -> str:
    """The day (UTC) of seconds since 1970, or of days since then: below 100,000 it is days."""
    days = value if abs(value) < LAST_DAY else value // DAY
    try:
        return (dt.date(1970, 1, 1) + dt.timedelta(days=int(days))).isoformat()
    except OverflowError:
        return UNKNOWN


def clock(seconds: float) -> str:
    """Seconds of a day as ``08:40``."""
    minutes = round(seconds / 60) % 1440
    return f"{minutes // 60:02}:{minutes % 60:02}"


def percent(share: float) -> str:
    """A share as ``12``; near nothing and near all with the digits that tell."""
    value = share * 100
    if 99 < value < 100:
        return f"{value:.3f}".rstrip("0").rstrip(".")
    if abs(value) >= 10:
        return f"{value:,.0f}"
    return f"{float(f'{value:.2g}'):g}"
