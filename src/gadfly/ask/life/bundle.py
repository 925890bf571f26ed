"""What is due, gathered: one kind on many subjects of one owner is one question with a list."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from gadfly.ask.finding import Finding
from gadfly.ask.kind import Kind
from gadfly.ask.life import learning
from gadfly.ask.life.draft import Draft
from gadfly.ask.life.inheritance import heir, present
from gadfly.ask.life.matter import Matter
from gadfly.ask.life.rules import DAY, EXPIRED, UNCHANGED, Rules
from gadfly.ask.life.team import asked, team
from gadfly.ask.life.tripwire import ready
from gadfly.ask.question import Key
from gadfly.ask.text import fill, fill_many
from gadfly.rate import WEEK

YOUNG = 14 * DAY
"""First seconds of a subject in which nothing is asked of it, but on safety."""
MOST = 1000
"""Subjects of one question; the worst. What is more is asked about when these are answered."""
AGAIN = 0.5
"""Of the priority of a question about what another one is about already."""
RENEWALS = 2
"""Acceptances of the same again; then the owner's owner is asked."""


class Due(NamedTuple):
    """One finding that may be asked now."""

    finding: Finding
    matter: Matter


class Bundle(NamedTuple):
    """One question that may be asked now."""

    kind: Kind
    owner: str
    due: tuple[Due, ...]
    """The worst first."""
    priority: float


def bundles(draft: Draft, findings: Mapping[Key, Finding], rules: Rules) -> dict[str, list[Bundle]]:
    """By the team that is asked, the highest priority first."""
    groups: dict[tuple[str, str], list[Due]] = {}
    behalf = _behalf(draft, findings)
    week = int(draft.now // WEEK)
    for key, finding in findings.items():
        kind, matter = rules.kinds[key[0]], draft.matter(key)
        if matter is None or matter.why == "open" or key in behalf:
            continue
        owner = _owner(draft, finding, findings, rules)
        if not ready(
            matter, sightings=kind.sightings, digest=rules.digests[kind.name], owner=owner, now=draft.now
        ):
            continue
        young = finding.since is not None and draft.now - finding.since < YOUNG
        if young and not (kind.safety or kind.young or draft.book.earlier(*key)):
            continue  # a decision of ours is no new thing that must first find its ways
        chance = draft.book.record.probability(kind.name, safety=kind.safety)
        if chance < 1 and rules.chance("ask", *key, week) >= chance:
            continue
        groups.setdefault((owner, kind.name), []).append(Due(finding, matter))
    found: dict[str, list[Bundle]] = {}
    for (owner, name), due in groups.items():
        due.sort(key=lambda one: (-one.finding.worse, one.finding.subject))
        kind = rules.kinds[name]
        chosen = tuple(due[:MOST])
        found.setdefault(owner, []).append(Bundle(kind, owner, chosen, _priority(draft, kind, owner, chosen)))
    spoken = _spoken(draft)
    return {owner: _in_order(several, spoken) for owner, several in found.items()}


def _spoken(draft: Draft) -> set[str]:
    """Subjects about which somebody is being asked."""
    questions = (draft.question(id) for id in draft.book.waiting)
    return {subject for one in questions if one is not None and one.state == "open" for _, subject in one.own}


def _in_order(several: list[Bundle], spoken: set[str]) -> list[Bundle]:
    """The highest priority first. Where another kind asks about the same, or asks first, it is half as new:
    what is done about the one mostly ends the other."""
    several.sort(key=lambda one: (-one.priority, one.kind.number))
    seen = set(spoken)
    ordered = []
    for one in several:
        subjects = {due.finding.subject for due in one.due}
        ordered.append(one._replace(priority=one.priority * AGAIN) if subjects <= seen else one)
        seen |= subjects
    return sorted(ordered, key=lambda one: (-one.priority, one.kind.number))


def _priority(draft: Draft, kind: Kind, owner: str, due: Sequence[Due]) -> float:
    record = draft.book.record
    worth = learning.together(
        learning.consequence(one.finding, safety=kind.safety) * learning.novelty(one.matter) for one in due
    )
    return record.change(kind.name, owner) * worth / record.minutes(kind.name, kind.minutes)


def _behalf(draft: Draft, findings: Mapping[Key, Finding]) -> frozenset[Key]:
    """What is asked by another kind in its place: a change without effect, an acceptance that is over."""
    found: set[Key] = set()
    for kind, subject in findings:
        if kind in (EXPIRED, UNCHANGED):
            matter = draft.matter((kind, subject))
            if matter is not None and matter.why != "muted":
                found.update(draft.book.origins(kind, subject))
    for id in draft.book.waiting:
        question = draft.question(id)
        if question is not None and question.state in ("open", "resting"):
            found.update(question.origins)
    return frozenset(found)


def _owner(draft: Draft, finding: Finding, findings: Mapping[Key, Finding], rules: Rules) -> str:
    earlier = draft.book.earlier(finding.kind, finding.subject)
    owner = finding.owner or (earlier.owner if earlier else "") or rules.fallback
    if earlier and owner not in draft.teams:  # it was declared when that was asked
        owner = heir(draft, earlier, findings, rules) or owner
    owner = present(draft, finding, owner, rules)
    if earlier and finding.kind == EXPIRED and earlier.renewals >= RENEWALS:
        owner = team(draft.teams, owner).parent or owner
    return asked(draft.teams, owner)


def sentence(bundle: Bundle, warning: str) -> str:
    """The text. What comes of no answer stands first, however long that makes it. Raises FormatError: the
    evidence lacks what it names."""
    rows = [_known(one.finding.values) for one in bundle.due]
    text = fill(bundle.kind.ask, rows[0]) if len(rows) == 1 else fill_many(bundle.kind.many, rows)
    return f"{warning} {text}".strip()


def _known(values: Mapping[str, Any]) -> dict[str, Any]:
    """What is endless or no number is not known: it cannot be read."""
    return {
        name: None if isinstance(value, float) and not math.isfinite(value) else value
        for name, value in values.items()
    }
