"""Alerts of one cause, and what has been told about them to each target."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from gadfly.alert.alert import Alert
from gadfly.alert.cause import Cause, Key
from gadfly.alert.route import Terms


class Incident(msgspec.Struct, kw_only=True):
    """Times are seconds since the epoch, but `joined` and `grew`, which are on the engine's steady clock."""

    id: int
    opened: float
    cause: Cause
    bucket: tuple[str, ...] = ()
    by_cause: bool = True
    joined: float = 0.0
    """When the last alert that joined began."""
    grew: float = 0.0
    """When the last alert joined."""
    size: int = 0
    """How many alerts it has had."""
    resolved: float | None = None
    merged: int = 0
    """The incident that it turned out to be the beginning of; 0: it stood for itself."""
    acknowledged: str = ""
    """By whom; empty: by nobody."""
    note: str = ""
    acknowledged_at: float | None = None


class Thread(msgspec.Struct, kw_only=True):
    """What one target was told of one incident. Times are on the engine's steady clock."""

    incident: int
    target: str
    terms: Terms
    opened: float
    messages: int = 0
    """Since the target was last told that all is over."""
    sequence: int = 0
    """Messages ever; numbers them."""
    last: float = 0.0
    stepped: float = 0.0
    contacts: tuple[str, ...] = ()
    """References of those told, in the order they were drawn in."""
    urgent: bool = False
    """Whether what was told could not wait."""


class Desk:
    """A thread at work: which alerts stand where between incident and target. Made again at a restart."""

    def __init__(self, thread: Thread) -> None:
        self.thread = thread
        self.fresh: set[str] = set()
        """May be told and were not."""
        self.later: set[str] = set()
        """The same, but they can wait for the owner's hours."""
        self.standing: set[str] = set()
        """Told, and firing."""
        self.quiet: set[str] = set()
        """Told, firing, and muted now, or about to be well."""
        self.ended: dict[str, Alert] = {}
        """Told, and resolved since."""
        self.passed: set[str] = set()
        """Told, firing, and another owner's now, which was not told yet."""
        self.due: float | None = None
        """When to think of it again."""
        self.queued: float | None = None
        """The timer that is set for it."""

    def place(self, alert: Alert, *, now: bool) -> None:
        """Put an alert where it belongs. `now` False: it waits for hours."""
        name = alert.component
        self.take_off(name)
        told = self.thread.target in alert.told
        if alert.resolved is not None:
            if told:
                self.ended[name] = alert
        elif alert.passed(self.thread.target):
            self.ended.pop(name, None)
            self.passed.add(name)
        elif told:
            self.ended.pop(name, None)
            (self.quiet if alert.muted or alert.recovered is not None else self.standing).add(name)
        elif not alert.muted and alert.recovered is None:
            (self.fresh if now else self.later).add(name)

    def take_off(self, component: str) -> None:
        """It stands here no longer; its end, where that is still to be told, does."""
        for group in (self.fresh, self.later, self.standing, self.quiet, self.passed):
            group.discard(component)

    @property
    def empty(self) -> bool:
        return not (self.fresh or self.later or self.standing or self.quiet or self.ended or self.passed)


class Tally:
    """How many open members of an incident have each key."""

    def __init__(self) -> None:
        self.counts: dict[Key, int] = {}
        self._shared: set[Key] = set()

    def add(self, keys: Iterable[Key], times: int = 1) -> None:
        """Count these keys, each `times`."""
        counts = self.counts
        for key in keys:
            found = counts.get(key, 0) + times
            counts[key] = found
            if found > 1:
                self._shared.add(key)

    def remove(self, keys: Iterable[Key]) -> None:
        """No longer count these keys, once each."""
        counts = self.counts
        for key in keys:
            left = counts[key] - 1
            if left:
                counts[key] = left
            else:
                del counts[key]
            if left < 2:
                self._shared.discard(key)

    def merge(self, other: Tally) -> None:
        """Count all that the other has counted."""
        for key, times in other.counts.items():
            self.add((key,), times)

    def shared(self) -> dict[Key, int]:
        """The keys that more than one has. Few, where a hundred thousand have one each."""
        return {key: self.counts[key] for key in self._shared}
