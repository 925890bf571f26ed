"""What came to each owner, counted from what the store keeps: letters, requests, the ledger."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator

import msgspec

from gadfly.act.owner_load.load import COMING, WEEKS, at_night
from gadfly.config import Config
from gadfly.ledger.entry import rfc3339, seconds
from gadfly.rate import WEEK

PAGES = ("firing", "reminder", "escalation")
"""Letters that call somebody. An update, a recovery or a notice can be read later."""
QUESTIONS = 10_000
"""The newest entries about an owner among which its questions are counted."""


class Page(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody was called. `at`: wall seconds."""

    at: float
    owner: str
    to: str
    """As it may be shown."""
    subject: str
    incident: str
    delivered: bool


def coming(connection: sqlite3.Connection, config: Config, now: float) -> dict[str, dict[str, list[int]]]:
    """By owner and name of :data:`~gadfly.act.owner_load.load.COMING`: counts by weeks until `now`, the
    oldest first."""
    found = {owner: {what: [0] * WEEKS for what in COMING} for owner in config.owner}

    def count(owner: str, what: str, at: float) -> None:
        week = WEEKS - 1 - int((now - at) // WEEK)
        if owner in found and 0 <= week < WEEKS:
            found[owner][what][week] += 1

    since = now - WEEKS * WEEK
    for page in pages(connection, since, now):
        count(page.owner, "pages", page.at)
        if page.owner in config.owner and at_night(config.owner[page.owner], page.at):
            count(page.owner, "night", page.at)
    for owner, at in connection.execute(
        "SELECT owner, at FROM request WHERE at > ? AND at <= ?", (since, now)
    ):
        count(owner, "approvals", at)
    for owner in found:
        for at in _questions(connection, owner, since):
            count(owner, "questions", at)
    return found


def pages(connection: sqlite3.Connection, since: float, until: float) -> Iterator[Page]:
    """Who was called between these moments, oldest first. Letters that were pruned are not among them."""
    rows = connection.execute(
        "SELECT created, contact, label, state, json_extract(body, '$.target'),"
        " json_extract(body, '$.subject'), incident FROM outbox"
        " WHERE kind IN (?, ?, ?) AND created > ? AND created <= ? ORDER BY created, id",
        (*PAGES, since, until),
    )
    for created, contact, label, state, target, subject, incident in rows:
        # A contact that is a receiver may be several owners'; then who the letter was meant for counts.
        reference = contact if contact.startswith("owner:") else target
        if reference.startswith("owner:"):
            owner = reference.removeprefix("owner:").rpartition("#")[0] or reference.removeprefix("owner:")
            yield Page(
                at=created,
                owner=owner,
                to=label,
                subject=subject,
                incident=f"i{incident}",
                delivered=state == "sent",
            )


def _questions(connection: sqlite3.Connection, owner: str, since: float) -> Iterator[float]:
    rows = connection.execute(
        "SELECT body FROM (SELECT body FROM ledger_about JOIN ledger_entry ON id = entry WHERE subject = ?"
        " ORDER BY entry DESC LIMIT ?) WHERE instr(body, ?) > 0",
        (f"owner:{owner}", QUESTIONS, b'"kind":"question"'),
    )
    earliest = rfc3339(since)
    for (body,) in rows:
        at = msgspec.json.decode(body, type=_When).at
        if at > earliest:
            yield seconds(at)


class _When(msgspec.Struct):
    at: str
