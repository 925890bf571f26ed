"""A plan: exactly what would be done to exactly which targets, and why. Made anew for each act, never
changed."""

from __future__ import annotations

import functools
import hashlib
from collections import Counter

import msgspec

from gadfly.ledger.canonical import canonical


class Target(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One component that the act would touch, as the catalogue and the picture know it when the plan is
    made."""

    name: str
    kind: str = "service"
    owner: str = ""
    group: str = ""
    cell: str = ""
    """The failure domain: its region, and within it its value of the label that the automation stages by."""
    region: str = ""
    environment: str = "production"
    """Its label `environment`; whatever is not labelled counts as production."""
    labels: dict[str, str] = {}
    well: bool = True
    """Whether it works now: taking out what works costs capacity."""
    used: float | None = None
    """When somebody last used it, wall seconds; None: not known, which counts as used."""
    incarnation: int = 0
    """The run that was heard when the act was proposed; 0: none. Another one afterwards is a restart."""


class Input(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """Something the plan was read from: the picture, a query, a lock service."""

    name: str
    at: float
    """When it was true, wall seconds."""
    complete: bool = True
    """False: part of it is missing, or it is being rewritten."""
    quorum: bool = True
    """False: whoever answered does not speak for the majority."""


class Signal(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """An observation that calls for the act."""

    source: str
    """Who saw it, as `heartbeat`, `probe`, `node:south`: two signals of one source are one."""
    since: float
    """Since when it holds without a break, wall seconds."""


class Data(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """Generated configuration or data that the act would put in force."""

    size: int
    """Bytes (or rows)."""
    before: int
    """The same of what is in force now; 0: there is none yet."""
    limit: int
    """What its readers bear at most, in the same unit."""
    blank: tuple[str, ...] = ()
    """Fields that must have a value, and have none."""
    invalid: str = ""
    """What its schema has against it, in words."""


class Plan(msgspec.Struct, frozen=True, kw_only=True, dict=True):
    """One act, complete. Times are wall seconds."""

    principal: str
    """Who wants it: `automation:restart-stuck-worker`, `person:anna`, `program:deploy`."""
    asked_by: str = ""
    """Who asked for it by hand; empty where its automation's own trigger called. Where it is not `principal`,
    whoever asked has no grant for it, and somebody else must approve it."""
    automation: str = ""
    """Its automation's name; empty where somebody acts without one."""
    owner: str = ""
    """Who answers for it."""
    action: str
    """What is done, as `systemd:restart`."""
    argument: str = ""
    """What follows the action in `run`; `{component}` stands for each target's name."""
    parameters: dict[str, str] = {}
    """What was filled in by hand or by a tool for this act. A blank one is refused: it is never a default."""
    targets: tuple[Target, ...]
    """Every target, by name. Empty means that nothing was found, never that everything is meant."""
    cells: tuple[str, ...] = ()
    """The cells in the order in which they are done, one after the other; the first is the canary."""
    symptom: str = ""
    """What it is a remedy for, as `stalled`; empty where it is none."""
    trigger: str = ""
    """What called for it, in words."""
    undoes: int = 0
    """The intent that it takes back; 0: none."""
    inputs: tuple[Input, ...] = ()
    signals: tuple[Signal, ...] = ()
    expect: str = ""
    """What must hold afterwards, as `component alive within 30s`."""
    undo: str = ""
    """How it is taken back; empty where it cannot be."""
    destructive: bool = False
    """Data or things are gone afterwards."""
    disturbs: bool = True
    """Whether a target is out of service for as long as the act lasts. False for a notification."""
    crosses: bool = False
    """It moves work or authority from one cell to another."""
    cost: float = 0.0
    """What it spends, in the unit of the automation's budget."""
    environment: str = "production"
    """The environment that it is meant for."""
    version: str = ""
    """The version that every executor must have; empty: they must agree among themselves."""
    data: Data | None = None
    due: float | None = None
    """When it was scheduled long ago for this moment: an expiry, a decommission. None: it was not."""
    made: float

    @property
    def letter(self) -> bool:
        """Whether it only writes to somebody. Whatever else they say of themselves, all other acts change
        something."""
        return self.action.partition(":")[0] == "notify"

    @property
    def asker(self) -> str:
        """Who wanted it: the one who asked by hand, else the automation itself."""
        return self.asked_by or self.principal

    @property
    def reversible(self) -> bool:
        return bool(self.undo)

    @functools.cached_property
    def hash(self) -> str:
        """SHA-256, hex, of the canonical JSON (RFC 8785) of what would be done: an approval holds for this
        and nothing else.

        Not in it: when it was made and what was seen then (`made`, `inputs`, `signals`, each target's `well`,
        `used` and `incarnation`). The same act planned again a minute later is the same act; one more target
        makes it another.
        """
        return hashlib.sha256(_canonical(self)).hexdigest()

    def by_group(self) -> Counter[str]:
        """How many targets of each group."""
        return Counter(target.group for target in self.targets)

    def by_cell(self) -> Counter[str]:
        """How many targets of each cell."""
        return Counter(target.cell for target in self.targets)


_SEEN = frozenset({"made", "inputs", "signals", "targets"})
_SEEN_OF_TARGET = frozenset({"well", "used", "incarnation"})
_TARGET = Target.__struct_fields__


_sorted = msgspec.json.Encoder(order="sorted")


def _canonical(plan: Plan) -> bytes:
    """RFC 8785. Without numbers, and with names in ASCII, msgspec's sorted text is that."""
    what = _identity(plan)
    named = (plan.parameters, *(target.labels for target in plan.targets))
    if plan.data is None and all(name.isascii() for names in named for name in names):
        return _sorted.encode(what)
    return canonical(what)


def _identity(plan: Plan) -> dict[str, object]:
    """What the act would be, without when and how its targets were seen. Numbers are written as text."""
    what = {name: getattr(plan, name) for name in plan.__struct_fields__ if name not in _SEEN}
    what["cost"], what["due"] = repr(plan.cost), None if plan.due is None else repr(plan.due)
    if not plan.asked_by:
        del what["asked_by"]  # of what asks for itself the hash is as it was before anybody could ask
    what["data"] = None if plan.data is None else msgspec.to_builtins(plan.data)
    what["targets"] = [
        {name: getattr(target, name) for name in _TARGET if name not in _SEEN_OF_TARGET}
        for target in plan.targets
    ]
    return what
