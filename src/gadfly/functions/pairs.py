"""Grants that are harmless alone and not beside one another, or beside what calls the function. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import product

from gadfly.functions.grant import VERBS, Grant
from gadfly.functions.place import Words, private

_UNDOES = ("act:request", "function:invoke", "http:DELETE", "http:PUT", "http:PATCH")


def pairs(grants: Sequence[Grant], on: Sequence[str]) -> Iterator[Words]:
    """Every toxic pair; (kind, grant line, words) each."""
    yield from _secrets(grants)
    yield from _unseen(grants)
    yield from _carried(grants)
    yield from _called(grants, on)


def _secrets(grants: Sequence[Grant]) -> Iterator[Words]:
    hosts = sorted({one.parts[1] for one in grants if one.verb.startswith("http:")})
    if len(hosts) > 1:
        for one in grants:
            if one.verb == "secret:use":
                yield (
                    "secret and several hosts",
                    str(one),
                    f"{one} can be sent to any of {', '.join(hosts)}: one function a host, so that "
                    f"each secret goes "
                    "where it belongs",
                )


def _unseen(grants: Sequence[Grant]) -> Iterator[Words]:
    silences = [one for one in grants if one.verb == "alert:silence"]
    for one, other in product(silences, [one for one in grants if one.verb in _UNDOES]):
        yield (
            "acts unseen",
            str(one),
            f"with {one} and {other} it can act and silence what would tell of it: let another "
            f"function do one",
        )


def _carried(grants: Sequence[Grant]) -> Iterator[Words]:
    out = [one for one in grants if one.verb.startswith("http:") and VERBS[one.verb].writes]
    known = any(
        one.verb == "secret:use" for one in grants
    )  # a receiver with a secret is one that somebody chose
    inside = [one for one in grants if one.verb in ("component:read", "metric:read")]
    for one, other in product(inside, out):
        if other.parts[4] and not known:
            yield (
                "carries out",
                str(other),
                f"{other} beside {one} can carry what it reads to any path there: name the one that takes it",
            )
    near = [one for one in grants if one.verb in ("http:GET", "http:HEAD") and private(one)]
    for one, other in product(near, out):
        if not private(other):
            yield (
                "carries out",
                str(other),
                f"{other} beside {one} carries what it reads in the private network to the outside: "
                f"let a service "
                "in there send what may leave",
            )


def _called(grants: Sequence[Grant], on: Sequence[str]) -> Iterator[Words]:
    """A webhook is signed, and a schedule is ours; a line in a log is written by whoever sends a request."""
    if not any(trigger.strip().startswith("logs") for trigger in on):
        return
    for one in grants:
        if one.verb == "alert:silence" or (one.verb == "http:DELETE" and one.parts[4]):
            yield (
                "a log line does it",
                str(one),
                f"whoever can bring a line into the log it follows makes it use {one}: call it by a "
                f"schedule or a "
                "signed webhook",
            )
