"""The four answers, what each must say, and what follows from it."""

from __future__ import annotations

import datetime as dt
import math

import msgspec

from gadfly.ask.answers import LONGEST, REASON, WRONG, Field, Unfit
from gadfly.ask.life.book import Book, spoken
from gadfly.ask.life.draft import Draft
from gadfly.ask.life.matter import Why
from gadfly.ask.life.observing import total
from gadfly.ask.life.rules import DAY, EXPIRED
from gadfly.ask.life.steps import Steps
from gadfly.ask.life.team import Teams
from gadfly.ask.life.waiting import rest, send
from gadfly.ask.question import Answer, Question

CHANGE = 3
LEFT = 3.0
"""Days after the evidence was looked at again that are left to the kind that asks about changes without
effect, before the first one asks anew."""
SAFETY_DAYS, OTHER_DAYS = 90, 365
"""For how long something may be accepted."""


def answer(
    book: Book, question: Question | int, given: Answer, now: float, teams: Teams | None = None
) -> Steps:
    """What follows from an answer. The book stays as it is, as with :func:`advance`.

    ValueError, in words for whoever answers, where it is not one. `teams`: those that can be named as the
    ones who could know; None: that is not checked. Who may answer is the caller's to know.
    """
    id = question if isinstance(question, int) else question.id
    found = book.questions.get(id)
    if found is None:
        raise ValueError(f"There is no question q{id}.")
    if found.state not in ("open", "resting"):
        raise ValueError(
            f"Question {found.name} is {_OVER[found.state]}; nothing is to be answered any more."
        )
    draft = Draft(book, teams or {}, now)
    given = _tidy(given)
    check(book, found, given, now, teams)
    if given.answer == "unknown":
        _unknown(draft, found, given)
        return draft.steps()
    found = _part(draft, found, given.subjects)
    found = msgspec.structs.replace(
        found,
        answer=given.answer,
        answered=now,
        by=given.by,
        change=given.change if given.answer == "change" else "",
        reason=given.reason if given.answer in ("accept", "wrong") else "",
        until=given.until if given.answer == "accept" else None,
        took=given.took,
        state="answered",
        closed=None,
        heading="",
        heading_why="",
        heading_since=0.0,
    )
    if given.answer == "change":
        _change(draft, found)
    elif given.answer == "accept":
        _accept(draft, found)
    else:
        _wrong(draft, found)
    return draft.steps()


_OVER = {
    "answered": "answered already",
    "withdrawn": "withdrawn",
    "replaced": "asked again as another one",
}


def _tidy(given: Answer) -> Answer:
    return msgspec.structs.replace(
        given, change=given.change.strip(), reason=given.reason.strip(), knows=given.knows.strip()
    )


def check(book: Book, question: Question, given: Answer, now: float, teams: Teams | None = None) -> None:
    """ValueError, in words, where this cannot be an answer; Unfit where it lies in one field."""
    if not given.by:
        raise ValueError("Say who answers.")
    if given.took is not None and not (math.isfinite(given.took) and given.took >= 0):
        raise ValueError("The time that answering took is a number of seconds.")
    written: dict[Field, str] = {"change": given.change, "reason": given.reason, "knows": given.knows}
    for field, said in written.items():
        if not said.isprintable() and any("\ud800" <= one <= "\udfff" for one in said):
            raise Unfit(field, "This holds a character that cannot be written down.")
        if len(said) > LONGEST:
            raise Unfit(field, f"That is {len(said):,} characters; {LONGEST:,} are the most.")
    left = {subject for _, subject in question.own}
    for subject in given.subjects:
        if subject not in left:
            raise Unfit("subjects", f"{question.name} does not ask about {subject[:100]}.")
    match given.answer:
        case "change":
            if len(given.change) < CHANGE:
                raise Unfit("change", "Name the change: a commit, an edit of a check or a grant, an act.")
        case "accept":
            _check_accept(book, question, given, now)
        case "wrong":
            if given.reason not in WRONG:
                raise Unfit("reason", f"Say what is wrong about it: {', '.join(WRONG)}.")
        case "unknown":
            _check_unknown(question, given, teams)


def _check_accept(book: Book, question: Question, given: Answer, now: float) -> None:
    if len(given.reason) < REASON or not spoken(given.reason):
        raise Unfit("reason", f"Give a reason in your own words, {REASON} characters or more.")
    if book.reasons.get(spoken(given.reason)):
        raise Unfit("reason", "This reason was given before, word for word. What is the reason here and now?")
    days = SAFETY_DAYS if question.safety else OTHER_DAYS
    if given.until is None or not math.isfinite(given.until) or given.until <= now:
        raise Unfit("until", f"Say until when it is accepted: a date to come, at most {days} days ahead.")
    # Whole days, as people write dates: the last of them counts to its end.
    if given.until - _midnight(now) > (days + 1) * DAY:
        what = "A question on safety" if question.safety else "This"
        raise Unfit("until", f"{what} can be accepted for {days} days at most.")


