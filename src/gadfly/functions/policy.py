"""What is careless about a function's grants, in plain words. Pure.

A grant may be right in itself and wrong beside another, or beside the purpose that is written down. Each
finding says what could happen, and what would do instead.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import product
from typing import NamedTuple

from gadfly.functions.grant import VERBS, Grant, allows

_READS = re.compile(
    r"\b(reads?|reports?|counts?|lists?|looks?|checks?|watch(es)?|summari[sz]es?|measures?|shows?)\b", re.I
)
_WRITES = re.compile(
    r"\b(deletes?|removes?|writes?|posts?|sends?|restarts?|silences?|creates?|updates?|tid(y|ies)|cleans?|"
    r"uploads?|moves?|tells?|notif(y|ies)|opens|closes|runs?|calls?|asks?)\b",
    re.I,
)
WORDS = 4
"""Words of a purpose at least; less says nothing."""
MANY = 12
"""Grants beyond which it is several functions in one."""
UNUSED = 30
"""Days after which a grant that was never used is named."""


class Finding(NamedTuple):
    """`grant` is the line that it is about, empty where it is about all."""

    kind: str
    grant: str
    words: str


def examine(grants: Sequence[Grant], purpose: str) -> list[Finding]:
    """Everything careless about them; nothing where there is nothing."""
    return [
        *_whole_hosts(grants),
        *_covered(grants),
        *_against_purpose(grants, purpose),
        *_pairs(grants),
        *_many(grants),
    ]


def new_access(before: Sequence[Grant], after: Sequence[Grant]) -> list[Grant]:
    """What the later ones allow and the earlier ones did not: each grant that no earlier one covers."""
    return [one for one in after if not any(_within(one, old) for old in before)]


def never_used(grants: Sequence[Grant], used: Mapping[str, float], since: float, now: float) -> list[Finding]:
    """Grants without a use, where the function has run long enough; `used`: the last use by line."""
    days = int((now - since) / 86400)
    if days < UNUSED:
        return []
    return [
        Finding("unused", str(one), f"{one} was not used in {days} days: take it out; it can come back")
        for one in grants
        if str(one) not in used
    ]


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


def _whole_hosts(grants: Iterable[Grant]) -> Iterator[Finding]:
    for one in grants:
        if one.verb.startswith("http:") and one.parts[3] == "/" and one.parts[4]:
            yield Finding(
                "whole host",
                str(one),
                f"{one} is everything on {one.parts[1]}, also what is put there later: name the path that it needs",
            )
        elif one.verb.startswith("http:") and one.parts[4] and VERBS[one.verb].writes:
            yield Finding(
                "wildcard that writes",
                str(one),
                f"{one} changes whatever stands below {one.parts[3]}: name what it changes, or say in the "
                "purpose why it is all of it",
            )


def _covered(grants: Sequence[Grant]) -> Iterator[Finding]:
    for place, one in enumerate(grants):
        for other in grants[:place]:
            if _within(one, other) or _within(other, one):
                less, more = (one, other) if _within(one, other) else (other, one)
                yield Finding("said twice", str(less), f"{less} is within {more}: keep the narrower one")
                break


def _against_purpose(grants: Sequence[Grant], purpose: str) -> Iterator[Finding]:
    if len(purpose.split()) < WORDS:
        yield Finding(
            "no purpose", "", "the purpose is too short to judge the grants by: say what it does, to what"
        )
        return
    if _READS.search(purpose) and not _WRITES.search(purpose):
        for one in grants:
            if VERBS[one.verb].writes:
                yield Finding(
                    "writes",
                    str(one),
                    f"{one} changes something, and the purpose only speaks of reading: take it out, or say "
                    "what it changes",
                )


def _pairs(grants: Sequence[Grant]) -> Iterator[Finding]:
    out = [one for one in grants if one.verb.startswith("http:") and VERBS[one.verb].writes]
    hosts = {one.parts[1] for one in grants if one.verb.startswith("http:")}
    secrets = [one for one in grants if one.verb == "secret:use"]
    silences = [one for one in grants if one.verb == "alert:silence"]
    acts = [one for one in grants if one.verb in ("act:request", "function:invoke")]
    if secrets and len(hosts) > 1:
        for one in secrets:
            yield Finding(
                "secret and several hosts",
                str(one),
                f"{one} can be sent to any of {', '.join(sorted(hosts))}: one function a host, so that each secret "
                "goes where it belongs",
            )
    for one, other in product(silences, acts):
        yield Finding(
            "acts unseen",
            str(one),
            f"with {one} and {other} it can act and silence what would tell of it: let another function do one",
        )
    for one, other in product((g for g in grants if g.verb in ("component:read", "metric:read")), out):
        if any(secret for secret in secrets):
            continue  # a known receiver with a secret is what a report is sent to
        if other.parts[4]:
            yield Finding(
                "carries out",
                str(other),
                f"{other} beside {one} can carry what it reads to any path there: name the one that takes it",
            )


def _many(grants: Sequence[Grant]) -> Iterator[Finding]:
    if len(grants) > MANY:
        yield Finding(
            "many", "", f"{len(grants)} grants are several functions in one: split it, so that each has a few"
        )
