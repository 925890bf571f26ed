"""What a message lists: its alerts, the worst first, their cause in words, and where the page shows them."""

from __future__ import annotations

import heapq
import urllib.parse
from collections.abc import Iterable, Sequence

from gadfly.alert.alert import URGENT, Alert, labels
from gadfly.alert.book import Book
from gadfly.alert.cause import Cause, words
from gadfly.alert.incident import Incident
from gadfly.alert.notification import Item
from gadfly.monitor.verdict import Verdict


def each(owners: Iterable[str]) -> str:
    """Their names, each once."""
    return ", ".join(sorted(set(owners)))


def link(page: str, listed: Sequence[Alert], total: int) -> str:
    """Where the page shows what a message is about: the one component, or all that are not well."""
    if total == 1 and len(listed) == 1:
        return f"{page}#c={urllib.parse.quote(listed[0].component, safe='')}"
    bad = {alert.verdict for alert in listed if alert.resolved is None}
    return f"{page}#v={','.join(one.name for one in sorted(URGENT | bad))}" if bad else page


def thread_owner(target: str) -> str:
    """The owner of `owner:NAME`; empty for a receiver."""
    kind, _, name = target.partition(":")
    return name if kind == "owner" else ""


def cause_words(book: Book, incident: Incident, listed: Iterable[Alert], size: int) -> str:
    """The incident's cause for people; of alerts that ended, as they were."""
    known = {alert.component: alert for alert in listed}

    def verdict(name: str) -> Verdict | None:
        alert = book.alerts.get(name) or known.get(name)
        return alert.verdict if alert else None

    def kind(name: str) -> str:
        alert = book.alerts.get(name) or known.get(name)
        return alert.subject.kind if alert else ""

    def title(name: str) -> str:
        alert = book.alerts.get(name) or known.get(name)
        return alert.title if alert else name

    cause = incident.cause
    if size == 1 and cause.kind not in ("upon", "labels"):
        cause = Cause("component", next((name for name in known), cause.name))
    return words(cause, max(size, len(book.members.get(incident.id, ())), 1), verdict, kind, title)


def first(alerts: Iterable[Alert], limit: int) -> list[Alert]:
    """The worst, then the oldest."""
    return heapq.nsmallest(max(0, limit), alerts, key=lambda one: (one.verdict, one.since, one.component))


def item(alert: Alert) -> Item:
    """One alert of the list."""
    if one := alert.reported:
        return Item(
            component=alert.component,
            labels=one.labels,
            verdict=alert.verdict.name,
            reason=alert.reason,
            because=alert.subject.because,
            starts=alert.since,
            ends=alert.resolved,
            title=alert.title,
            annotations=one.annotations,
            generator=one.generator,
        )
    return Item(
        component=alert.component,
        labels={name: value for name, value in labels(alert).items() if value},
        verdict=alert.verdict.name,
        reason=alert.reason,
        because=alert.subject.because,
        starts=alert.since,
        ends=alert.resolved,
    )
