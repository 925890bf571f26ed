"""What an evaluation saw, day by day: a finding must be there on several in a row before it is asked."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING

import msgspec

from gadfly.ask.finding import Finding
from gadfly.ask.life.draft import Draft
from gadfly.ask.life.matter import Matter
from gadfly.ask.life.rules import Rules
from gadfly.ask.life.tripwire import early
from gadfly.ask.question import Key

if TYPE_CHECKING:
    from gadfly.ask.evaluate import Evaluation  # it brings DuckDB

APART = 20 * 3600.0
"""Seconds between two evaluations that count as two days: on demand nobody sees twice."""
MOST = 1e15
"""How bad something can be. A query may divide by nothing, and what is endless cannot be added or written."""


def found(evaluation: Evaluation, rules: Rules) -> dict[Key, Finding]:
    """The findings of kinds that are asked, one a kind and subject: the worst."""
    by: dict[Key, Finding] = {}
    for one in evaluation.findings:
        key = (one.kind, one.subject)
        if one.kind not in rules.kinds:
            continue
        if not -MOST <= one.worse <= MOST:
            worse = max(-MOST, min(MOST, one.worse)) if one.worse == one.worse else 0.0
            one = msgspec.structs.replace(one, worse=worse)
        if (other := by.get(key)) is None or one.worse > other.worse:
            by[key] = one
    return by


def sight(draft: Draft, findings: Mapping[Key, Finding], rules: Rules, at: float) -> None:
    """Count what was seen at `at`."""
    for key, finding in findings.items():
        matter = draft.matter(key)
        if matter is None:
            draft.keep(Matter(kind=key[0], subject=key[1], counted=at, worse=finding.worse))
            continue
        needed = rules.kinds[key[0]].sightings
        ahead = matter.counted > at + APART  # by a clock that was wrong
        anew = not matter.there or ahead or (matter.sightings < needed and at - matter.counted > rules.stale)
        another = anew or at - matter.counted >= APART
        sightings = 1 if anew else min(needed, matter.sightings + another)
        due = 0
        if early(matter, finding.worse, at):
            due = min(needed, matter.due + another) if matter.due and not anew else 1
        if anew or sightings != matter.sightings or due != matter.due:
            draft.keep(
                msgspec.structs.replace(
                    matter, there=True, sightings=sightings, due=due, worse=finding.worse, counted=at
                )
            )
        elif finding.worse != matter.worse:  # what stays as it was needs not be written every day
            draft.keep(msgspec.structs.replace(matter, worse=finding.worse))


def unsight(draft: Draft, findings: Mapping[Key, Finding], looked: Collection[str], at: float) -> list[Key]:
    """What is no longer so, of the kinds that could be looked at. What was never asked is forgotten. Of what
    was seen later than `at` (the clock was set back since) nothing is known."""
    lost = []
    for key, matter in draft.book.matters.items():
        if not matter.there or key in findings or key[0] not in looked or matter.counted > at:
            continue
        lost.append(key)
        if matter.asked or matter.why:
            draft.keep(msgspec.structs.replace(matter, there=False, sightings=0, due=0))
        else:
            draft.forget(key)
    return lost
