"""What is no longer so is asked no longer, and that is said."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from gadfly.ask.life.draft import Draft
from gadfly.ask.life.rules import DAY, Rules
from gadfly.ask.life.steps import Told
from gadfly.ask.question import Key

HOLD = 14 * DAY
"""At most so long after a withdrawal the same is not asked, unless it grew worse: what comes and goes would
be asked again and again. Less where its kind may be asked again sooner."""


MUTED: dict[str, object] = {"why": "muted"}
"""Of an entry: it may still be so, but it is not asked here any more."""


def dismiss(draft: Draft, rules: Rules) -> None:
    """Take back what is asked by a kind that is muted here, or is no more: nobody waits for an answer to it,
    and nothing may follow from there being none. Where no kind is known nothing is."""
    lost = []
    for key, matter in draft.book.matters.items() if rules.kinds else ():
        if key[0] in rules.kinds or not matter.there or matter.why == "changed":
            continue
        lost.append(key)
        if matter.asked or matter.why:
            draft.keep(msgspec.structs.replace(matter, there=False, sightings=0, due=0))
        else:
            draft.forget(key)
    withdraw(draft, lost, MUTED)


def withdraw(draft: Draft, lost: Iterable[Key], more: dict[str, object] | None = None) -> None:
    """Take back questions of which nothing is left, and note what is gone in the others. more: why, where it
    is not that the evidence went away; then no letter says so."""
    gone: dict[int, list[str]] = {}
    for key in lost:
        matter = draft.matter(key)
        if matter is not None and matter.why in ("open", "resting"):
            gone.setdefault(matter.question, []).append(key[1])
    for id, subjects in gone.items():
        question = draft.question(id)
        if question is None or question.state not in ("open", "resting"):
            continue
        hold = draft.now + min(HOLD, question.again * DAY)
        for subject in subjects:
            matter = draft.matter((question.kind, subject))
            if matter is not None:
                draft.keep(msgspec.structs.replace(matter, why="withdrawn", hold=hold))
        question = msgspec.structs.replace(question, gone=(*question.gone, *subjects))
        if question.own:
            draft.write(question)
            draft.say("withdrawn", question, about=tuple(subjects), more=more)
            continue
        resting = question.state == "resting"
        question = msgspec.structs.replace(
            question, state="withdrawn", closed=draft.now, heading="", heading_why=""
        )
        draft.write(question)
        draft.say("withdrawn", question, about=tuple(subjects), more=more)
        if not (resting or more):
            draft.tell(Told(question.holder, id, "withdrawn"))


def lapse(draft: Draft) -> None:
    """What was accepted until a date that is past, and is no longer so, is decided no more: nothing is left
    to ask."""
    for key, matter in draft.book.matters.items():
        if matter.why == "accepted" and draft.now >= matter.hold and not matter.there:
            now = draft.matter(key)
            if now is not None and not now.there:
                draft.keep(msgspec.structs.replace(now, why="answered", due=0))
