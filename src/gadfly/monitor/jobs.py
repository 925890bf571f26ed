"""Jobs: things that run now and then, and are well when they ran on time, long enough ago, with success.

Pure: a :class:`Plan` (what was declared or announced), a :class:`Run` (the last one heard of) and *now*
give a verdict, and the moment at which to look again. Times are wall seconds, because schedules are.
"""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

import msgspec
from cronsim import CronSim, CronSimError

from gadfly.monitor.verdict import Verdict


class Plan(msgspec.Struct, frozen=True):
    """When a job should run. Without a schedule and without `every` it runs when it likes."""

    schedule: str = ""
    """`0 2 * * * Europe/Berlin`; UTC where no zone is named."""
    every: float = 0.0
    grace: float = 300.0
    runs: float = 0.0
    """Seconds that a run may take; 0: as long as it likes."""


class Run(msgspec.Struct, frozen=True):
    """What is known of the last run."""

    started: float
    ended: float | None = None
    exit: int | None = None
    seconds: float = 0.0
    output: str = ""
    died: str = ""
    """Why the run is believed dead where it never said how it ended."""


def next_due(plan: Plan, after: float) -> float | None:
    """The first moment after `after` at which the job should start; None for a job without a plan."""
    if plan.every > 0:
        return after + plan.every
    if not plan.schedule:
        return None
    fields = plan.schedule.split()
    zone = ZoneInfo(fields[5]) if len(fields) > 5 else ZoneInfo("UTC")
    try:
        moment = next(CronSim(" ".join(fields[:5]), dt.datetime.fromtimestamp(after, zone)))
    except (CronSimError, StopIteration):
        return None
    return float(moment.timestamp())


def verdict(plan: Plan, run: Run | None, known: float, now: float) -> tuple[Verdict, str, float | None]:
    """The word for a job, its reason, and when to look again (None: only when something is heard).

    `known` is when the node first knew of the job: a schedule is not missed before it was known.
    """
    due = next_due(plan, run.started if run else known)
    late = due is not None and now > due + plan.grace
    again = due + plan.grace if due is not None and not late else None
    if run is not None and run.died:
        return Verdict.down, run.died, again
    if run is not None and run.ended is None:
        return _running(plan, run, now)
    if late:
        assert due is not None
        return Verdict.missing, f"should have started at {_moment(due)}; it did not", None
    if run is None:
        reason = "not yet run" + (f"; due at {_moment(due)}" if due is not None else "")
        return Verdict.unknown, reason, again
    if run.exit:
        last = run.output.strip().splitlines()[-1:] or [""]
        words = f": {last[0][:200]}" if last[0] else ""
        return Verdict.down, f"ended with exit code {run.exit} after {_span(run.seconds)}{words}", again
    if plan.runs and run.seconds > plan.runs:
        reason = f"ran for {_span(run.seconds)}, more than {_span(plan.runs)}"
        return Verdict.degraded, reason, again
    ended = run.ended if run.ended is not None else run.started
    return Verdict.healthy, f"ran at {_moment(ended)}, took {_span(run.seconds)}", again


def _running(plan: Plan, run: Run, now: float) -> tuple[Verdict, str, float | None]:
    elapsed = now - run.started
    if plan.runs and elapsed > plan.runs:
        return Verdict.degraded, f"has been running for more than {_span(plan.runs)}", None
    return Verdict.healthy, "running", run.started + plan.runs if plan.runs else None


def _moment(at: float) -> str:
    return dt.datetime.fromtimestamp(at, dt.UTC).strftime("%Y-%m-%d %H:%M:%S UTC")


def _span(seconds: float) -> str:
    if seconds < 1:
        return f"{seconds * 1000:.0f} ms"
    if seconds < 120:
        return f"{seconds:.1f} s"
    if seconds < 7200:
        return f"{seconds / 60:.0f} min"
    return f"{seconds / 3600:.1f} h"
