"""What the API takes and gives, as structs; the OpenAPI document is made from them.

Times are wall seconds since the epoch, durations seconds, shares of one between 0 and 1.
"""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from gadfly.alert.shown import Alert, Flip, Incident, Notice
from gadfly.alert.silence import LONGEST
from gadfly.store.tokens import APPROVE, SCOPES

Word = Annotated[str, Meta(max_length=200)]
Text = Annotated[str, Meta(max_length=2000)]
Scope = Annotated[str, Meta(pattern=f"^(?:(?:{'|'.join(SCOPES)})|{APPROVE}:[^\\s]{{1,200}})$")]


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """Something the API gives."""


class Request(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Something the API takes; an unknown key is refused, so that a typing mistake is not consent."""


class AlertCounts(Answer, frozen=True, kw_only=True):
    firing: int = 0
    unacknowledged: int = 0
    incidents: int = 0
    silences: int = 0
    dead_letters: int = 0
    approvals: int = 0
    """Plans of automations that wait for somebody"""
    stops: int = 0
    """Stops in force"""
    frozen: int = 0
    """Automations whose brake is on"""


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


class Silence(Answer, frozen=True, kw_only=True):
    id: str
    match: dict[str, str]
    starts: float
    ends: float
    reason: str
    who: str


class DeadLetter(Answer, frozen=True, kw_only=True):
    """A notification that could not be delivered."""

    id: str
    at: float
    to: str
    subject: str
    attempts: int
    error: str = ""


class StoredToken(Answer, frozen=True, kw_only=True):
    """A token as the node keeps it. Never given out."""

    id: int
    name: str
    scopes: list[str]
    digest: bytes
    expires: float | None = None
    created: float = 0.0
    person: str = ""


class Token(Answer, frozen=True, kw_only=True):
    id: int
    name: str
    scopes: list[str]
    created: float = 0.0
    expires: float | None = None
    person: str = ""
    """Whose it is; empty: a program's"""


class NewToken(Answer, frozen=True, kw_only=True):
    """Shown once; only a digest is kept."""

    token: str
    id: int
    name: str
    scopes: list[str]
    expires: float | None = None
    person: str = ""


class Alerts(Answer, frozen=True, kw_only=True):
    version: int
    alerts: list[Alert]


class Incidents(Answer, frozen=True, kw_only=True):
    version: int
    incidents: list[Incident]


class Silences(Answer, frozen=True, kw_only=True):
    silences: list[Silence]


class DeadLetters(Answer, frozen=True, kw_only=True):
    dead_letters: list[DeadLetter]


class Tokens(Answer, frozen=True, kw_only=True):
    tokens: list[Token]


class Acknowledged(Answer, frozen=True, kw_only=True):
    id: str
    who: str
    note: str = ""
    at: float = 0.0
    count: int = 1
    """How many alerts it covers"""


class Asking(Answer, frozen=True, kw_only=True):
    component: str
    probes: int


class Reloaded(Answer, frozen=True, kw_only=True):
    changes: list[str]


class Whoami(Answer, frozen=True, kw_only=True):
    """What the presented token may do, and as whom."""

    name: str
    scopes: list[str]
    principal: str = "nobody"
    """`person:NAME` or `program:NAME`"""


class Health(Answer, frozen=True, kw_only=True):
    """As application/health+json: `pass` or `fail`, and why."""

    status: Literal["pass", "fail"]
    output: str = ""


class Problem(Answer, frozen=True, kw_only=True):
    """An error, RFC 9457."""

    title: str
    status: int
    detail: str = ""
    type: str = "about:blank"
    instance: str = ""
    problems: list[str] = []
    """A line for each thing to mend, where there are several."""


class Acknowledge(Request, frozen=True, kw_only=True):
    note: Text = ""


class Silencing(Request, frozen=True, kw_only=True):
    """A silence always ends, and says why."""

    match: Annotated[dict[Word, Word], Meta(min_length=1, max_length=20)]
    """Labels and values; `~` in front of a value makes it a regular expression, `!` negates."""
    reason: Annotated[str, Meta(min_length=1, max_length=2000)]
    lasts: Annotated[float, Meta(gt=0, le=LONGEST)] | None = None
    """Seconds from now; or `ends`"""
    ends: float | None = None


class Minting(Request, frozen=True, kw_only=True):
    name: Annotated[str, Meta(min_length=1, max_length=200)]
    scopes: Annotated[list[Scope], Meta(min_length=1, max_length=40)]
    lasts: Annotated[float, Meta(gt=0)] | None = None
    """Seconds; absent: until removed"""
    person: Annotated[str, Meta(max_length=100)] = ""
    """Whose it is, in lower case and as everywhere; empty: a program's, which approves and lifts nothing"""
