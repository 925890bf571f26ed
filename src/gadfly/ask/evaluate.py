"""Every kind asked of the facts as known at one time."""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from gadfly.ask.discovery import discoveries
from gadfly.ask.finding import Finding
from gadfly.ask.kind import Kind, tuned
from gadfly.ask.question import Teller
from gadfly.ask.subject import Subjects
from gadfly.ask.text import fields
from gadfly.ask.world import World
from gadfly.errors import LimitError, QueryError

TEXTS = ("component", "owner")
NUMBERS = ("exposure", "since", "p", "tests")
EVIDENCE = (str, bool, int, float, dt.date)
"""Of what evidence is made, alone or in lists: it is written into sentences and kept as JSON."""
GREATEST = 2**63
"""Of whole numbers; JSON has none beyond."""


class Evaluation(msgspec.Struct, frozen=True):
    """What one run over the kinds found."""

    findings: list[Finding]
    trouble: dict[str, str]
    """Kind to words: what kept it from being asked."""
    seconds: dict[str, float]
    """Kind to how long its query took."""
    lacking: dict[str, str] = {}
    """Kind to words: which facts there are not, so that it was not asked."""
    told: dict[str, tuple[Teller, ...]] = {}
    """Kind to who told what it reads."""


def evaluate(
    world: World,
    kinds: Mapping[str, Kind],
    now: float,
    thresholds: Mapping[str, Mapping[str, Any]] | None = None,
    seconds: float = 30.0,
) -> Evaluation:
    """Ask each of these kinds, whatever the facts lack (:func:`gadfly.askable.evaluated` leaves out what must
    not be asked of them). A query that fails makes trouble for its kind only.

    thresholds: by kind, in place of those of its file. seconds: that one query may take.

    Raises ConfigError: thresholds that the kinds do not have.
    """
    world.at(now)
    subjects = Subjects(world)
    findings: list[Finding] = []
    trouble: dict[str, str] = {}
    took: dict[str, float] = {}
    for kind in tuned(kinds, thresholds or {}).values():
        began = time.perf_counter()
        try:
            rows = _sound(kind, world.ask(kind.query, kind.threshold, seconds))
            if kind.discovery is not None:
                rows = discoveries(rows, kind.discovery)
            findings += [subjects.finding(kind, row) for row in rows]
        except (QueryError, LimitError) as error:
            trouble[kind.name] = str(error)
        took[kind.name] = time.perf_counter() - began
    return Evaluation(findings, trouble, took)


def _sound(kind: Kind, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """One row for each subject, the worst of its own.

    Raises QueryError: a row that names no subject, or does not say how bad it is; a sentence that names what
    the rows do not hold, or adds up what is no number; a column of another sort than is expected there.
    """
    if not rows:
        return rows
    named = {one.name for one in (*fields(kind.ask), *fields(kind.many, many=True))} - {"count"}
    for name in sorted(named - rows[0].keys()):
        raise QueryError(f"its sentence names {{{name}}}, which the query does not return")
    summed = {one.name for one in fields(kind.many, many=True) if one.sum} - {"count"}
    for wrong in _wrong(rows, summed):
        raise QueryError(wrong)
    worst: dict[str, dict[str, Any]] = {}
    for row in rows:
        subject = row["subject"]
        if subject not in worst or row["worse"] > worst[subject]["worse"]:
            worst[subject] = row
    return list(worst.values())


def _wrong(rows: list[dict[str, Any]], summed: set[str]) -> Iterator[str]:
    """What is wrong with the columns."""
    if any(not isinstance(row.get("subject"), str) or not row["subject"] for row in rows):
        yield "a row has no subject (a text)"
    for row in rows:
        if not _is_number(row.get("worse")):
            yield f"the row on {row['subject']!r} has no number `worse`"
    for name in rows[0]:
        values = [row[name] for row in rows if row[name] is not None]
        flat = [
            cell
            for one in values
            for cell in (one if isinstance(one, list | tuple) else (one,))
            if cell is not None
        ]
        if name in TEXTS and any(not isinstance(one, str) for one in values):
            yield f"column {name}: a text is expected"
        if name in NUMBERS and not all(map(_is_number, values)):
            yield f"column {name}: a number is expected"
        if name in summed and not all(map(_is_number, values)):
            yield f"column {name}: a number is expected, as the sentence sums it up"
        for sort in set(map(type, flat)):
            if not issubclass(sort, EVIDENCE):
                yield f"column {name}: a {sort.__name__} can be no evidence; cast it to a text or a number"
            elif sort is int and max(abs(one) for one in flat if type(one) is int) >= GREATEST:
                yield f"column {name}: a number is too large"


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
