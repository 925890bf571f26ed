"""What the book tells at a glance; no I/O. Any thread may ask while another changes the book."""

from __future__ import annotations

from gadfly.alert.book import Book


def counts(book: Book, wall: float) -> dict[str, int]:
    """`firing`, `unacknowledged` (alerts), `incidents`, `silences`."""
    waiting = {one.id for one in list(book.incidents.values()) if not one.acknowledged}
    members = {number: len(book.members.get(number, ())) for number in list(book.incidents)}
    return {
        "firing": len(book.alerts),
        "unacknowledged": sum(count for number, count in members.items() if number in waiting),
        "incidents": len(members),
        "silences": sum(one.ends > wall for one in list(book.silences.values())),
    }


def firing(book: Book) -> dict[str, float]:
    """The components of which an alert fires, and since when (seconds since the epoch).

    Not those that have recovered, even if that must still last before it is told.
    """
    return {
        alert.component: alert.since
        for alert in list(book.alerts.values())
        if alert.reported is None and alert.resolved is None and alert.recovered is None
    }


def warnings(book: Book) -> list[str]:
    """Alerts of which nobody is told because nobody is named."""
    lost = sum(not alert.targets for alert in list(book.alerts.values()))
    if not lost:
        return []
    are = "alert is" if lost == 1 else "alerts are"
    return [f"{lost:,} {are} told to nobody: no owner of theirs has a contact, and no owner stands on top"]
