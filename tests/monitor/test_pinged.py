"""What pings make of the runs of a job."""

from __future__ import annotations

import pytest

from gadfly.monitor.card import Card, Job
from gadfly.monitor.job_book import JobBook
from gadfly.monitor.jobs import Plan, Run, verdict
from gadfly.monitor.pinged import OPEN, TAIL, Pinged
from gadfly.monitor.verdict import Verdict
from gadfly.telemetry.ping import Said

OK, START, LOG = Said("success", 0, ""), Said("start", 0, ""), Said("log", 0, "")


def fail(code: int = 1, run: str = "") -> Said:
    return Said("fail", code, run)


def told(*pings: tuple[Said, float]) -> Pinged:
    found = Pinged()
    for said, at in pings:
        found.take(said, b"", at)
    return found


def test_without_a_ping_there_is_no_run() -> None:
    assert Pinged().run() is None
    assert told((LOG, 5.0)).run() is None


def test_a_success_without_a_start_took_no_time() -> None:
    assert told((OK, 7.0)).run() == Run(7.0, 7.0, 0, 0.0, "", succeeded=7.0, watched=False)


def test_a_start_is_a_run_under_way_until_its_end() -> None:
    running = told((START, 5.0))
    assert running.run() == Run(5.0, watched=False)
    running.take(fail(3), b"disk full", 9.0)
    assert running.run() == Run(5.0, 9.0, 3, 4.0, "disk full", watched=False)


def test_a_job_that_failed_is_well_again_when_a_run_ends_well() -> None:
    job = Pinged()
    for said, body, word, reason in (
        (fail(), b"disk full", Verdict.down, "said that it failed after 0 ms: disk full"),
        (START, b"", Verdict.down, "running; before, it said that it failed after 0 ms: disk full"),
        (LOG, b"half of it", Verdict.down, "running; before, it said that it failed after 0 ms: disk full"),
        (OK, b"", Verdict.healthy, "ran at"),
        (START, b"", Verdict.healthy, "running"),
    ):
        job.take(said, body, 100.0)
        found = verdict(Plan(every=60.0), job.run(), 0.0, 101.0)
        assert found[0] is word
        assert found[1].startswith(reason)


def test_runs_that_overlap_are_told_apart() -> None:
    both = told((Said("start", 0, "a"), 1.0), (Said("start", 0, "b"), 2.0), (Said("success", 0, "b"), 5.0))
    assert both.run() == Run(1.0, succeeded=5.0, watched=False)
    both.take(Said("success", 0, "a"), b"", 8.0)
    assert both.run() == Run(1.0, 8.0, 0, 7.0, "", succeeded=8.0, watched=False)


@pytest.mark.parametrize("end", [OK, fail(1, "c"), fail()])
def test_an_end_that_names_no_run_and_a_failure_end_all(end: Said) -> None:
    found = told((Said("start", 0, "a"), 1.0), (Said("start", 0, "b"), 2.0), (end, 3.0)).run()
    assert found is not None
    assert found.ended == 3.0


def test_open_runs_are_bounded() -> None:
    found = told(*((Said("start", 0, str(number)), float(number)) for number in range(100)))
    assert len(found.open) == OPEN
    assert found.run() == Run(float(100 - OPEN), watched=False)


def test_what_was_printed_is_bounded_and_notes_are_added() -> None:
    found = Pinged()
    found.take(LOG, b"first", 1.0)
    found.take(LOG, b"second", 2.0)
    found.take(LOG, b"", 2.5)
    assert found.output == b"first\nsecond"
    found.take(LOG, b"x" * 9999, 3.0)
    assert len(found.output) == TAIL
    found.take(OK, b"y" * 9999, 4.0)
    assert found.output == b"y" * TAIL


def test_a_clock_that_went_back_gives_no_negative_time() -> None:
    found = told((START, 9.0), (OK, 5.0)).run()
    assert found is not None
    assert found.seconds == 0.0


HOURLY = Plan(every=3600.0, grace=300.0)
BOUNDED = Plan(every=3600.0, grace=300.0, runs=60.0)


@pytest.mark.parametrize(
    ("plan", "now", "word", "again"),
    [
        (HOURLY, 10.0, Verdict.healthy, 3900.0),
        (HOURLY, 3899.0, Verdict.healthy, 3900.0),
        (HOURLY, 3901.0, Verdict.down, None),
        (BOUNDED, 10.0, Verdict.healthy, 60.0),
        (BOUNDED, 61.0, Verdict.degraded, 360.0),
        (BOUNDED, 361.0, Verdict.down, None),
        (Plan(), 1e9, Verdict.healthy, None),
    ],
)
def test_a_run_that_nothing_watches_is_given_up(
    plan: Plan, now: float, word: Verdict, again: float | None
) -> None:
    found = verdict(plan, Run(0.0, watched=False), 0.0, now)
    assert (found[0], found[2]) == (word, again)


def test_an_older_card_does_not_undo_what_a_ping_told() -> None:
    book = JobBook()
    book.take(1, Run(100.0, 105.0, 1, 5.0, watched=False))
    book.heard(1, Card("j", started=99.0, job=Job(state="finished", exit=0, seconds=1.0)))
    found = book.run(1)
    assert found is not None
    assert found.exit == 1
    book.heard(1, Card("j", started=200.0, job=Job(state="finished", exit=0, seconds=2.0)))
    assert book.run(1) == Run(200.0, 202.0, 0, 2.0, succeeded=202.0)
    book.heard(1, Card("j", started=300.0, job=Job(state="running")))
    assert book.run(1) == Run(300.0, succeeded=202.0)
    assert dict(book.runs()) == {1: Run(300.0, succeeded=202.0)}
