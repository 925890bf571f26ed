"""Letters to owners that no alert calls for: a stop, a break-glass, an effect that nobody explains, a load.

They go the way of all notifications, through the outbox, written in the transaction of the fact they tell of.
"""

from __future__ import annotations

import sqlite3
import uuid
from collections.abc import Iterable, Mapping

import msgspec

from gadfly.alert import outbox
from gadfly.alert.escalate import Step, address, chain
from gadfly.alert.notification import Notification
from gadfly.alert.outbox import Letter
from gadfly.config.owner import Owner

INCIDENT = "i0"
"""No incident has this number: a notice is about none."""
KIND = "notice"
LONGEST_SUBJECT = 200


class Notice(msgspec.Struct, frozen=True, kw_only=True):
    """What is told. `at` is seconds since the epoch."""

    subject: str
    text: str
    at: float
    url: str
    """Where people see more."""
    node: str


def put(
    connection: sqlite3.Connection,
    owners: Mapping[str, Owner],
    names: Iterable[str],
    notice: Notice,
    *,
    loud: bool = False,
) -> tuple[str, ...]:
    """Write it to the first contact of each of these owners; `loud`: to every one. Nobody gets it twice.

    An owner without a contact is answered for by the owners above it, at the end by the top owner. Returns
    to whom it goes, as may be shown; empty where nobody has a contact.
    """
    steps: dict[str, Step] = {}
    for name in names:
        found = chain(owners, name, notice.at)
        own = [step for step in found if step.owner in (name, found[0].owner)] if loud else found[:1]
        for step in own:
            steps.setdefault(address(step.contact), step)
    return post(connection, steps.values(), notice)


def post(connection: sqlite3.Connection, steps: Iterable[Step], notice: Notice) -> tuple[str, ...]:
    """Write it to these contacts; returns to whom it goes, as may be shown."""
    letters = [
        Letter(contact=step.contact, label=step.label, notification=_notification(step, notice))
        for step in steps
    ]
    outbox.put(connection, letters, notice.at)
    return tuple(letter.label for letter in letters)


def _notification(step: Step, notice: Notice) -> Notification:
    subject = "".join(letter if letter.isprintable() else " " for letter in notice.subject)
    return Notification(
        key=uuid.uuid4().hex,
        kind=KIND,
        status="firing",
        incident=INCIDENT,
        sequence=1,
        target=f"owner:{step.owner}",
        at=notice.at,
        opened=notice.at,
        subject=subject if len(subject) <= LONGEST_SUBJECT else subject[: LONGEST_SUBJECT - 1] + "…",
        text=notice.text,
        cause=subject[:LONGEST_SUBJECT],
        items=(),
        total=0,
        url=notice.url,
        node=notice.node,
    )
