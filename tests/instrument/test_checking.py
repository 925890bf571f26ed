"""The program's own check is called beside the beats, never twice at a time."""

from __future__ import annotations

import threading
import time

from gadfly.instrument.checking import LIMIT, Checking
from gadfly.instrument.vitals import Vitals


def test_a_check_that_hangs_fails_and_delays_nothing() -> None:
    release, woken, calls = threading.Event(), threading.Event(), []

    def hang() -> str:
        calls.append(1)
        release.wait(5)
        return "warn"

    vitals = Vitals(0.0)
    checking = Checking(hang, vitals, 1.0, woken.set)
    start = time.monotonic()
    for now in (10.0, 10.5, 11.0, 12.0):
        checking.turn(now)
    assert time.monotonic() - start < 0.5
    assert vitals.state(10.0 + LIMIT - 0.1)[0] == "pass"
    assert vitals.state(10.0 + LIMIT) == ("fail", "the health check does not return")
    assert (len(calls), checking.due) == (1, 13.0)
    release.set()
    assert woken.wait(5)
    assert vitals.state(1000.0) == ("warn", "")


def test_of_an_error_only_its_type_is_told() -> None:
    woken = threading.Event()

    def raises() -> None:
        raise RuntimeError("password=hunter2")

    vitals = Vitals(0.0)
    Checking(raises, vitals, 1.0, woken.set).turn(0.0)
    assert woken.wait(5)
    assert vitals.state(0.0) == ("fail", "the health check raised RuntimeError")
