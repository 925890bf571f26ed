"""The planning report: what fills in the weeks to come, when, and what it would take. Pure."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence

import msgspec
import numpy as np

from gadfly.predict.gauge import Look
from gadfly.predict.outlook import Outlook
from gadfly.predict.prediction import Foreseen, named
from gadfly.predict.wording import moment, share, span

DAY = 86_400.0
MONTH = 30 * DAY
HORIZON = 60 * DAY
"""What fills later than that is not planned for today."""
LIKELY = 0.1
"""Or what fills within a month with at least this probability."""
LISTED = 50
"""Of one owner."""

Who = Callable[[Mapping[str, str]], tuple[str, str]]


class Item(msgspec.Struct, frozen=True, kw_only=True):
    """One series that fills. Times are seconds from now; None: not foreseen."""

    predictor: str
    kind: str = "fills"
    """`fills`, or `ends`: of that `value` is the seconds that are left."""
    owner: str
    series: str
    component: str
    value: float
    limit: float
    a_day: float
    """How much it changes a day, by the median of the past."""
    soonest: float | None
    median: float | None
    latest: float | None
    month: float | None
    """The probability that it is full within thirty days."""
    takes: str
    """What it would take, in words."""


def items(looks: Iterable[tuple[str, str, Look]], who: Who) -> list[Item]:
    """What fills, soonest first. `looks`: each prediction's name, its owner, and what it found last; `who`
    gives the component and the owner of a series."""
    found = []
    for name, owner, look in looks:
        for place, one in enumerate(look.foreseen):
            if _near(one):
                labels = dict(one.key)
                component, its = who(labels)
                rate = a_day(look.outlook, place)
                found.append(
                    Item(
                        predictor=name,
                        kind=one.kind,
                        owner=its or owner,
                        series=named(labels),
                        component=component,
                        value=one.value,
                        limit=one.limit,
                        a_day=rate,
                        soonest=one.within[0],
                        median=one.within[1],
                        latest=one.within[2],
                        month=None if math.isnan(one.month) else one.month,
                        takes=takes(one, rate),
                    )
                )
    return sorted(
        found, key=lambda one: (one.median is None, one.median or 0.0, -(one.month or 0.0), one.series)
    )


def _near(one: Foreseen) -> bool:
    middle = one.within[1]
    return one.full or (middle is not None and middle <= HORIZON) or one.month >= LIKELY


def a_day(outlook: Outlook | None, row: int) -> float:
    """The median change over a day, or over a quarter of the past where that is shorter; 0 where too little
    is known. A clean-up now and then does not change it."""
    if outlook is None or len(outlook.past) < 8:
        return 0.0
    at, values = outlook.past, outlook.values[row]
    step = float(at[1] - at[0])
    lag = max(1, min(round(DAY / step), len(at) // 4))
    change = values[lag:] - values[:-lag]
    change = change[np.isfinite(change)]
    return float(np.median(change)) * DAY / (lag * step) if len(change) else 0.0


def takes(one: Foreseen, a_day: float) -> str:
    """What it would take so that it is not full for another thirty days."""
    if one.kind == "ends":
        return "renew it" if not one.full else "it has ended; renew it"
    if one.full:
        return "it is full now"
    towards = a_day if one.rising else -a_day
    if towards <= 0:
        return "it does not grow day by day; see what makes it jump"
    lacks = towards * 30 - abs(one.limit - one.value)
    grows = f"{amount(towards, one)} a day"
    room = abs(one.limit - one.value) / towards * DAY
    if room > HORIZON:  # and it is foreseen all the same, as all days of the past are, not the median one
        return f"on most days it is {grows} only; what would fill it are changes like some of its past"
    if lacks <= 0:
        return f"room for {span(room)} at {grows}"
    return f"{amount(lacks, one)} more room for the next 30 days, at {grows}"


def amount(number: float, one: Foreseen) -> str:
    """A number as people read it: bytes with their unit, where the name says that it counts them."""
    if "bytes" in dict(one.key).get("__name__", ""):
        for unit in ("B", "KiB", "MiB", "GiB", "TiB"):
            if abs(number) < 1024 or unit == "TiB":
                return f"{number:.3g} {unit}" if abs(number) < 1000 else f"{number:,.0f} {unit}"
            number /= 1024
    return f"{number:,.0f}" if abs(number) >= 1000 else f"{number:.3g}"


def by_owner(found: Iterable[Item]) -> dict[str, list[Item]]:
    """Each owner's own, in their order."""
    groups: dict[str, list[Item]] = {}
    for one in found:
        groups.setdefault(one.owner, []).append(one)
    return groups


def text(own: Sequence[Item], now: float) -> str:
    """The report: a subject, and a line or two for each."""
    if not own:
        return "Nothing is foreseen to be full within 60 days\n"
    what = "gauge fills" if len(own) == 1 else "gauges fill"
    lines = [f"{len(own):,} {what} in the weeks to come", ""]
    for one in own[:LISTED]:
        when = f"about {moment(now + one.median)}" if one.median is not None else "no day foreseen"
        if one.median == 0:
            lines.append(f"- {one.series}: {one.takes}")
            continue
        if one.kind == "ends":
            lines += [f"- {one.series}: ends {when}, which is known", f"  {one.takes}"]
            continue
        if one.soonest is not None and one.latest is not None:
            when += f" (between {span(one.soonest)} and {span(one.latest)} from now)"
        month = f", within 30 days with {share(one.month)}" if one.month is not None else ""
        lines += [f"- {one.series}: {when}{month}", f"  {one.takes}"]
    if len(own) > LISTED:
        lines.append(f"… and {len(own) - LISTED:,} more")
    return "\n".join(lines) + "\n"


def demotion(name: str, silent: bool, why: str) -> str:
    """What is told when a predictor falls silent, or speaks again: a subject, and why."""
    if silent:
        return (
            f"The prediction {name} falls silent\n\n{why[:1].upper()}{why[1:]}. It goes on predicting, and "
            "is scored, but tells nobody and calls for no automation until it is better than that. What "
            "helps: another `act`, an expression that is closer to what fills, or taking it out.\n"
        )
    return f"The prediction {name} speaks again\n\n{why[:1].upper()}{why[1:]}.\n"
