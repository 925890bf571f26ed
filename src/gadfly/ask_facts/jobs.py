"""Runs of what is scheduled: functions with a schedule, each run with its due time, skipped ones too."""

from __future__ import annotations

from gadfly.ask_facts.alerts import PAST
from gadfly.ask_facts.columns import Columns, Tables, together
from gadfly.ask_facts.stores import Stores

MOST = 200_000
"""Runs that are told, the newest."""


def facts(stores: Stores) -> Tables:
    """The table `job_run`. Of jobs that only tell that they ran the node keeps the last run, which is too
    little to ask of."""
    found = Columns("job_run")
    periods: dict[str, float] = {}
    rows = stores.connection.execute(
        "SELECT i.function, i.due, a.began, a.ended, i.overlap FROM invocation i LEFT JOIN attempt a"
        " ON a.invocation = i.id AND a.number = 1 WHERE i.called LIKE 'schedule:%' AND i.due BETWEEN ? AND ?"
        " ORDER BY i.id DESC LIMIT ?",
        (stores.now - PAST, stores.now, MOST),
    )
    runs = rows.fetchall()
    last: dict[str, float] = {}
    for function, due, _, _, _ in runs:  # the newest first: what is between two is the period
        if function in last and last[function] > due:
            periods[function] = min(periods.get(function, last[function] - due), last[function] - due)
        last[function] = due
    for function, due, began, ended, overlap in runs:
        found.add(
            job=function,
            due=due,
            began=began,
            ended=ended,
            period=periods.get(function),
            lock=overlap == "skip",
        )
    return together(found)
