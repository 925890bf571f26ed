"""What the API takes about automations, as structs. What gives authority, or takes it back, says why."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta, field

from gadfly.web.answers import Request, Text, Word
from gadfly.web.answers.act_board import Scope

Reason = Annotated[str, Meta(min_length=1, max_length=2000)]


class Read(Request, frozen=True, kw_only=True):
    """Something that was read in order to ask for this: the gate refuses what is stale or partial"""

    name: Annotated[str, Meta(min_length=1, max_length=200)]
    """As `registry`; not `picture`, which is the node's own"""
    at: Annotated[float, Meta(ge=0)]
    """When it was true, wall seconds"""
    complete: bool = True
    """False: part of it is missing, or it is being rewritten"""
    quorum: bool = True
    """False: whoever answered does not speak for the majority"""


class Written(Request, frozen=True, kw_only=True):
    """The configuration or data that this would put in force, measured by whoever made it"""

    size: Annotated[int, Meta(ge=0)]
    """Bytes, or rows"""
    before: Annotated[int, Meta(ge=0)]
    """The same of what is in force now; 0: there is none yet"""
    limit: Annotated[int, Meta(ge=0)]
    """What its readers bear at most"""
    blank: Annotated[tuple[Word, ...], Meta(max_length=1000)] = ()
    """Fields that must have a value, and have none"""
    invalid: Text = ""
    """What its schema has against it"""


class Planning(Request, frozen=True, kw_only=True):
    """What would be asked for, on all that an automation selects or on some of that."""

    targets: Annotated[tuple[Word, ...], Meta(max_length=1000)] = ()
    parameters: Annotated[dict[Word, Text], Meta(max_length=100)] = field(default_factory=dict)
    """What `{parameter.NAME}` in its `run` stands for; a blank one is refused"""
    inputs: Annotated[tuple[Read, ...], Meta(max_length=20)] = ()
    data: Written | None = None


class Running(Planning, frozen=True, kw_only=True):
    """Carry an automation out now, on all it selects or on some of that."""

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
    """`automation:NAME`, `program:NAME`"""
    action: Word
    """As `systemd:restart`"""
    target: Word = ""
    lasts: Annotated[float, Meta(gt=0, le=366 * 86_400)]
    """Seconds"""


class Withdrawing(Request, frozen=True, kw_only=True):
    """Take a consent back."""

    reason: Reason


class Freezing(Request, frozen=True, kw_only=True):
    """Nothing that the selector means is changed by anybody, until it ends or a person lifts it."""

    name: Annotated[str, Meta(min_length=1, max_length=200)]
    on: Text = ""
    """A selector, as `group = "workers"`; empty: everything"""
    reason: Reason
    lasts: Annotated[float, Meta(gt=0, le=366 * 86_400)] | None = None
    """Seconds; without: until somebody lifts it"""


class Clocking(Request, frozen=True, kw_only=True):
    """Say that this node's clock is right now, and was wrong before."""

    reason: Reason


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
