"""What is told of a prediction, in words."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Sequence

from gadfly.predict.prediction import Foreseen, Key, named

AGES = 1000 * 365 * 86_400.0
SHOWN = 3
"""Of many series so many are named,"""
NAMED = 100
"""by so many characters."""
LONG = 1e15
"""From here on a number is written with its exponent."""


def span(seconds: float) -> str:
    """About how long: `40 minutes`, `5 hours`, `3 days`."""
    if math.isnan(seconds):
        return "an unknown time"
    if seconds > AGES:
        return "more than a thousand years"
    for size, word in ((86_400.0, "day"), (3_600.0, "hour"), (60.0, "minute"), (1.0, "second")):
        if seconds >= 2 * size or size == 1.0:
            count = max(0, round(seconds / size))
            return f"{count:,} {word}{'' if count == 1 else 's'}"
    raise AssertionError  # the last size takes all


def moment(at: float) -> str:
    """A time that people read, in UTC; any number has one, as series hold whatever was written into them."""
    try:
        return dt.datetime.fromtimestamp(at, dt.UTC).strftime("%Y-%m-%d %H:%M UTC")
    except (ValueError, OverflowError, OSError):
        return f"a time that no calendar has ({at:.4g} s)"


def share(probability: float) -> str:
    """A probability in per cent; never all or nothing, as nobody knows that."""
    if math.isnan(probability):
        return "an unknown share"
    return f"{min(99, max(1, round(probability * 100)))} %"


def number(value: float) -> str:
    """Four digits are enough to see where it stands."""
    return f"{value:,.0f}" if 1000 <= abs(value) < LONG else f"{value:.4g}"


def left_out(found: Sequence[Key]) -> str:
    """Which series are not foreseen, as there is no room for them; empty: there is for all."""
    if not found:
        return ""
    some = ", ".join(named(dict(one))[:NAMED] for one in found[:SHOWN])
    return f"no room for {len(found):,} series ({some}{', …' if len(found) > SHOWN else ''}): narrow `of`"


def summary(one: Foreseen, act: float, now: float) -> str:
    """One sentence: what, until when, how probable, and about when."""
    name = named(dict(one.key))
    if one.kind == "fails":
        what = dict(one.key).get("component", name)
        if math.isnan(one.probability):
            return f"{what} was foreseen to fail; there is too little to say now"
        return f"{what} will fail before {moment(now + act)} with a probability of {share(one.probability)}"
    if one.kind == "ends":
        if math.isnan(one.value):
            return f"{name} was foreseen to end; there is too little to say now"
        return f"{name} has ended" if one.full else f"{name} ends at {moment(now + one.value)}"
    if one.full:
        return f"{name} is full: {number(one.value)}, where {number(one.limit)} is full"
    if math.isnan(one.probability):
        return f"{name} was foreseen to be full; there is too little to say now"
    middle = one.within[1]
    when = f", most likely in about {span(middle)}" if middle is not None else ""
    # What matters first: the name may be so long that a letter cuts what comes after it.
    return f"{share(one.probability)}{when}: {name} will be full before {moment(now + act)}"


def description(one: Foreseen) -> str:
    """What it rests on."""
    if one.kind == "fails":
        return f"Why: {one.why}."
    if one.kind == "ends":
        return f"That is {'now' if one.full else f'in {span(one.value)}'}, and known."
    words = [f"It is {number(one.value)} now, and full at {number(one.limit)}."]
    soonest, _, latest = one.within
    if soonest is not None and latest is not None:
        words.append(f"With a chance of 80 % that is in {span(soonest)} to {span(latest)}.")
    elif soonest is not None:
        words.append(f"With a chance of 10 % it is sooner than in {span(soonest)}.")
    if one.why:
        words.append(f"Why: {one.why}.")
    return " ".join(words) if not math.isnan(one.limit) else words[-1]
