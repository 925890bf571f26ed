"""What each owner bears, and what was done in its name."""

from __future__ import annotations

import datetime as dt
import sqlite3
from typing import Any

from gadfly.act.mail import report
from gadfly.act.mail.report import Did
from gadfly.act.owner_load import load, load_book
from gadfly.config import Config

CALLED = 20
"""Calls that a report tells of each owner, the newest."""


def loads(connection: sqlite3.Connection, config: Config, now: float) -> list[dict[str, Any]]:
    """:class:`.act_load.Load`, the most loaded first."""
    return [
        {
            "owner": one.owner,
            "lines": [
                {"what": line.what, "used": line.used, "budget": line.budget, "state": line.state.name}
                for line in one.lines
            ],
            "share": one.share,
            "state": one.state.name,
            "words": one.words,
        }
        for one in load.judge(config, load_book.coming(connection, config, now))
    ]


def reports(
    connection: sqlite3.Connection, config: Config, owner: str, since: float, until: float
) -> list[dict[str, Any]]:
    """:class:`.act_load.Report`."""
    found = []
    for name in [owner] if owner else list(config.owner):
        told = report.report(connection, config, name, since, until)
        found.append(
            {
                "owner": name,
                "since": since,
                "until": until,
                "lines": [_line(one) for one in told.did],
                "woken": [
                    f"{_clock(page.at)}: {page.to} was called: {page.subject}"
                    + ("" if page.delivered else " (not delivered)")
                    for page in told.called[:CALLED]
                ],
                "calls": len(told.called),
            }
        )
    return found


def _line(one: Did) -> dict[str, Any]:
    words = []
    if one.saved is not None:
        hours = one.saved.seconds / 3600
        words.append(f"{hours:.1f} h of outage saved, against {one.saved.compared} that ended without it")
    words += [
        f"intent {broken.intent} {broken.state} on {', '.join(broken.targets[:3])}: {broken.reason}"
        for broken in one.broken[:3]
    ]
    return {
        "automation": one.automation,
        "runs": one.runs,
        "verified": one.verified,
        # What nobody measured did not work, as far as anybody can tell.
        "failed": one.failed + one.unknown,
        "asked": one.asked,
        "refused": one.refused,
        "targets": one.targets,
        "cost": one.cost,
        "words": "; ".join(words),
    }


def _clock(at: float) -> str:
    return dt.datetime.fromtimestamp(at, dt.UTC).strftime("%a %d %b %H:%M UTC")
