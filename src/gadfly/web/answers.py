"""What the API takes and gives, as structs; the OpenAPI document is made from them.

Times are wall seconds since the epoch, durations seconds, shares of one between 0 and 1.
"""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

Word = Annotated[str, Meta(max_length=200)]
Text = Annotated[str, Meta(max_length=2000)]
Scope = Literal["read", "ack", "silence", "probe", "beat", "reload", "tokens", "admin"]


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """Something the API gives."""


class Request(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Something the API takes; an unknown key is refused, so that a typing mistake does not pass for consent."""


class AlertCounts(Answer):
    firing: int = 0
    unacknowledged: int = 0
    incidents: int = 0
    silences: int = 0
    dead_letters: int = 0


class Summary(Answer):
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


class Row(Answer):
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


class Components(Answer):
    total: int
    offset: int
    version: int
    components: list[Row]


class Arrangement(Answer):
    """Where each label's slots stand in the binary body of `/grid/order`."""

    by: str
    labels: list[tuple[str, int]]
    """Label and number of slots, in the order of the body."""


class Beats(Answer):
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


class Asked(Answer):
    """One earlier enquiry."""

    at: float
    outcome: str
    seconds: float = 0.0


class Probe(Answer):
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


class Job(Answer):
    """What is known of a job's runs."""

    schedule: str = ""
    state: str = ""
    """running or finished"""
    exit: int | None = None
    seconds: float | None = None
    due: float | None = None
    output: str = ""


class Flip(Answer):
    """A change of verdict."""

    at: float
    before: str
    after: str
    reason: str = ""


class Alert(Answer):
    id: str
    component: str
    verdict: str
    reason: str
    state: str
    """pending, firing or resolved"""
    started: float
    ended: float | None = None
    owner: str = ""
    incident: str = ""
    """Its incident's id"""
    acknowledged: str = ""
    """By whom; empty: by nobody"""
    note: str = ""
    suppressed: str = ""
    """Why nobody is told: a silence, a maintenance window, an inhibition; empty: they are"""
    flapping: bool = False


class Incident(Answer):
    """Alerts of one cause."""

    id: str
    cause: str
    """In words: `host db1 is down`"""
    started: float
    owner: str = ""
    verdict: str = "down"
    """The worst among its alerts"""
    count: int = 1
    """How many components"""
    components: list[str] = []
    """The first twenty of them"""
    acknowledged: str = ""
    note: str = ""
    suppressed: str = ""
    told: list[str] = []
    """Who was told"""
    match: dict[str, str] = {}
    """What a silence for it would match"""


class Notice(Answer):
    """A notification about a component."""

    at: float
    to: str
    what: str
    """firing, resolved, reminder or escalation"""
    state: str
    """waiting, sent or dead"""
    attempts: int = 0
    error: str = ""


class Answerer(Answer):
    """One of the owner chain."""

    name: str
    contact: list[str] = []
    after: float = 0.0


class Relation(Answer):
    """Another component that this one needs, or that needs it."""

    name: str
    verdict: str = "unknown"


class Story(Answer):
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
    at: float = 0.0


class Silence(Answer):
    id: str
    match: dict[str, str]
    starts: float
    ends: float
    reason: str
    who: str


class DeadLetter(Answer):
    """A notification that could not be delivered."""

    id: str
    at: float
    to: str
    subject: str
    attempts: int
    error: str = ""


class StoredToken(Answer):
    """A token as the node keeps it. Never given out."""

    id: int
    name: str
    scopes: list[str]
    digest: bytes
    expires: float | None = None
    created: float = 0.0


class Token(Answer):
    id: int
    name: str
    scopes: list[str]
    created: float = 0.0
    expires: float | None = None


class NewToken(Answer):
    """Shown once; only a digest is kept."""

    token: str
    id: int
    name: str
    scopes: list[str]
    expires: float | None = None


class Alerts(Answer):
    version: int
    alerts: list[Alert]


class Incidents(Answer):
    version: int
    incidents: list[Incident]


class Silences(Answer):
    silences: list[Silence]


class DeadLetters(Answer):
    dead_letters: list[DeadLetter]


class Tokens(Answer):
    tokens: list[Token]


class Acknowledged(Answer):
    id: str
    who: str
    note: str = ""
    at: float = 0.0
    count: int = 1
    """How many alerts it covers"""


class Asking(Answer):
    component: str
    probes: int


class Reloaded(Answer):
    changes: list[str]


class Whoami(Answer):
    """What the presented token may do."""

    name: str
    scopes: list[str]


class Health(Answer):
    """As application/health+json: `pass` or `fail`, and why."""

    status: Literal["pass", "fail"]
    output: str = ""


class Problem(Answer):
    """An error, RFC 9457."""

    title: str
    status: int
    detail: str = ""
    type: str = "about:blank"
    instance: str = ""
    problems: list[str] = []
    """A line for each thing to mend, where there are several."""


class Acknowledge(Request):
    note: Text = ""


class Silencing(Request):
    """A silence always ends, and says why."""

    match: Annotated[dict[Word, Word], Meta(min_length=1, max_length=20)]
    """Labels and values; `~` in front of a value makes it a regular expression, `!` negates."""
    reason: Annotated[str, Meta(min_length=1, max_length=2000)]
    lasts: Annotated[float, Meta(gt=0, le=366 * 86400)] | None = None
    """Seconds from now; or `ends`"""
    ends: float | None = None


class Minting(Request):
    name: Annotated[str, Meta(min_length=1, max_length=200)]
    scopes: Annotated[list[Scope], Meta(min_length=1, max_length=8)]
    lasts: Annotated[float, Meta(gt=0)] | None = None
    """Seconds; absent: until removed"""
