"""A copy of the alert engine: the same stages, on what is open and silenced now, in a store of its own.

What it decides is what the engine would decide; what it writes is thrown away with it. A drill makes an
incident of its own here, so that its letters speak of nothing but the drill; silences, windows, inhibition,
routes, hours and escalation are the real ones.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Collection
from typing import NamedTuple

import msgspec

from gadfly.alert import reported, silence
from gadfly.alert.alert import Alert, labels
from gadfly.alert.book import load
from gadfly.alert.escalate import Step, chain
from gadfly.alert.notification import Notification
from gadfly.alert.outbox import Letter
from gadfly.alert.pipeline import Pipeline
from gadfly.alert.reported import Reported
from gadfly.alert.reporting import report
from gadfly.alert.verdicts import take
from gadfly.config import Config
from gadfly.monitor.change import Change
from gadfly.monitor.subject import Subject
from gadfly.store.schema import migrate


class Outlook(NamedTuple):
    """How the drill's alert stands."""

    targets: tuple[str, ...]
    """Whom its routes name: `owner:NAME` or `receiver:NAME`."""
    muted: str
    """Why nobody would be told, in words; empty: they would be."""
    silence: int
    """The number of the silence that covers it; 0: none does."""


class Shadow:
    """Made inside a read of the store. Afterwards one thread at a time uses it, until :meth:`close`."""

    def __init__(
        self,
        source: sqlite3.Connection,
        config: Config,
        node: str,
        subject: Callable[[str], Subject | None],
        now: float,
    ) -> None:
        self._now = now
        self._config = config
        self._key = ""
        self._read = 0
        self._pipeline = Pipeline(config, node, subject, lambda: self._now)
        book = load(source, now, now, self._pipeline.told, self._pipeline.lookup.climb)
        # What is open stands above and beside the drill, but no incident takes it in.
        for known in (book.incidents, book.members, book.tallies, book.desks):
            known.clear()
        self._pipeline.book = book
        self._store = sqlite3.connect(":memory:", isolation_level=None, check_same_thread=False)
        migrate(self._store)

    def close(self) -> None:
        """It is not needed any more."""
        self._store.close()

    def report(self, one: Reported) -> None:
        """A rule has found this."""
        self._key = reported.key(one.labels)
        self._pipeline.book.alerts.pop(self._key, None)
        report(self._pipeline, self._store, [one], self._now, self._now)

    def change(self, change: Change) -> None:
        """A component's verdict became another."""
        self._key = change.component
        self._pipeline.book.alerts.pop(self._key, None)
        take(self._pipeline, self._store, [change], self._now, self._now)

    def outlook(self) -> Outlook | None:
        """None: nothing fires, as nobody is to be told of such a verdict."""
        alert = self._pipeline.book.alerts.get(self._key)
        if alert is None:
            return None
        return Outlook(alert.targets, alert.muted, self._silence(alert))

    def _silence(self, alert: Alert) -> int:
        found = silence.covering(self._pipeline.book.silences.values(), labels(alert), self._now)
        return found.id if found else 0

    def labels(self) -> dict[str, str]:
        """By what routes and silences know the alert."""
        return labels(self._pipeline.book.alerts[self._key])

    def tick(self, seconds: float) -> None:
        """So much time passes."""
        self._now += seconds
        self._pipeline.tick(self._store, self._now, self._now)

    def wait(self) -> float | None:
        """Seconds until something may happen by itself; None: nothing will."""
        due = self._pipeline.due(self._now, self._now)
        return None if due is None else max(0.0, due - self._now)

    def letters(self) -> list[Letter]:
        """Those written since this was asked last."""
        rows = self._store.execute(
            "SELECT id, contact, label, body FROM outbox WHERE id > ? ORDER BY id", (self._read,)
        ).fetchall()
        found = [
            Letter(contact=contact, label=label, notification=msgspec.json.decode(body, type=Notification))
            for _, contact, label, body in rows
        ]
        self._read = rows[-1][0] if rows else self._read
        return found

    def steps(self, targets: Collection[str]) -> dict[str, tuple[Step, ...]]:
        """By target: who is drawn in, in which order."""
        found: dict[str, tuple[Step, ...]] = {}
        for target in targets:
            kind, _, name = target.partition(":")
            found[target] = (
                chain(self._config.owner, name, self._now)
                if kind == "owner"
                else (Step(owner="", contact=target, label=target, after=0.0, hours=""),)
            )
        return found
