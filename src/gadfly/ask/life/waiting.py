"""What happens to a question that nobody answers.

::

    owner ──14 d──▶ owner's owner, once ──14 d──▶ rests as an open assumption
      │  ▲
      └──┴─ "don't know yet": to the team that could know, once, and back

    a team that is declared no longer ─▶ the one that is there in its place, or back to the owner

A kind that may be asked again within 14 days goes up a level each time that is over, as long as there is one.
Where the next team has no room or is quiet, the question waits for it, but not for ever.
"""

from __future__ import annotations

from typing import Literal

import msgspec

from gadfly.ask.life.draft import Draft
from gadfly.ask.life.rules import DAY, Rules
from gadfly.ask.life.steps import Lowering, Told
from gadfly.ask.life.team import asked, quiet, team
from gadfly.ask.question import Move, Question

PATIENCE = 14.0
"""Days at one team without an answer."""
LOWERS = 30.0
"""Days without an answer to a question on safety, after which the automation that it is about is lowered."""


def wait(draft: Draft, rules: Rules) -> None:
    """Look at all that wait."""
    for id in sorted(draft.book.waiting):
        question = draft.question(id)
        if question is None or question.state not in ("open", "resting"):
            continue
        question = _lower(draft, _behind(draft, question), rules)
        if question.state == "resting":
            continue
        if _gone(draft, question):
            _on(draft, question)
        elif question.heading:
            _deliver(draft, question)
        elif draft.now - question.moves[-1].at >= patience(question) * DAY:
            _on(draft, question)


def _behind(draft: Draft, question: Question) -> Question:
    """What came by a clock that was ahead came now, so that its time is over one day."""
    if not question.moves or question.moves[-1].at <= draft.now + DAY:
        return question
    moves = (*question.moves[:-1], msgspec.structs.replace(question.moves[-1], at=draft.now))
    question = msgspec.structs.replace(question, moves=moves, since=min(question.since, draft.now))
    draft.write(question)
    return question


def _gone(draft: Draft, question: Question) -> bool:
    """Whether it is with, or on its way to, a team that is declared no longer, while its owner is."""
    return question.owner in draft.teams and _no_more(draft, question.heading or question.holder)


def _no_more(draft: Draft, name: str) -> bool:
    """Of a team to which a question went. Where none is declared at all, they are those of facts."""
    return bool(draft.teams) and name not in draft.teams


def patience(question: Question) -> float:
    """Days that it waits at one team."""
    return min(PATIENCE, question.again)


def _lower(draft: Draft, question: Question, rules: Rules) -> Question:
    """Only what it was said of, and what can go down."""
    due = question.warning and question.safety and question.sort == "automation" and question.lowered is None
    can = tuple(one for _, one in question.own if rules.lowers is None or one in rules.lowers) if due else ()
    if not can or draft.now - question.since <= LOWERS * DAY:
        return question
    question = msgspec.structs.replace(question, lowered=draft.now)
    because = f"question {question.name} ({question.kind}) has stayed unanswered for {LOWERS:g} days"
    for automation in can:
        draft.lower(Lowering(automation, question.id, because))
    draft.write(question)
    draft.say("lowered", question, about=can)
    draft.tell(Told(question.owner, question.id, "lowered"))
    return question


def _deliver(draft: Draft, question: Question) -> Question:
    to, why = question.heading, question.heading_why
    room = draft.budget.room(to, safety=question.safety)
    if why and room and not quiet(team(draft.teams, to), draft.now):
        move = Move(to, draft.now, why, room == "extra")
        question = msgspec.structs.replace(
            question, moves=(*question.moves, move), heading="", heading_why="", heading_since=0.0
        )
        draft.write(question)
        draft.say("moved", question)
        draft.tell(Told(to, question.id, why))
    elif draft.now - question.heading_since >= PATIENCE * DAY:
        if why == "referred":
            return send(draft, question, question.owner, "returned")
        if why == "inherited":
            return _on(draft, question)
        return rest(draft, question)
    return question


def _on(draft: Draft, question: Question) -> Question:
    """Where it goes from a team that did not answer, or that is no more."""
    if (question.heading_why or question.moves[-1].why) == "referred":
        return send(draft, question, question.owner, "returned")
    moves = [move for move in question.moves if move.at >= question.passed and not _no_more(draft, move.team)]
    been = {question.owner, *(move.team for move in moves)}
    at = question.owner if _no_more(draft, question.holder) else question.holder
    up = team(draft.teams, at).parent
    above = asked(draft.teams, up) if up and not _no_more(draft, up) else ""
    once = any(move.why == "escalated" for move in moves)
    if above and above not in been and (not once or question.again < PATIENCE):
        return send(draft, question, above, "escalated")
    return rest(draft, question)


def send(
    draft: Draft, question: Question, to: str, why: Literal["escalated", "referred", "returned", "inherited"]
) -> Question:
    """On its way to a team: it arrives as soon as that one has room, at once where it has it now."""
    question = msgspec.structs.replace(
        question, state="open", closed=None, heading=to, heading_why=why, heading_since=draft.now
    )
    draft.write(question)
    return _deliver(draft, question)


def rest(draft: Draft, question: Question) -> Question:
    """Nobody answered, and nobody is asked any more for a while."""
    question = msgspec.structs.replace(
        question, state="resting", closed=draft.now, heading="", heading_why="", heading_since=0.0
    )
    draft.write(question)
    draft.release(question, why="resting", hold=draft.now + question.again * DAY, due=0)
    draft.say("rested", question)
    return question
