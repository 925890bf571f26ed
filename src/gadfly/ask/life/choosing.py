"""Which of what is due is asked now: within the budgets, outside quiet times, most learning first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec

from gadfly.ask.kind import Kind
from gadfly.ask.life.bundle import Bundle, sentence
from gadfly.ask.life.draft import Draft
from gadfly.ask.life.evidence import freeze
from gadfly.ask.life.inheritance import above
from gadfly.ask.life.rules import Rules
from gadfly.ask.life.steps import Told
from gadfly.ask.life.team import quiet, team
from gadfly.ask.life.waiting import LOWERS
from gadfly.ask.question import Move, Question, Teller
from gadfly.errors import FormatError

EXPLORE = 0.1
"""Share of questions that go to the kind of which least is known, so that a quiet one can earn its place."""


def choose(
    draft: Draft,
    bundles: Mapping[str, list[Bundle]],
    rules: Rules,
    at: float,
    told: Mapping[str, Sequence[Teller]] | None = None,
) -> None:
    """Ask what may be asked. `at`: when the evidence was seen; `told`: by kind who told what it reads."""
    for owner in sorted(bundles):
        if quiet(team(draft.teams, owner), draft.now):
            continue
        rest = bundles[owner]
        while rest:
            plain = draft.budget.room(owner, safety=False)
            extra = draft.budget.room(owner, safety=True)
            may = rest if plain else [one for one in rest if one.kind.safety and extra]
            if not may:
                break
            one = _pick(draft, may, rules)
            rest = [other for other in rest if other is not one]
            _ask(draft, one, rules, at, (told or {}).get(one.kind.name, ()), extra=not plain)


def _pick(draft: Draft, may: list[Bundle], rules: Rules) -> Bundle:
    if rules.chance("explore", draft.last + 1) >= EXPLORE:
        return may[0]
    return max(may, key=lambda one: draft.book.record.kind(one.kind.name).width)


def _ask(
    draft: Draft, bundle: Bundle, rules: Rules, at: float, told: Sequence[Teller], *, extra: bool
) -> None:
    kind, owner, now = bundle.kind, bundle.owner, draft.now
    subjects = tuple(one.finding.subject for one in bundle.due)
    warning = _warning(kind, subjects, rules)
    try:
        text = sentence(bundle, warning)
    except (FormatError, TypeError, ValueError, OverflowError) as error:
        draft.trouble[kind.name] = f"its sentence cannot be filled in: {error}"
        return
    digest = rules.digests[kind.name]
    rows = [one.finding.values for one in bundle.due]
    evidence = freeze(kind.name, digest, kind.query, kind.threshold, rows, at, told)
    components = {one.finding.component or "" for one in bundle.due}
    earlier = draft.book.earlier(kind.name, subjects[0])
    origins = tuple(key for subject in subjects for key in draft.book.origins(kind.name, subject))
    before = _replaced(draft, bundle)
    question = Question(
        id=draft.last + 1,
        kind=kind.name,
        digest=digest,
        sort=kind.subject,
        safety=kind.safety,
        again=kind.again,
        observe=kind.observe,
        minutes=kind.minutes,
        subjects=subjects,
        component=components.pop() if len(components) == 1 else "",
        owner=owner,
        line=above(draft.teams, owner),
        text=text,
        warning=warning,
        asked=now,
        since=before.since if before and (before.warning or not warning) else now,
        lowered=before.lowered if before else None,
        priority=bundle.priority,
        sha256=evidence.sha256,
        before=sum(one.finding.worse for one in bundle.due),
        origins=origins,
        renewals=earlier.renewals if earlier else 0,
        moves=(Move(owner, now, "asked", extra),),
    )
    draft.write(question, evidence)
    for one in bundle.due:
        matter = draft.matter(one.matter.key) or one.matter
        draft.keep(
            msgspec.structs.replace(
                matter,
                asked=matter.asked + 1,
                then=one.finding.worse,
                question=question.id,
                why="open",
                hold=0.0,
                due=0,
            )
        )
    draft.say("asked", question, more={"again": before.name} if before else None)
    draft.tell(Told(owner, question.id, "asked"))


def _warning(kind: Kind, subjects: tuple[str, ...], rules: Rules) -> str:
    """What comes of no answer, where something does."""
    if not kind.safety or kind.subject != "automation":
        return ""
    can = [one for one in subjects if rules.lowers is None or one in rules.lowers]
    if not can:
        return ""
    several = "them" if len(can) == len(subjects) else f"{len(can)} of them"
    what = can[0] if len(can) == 1 else several
    return f"Unanswered for {LOWERS:g} days, this lowers {what} one level."


def _replaced(draft: Draft, bundle: Bundle) -> Question | None:
    """End the questions that rested on these subjects. The one that all of them come from, if it is one."""
    rested: dict[int, list[str]] = {}
    for one in bundle.due:
        if one.matter.why == "resting":
            rested.setdefault(one.matter.question, []).append(one.finding.subject)
    found = None
    for id, subjects in rested.items():
        question = draft.question(id)
        if question is None or question.state != "resting":
            continue
        left = tuple(subject for _, subject in question.own if subject not in set(subjects))
        if left:
            draft.write(msgspec.structs.replace(question, subjects=left))
            continue
        question = msgspec.structs.replace(question, state="replaced", closed=draft.now)
        draft.write(question)
        draft.say("replaced", question)
        found = question
    whole = found is not None and all(one.matter.question == found.id for one in bundle.due)
    return found if whole else None
