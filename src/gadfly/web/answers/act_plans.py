"""What an automation would do, what the gate says of it, and what people are asked and decide."""

from __future__ import annotations

from typing import Literal

from gadfly.web.answers import Answer


class Share(Answer, frozen=True, kw_only=True):
    """How many targets share a label, and how many components there are with it."""

    label: str
    """group, region, owner, …"""
    value: str
    count: int
    of: int = 0
    """0: not known"""


class Refusal(Answer, frozen=True, kw_only=True):
    """What one guard has against it."""

    guard: str
    reason: str
    """In words that say who must do what"""


class Plan(Answer, frozen=True, kw_only=True):
    """What would happen, counted; nothing has."""

    automation: str
    action: str
    """`systemd:restart orders-worker@{component}`, as declared: a secret stays the reference that it is"""
    count: int
    targets: tuple[str, ...] = ()
    """The first twenty"""
    shares: tuple[Share, ...] = ()
    """By owner, group and cell, the most first"""
    lines: tuple[str, ...] = ()
    """What the action would do to each of the first twenty, in its own words"""
    cells: tuple[str, ...] = ()
    """The order of the stages; the first is the canary"""
    symptom: str = ""
    expect: str = ""
    """What must be true afterwards"""
    undo: str = ""
    destructive: bool = False
    hash: str = ""
    made: float = 0.0
    refusals: tuple[Refusal, ...] = ()
    """Every guard that would refuse it now; empty: it would be allowed"""
    waits: bool = False
    """Only a person's word is missing"""


class Approval(Answer, frozen=True, kw_only=True):
    """Somebody is asked whether a plan may be carried out."""

    id: str
    automation: str
    owner: str
    who: str
    """The principal that asks; it cannot answer itself"""
    asked: float
    ends: float
    """Not answered by then: lapsed"""
    answers: tuple[str, ...] = ()
    """Who may answer: the owner, then the owner's owner"""
    why: str = ""
    """What called for it"""
    lacks: str = ""
    """What the guards want, in words"""
    plan: Plan
    state: str = "waiting"
    """waiting, approved (and not yet carried out), denied, lapsed or done"""
    by: str = ""
    """Who answered"""
    note: str = ""
    then: str = ""
    """What the gate said when it was approved: it is asked anew"""


class Approvals(Answer, frozen=True, kw_only=True):
    version: int
    approvals: list[Approval]


class Decided(Answer, frozen=True, kw_only=True):
    """What the gate said."""

    state: Literal["allowed", "waiting", "refused"]
    """A refusal is given as a problem with a line for each guard"""
    intent: str = ""
    """Where allowed: its number in the ledger"""
    approval: str = ""
    """Where somebody must approve it first"""
    plan: Plan