def _midnight(now: float) -> float:
    day = dt.datetime.fromtimestamp(now, dt.UTC).date()
    return dt.datetime.combine(day, dt.time(), dt.UTC).timestamp()


def _check_unknown(question: Question, given: Answer, teams: Teams | None) -> None:
    if given.subjects and len(given.subjects) < len(question.own):
        raise Unfit("subjects", "That nobody knows yet can be said of the whole question only.")
    if question.heading_why == "referred" and given.knows not in ("", question.heading):
        raise Unfit("knows", f"It goes to {question.heading} already, and to nobody else after that.")
    if any(move.why == "referred" for move in question.moves) or question.heading_why == "referred":
        return
    if not given.knows:
        raise Unfit("knows", "Name the team that could know.")
    if given.knows in (question.holder, question.owner):
        raise Unfit("knows", f"{given.knows} is asked already; name another team that could know.")
    if teams is not None and given.knows not in teams:
        raise Unfit("knows", f"There is no team {given.knows[:100]}.")


def _part(draft: Draft, question: Question, subjects: tuple[str, ...]) -> Question:
    """The question itself, or what is split off from it where some of its subjects are answered apart."""
    chosen = set(subjects)
    left = tuple(subject for _, subject in question.own if subject not in chosen)
    if not chosen or not left:
        return question
    part = msgspec.structs.replace(
        question,
        id=draft.last + 1,
        part=question.id,
        subjects=tuple(subject for _, subject in question.own if subject in chosen),
        gone=(),
        origins=_origins(draft, question, chosen),
        before=_worse(draft, question, chosen),
    )
    others = msgspec.structs.replace(
        question,
        subjects=(*left, *question.gone),
        origins=_origins(draft, question, set(left)),
        before=_worse(draft, question, set(left)),
    )
    draft.write(others)
    return part


def _origins(draft: Draft, question: Question, subjects: set[str]) -> tuple[tuple[str, str], ...]:
    return tuple(
        key for one in question.subjects if one in subjects for key in draft.book.origins(question.kind, one)
    )


def _worse(draft: Draft, question: Question, subjects: set[str]) -> float:
    """How bad it was for these of its subjects when it was asked."""
    matters = (draft.matter((question.kind, subject)) for subject in sorted(subjects))
    return sum(matter.then for matter in matters if matter is not None)


def _settle(draft: Draft, question: Question, why: Why, hold: float) -> None:
    """What it is about is held for that reason until then."""
    for key in question.keys:
        matter = draft.matter(key)
        if matter is not None:
            draft.keep(
                msgspec.structs.replace(
                    matter, why=why, hold=hold, then=matter.worse, question=question.id, due=0
                )
            )
    if question.origins:  # this one has done its part; what it was about is held now
        draft.release(question, why="answered", hold=draft.now + question.again * DAY, due=0)


def _change(draft: Draft, question: Question) -> None:
    before = total(draft, question) if question.origins else question.before
    question = msgspec.structs.replace(question, before=before)
    draft.write(question)
    days = max(question.observe + LEFT, question.again)
    _settle(draft, question, "changed", draft.now + days * DAY)
    draft.say("change", question, who=question.by)


def _accept(draft: Draft, question: Question) -> None:
    renewals = question.renewals + 1 if question.kind == EXPIRED and question.origins else 0
    question = msgspec.structs.replace(question, renewals=renewals)
    draft.write(question)
    _settle(draft, question, "accepted", question.until or 0.0)
    draft.say("accept", question, who=question.by)


def _wrong(draft: Draft, question: Question) -> None:
    draft.write(question)
    owner = question.owner if question.reason == "not mine" else ""
    for key in dict.fromkeys((*question.own, *question.keys)):
        matter = draft.matter(key)
        if matter is None:
            continue
        asked = question if key[0] == question.kind else draft.book.questions.get(matter.question, question)
        draft.keep(
            msgspec.structs.replace(
                matter, why="muted", hold=0.0, digest=asked.digest, owner=owner, question=question.id, due=0
            )
        )
    draft.say("wrong", question, who=question.by)


def _unknown(draft: Draft, question: Question, given: Answer) -> None:
    """It goes once to who could know, then back; not known again, it rests."""
    referred = any(move.why == "referred" for move in question.moves) or question.heading_why == "referred"
    question = msgspec.structs.replace(
        question, answer="unknown", answered=draft.now, by=given.by, took=given.took
    )
    if not referred:
        question = msgspec.structs.replace(question, knows=given.knows)
        draft.write(question)
        draft.release(question, why="open", hold=0.0)
        question = send(draft, question, given.knows, "referred")
    elif question.heading or question.state == "resting":
        draft.write(question)
    elif question.moves[-1].why == "referred":
        question = send(draft, question, question.owner, "returned")
    else:
        question = rest(draft, question)
    draft.say("unknown", question, who=given.by)
