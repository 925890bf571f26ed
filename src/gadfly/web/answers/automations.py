"""Automations: their budgets, records and places on the ladder.

Principals are written as the ledger writes them: ``automation:restart-stuck-worker``, ``person:anna``,
``node``.
"""

from __future__ import annotations

from gadfly.web.answers import Answer
from gadfly.web.answers.act_plans import Approval

LEVELS = ("observe", "suggest", "approve", "act-small", "act")
"""The ladder of autonomy, from the bottom."""


class Budget(Answer, frozen=True, kw_only=True):
    """One limit, and how much of it is used; in progress and unknown count as used."""

    name: str
    """`an hour`, `at once`, `of group workers`, `cost a day`"""
    used: float
    most: float
    unit: str = ""


class Automation(Answer, frozen=True, kw_only=True):
    """A standing permission to act, its record and its place on the ladder."""

    name: str
    owner: str
    purpose: str
    action: str
    on: str = ""
    level: str
    """Where it stands now"""
    declared: str
    """As declared; the level never rises above it by itself"""
    state: str = "ready"
    """ready, stopped, frozen, expired or unfit (with `why`)"""
    why: str = ""
    runs: int = 0
    verified: int = 0
    """How many of them another principal measured to have done what they should"""
    bound: float = 0.0
    """The lower bound of the share that succeeds, one-sided 95 %"""
    proposed: str = ""
    """The level that its record allows to propose; empty: none above"""
    review: str = ""
    """The day (UTC) by whose end it must be reviewed, as it is written in the catalogue: `2027-01-15`"""
    overdue: bool = False
    expires: str = ""
    """The last day (UTC) on which it may act"""
    budgets: tuple[Budget, ...] = ()
    last: float | None = None
    outcome: str = ""
    """Of the last run: verified, failed, unverified or running"""


class Run(Answer, frozen=True, kw_only=True):
    """One intent and what became of it."""

    intent: str
    at: float
    who: str
    count: int
    targets: tuple[str, ...] = ()
    state: str
    """running, verified, failed, unverified, stopped or unknown"""
    words: str = ""
    approved: str = ""
    """By whom, where it needed that"""
    measured_by: str = ""
    ended: float | None = None


class AutomationStory(Answer, frozen=True, kw_only=True):
    """Everything about one automation."""

    automation: Automation
    limits: tuple[tuple[str, str], ...] = ()
    """As declared, in words: `an hour`, `6`"""
    expect: str = ""
    undo: str = ""
    answers: tuple[str, ...] = ()
    runs: tuple[Run, ...] = ()
    """Newest first, fifty at most"""
    approvals: tuple[Approval, ...] = ()
