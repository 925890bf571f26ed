"""What happens next with a question, in words."""

from __future__ import annotations

import datetime as dt

from gadfly.ask.life.waiting import patience
from gadfly.ask.question import Question

DAY = 86_400.0


def day(at: float) -> str:
    """`7 December 2026`, in UTC."""
    found = dt.datetime.fromtimestamp(at, dt.UTC)
    return f"{found.day} {found:%B %Y}"


def outlook(question: Question, above: str, now: float) -> str:
    """A sentence or two. `above`: the owner's owner; empty: there is none."""
    match question.state:
        case "withdrawn":
            return "Withdrawn: the evidence went away by itself."
        case "replaced":
            return "It was asked again."
        case "answered":
            return _answered(question, now)
        case "resting":
            then = "Nobody answered: it is an open assumption, and can still be answered."
        case _:
            then = _open(question, above)
    return _inherited(question) + _warned(question) + then


def _inherited(question: Question) -> str:
    if not question.was:
        return ""
    before = question.was[-1]
    return f"It was asked of {before}, which is declared no longer, and passed to {question.owner}. "


def _warned(question: Question) -> str:
    return f"{question.warning} " if question.warning and question.warning not in question.text else ""


def _open(question: Question, above: str) -> str:
    if question.heading:
        return f"It goes to {question.heading} as soon as there is room for it."
    move = question.moves[-1] if question.moves else None
    why, at = (move.why, move.at) if move else ("asked", question.asked)
    if why == "referred":
        return f"{question.holder} could know; without an answer it comes back to {question.owner}."
    then = day(at + patience(question) * DAY)
    free = "" if question.warning else " Nothing is blocked."
    if why == "escalated" or not above or above == question.holder:
        return f"Unanswered after {then} it rests as an open assumption.{free}"
    return f"Unanswered on {then} it goes once to {above}, then it rests as an open assumption.{free}"


def _answered(question: Question, now: float) -> str:
    answered = question.answered or question.asked
    if question.ended is not None:
        return "A later answer took its place."
    if question.answer == "change":
        if question.measured is None:
            when = day(answered + question.observe * DAY)
            return f"The numbers are looked at again on {when}: did the change change something?"
        before, after = question.before, question.after or 0.0
        share = f" by {abs(before - after) / abs(before):.0%}" if before else ""
        if after < before:
            said = f"The numbers became better{share}"
        elif after > before:
            said = f"The numbers became worse{share}"
        else:
            said = "The numbers stayed what they were"
        rest = "" if question.complete else "; the data since then is not complete"
        return f"{said}, as of {day(question.measured)}{rest}."
    if question.answer == "accept":
        until = question.until or answered
        if now >= until:
            return f"Accepted until {day(until)}, which is over: it may be asked again."
        return f"A decision until {day(until)}; asked again then, or when the numbers are worse by a quarter."
    if question.answer == "wrong":
        return "It is not asked of this again, unless the kind of question changes."
    return f"{question.knows} could know."
