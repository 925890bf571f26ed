"""What the API gives about functions, as structs, and what it takes.

Times are wall seconds since the epoch, durations seconds. What a function wrote or answered is whatever its
code, or who called it, made of it.
"""

from __future__ import annotations

from typing import Any

import msgspec

from gadfly.web.answers import Answer


class GrantUse(Answer, frozen=True, kw_only=True):
    """A grant, and how it was used."""

    line: str
    count: int
    first: float | None = None
    last: float | None = None


class FunctionLimits(Answer, frozen=True, kw_only=True):
    """Of one invocation."""

    seconds: float
    memory: int
    """Bytes"""
    at_once: int


class Function(Answer, frozen=True, kw_only=True):
    """A declared function."""

    name: str
    owner: str
    purpose: str
    on: tuple[str, ...]
    """What calls it, as it is written"""
    review: str
    """The day by which its owner looks at it again"""
    deployed: str
    """Hash of the version that is called; empty: none is"""
    since: float | None = None
    by: str = ""
    """Who deployed it"""
    waiting: int = 0
    """Calls that wait"""
    limits: FunctionLimits
    grants: tuple[GrantUse, ...] = ()
    scratch: int = 0
    """Bytes of /tmp"""


class FunctionVersion(Answer, frozen=True, kw_only=True):
    """A version that was deployed."""

    hash: str
    files: int
    bytes: int
    at: float
    who: str


class FunctionStory(Function, frozen=True, kw_only=True):
    """Everything about one function."""

    path: str
    file: str = ""
    """Why its file is not what is called; empty: it is"""
    findings: tuple[str, ...] = ()
    """What is careless about its grants, in words"""
    versions: tuple[FunctionVersion, ...] = ()
    """The newest first"""


class Functions(Answer, frozen=True, kw_only=True):
    """All declared functions, by name."""

    functions: tuple[Function, ...]


class Invocation(Answer, frozen=True, kw_only=True):
    """One call of a function, or one that was skipped."""

    id: int
    function: str
    called: str
    """By what: a trigger, or on whose behalf"""
    key: str
    """What of it: an instant, a delivery, lines"""
    state: str
    """waiting, running, done, dead (a dead letter) or skipped"""
    reason: str
    created: float
    due: float
    ended: float | None = None
    attempts: int
    allowed: int
    replayable: bool
    used: dict[str, int] = msgspec.field(default_factory=dict)
    """Grants that its last try used, and how often"""
    denied: dict[str, int] = msgspec.field(default_factory=dict)
    """What its last try was denied"""


class Try(Answer, frozen=True, kw_only=True):
    """One try of a call."""

    number: int
    began: float
    ended: float | None = None
    outcome: str
    """running, ok, failed (the handler raised), ended (from outside), refused or lost"""
    error: str
    version: str
    answer: str
    """JSON, what is kept of it"""
    log: str
    """What it wrote, as it wrote it"""
    unsaid: int
    """Bytes of that which are not kept"""
    used: dict[str, int] = msgspec.field(default_factory=dict)
    denied: dict[str, int] = msgspec.field(default_factory=dict)


class InvocationStory(Invocation, frozen=True, kw_only=True):
    """Everything about one call. While somebody waits for it, also its whole answer."""

    event: str
    """JSON; empty where it is not kept"""
    tries: tuple[Try, ...] = ()
    answer: Any = None
    """What it answered, where that is not long ago"""
    error: dict[str, Any] | None = None
    """errorType, errorMessage, stackTrace; likewise"""
    seconds: float = 0.0
    output: str = ""


class Invocations(Answer, frozen=True, kw_only=True):
    """Calls, the newest first; for the next page give the last id as `before`."""

    invocations: tuple[Invocation, ...]


class Said(Try, frozen=True, kw_only=True):
    """What one try wrote."""

    invocation: int
    called: str


class FunctionLog(Answer, frozen=True, kw_only=True):
    """What a function's last tries wrote, the newest first."""

    tries: tuple[Said, ...]


class Deploying(msgspec.Struct, forbid_unknown_fields=True):
    """Which version is called from now on."""

    hash: str = ""
    """The beginning of an earlier version's hash; empty: what its file holds now."""


class Invoking(msgspec.Struct, forbid_unknown_fields=True):
    """One call, now."""

    event: Any = None
    wait: float = 20.0
    """Seconds that the answer is waited for, 0 to 25; then it is asked for by its id."""


class Replayed(Answer, frozen=True, kw_only=True):
    """The call that waits now."""

    invocation: int
