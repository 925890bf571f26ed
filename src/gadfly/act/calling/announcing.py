"""Announcements of scheduled destructions: that an owner was told, and when. The guard `announced` wants
three."""

from __future__ import annotations

import sqlite3

from gadfly.act.books.transaction import Appends, whole
from gadfly.act.situation import Announcement
from gadfly.errors import Refused
from gadfly.ledger.entry import Entry, rfc3339

DAY = 86_400.0


def told(
    connection: sqlite3.Connection,
    log: Appends,
    *,
    target: str,
    owner: str,
    action: str,
    due: float,
    by: str,
    now: float,
) -> Announcement:
    """Write down that `owner` was told at this moment that `action` ends `target` when it is due.

    To be called once the message is on its way. Refused where it is due already, or nobody could be told.
    """
    with whole(connection):
        if now >= due:
            raise Refused(f"The end of {target} is due already; it cannot be announced any more.", 409)
        if not owner:
            raise Refused(f"Nobody answers for {target}, so nobody could be told of its end.", 409)
        days = f"{(due - now) / DAY:.1f}"
        body = {"what": "announced", "action": action, "due": rfc3339(due), "days_ahead": days}
        about = (f"component:{target}", f"owner:{owner}")
        log.append(connection, [Entry(kind="notification", who=by, about=about, body=body, at=now)])
        connection.execute(
            "INSERT OR IGNORE INTO announcement (target, action, due, told) VALUES (?, ?, ?, ?)",
            (target, action, due, now),
        )
        times = connection.execute(
            "SELECT told FROM announcement WHERE target = ? AND action = ? AND due = ? ORDER BY told",
            (target, action, due),
        )
        return Announcement(target=target, action=action, due=due, told=tuple(at for (at,) in times))
