"""What the API gives about automations, as structs.

Times are wall seconds since the epoch, durations seconds, shares of one between 0 and 1. Principals are
written as the ledger writes them: ``automation:restart-stuck-worker``, ``person:anna``, ``node``.
"""

from __future__ import annotations

from typing import Literal

from gadfly.web.answers import Answer

LEVELS = ("observe", "suggest", "approve", "act-small", "act")
"""The ladder of autonomy, from the bottom."""

Scope = Literal["everything", "owner", "automation", "target"]
"""What a stop holds."""


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


class LoadLine(Answer, frozen=True, kw_only=True):
    """One kind of load."""

    what: str
    """components, checks and automations as they stand; pages, night, approvals and questions of a week"""
    used: int
    budget: float
    state: str = "fine"
    """fine, near (soon too much, as it goes) or over"""


class Load(Answer, frozen=True, kw_only=True):
    """What one owner has to think of, against what it can bear."""

    owner: str
    lines: tuple[LoadLine, ...] = ()
    share: float = 0.0
    """The largest share of a budget that is used"""
    state: str = "fine"
    words: str = ""
    """What there is, or soon will be, too much of; empty: it can be borne"""


class ReportLine(Answer, frozen=True, kw_only=True):
    """What one automation did."""

    automation: str
    runs: int = 0
    verified: int = 0
    failed: int = 0
    """Those whose outcome nobody measured among them"""
    asked: int = 0
    """Plans that needed a person's word"""
    refused: int = 0
    """Of these, those that were denied or not answered"""
    targets: int = 0
    cost: float = 0.0
    words: str = ""


class Report(Answer, frozen=True, kw_only=True):
    """What an owner's automations did, saved and broke, and who was woken for what."""

    owner: str
    since: float
    until: float
    lines: tuple[ReportLine, ...] = ()
    woken: tuple[str, ...] = ()
    """A sentence each, the newest; `calls` says how many there were"""
    calls: int = 0


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


class Approvals(Answer, frozen=True, kw_only=True):
    version: int
    approvals: list[Approval]


class Grants(Answer, frozen=True, kw_only=True):
    grants: list[Grant]


class Loads(Answer, frozen=True, kw_only=True):
    load: list[Load]


class Reports(Answer, frozen=True, kw_only=True):
    reports: list[Report]


class Decided(Answer, frozen=True, kw_only=True):
    """What the gate said."""

    state: Literal["allowed", "waiting", "refused"]
    """A refusal is given as a problem with a line for each guard"""
    intent: str = ""
    """Where allowed: its number in the ledger"""
    approval: str = ""
    """Where somebody must approve it first"""
    plan: Plan
