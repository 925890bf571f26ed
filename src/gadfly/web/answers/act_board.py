"""What the page of acts shows: what stops machines, what gives them authority, and what people owe."""

from __future__ import annotations

from typing import Literal

from gadfly.web.answers import Answer
from gadfly.web.answers.act_plans import Approval
from gadfly.web.answers.automations import Automation

Scope = Literal["everything", "owner", "automation", "target"]
"""What a stop holds."""


class Stop(Answer, frozen=True, kw_only=True):
    """No machine does what it covers, until somebody lifts it."""

    id: str
    scope: Scope
    name: str = ""
    """Of the owner, automation or component; empty for everything"""
    owner: str = ""
    who: str
    because: str = ""
    at: float
    lifters: str = ""
    """Who may lift it, in words"""


class Freeze(Answer, frozen=True, kw_only=True):
    """A time, or a failure, in which something does not act."""

    id: str
    what: str
    """In words: `automation restart-stuck-worker`, `everything in production`"""
    why: str
    who: str = "node"
    since: float
    ends: float | None = None
    """None: until a person releases it"""
    automation: str = ""
    """Whose brake it is, where it is one automation's"""
    releasable: bool = False
    """A brake: somebody who has looked may release it"""


class Review(Answer, frozen=True, kw_only=True):
    """Something that somebody must look at again."""

    id: str
    """Empty: it is closed by a new review date in the configuration"""
    what: str
    owner: str
    due: float
    why: str = ""


class Proof(Answer, frozen=True, kw_only=True):
    """The last synthetic request that a guard had to deny."""

    guard: str
    denied: bool
    at: float | None = None
    """None: never tried"""
    due: float | None = None
    words: str = ""


class Unexplained(Answer, frozen=True, kw_only=True):
    """An effect that no intent explains."""

    at: float
    component: str
    effect: str
    owner: str = ""


class Breakglass(Answer, frozen=True, kw_only=True):
    """Authority taken in an emergency: told to every owner, and owing a review."""

    id: str
    who: str
    reason: str
    since: float
    ends: float


class Consent(Answer, frozen=True, kw_only=True):
    """An owner's yes to what somebody else may do to its components."""

    id: str
    owner: str
    principal: str
    action: str
    target: str = ""
    """One component; empty: all of the owner's"""
    who: str
    ends: float


class Grant(Answer, frozen=True, kw_only=True):
    """What a principal may do, to what, until when, and who answers for it."""

    name: str
    effect: Literal["permit", "forbid"] = "permit"
    to: str
    may: str
    on: str = ""
    owner: str = ""
    until: float | None = None
    because: str = ""
    source: str = ""
    """`declared`, `consent`, or the automation that implies it"""


class Board(Answer, frozen=True, kw_only=True):
    """Everything the page of acts shows, of one moment."""

    version: int
    at: float
    stops: tuple[Stop, ...] = ()
    breakglass: tuple[Breakglass, ...] = ()
    approvals: tuple[Approval, ...] = ()
    """Those that wait, the next to end first, a hundred at most"""
    waiting: int = 0
    """How many there are"""
    automations: tuple[Automation, ...] = ()
    consents: tuple[Consent, ...] = ()
    """Those in force, the next to end, a hundred at most"""
    freezes: tuple[Freeze, ...] = ()
    reviews: tuple[Review, ...] = ()
    proofs: tuple[Proof, ...] = ()
    unexplained: tuple[Unexplained, ...] = ()
    """Newest first"""


class Grants(Answer, frozen=True, kw_only=True):
    grants: list[Grant]
