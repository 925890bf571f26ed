"""Runs of what is scheduled: functions and jobs, each run with its due time, skipped and missed ones too."""

from __future__ import annotations

from collections.abc import Iterator

from gadfly.ask_facts.alerts import PAST
from gadfly.ask_facts.catalogue import between, period
from gadfly.ask_facts.columns import Columns, Tables, together
from gadfly.ask_facts.stores import Stores
from gadfly.monitor import jobs
from gadfly.store import facts as kept
from gadfly.store.facts import Daily

TABLE = kept.RUNS
MOST = kept.MOST_RUNS
"""Runs that are told, the newest: of jobs, and of functions."""
MISSED = 10
"""Runs in a row that did not come and are told, the first of them."""


def facts(stores: Stores) -> Tables:
    """The table `job_run`."""
    found = Columns(TABLE)
    _functions(found, stores)
    last: dict[str, float] = {}
    for one in kept.days(stores.connection, TABLE, MOST):
        found.add(**one.cells)
        job, began = one.cells["job"], one.cells["began"]
        last[job] = max(began, last.get(job, began))
    for job, began in last.items():
        for due, every in _missed(stores, job, began):
            found.add(job=job, due=due, period=every, lock=None)
    return together(found)


def ran(job: str, plan: jobs.Plan, run: jobs.Run) -> Daily:
    """A run of a job as a fact that is kept; the same run again is the same fact."""
    every = plan.every if plan.every > 0 else between(plan.schedule)
    due = None
    if plan.schedule and every is not None:
        due = jobs.next_due(plan, run.started + jobs.EARLY - every)
    cells = {
        "job": job,
        "due": due if due is not None and due <= run.started + jobs.EARLY else run.started,
        "began": run.started,
        "ended": run.ended,
        "period": every,
    }
    known = {name: cell for name, cell in cells.items() if cell is not None}
    return Daily(TABLE, int(run.started // kept.DAY), f"{job} {run.started:.3f}", known)


def _missed(stores: Stores, job: str, began: float) -> Iterator[tuple[float, float]]:
    """Due times since the last run of a declared job at which it did not come, with its period."""
    declared = stores.config.component.get(job)
    every = period(declared)
    if declared is None or every is None:
        return
    text = declared.schedule
    plan = jobs.Plan(every=every) if text.startswith("every ") else jobs.Plan(schedule=text)
    due: float | None = began + jobs.EARLY if plan.schedule else began
    for _ in range(MISSED):
        due = None if due is None else jobs.next_due(plan, due)
        if due is None or due + float(declared.grace) >= stores.now:
            return
        yield due, every


def _functions(found: Columns, stores: Stores) -> None:
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
