"""What is careless about a function's grants, in plain words. Pure.

A grant may be right in itself and wrong beside another, beside what calls the function, or beside the purpose
that is written down. Each finding says what could happen, and what would do instead.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from gadfly.functions import purpose as purposes
from gadfly.functions.grant import VERBS, Grant, allows
from gadfly.functions.pairs import pairs
from gadfly.functions.place import places
from gadfly.functions.purpose import Deed

MANY = 12
"""Grants beyond which it is several functions in one."""
HOSTS, SECRETS = 3, 2
"""Hosts and secrets of one function, likewise."""
UNUSED = 45
"""Days after which a grant that was not used is named: by then, a job of each month has run."""
_ENDS = {
    "http:DELETE": Deed.delete,
    "alert:silence": Deed.silence,
    "act:request": Deed.act,
    "function:invoke": Deed.act,
}
"""Verbs that a purpose must speak of."""


class Finding(NamedTuple):
    """`grant` is the line that it is about, empty where it is about all."""

    kind: str
    grant: str
    words: str


def examine(
    grants: Sequence[Grant], purpose: str, *, name: str = "", on: Sequence[str] = ()
) -> list[Finding]:
    """Everything careless about them; nothing where there is nothing. `on`: the triggers as they are
    written."""
    found = [
        *(Finding(*one) for one in places(grants, purpose)),
        *_covered(grants),
        *_against_purpose(grants, purpose, name),
        *(Finding(*one) for one in pairs(grants, on)),
        *_alone(grants, name),
        *_many(grants),
    ]
    return list(dict.fromkeys(found))


def new_access(before: Sequence[Grant], after: Sequence[Grant]) -> list[Grant]:
    """What the later ones allow and the earlier ones did not: each grant that no earlier one covers."""
    return [one for one in after if not any(_within(one, old) for old in before)]


def never_used(grants: Sequence[Grant], used: Mapping[str, float], since: float, now: float) -> list[Finding]:
    """Grants without a use for long; `used`: the last use by line, `since`: from when on they could be used;
    all in seconds since the epoch.

    `scratch` is not asked for, so that nothing is known of its use.
    """
    found = []
    for one in grants:
        last = used.get(str(one), since)
        days = int((now - last) / 86400)
        if days < UNUSED or one.verb == "scratch":
            continue
        day = dt.datetime.fromtimestamp(last, dt.UTC).date()
        words = (
            f"{one} was used last on {day}, {days} days ago: is it still needed?"
            if str(one) in used
            else f"{one} was never used since {day}, {days} days ago: take it out; it can come back"
        )
        found.append(Finding("unused", str(one), words))
    return found


def _within(grant: Grant, other: Grant) -> bool:
    """Whether `other` allows all that `grant` does."""
    if grant == other:
        return True
    if grant.verb != other.verb:
        return False
    if grant.verb.startswith("http:") and grant.parts[4]:
        return (
            bool(other.parts[4])
            and grant.parts[:3] == other.parts[:3]
            and grant.parts[3].startswith(other.parts[3])
        )
    return allows(other, grant)


def _covered(grants: Sequence[Grant]) -> Iterator[Finding]:
    for place, one in enumerate(grants):
        for other in grants[:place]:
            if _within(one, other) or _within(other, one):
                less, more = (one, other) if _within(one, other) else (other, one)
                yield Finding("said twice", str(less), f"{less} is within {more}: keep the narrower one")
                break


def _against_purpose(grants: Sequence[Grant], purpose: str, name: str) -> Iterator[Finding]:
    if purposes.says_nothing(purpose, name):
        yield Finding(
            "no purpose", "", "the purpose says too little to judge the grants by: say what it does, to what"
        )
        return
    deeds = purposes.deeds(purpose)
    for one in grants:
        if not VERBS[one.verb].writes:
            continue
        if deeds == {Deed.read}:
            yield Finding(
                "writes",
                str(one),
                f"{one} changes something, and the purpose only speaks of reading: take it out, or say "
                "what it changes",
            )
        elif (deed := _ENDS.get(one.verb)) is not None and deed not in deeds:
            if deed is Deed.act:
                named = purposes.names(purpose, re.findall(r"[a-z]+", one.text.lower()), every=True)
            else:
                path = one.parts[3] if deed is Deed.delete else ""
                named = not deeds and purposes.names(purpose, re.findall(r"[a-z]+", path.lower()))
            if not named:
                yield Finding(
                    "beyond the purpose",
                    str(one),
                    f"{one} is more than the purpose speaks of, which has no word of {deed.value}: "
                    f"take it out, or "
                    "say what it is for",
                )


def _alone(grants: Sequence[Grant], name: str) -> Iterator[Finding]:
    for one in grants:
        if one.verb == "function:invoke" and one.text == name:
            yield Finding(
                "calls itself", str(one), f"{one} lets it call itself without end: call another, or loop"
            )
        elif one.verb == "alert:silence" and one.parts[0] == "kind":
            yield Finding(
                "silences a whole kind",
                str(one),
                f"{one} silences every {one.parts[1]} there is: name the group, the host or the component",
            )
        elif one.verb == "secret:use" and not any(other.verb.startswith("http:") for other in grants):
            yield Finding(
                "secret without a place",
                str(one),
                f"{one} has nowhere to go: secrets are only put into requests, and it has no http grant",
            )


def _many(grants: Sequence[Grant]) -> Iterator[Finding]:
    hosts = {one.parts[1] for one in grants if one.verb.startswith("http:")}
    secrets = [one for one in grants if one.verb == "secret:use"]
    if len(grants) > MANY:
        yield Finding(
            "many", "", f"{len(grants)} grants are several functions in one: split it, so that each has a few"
        )
    if len(hosts) > HOSTS:
        yield Finding("many hosts", "", f"it talks to {len(hosts)} hosts: one function a task has one or two")
    if len(secrets) > SECRETS:
        yield Finding(
            "many secrets", "", f"it uses {len(secrets)} secrets: whoever breaks it has all of them; split it"
        )


def overdue(review: dt.date, today: dt.date) -> Iterator[Finding]:
    """A review whose day has passed."""
    if review < today:
        yield Finding(
            "review",
            "",
            f"its review is {(today - review).days} days overdue: its owner looks at it and sets a new day",
        )
