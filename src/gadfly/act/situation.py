"""What a decision is taken from, besides the plan: everything a guard may look at, at one moment.

The node fills in what it sees (fleet, sight, versions, terms, policy); :mod:`gadfly.act.books.book` fills in
what is written down (used, stops, freezes, approvals, …) inside the transaction that also writes the
decision. Times are wall seconds.
"""

from __future__ import annotations

import functools

import msgspec

from gadfly.act.automation import Terms
from gadfly.act.grants.policy import Policy
from gadfly.act.halt.stop import Stop
from gadfly.config.act import Gate


class Part(msgspec.Struct, frozen=True, gc=False):
    """A part of the fleet, counted in the picture of this moment."""

    total: int
    well: int


class Fleet(msgspec.Struct, frozen=True, kw_only=True):
    """How many there are and how many of them work, now."""

    whole: Part
    groups: dict[str, Part] = {}


class Held(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """Targets that acts in progress, or of unknown outcome, have taken: they count as used until measured."""

    automation: str = ""
    action: str = ""
    argument: str = ""
    """Empty: it has none, or it is not known; then it counts as the same as any."""
    group: str = ""
    cell: str = ""
    environment: str = "production"
    disturbs: bool = True
    targets: int = 1


class Used(msgspec.Struct, frozen=True, kw_only=True):
    """What other acts have used already of what this plan would use."""

    held: tuple[Held, ...] = ()
    """Of all actors, now."""
    targets: frozenset[str] = frozenset()
    """Of this plan's targets, those that another act holds now."""
    runs: int = 0
    """This automation's acts within the last hour, by whomever; without one, this principal's."""
    spent: float = 0.0
    """What they cost."""
    removed: dict[str, int] = {}
    """Targets taken out by anybody within the last ten minutes, by group."""
    tries: dict[str, int] = {}
    """By target: acts against the same symptom, by anybody, since a person last released the brake."""
    touched: dict[str, int] = {}
    """By target: acts of anybody, for whatever reason, within the last hour."""
    braked: frozenset[str] = frozenset()
    """Targets on which the brake is on for this symptom."""
    soaking: tuple[Held, ...] = ()
    """Where acts ended within the soak time (`gate.soak`): the harm of a change shows late."""


class Freeze(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A time in which nothing that its selector matches is changed. An order to the gate, not a request."""

    name: str
    on: str = ""
    """A selector; empty: everything."""
    automation: str = ""
    """Only this automation; empty: everybody, persons too."""
    starts: float = 0.0
    ends: float | None = None
    """None: until a person lifts it."""
    who: str = ""
    because: str = ""


class Approval(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A person's yes to one plan, good for one act."""

    id: int = 0
    plan: str
    """The plan's hash."""
    who: str
    """Principal, as `person:anna`."""
    owner: str = ""
    """For which owner the person speaks."""
    at: float
    ends: float
    asked_by: str = ""
    """Who proposed the plan."""


class Consent(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """An owner's yes to acts of somebody else on its targets."""

    id: int = 0
    owner: str
    """The target's owner, who consents."""
    principal: str
    """Who may act."""
    action: str
    target: str = ""
    """One target; empty: all of this owner."""
    who: str = ""
    at: float
    ends: float


class Announcement(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A scheduled destruction, and when its owner was told of it."""

    target: str
    action: str
    due: float
    told: tuple[float, ...] = ()


class Standing(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """Where an automation stands on the ladder, by its record."""

    level: str = "approve"
    """The level it has earned: it acts at the lower of this and what the catalogue declares."""
    frozen: str = ""
    """Why it may not act until a person says so (two failures); empty: it may."""


class Proof(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A guard's last synthetic request, which it must deny."""

    at: float = 0.0
    denied: bool = False


class Sight(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """How well the node itself sees."""

    ear: bool = True
    """Heartbeats are taken in, and none are dropped."""
    probes: bool = True
    """Enquiries go out, and the prober trusts itself."""
    lag: float = 0.0
    """Seconds that the picture is behind."""


class Situation(msgspec.Struct, frozen=True, kw_only=True, dict=True):
    """One moment. `terms` is None where no automation of that name is declared."""

    now: float
    """The local wall clock."""
    witness: float = 0.0
    """The time of the newest witness cosignature."""
    trusted: float = 0.0
    """The latest time that anybody vouches for: max(local clock, witness, the latest seen here before)."""
    steady: bool = True
    """Whether the local clock goes on as it did; False: it has just jumped, or the node has just started."""
    doubt: str = ""
    """Why the ledger is not believed, in words; empty: it is."""
    rules: Gate = Gate()
    """The gate's own limits, `[gate]`."""
    terms: Terms | None = None
    policy: Policy | None = None
    """None: nobody may do anything."""
    fleet: Fleet
    sight: Sight = Sight()
    lost: int = 0
    """Components that were lost within the last minute."""
    versions: dict[str, str] = {}
    """By executor: the version it runs."""
    used: Used = Used()
    stops: tuple[Stop, ...] = ()
    freezes: tuple[Freeze, ...] = ()
    approvals: tuple[Approval, ...] = ()
    """Of this plan, not used up."""
    consents: tuple[Consent, ...] = ()
    announcements: tuple[Announcement, ...] = ()
    standing: Standing = Standing()
    proofs: dict[str, Proof] = {}
    """By guard; one for each guard that is in force, proven or not."""

    @functools.cached_property
    def time(self) -> float:
        """What every end is judged against: a clock that was set back brings nothing back to life."""
        return max(self.now, self.witness, self.trusted)
