"""A sender has its rate, and a burst; one that has more holds up nobody else."""

from __future__ import annotations

from gadfly.intake.log_pace import SENDERS, Pace
from gadfly.store.logs import Line


def lines(count: int, host: str = "h1") -> list[Line]:
    return [Line(0.0, "syslog", host, "u", 6, f"{host} {n}") for n in range(count)]


def test_the_burst_is_taken_then_the_rate() -> None:
    pace = Pace(10, 100)
    assert len(pace.admit(lines(150), 0.0)) == 100
    assert len(pace.admit(lines(5), 0.0)) == 0
    assert len(pace.admit(lines(50), 2.0)) == 20
    assert len(pace.admit(lines(500), 1000.0)) == 100


def test_the_first_of_each_sender_are_taken_in_their_order() -> None:
    pace = Pace(1, 2)
    mixed = [one for pair in zip(lines(3, "a"), lines(3, "b"), strict=True) for one in pair]
    assert [one.text for one in pace.admit(mixed, 0.0)] == ["a 0", "b 0", "a 1", "b 1"]


def test_too_many_senders_share_one_bucket_until_others_were_quiet() -> None:
    pace = Pace(1, 10)
    for n in range(SENDERS):
        pace.admit(lines(1, f"h{n}"), 0.0)
    assert len(pace.admit(lines(8, "x"), 0.0)) == 8
    assert len(pace.admit(lines(8, "y"), 0.0)) == 2
    assert len(pace.admit(lines(8, "z"), 100.0)) == 8


def test_buckets_that_are_full_again_are_looked_for_once_a_second() -> None:
    pace = Pace(100, 10)
    for n in range(SENDERS):
        pace.admit(lines(1, f"h{n}"), 0.0)
    assert len(pace.admit(lines(1, "a"), 0.0)) == 1  # the look that finds none
    assert [len(pace.admit(lines(10, host), 0.9)) for host in "bc"] == [10, 0]  # they share one bucket
    assert [len(pace.admit(lines(10, host), 1.0)) for host in "de"] == [10, 10]


def test_who_can_wait_waits() -> None:
    pace = Pace(10, 20)
    assert pace.pause("file", 50, 0.0) == 0
    assert 0 < pace.pause("file", 1, 0.0) <= 1
    assert pace.pause("file", 1, 2.9) > 0
    assert pace.pause("file", 1, 3.2) == 0
