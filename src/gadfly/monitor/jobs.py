"""Jobs: things that run now and then, and are well when they ran on time, long enough ago, with success.

Pure: a :class:`Plan` (what was declared or announced), a :class:`Run` (the last one heard of) and *now*
give a verdict, and the moment at which to look again. Times are wall seconds, because schedules are.
"""

from __future__ import annotations

import datetime as dt
import functools
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
    """Seconds that a run may take; 0: until its next turn."""


class Run(msgspec.Struct, frozen=True):
    """What is known of the last run."""

    started: float
    ended: float | None = None
    exit: int | None = None
    seconds: float = 0.0
    output: str = ""
    died: str = ""
    """Why the run is believed dead where it never said how it ended."""
    succeeded: float = 0.0
    """When a run last ended with success; 0: not known."""
    watched: bool = True
    """Whether its beats would stop if it died. False: it tells only when it starts and ends."""
    failed: str = ""
    """How the run before failed, where this one is under way: the job is well again when it ends well."""


SCHEDULES = 65_536
"""Next turns that are remembered, some 200 bytes each."""
EARLY = 60.0
"""Seconds by which a start may come before its turn: the clock of the job's host is not ours."""


def next_due(plan: Plan, after: float) -> float | None:
    """The first moment after `after` at which the job should start; None for a job without a plan.

    None also for a schedule that cannot be read: it may come from the wire.
    """
    if plan.every > 0:
        return after + plan.every
    return _next_turn(plan.schedule, after) if plan.schedule else None


def _next_turn(schedule: str, after: float) -> float | None:
    return _turn_after(schedule, after // 60)


@functools.lru_cache(maxsize=SCHEDULES)
def _turn_after(schedule: str, minute: float) -> float | None:
    """All moments of a minute have the same next turn. Found once: it takes 100 µs and more."""
    fields, after = schedule.split(), minute * 60
    try:
        zone = ZoneInfo(fields[5]) if len(fields) > 5 else ZoneInfo("UTC")
        moment = next(CronSim(" ".join(fields[:5]), dt.datetime.fromtimestamp(after, zone)))
    except (CronSimError, StopIteration, ValueError, LookupError, OSError, OverflowError):
        return None
    return float(moment.timestamp())


def _due_after(plan: Plan, run: Run) -> float | None:
    """The next turn after this run. A run that began a little early was that turn's."""
    due = next_due(plan, run.started)
    if due is None or plan.every > 0:
        return due
    following = next_due(plan, due)
    if following is not None and due - run.started <= min(EARLY, (following - due) / 4):
        return following
    return due


def verdict(plan: Plan, run: Run | None, known: float, now: float) -> tuple[Verdict, str, float | None]:
    """The word for a job, its reason, and when to look again (None: only when something is heard).

    `known` is when the node first knew of the job: a schedule is not missed before it was known.
    """
    due = _due_after(plan, run) if run else next_due(plan, known)
    late = due is not None and now > due + plan.grace
    again = due + plan.grace if due is not None and not late else None
    if run is not None and run.died:
        return Verdict.down, run.died, again
    if run is not None and run.ended is None:
        word, reason, again = _running(plan, run, due, now)
        if run.failed and word is not Verdict.down:
            return Verdict.down, f"{reason}; before, it {run.failed}", again
        return word, reason, again
    if late:
        assert due is not None
        return Verdict.missing, f"should have started at {_moment(due)}; it did not", None
    if run is None:
        reason = "not yet run" + (f"; due at {_moment(due)}" if due is not None else "")
        return Verdict.unknown, reason, again
    if plan.schedule and due is None:
        return Verdict.degraded, f"its schedule cannot be read: {plan.schedule[:80]!r}", None
    if run.exit:
        return Verdict.down, failure(run), again
    if plan.runs and run.seconds > plan.runs:
        reason = f"ran for {_span(run.seconds)}, more than {_span(plan.runs)}"
        return Verdict.degraded, reason, again
    ended = run.ended if run.ended is not None else run.started
    return Verdict.healthy, f"ran at {_moment(ended)}, took {_span(run.seconds)}", again


def failure(run: Run) -> str:
    """How a run that ended without success did so."""
    last = run.output.strip().splitlines()[-1:] or [""]
    words = f": {last[0][:200]}" if last[0] else ""
    # A ping that says no more than "it failed" counts as 1; so does one that says 1.
    unsaid = run.exit == 1 and not run.watched
    told = "said that it failed" if unsaid else f"ended with exit code {run.exit}"
    return f"{told} after {_span(run.seconds)}{words}"


def _running(plan: Plan, run: Run, due: float | None, now: float) -> tuple[Verdict, str, float | None]:
    if not run.watched and (end := _believed_until(plan, run, due)) is not None:
        if now > end:
            reason = f"started at {_moment(run.started)}, and never told how it ended"
            return Verdict.down, reason, None
        if not plan.runs or now - run.started <= plan.runs:
            return Verdict.healthy, "running", run.started + plan.runs if plan.runs else end
        return Verdict.degraded, f"has been running for more than {_span(plan.runs)}", end
    if plan.runs and now - run.started > plan.runs:
        return Verdict.degraded, f"has been running for more than {_span(plan.runs)}", None
    if plan.runs:
        return Verdict.healthy, "running", run.started + plan.runs
    if due is not None and now > due + plan.grace:
        return Verdict.degraded, f"still running, and its next turn was at {_moment(due)}", None
    return Verdict.healthy, "running", due + plan.grace if due is not None else None


def _believed_until(plan: Plan, run: Run, due: float | None) -> float | None:
    """Until when a run that nothing but its end tells of is believed to go on; None: for ever."""
    if plan.runs:
        return run.started + plan.runs + plan.grace
    return None if due is None else due + plan.grace


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
