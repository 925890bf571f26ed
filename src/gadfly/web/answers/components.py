"""The picture: all components at a glance, in a list, and everything about one."""

from __future__ import annotations

from typing import Literal

from gadfly.alert.shown import Alert, Flip, Notice
from gadfly.web.answers import Answer
from gadfly.web.answers.alerts import AlertCounts


class Summary(Answer, frozen=True, kw_only=True):
    """One glance."""

    node: str
    software: str
    at: float
    started: float
    version: int
    """Of the picture; `/stream` continues from it."""
    size: int
    total: int
    counts: dict[str, int]
    """How many components have each verdict."""
    alerts: AlertCounts
    ready: bool
    warnings: list[str] = []
    reading: Literal["open", "token"] = "open"


class Row(Answer, frozen=True, kw_only=True):
    """A component in a list."""

    slot: int
    name: str
    kind: str
    verdict: str
    reason: str = ""
    since: float | None = None
    """When the verdict became what it is."""
    seen: float | None = None
    """The last beat or probe answer."""
    owner: str = ""
    group: str = ""
    host: str = ""
    silenced: bool = False


class Components(Answer, frozen=True, kw_only=True):
    total: int
    offset: int
    version: int
    components: list[Row]


class Arrangement(Answer, frozen=True, kw_only=True):
    """Where each label's slots stand in the binary body of `/grid/order`."""

    by: str
    labels: list[tuple[str, int]]
    """Label and number of slots, in the order of the body."""


class Beats(Answer, frozen=True, kw_only=True):
    """What is heard of a component."""

    liveness: str
    """never, alive, late, suspect, silent, left or stalled"""
    why: str = ""
    interval: float = 0.0
    jitter: float = 0.0
    received: int = 0
    lost: int = 0
    restarts: int = 0
    started: float | None = None
    """The start of this incarnation."""
    last: float | None = None
    address: str = ""
    status: str = ""
    """What the component says of itself."""
    authenticated: bool = False


class Asked(Answer, frozen=True, kw_only=True):
    """One earlier enquiry."""

    at: float
    outcome: str
    seconds: float = 0.0


class Probe(Answer, frozen=True, kw_only=True):
    """A declared enquiry and its last result."""

    kind: str
    name: str = ""
    target: str = ""
    every: float = 0.0
    outcome: str = "unknown"
    """passing, warn, fail or unknown"""
    reason: str = ""
    at: float | None = None
    seconds: float = 0.0
    phases: dict[str, float] = {}
    """Seconds by name: dns, connect, tls, first_byte, body"""
    certificate_expires: float | None = None
    output: str = ""
    history: list[Asked] = []
    """The last ones, oldest first; 60 at most are given."""


class Job(Answer, frozen=True, kw_only=True):
    """What is known of a job's runs."""

    schedule: str = ""
    state: str = ""
    """running or finished"""
    exit: int | None = None
    seconds: float | None = None
    due: float | None = None
    output: str = ""


class Answerer(Answer, frozen=True, kw_only=True):
    """One of the owner chain."""

    name: str
    contact: list[str] = []
    after: float = 0.0


class Relation(Answer, frozen=True, kw_only=True):
    """Another component that this one needs, or that needs it."""

    name: str
    verdict: str = "unknown"


class Assumption(Answer, frozen=True, kw_only=True):
    """A question as its component shows it."""

    id: str
    text: str
    state: Literal["open", "resting", "accepted"]
    """`resting`: nobody answered; it is an open assumption"""
    asked: float
    until: float | None = None
    """Until when it is accepted"""
    safety: bool = False


class Story(Answer, frozen=True, kw_only=True):
    """Everything about one component."""

    slot: int
    name: str
    kind: str
    verdict: str
    reason: str = ""
    since: float | None = None
    owner: str = ""
    group: str = ""
    host: str = ""
    host_doubt: str = ""
    """What speaks against it, where only the component itself says so; empty: nothing"""
    declared: bool = False
    because: str = ""
    version: str = ""
    pid: int | None = None
    health: str = ""
    labels: dict[str, str] = {}
    beats: Beats | None = None
    job: Job | None = None
    probes: list[Probe] = []
    flips: list[Flip] = []
    """Newest first; 200 at most."""
    alerts: list[Alert] = []
    notices: list[Notice] = []
    owners: list[Answerer] = []
    """Who answers, then who answers for them"""
    needs: list[Relation] = []
    needed_by: list[Relation] = []
    assumptions: list[Assumption] = []
    """Questions about it that are open, or that are accepted for a while"""
    at: float = 0.0


class Asking(Answer, frozen=True, kw_only=True):
    component: str
    probes: int
