"""A job is well when it ran on time and ended well."""

from __future__ import annotations

import datetime as dt

import pytest

from gadfly.monitor.jobs import Plan, Run, next_due, verdict
from gadfly.monitor.verdict import Verdict

T = dt.datetime(2026, 11, 22, 1, 0, tzinfo=dt.UTC).timestamp()
H = 3600.0
HOURLY = Plan(every=H, grace=600.0)
NIGHTLY = Plan(schedule="0 2 * * *", grace=600.0)


@pytest.mark.parametrize(
    ("plan", "after", "due"),
    [
        (Plan(), T, None),
        (HOURLY, T, T + H),
        (NIGHTLY, T, T + H),
        (Plan(schedule="0 2 * * * Europe/Berlin"), T, T + 24 * H),  # 02:00 in Berlin is 01:00 UTC: tomorrow
        (Plan(schedule="0 3 * * * Europe/Berlin"), T, T + H),
    ],
)
def test_next_due(plan: Plan, after: float, due: float | None) -> None:
    assert next_due(plan, after) == due


@pytest.mark.parametrize(
    ("plan", "run", "now", "word", "part", "again"),
    [
        (Plan(), None, T, Verdict.unknown, "not yet run", None),
        (NIGHTLY, None, T, Verdict.unknown, "due at 2026-11-22 02:00:00", T + H + 600),
        (NIGHTLY, None, T + H + 601, Verdict.missing, "should have started at 2026-11-22 02:00:00", None),
        (HOURLY, Run(T, T + 5, 0, 5.0), T + 10, Verdict.healthy, "took 5.0 s", T + H + 600),
        (HOURLY, Run(T, T + 5, 0, 5.0), T + H + 599, Verdict.healthy, "took 5.0 s", T + H + 600),
        (HOURLY, Run(T, T + 5, 0, 5.0), T + H + 601, Verdict.missing, "it did not", None),
        (
            HOURLY,
            Run(T, T + 5, 2, 5.0, "ok\nno space"),
            T + 9,
            Verdict.down,
            "code 2 after 5.0 s: no space",
            T + 4200,
        ),
        (HOURLY, Run(T, T + 5, 2, 0.25), T + 9, Verdict.down, "code 2 after 250 ms", T + H + 600),
        (
            HOURLY,
            Run(T, T + 5, 1, 5.0, "no space", watched=False),
            T + 9,
            Verdict.down,
            "said that it failed after 5.0 s: no space",
            T + H + 600,
        ),
        (HOURLY, Run(T), T + 9, Verdict.healthy, "running", T + H + 600),
        (HOURLY, Run(T), T + H + 601, Verdict.degraded, "still running, and its next turn was at", None),
        (
            NIGHTLY,
            Run(T + H - 1, T + H, 0, 1.0),
            T + H + 700,
            Verdict.healthy,
            "took 1.0 s",
            T + 25 * H + 600,
        ),
        (NIGHTLY, Run(T, T + 5, 0, 5.0), T + H + 700, Verdict.missing, "it did not", None),
        (Plan(), Run(T), T + 9, Verdict.healthy, "running", None),
        (
            Plan(schedule="0 2 * * * Europe/Berln"),
            Run(T, T + 5, 0, 5.0),
            T + 9,
            Verdict.degraded,
            "cannot be read: '0 2 * * * Europe/Berln'",
            None,
        ),
        (Plan(runs=60.0), Run(T), T + 9, Verdict.healthy, "running", T + 60),
        (Plan(runs=60.0), Run(T), T + 61, Verdict.degraded, "running for more than 60.0 s", None),
        (Plan(runs=60.0), Run(T, T + 300, 0, 300.0), T + 400, Verdict.degraded, "ran for 5 min", None),
        (HOURLY, Run(T, died="died while it ran"), T + 9, Verdict.down, "died while it ran", T + H + 600),
        (Plan(), Run(T, T + 9000, 0, 9000.0), T + 9999, Verdict.healthy, "took 2.5 h", None),
    ],
)
def test_verdict(
    plan: Plan, run: Run | None, now: float, word: Verdict, part: str, again: float | None
) -> None:
    got, reason, wake = verdict(plan, run, T, now)
    assert got is word
    assert part in reason
    assert wake == again


@pytest.mark.parametrize(
    "schedule",
    ["not a cron", "0 2 * * * Europe/Berln", "0 2 * * * ../../etc/passwd", "0 2 * * * /", "* * * * * \0"],
)
def test_a_schedule_that_cannot_be_read_is_never_missed(schedule: str) -> None:
    assert next_due(Plan(schedule=schedule), T) is None
