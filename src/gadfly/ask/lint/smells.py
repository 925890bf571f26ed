"""What alerting rules look like that one would ask about. Each smell judges a row of the table `check`."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from gadfly.ask.figure import duration, number
from gadfly.ask.lint.asked import Asked, Place
from gadfly.ask.lint.published import FORMS
from gadfly.ask.text import LEAST_NUMBERS
from gadfly.ask.text import lint as faults

Row = Mapping[str, Any]

MONTH = 30 * 86_400.0
"""Seconds over which a promise like 99.9 % has its budget."""
ALWAYS_THERE = frozenset(("up",))
"""Metrics that a scraper writes also of what does not answer."""
TIMES = re.compile(r"latency|duration|response_time|_seconds(_sum)?$|_ms$")
BESIDE = frozenset(("node_uname_info", "node_filesystem_readonly"))
"""Metrics that published rules are joined with, for names and exceptions."""
COMPARED = re.compile(r"[<>]=?\s*(\d+(?:\.\d+)?)")
TOTALS = re.compile(r"_sum$")


class Rules(NamedTuple):
    """All alerting rules of the files, and what the smells need to know of the others."""

    rows: Sequence[Row]
    """Of the table `check`, and with `slo` where the component of a rule promises a share."""
    places: Sequence[Place]
    recorded: frozenset[str]
    """Metrics that recording rules write."""
    watched: frozenset[str]
    """Metrics whose absence some rule looks at."""


class Smell(NamedTuple):
    """A kind that can be asked of rules as they stand."""

    kind: str
    among: Callable[[Row], bool]
    """Of which rules it is asked at all; they are counted as `all`."""
    found: Callable[[Row, Rules], bool]
    text: str
    """With `{count}`, `{all}`, and `{longest}`, the longest time that a rule needs before it speaks."""


def ask(rules: Rules, numbers: Mapping[str, tuple[int, bool, str]]) -> list[Asked]:
    """One question for each smell that something has. `numbers`: of each kind its number, whether it is about
    safety, and what an answer may change."""
    asked = []
    for smell in SMELLS:
        among = [
            (row, place) for row, place in zip(rules.rows, rules.places, strict=True) if smell.among(row)
        ]
        found = [(row, place) for row, place in among if smell.found(row, rules)]
        if not found:
            continue
        longest = max(_needs(row) for row, _ in found)
        values = {"count": number(len(found)), "all": number(len(among)), "longest": duration(longest)}
        text = smell.text.format(**values)
        assert not faults(text, LEAST_NUMBERS)
        what, safety, change = numbers[smell.kind]
        places = tuple(sorted(place for _, place in found))
        asked.append(
            Asked(kind=smell.kind, number=what, safety=safety, text=text, change=change, places=places)
        )
    return asked


def _any(row: Row) -> bool:
    return True


def _pages(row: Row) -> bool:
    return bool(row.get("pages"))


def _times(row: Row) -> bool:
    return any(TIMES.search(name) for name in _reads(row))


def _reads(row: Row) -> list[str]:
    return str(row.get("reads") or "").split()


def _needs(row: Row) -> float:
    return float((row.get("hold") or 0.0) + (row.get("span") or 0.0) + (row.get("interval") or 0.0))


def _ownerless(row: Row, rules: Rules) -> bool:
    return not row.get("owner")


def _no_runbook(row: Row, rules: Rules) -> bool:
    return not row.get("runbook") or row.get("runbook_state") == "todo"


def _at_once(row: Row, rules: Rules) -> bool:
    """No `for`, no window, and not about absence: one sample fires it."""
    return not row.get("hold") and not row.get("span") and row.get("no_data") != "fail" and bool(_reads(row))


def _silent(row: Row, rules: Rules) -> bool:
    """Nobody looks at whether what it reads is there."""
    names = set(_reads(row))
    return bool(names) and row.get("no_data") != "fail" and names.isdisjoint(rules.watched | ALWAYS_THERE)


def _too_late(row: Row, rules: Rules) -> bool:
    return _needs(row) >= budget(row)


def budget(row: Row) -> float:
    """Seconds a month that the promise of its component leaves; without a promise endless."""
    slo = row.get("slo")
    return (1.0 - float(slo)) * MONTH if slo is not None else float("inf")


def _averages(row: Row, rules: Rules) -> bool:
    names = _reads(row)
    counted = any(TOTALS.sub("_count", name) in names for name in names if TOTALS.search(name))
    return row.get("aggregation") == "mean" or counted


def _limits(row: Row) -> set[float]:
    """Numbers that something is compared with, also within a condition on several things."""
    found = {float(text) for text in COMPARED.findall(str(row.get("expr") or ""))}
    return found if row.get("threshold") is None else {float(row["threshold"])}


def _published(row: Row, rules: Rules) -> bool:
    names = " ".join(sorted(set(_reads(row)) - BESIDE))
    return any((names, limit) in FORMS for limit in _limits(row))


def _unrecorded(row: Row, rules: Rules) -> bool:
    """A name with a colon is a recording rule's by convention, and no file records it."""
    return any(":" in name and name not in rules.recorded for name in _reads(row))


SMELLS = (
    Smell(
        "nobody-home",
        _any,
        _ownerless,
        "Rules that name no owner: {count} of {all}. If one of them fires tonight, who is asked?",
    ),
    Smell(
        "dead-metric",
        lambda row: any(":" in name for name in _reads(row)),
        _unrecorded,
        "Rules that read a recorded metric which no file here records: {count} of {all} that read any. If "
        "they cannot see, what do they tell us?",
    ),
    Smell(
        "runbook-unread",
        _pages,
        _no_runbook,
        "Rules that page and have no runbook, or one still to be written: {count} of {all}. What does a "
        "person do first who has never seen it?",
    ),
    Smell(
        "hair-trigger",
        _pages,
        _at_once,
        "Rules that page at a single sample: {count} of {all}. What does such a page let us do that two "
        "minutes later we could not?",
    ),
    Smell(
        "missing-is-green",
        _pages,
        _silent,
        "Rules that stay green when what they read is gone: {count} of {all} that page. Should no news count "
        "as good news?",
    ),
    Smell(
        "for-longer-than-harm",
        lambda row: row.get("slo") is not None,
        _too_late,
        "Rules that need longer to speak (up to {longest}) than a month's budget lasts: {count} of {all}. "
        "Who tells us earlier?",
    ),
    Smell(
        "average-hides",
        _times,
        _averages,
        "Rules that look at the average of a time: {count} of {all} on times. Whose day do they describe?",
    ),
    Smell(
        "borrowed-default",
        lambda row: bool(_limits(row)),
        _published,
        "Rules with the limit that was published for everybody: {count} of {all} with a limit. What does "
        "that number mean here?",
    ),
)
"""In the order in which they are asked: what may harm comes first."""
