"""The letter that puts questions to an owner: what is asked, the numbers, the four answers, and a link."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal

import msgspec

from gadfly.ask import figure
from gadfly.ask.exhibit import Figure
from gadfly.ask.outlook import day

Why = Literal["asked", "escalated", "referred", "returned", "inherited", "withdrawn", "lowered"]
ANSWERS = (
    "There are four answers: change it, and say what is changed; accept it, with a reason and a day; say "
    "that the question is wrong; or say who could know. None of them is the right one. A link needs no login "
    "and is good for one answer"
)
ALONE = "; it is for you alone."
OWNERS = ", which is then that of {team}. What is about safety, a person accepts or calls wrong elsewhere."
"""Where more than one person, or a program, reads the letter."""
NAMED = 5
"""Subjects that are named."""
LONGEST = 80
"""Characters of a name."""


class Item(msgspec.Struct, frozen=True, kw_only=True):
    """A question in a letter."""

    name: str
    """`q12`"""
    text: str
    assumed: str
    figures: Mapping[str, Figure]
    subjects: Sequence[str] = ()
    """Of several those that it is about, the worst first; of one, none: the text names it."""
    minutes: float
    safety: bool = False
    why: Why = "asked"
    warning: str = ""
    """What happens without an answer, where the text does not say it."""
    owner: str
    """Whose it is."""
    was: str = ""
    """Where it was before."""
    link: str = ""
    """URL; empty where nothing is to be answered."""
    ends: float = 0.0
    """Until when the link is good, wall seconds."""


def subject(team: str, items: Sequence[Item]) -> str:
    """One line."""
    team = line(team)
    asked = [one for one in items if one.link]
    if not asked:
        return f"{_count(len(items), 'question')} for {team}: nothing is to be answered"
    if len(asked) == 1:
        return f"{'Safety: a' if asked[0].safety else 'A'} question for {team}: {line(asked[0].text)}"
    some = sum(one.safety for one in asked)
    return f"{len(asked)} questions for {team}" + (f", {some} on safety" if some else "")


def text(team: str, items: Sequence[Item], page: str, *, alone: bool) -> str:
    """The letter, plain. `page`: URL of the team's questions. `alone`: it goes to one person's mailbox."""
    team = line(team)
    asked = [one for one in items if one.link]
    told = [one for one in items if not one.link]
    blocks = []
    if asked:
        minutes = sum(one.minutes for one in asked)
        blocks.append(
            f"{_count(len(asked), 'question')} for {team}, about {figure.number(round(minutes))} min."
        )
    blocks += [_asked(one) for one in asked]
    if asked:
        blocks.append(ANSWERS + (ALONE if alone else OWNERS.format(team=team)))
    blocks += [line(_told(one)) for one in told]
    blocks.append(f"All questions of {team}:\nSee: {page}\n")
    return "\n\n".join(blocks)


def line(text: str) -> str:
    """One line that does not turn the writing direction: no words of facts may look like a link of ours."""
    return text if text.isprintable() else "".join(one if one.isprintable() else " " for one in text)


def _asked(one: Item) -> str:
    figures = ", ".join(f"{name} {_value(value)}" for name, value in one.figures.items())
    lines = [
        f"{one.name}: {one.text}",
        _about(one.subjects),
        f"Assumed: {one.assumed}" if one.assumed else "",
        f"Numbers: {figures}" if figures else "",
        _since(one),
        one.warning,
        f"Answer it until {day(one.ends)}, or with gadfly answer {one.name}:",
        f"See: {one.link}",
    ]
    return "\n".join(line(one) for one in lines if one)


def _about(subjects: Sequence[str]) -> str:
    if not subjects:
        return ""
    names = [one if len(one) <= LONGEST else f"{one[: LONGEST - 1]}…" for one in subjects[:NAMED]]
    more = f" and {len(subjects) - NAMED:,} more" if len(subjects) > NAMED else ""
    return f"About: {', '.join(names)}{more}"


def _since(one: Item) -> str:
    match one.why:
        case "escalated":
            return f"It was asked of {one.was or one.owner}, where nobody answered; you are asked once."
        case "referred":
            return f"{one.was or one.owner} says that you could know."
        case "returned":
            return f"It was with {one.was}, who could not say; it is yours again." if one.was else ""
        case "inherited":
            return f"It was asked of {one.was}, which is declared no longer; it is yours now."
    return "It is about safety." if one.safety else ""


def _told(one: Item) -> str:
    if one.why == "withdrawn":
        return f"{one.name} is withdrawn, as the evidence went away: {one.text}"
    return f"{one.name} stayed without an answer, and what it is about is lowered by one level: {one.text}"


def _value(value: Figure) -> str:
    return value if isinstance(value, str) else figure.number(value)


def _count(count: int, noun: str) -> str:
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"
