"""What the API takes about automations, as structs. What gives authority, or takes it back, says why."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta

from gadfly.web.act_answers import Scope
from gadfly.web.answers import Request, Text, Word

Reason = Annotated[str, Meta(min_length=1, max_length=2000)]


class Running(Request, frozen=True, kw_only=True):
    """Carry an automation out now, on all it selects or on some of that."""

    targets: Annotated[tuple[Word, ...], Meta(max_length=1000)] = ()
    reason: Reason


class Approving(Request, frozen=True, kw_only=True):
    note: Text = ""
    hash: Annotated[str, Meta(max_length=64)] = ""
    """Of the plan that was read. Given, nothing else than that is approved"""


class Denying(Request, frozen=True, kw_only=True):
    reason: Reason


class Stopping(Request, frozen=True, kw_only=True):
    """A stop needs no reason to hold; whoever resumes will want to know it."""

    scope: Scope = "everything"
    name: Word = ""
    reason: Text = ""


class Resuming(Request, frozen=True, kw_only=True):
    reason: Reason


class Raising(Request, frozen=True, kw_only=True):
    """Let an automation go one rung further, on its record."""

    reason: Reason


class Consenting(Request, frozen=True, kw_only=True):
    """Say yes, in an owner's name, to what another may do to its components."""

    owner: Word
    principal: Word
    """`automation:NAME`, `token:NAME`"""
    action: Word
    """As `systemd:restart`"""
    target: Word = ""
    lasts: Annotated[float, Meta(gt=0, le=366 * 86_400)]
    """Seconds"""


class Releasing(Request, frozen=True, kw_only=True):
    """A brake is released by somebody who has looked."""

    reason: Reason


class Reviewing(Request, frozen=True, kw_only=True):
    """What was found."""

    words: Reason


class Breaking(Request, frozen=True, kw_only=True):
    """Take authority in an emergency. Every owner is told at once."""

    reason: Reason
    lasts: Annotated[float, Meta(gt=0, le=3600)] = 900.0
    """Seconds; an hour at most"""
