"""The words of a notification: what a person understands at three in the morning."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence

import msgspec

from gadfly.alert.escalate import delegates, lineage
from gadfly.alert.notification import Item
from gadfly.alert.tell import Kind
from gadfly.config.owner import Owner

NAMED = 5
"""Names that stand in one line."""


class Story(msgspec.Struct, frozen=True, kw_only=True):
    """All that the words are made of. Times are seconds since the epoch."""

    kind: Kind
    incident: str
    cause: str
    items: Sequence[Item]
    """Those that matter most, first."""
    firing: int
    ended: int
    opened: float
    at: float
    owner: str
    url: str
    flapping: int = 0
    """How many of them go up and down."""
    escalated_to: str = ""
    acknowledged: str = ""
    note: str = ""
    before: str = ""
    """Who answered until now for what is new here; empty: nobody else did."""
    handed: Sequence[str] = ()
    """What that is, as people call it."""
    now: str = ""
    """Of a message that another owner answers now: who."""


def subject(story: Story) -> str:
    """One line: what, why, since when."""
    if story.kind is Kind.acknowledged:
        return _line(f"Taken on by {story.acknowledged}: {story.cause}")
    if story.kind is Kind.passed:
        what = _named([one.title or one.component for one in story.items], story.firing)
        it = "it" if story.firing == 1 else "them"
        return _line(f"No longer yours: {what}; {story.now} answers for {it} now")
    if story.kind is Kind.resolved:
        what = (
            story.items[0].title or story.items[0].component
            if len(story.items) == 1 and story.ended == 1
            else f"{story.ended:,} {things(story.items)}"
        )
        verb = "is" if story.ended == 1 else "are"
        well = "over" if story.items and all(map(_reported, story.items)) else "well again"
        return _line(f"Recovered: {what} {verb} {well} after {_span(story.at - story.opened)}")
    opening = {Kind.update: "Update: ", Kind.reminder: "Still: ", Kind.escalation: "Nobody has answered: "}
    line = opening.get(story.kind, "Yours now: " if story.handed else "") + story.cause
    if len(story.items) == 1 and story.firing == 1 and story.items[0].reason:
        line += f" – {story.items[0].reason}"
    if story.flapping:
        line += " (flapping)"
    return _line(f"{line}, since {_clock(story.opened)}")


def text(story: Story, owners: Mapping[str, Owner]) -> str:
    """Plain text, at most some twenty lines and the list."""
    lines = [subject(story), ""]
    if story.kind is Kind.passed:
        return "\n".join([lines[0], "", f"See: {story.url}"]) + "\n"
    if story.handed:
        yours = "it is yours now" if len(story.handed) == 1 else "they are yours now"
        lines.append(f"{story.before} answered for {_named(story.handed, len(story.handed))}; {yours}.")
    if story.kind is Kind.escalation:
        lines.append(
            f"You are told because nobody has acknowledged it in time; you answer as {story.escalated_to}."
        )
    if story.kind is Kind.resolved:
        lines.append(f"It was: {story.cause}.")
    elif story.firing + story.ended > 1:
        lines.append(f"Likely cause: {story.cause}.")
        lines.append(
            f"Not well: {story.firing:,}." + (f" Well again: {story.ended:,}." if story.ended else "")
        )
    if story.flapping:
        lines.append(
            "Flapping: it goes up and down; you are told again when it has been quiet for ten minutes."
        )
    lines.append(f"Began: {_clock(story.opened)}, {_span(story.at - story.opened)} ago.")
    above = lineage(owners, story.owner)
    lines.append(
        f"Who answers: {', then '.join(above)}." if above else "Who answers: nobody is named as its owner."
    )
    lines += [
        f"{one.to} stands in for {name} until {_clock(one.until.timestamp())}: {one.because}"
        for name in above
        for one in delegates(owners, name, story.at)
    ]
    if story.acknowledged:
        lines.append(f"Taken on by {story.acknowledged}{f': {story.note}' if story.note else ''}.")
    lines.append("")
    for item in story.items:
        if item.ends is None:
            state = item.labels.get("severity", "") or "fires" if _reported(item) else item.verdict
            why = item.reason
        elif _reported(item):
            state, why = "over", item.reason
        else:
            state, why = "well again", f"It was {item.verdict}: {item.reason}"
        since = _clock(item.ends or item.starts)
        lines.append(f"- {item.title or item.component}: {state}, since {since}. {why}".rstrip())
        if item.because and item.ends is None:
            lines.append(f"  It matters because: {item.because}")
    more = story.firing + story.ended - len(story.items)
    if more > 0:
        lines.append(f"- and {more:,} more")
    lines += ["", f"See: {story.url}"]
    if story.kind not in (Kind.resolved, Kind.acknowledged) and not story.acknowledged:
        lines.append(f"Take it on: gadfly ack {story.incident} --note 'what you are doing'")
    return "\n".join(_clean(line) for line in lines) + "\n"


def things(items: Sequence[Item]) -> str:
    """What these are, in the plural."""
    reported = sum(map(_reported, items))
    return "components" if not reported else "alerts"


def _named(titles: Sequence[str], count: int) -> str:
    """The first of them, and how many more."""
    shown = titles[:NAMED]
    return ", ".join(shown) + (f" and {count - len(shown):,} more" if count > len(shown) else "")


def _reported(item: Item) -> bool:
    return item.annotations is not None


def _line(line: str) -> str:
    """One line of printable text of at most 200 characters: a subject must not become a header."""
    line = _clean(line)
    return line if len(line) <= 200 else line[:199] + "…"


def _clean(line: str) -> str:
    return "".join(character if character.isprintable() else " " for character in line)


def _clock(at: float) -> str:
    return dt.datetime.fromtimestamp(at, dt.UTC).strftime("%H:%M:%S UTC on %d %b %Y")


def _span(seconds: float) -> str:
    """`4 s`, `12 min`, `3 h 20 min`, `2 d 4 h`."""
    whole = max(0, round(seconds))
    if whole < 90:
        return f"{whole} s"
    minutes = round(whole / 60)
    if minutes < 60:
        return f"{minutes} min"
    hours, minutes = divmod(minutes, 60)
    if hours < 48:
        return f"{hours} h {minutes} min" if minutes else f"{hours} h"
    days, hours = divmod(hours, 24)
    return f"{days} d {hours} h" if hours else f"{days} d"
