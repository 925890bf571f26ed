"""Timers wake in their order, each once; an alert that is reported again and again has one."""

from __future__ import annotations

from gadfly.alert.timers import Timers


def test_what_is_past_comes_in_its_order_and_once() -> None:
    timers = Timers()
    timers.of_alert(3.0, "a")
    timers.of_desk(1.0, 7, "owner:ops")
    timers.of_alert(2.0, "b")
    assert timers.next() == 1.0
    assert list(timers.past(2.0)) == [(7, "owner:ops"), (0, "b")]
    assert list(timers.past(2.0)) == []
    assert timers.next() == 3.0
    timers.clear()
    assert timers.next() is None


def test_one_that_is_set_while_others_wake_waits_for_its_time() -> None:
    timers = Timers()
    timers.of_alert(1.0, "a")
    seen = []
    for _, name in timers.past(1.0):
        seen.append(name)
        timers.of_alert(2.0, "a")
    assert seen == ["a"]
    assert timers.next() == 2.0


def test_only_an_earlier_expiry_is_a_timer_more() -> None:
    timers = Timers()
    for due in (60.0, 120.0, 180.0):
        timers.expiry(due, "a")
    assert list(timers.past(60.0)) == [(0, "a")]
    assert timers.next() is None
    timers.expiry(120.0, "a")
    timers.expiry(90.0, "a")
    assert list(timers.past(120.0)) == [(0, "a"), (0, "a")]
