"""No address takes all the seats of a listener."""

from __future__ import annotations

from gadfly.intake.seats import Seats


def test_one_address_leaves_room_for_others() -> None:
    seats = Seats()
    assert [seats.take("greedy", 8) for _ in range(8)].count(True) == 4
    assert seats.take("other", 8)
    said = "syslog: 4 connections were refused, the last one from greedy; 5 are open"
    assert seats.words("syslog").startswith(said)
    for _ in range(4):
        seats.leave("greedy")
    assert seats.take("greedy", 8)


def test_when_all_are_taken_nobody_gets_one() -> None:
    seats = Seats()
    assert all(seats.take(str(peer), 4) for peer in range(4))
    assert not seats.take("late", 4)
    seats.leave("0")
    assert seats.take("late", 4)


def test_nothing_is_said_where_nobody_was_refused() -> None:
    assert Seats().words("syslog") == ""
