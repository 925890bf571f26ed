"""Every kind asked of the facts as known at one time."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

import msgspec

from gadfly.ask.discovery import discoveries
from gadfly.ask.finding import Finding
from gadfly.ask.kind import Kind, tuned
from gadfly.ask.subject import Subjects
from gadfly.ask.text import fields
from gadfly.ask.world import World
from gadfly.errors import LimitError, QueryError


class Evaluation(msgspec.Struct, frozen=True):
    """What one run over the kinds found."""

    findings: list[Finding]
    trouble: dict[str, str]
    """Kind to words: what kept it from being asked."""
    seconds: dict[str, float]
    """Kind to how long its query took."""


def evaluate(
    world: World,
    kinds: Mapping[str, Kind],
    now: float,
    thresholds: Mapping[str, Mapping[str, Any]] | None = None,
    seconds: float = 30.0,
) -> Evaluation:
    """Ask every kind. A query that fails makes trouble for its kind only.

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
    the rows do not hold.
    """
    if rows:
        named = {one.name for one in (*fields(kind.ask), *fields(kind.many, many=True))} - {"count"}
        for name in sorted(named - rows[0].keys()):
            raise QueryError(f"its sentence names {{{name}}}, which the query does not return")
    worst: dict[str, dict[str, Any]] = {}
    for row in rows:
        subject, worse = row.get("subject"), row.get("worse")
        if not isinstance(subject, str) or not subject:
            raise QueryError("a row has no subject (a text)")
        if isinstance(worse, bool) or not isinstance(worse, int | float):
            raise QueryError(f"the row on {subject!r} has no number `worse`")
        if subject not in worst or worse > worst[subject]["worse"]:
            worst[subject] = row
    return list(worst.values())
