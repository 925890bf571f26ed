"""A question whose owner is declared no longer goes to who answers now.

::

    owner of what it is about ─▶ who stood in for that owner ─▶ who stood above ─▶ who answers for what
                                                                                   nobody owns

Who stood there is noted as long as the owner is declared. Nothing new is asked of one that is declared no
longer, though facts may name it still. An owner that never was declared here keeps its questions.
"""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from gadfly.ask.finding import Finding
from gadfly.ask.life.draft import Draft
from gadfly.ask.life.rules import Rules
from gadfly.ask.life.team import Teams, asked
from gadfly.ask.life.waiting import send
from gadfly.ask.question import Key, Question


def inherit(draft: Draft, findings: Mapping[Key, Finding], rules: Rules) -> None:
    """Look at all that wait. findings: the newest, which say whose something is that no catalogue has."""
    for id in sorted(draft.book.waiting) if draft.teams else ():
        question = draft.question(id)
        if question is None or question.state not in ("open", "resting"):
            continue
        line = above(draft.teams, question.owner)
        if not line:
            _pass_on(draft, question, findings, rules)
        elif line != question.line:
            draft.write(msgspec.structs.replace(question, line=line))


def above(teams: Teams, name: str) -> tuple[str, ...]:
    """The team, who stands in for it, and who stands above it; empty where it is not declared."""
    found: dict[str, None] = {}
    while (one := teams.get(name)) is not None and name not in found:
        found.update(dict.fromkeys((name, *one.delegates)))
        name = one.parent
    return tuple(found)


def heir(draft: Draft, question: Question, findings: Mapping[Key, Finding], rules: Rules) -> str:
    """Who answers for it now that its owner does not; of several the one that has most of its subjects.
    Empty: that is not known."""
    teams, counts = draft.teams, dict[str, int]()
    for key in question.own:
        name = rules.present(question.sort, key[1])
        if name not in teams and key in findings:
            name = findings[key].owner or ""
        if name in teams:
            counts[name] = counts.get(name, 0) + 1
    if not counts and (name := rules.present("component", question.component)) in teams:
        counts[name] = 1
    if counts:
        return asked(teams, max(counts, key=lambda name: counts[name]))
    once = question.line or question.owner in rules.declared
    left = (*question.line[1:], rules.fallback) if once else ()
    return next((asked(teams, name) for name in left if name in teams), "")


def present(draft: Draft, finding: Finding, owner: str, rules: Rules) -> str:
    """Who is asked in place of an owner that facts name; itself, unless it is declared no longer."""
    if owner in draft.teams or owner not in rules.declared:
        return owner
    sort = rules.kinds[finding.kind].subject
    now = (rules.present(sort, finding.subject), rules.present("component", finding.component or ""))
    return next((name for name in (*now, rules.fallback) if name in draft.teams), owner)


def _pass_on(draft: Draft, question: Question, findings: Mapping[Key, Finding], rules: Rules) -> None:
    to, was = heir(draft, question, findings, rules), question.owner
    if not to:
        return
    question = msgspec.structs.replace(
        question, owner=to, line=above(draft.teams, to), was=(*question.was, was), passed=draft.now
    )
    draft.write(question)
    draft.say("inherited", question, more={"from": was, "to": to})
    if question.state == "open" and not _elsewhere(draft.teams, question):
        send(draft, question, to, "inherited")


def _elsewhere(teams: Teams, question: Question) -> bool:
    """Whether a team that is declared could know, and is asked: then it comes back to the new owner."""
    if question.heading:
        return question.heading_why == "referred" and question.heading in teams
    return question.moves[-1].why == "referred" and question.holder in teams
