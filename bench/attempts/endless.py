"""Attempts to go on: each lasts two seconds, and true is that it was let."""

from __future__ import annotations

import re
import signal
import threading
import time

LONG = 2.0


def spin() -> object:
    ends = time.monotonic() + LONG
    while time.monotonic() < ends:
        pass
    return True


def sleep() -> object:
    time.sleep(LONG)
    return True


def swallow_every_error() -> object:
    ends = time.monotonic() + LONG
    while time.monotonic() < ends:
        try:
            time.sleep(0.01)
        except BaseException:
            continue
    return True


def ignore_every_signal() -> object:
    for number in range(1, 65):
        try:
            signal.signal(number, signal.SIG_IGN)
        except (OSError, ValueError):
            continue
    time.sleep(LONG)
    return True


def spin_in_threads() -> object:
    for _ in range(4):
        threading.Thread(target=spin, daemon=True).start()
    return spin()


def wait_for_a_lock() -> object:
    lock = threading.Lock()
    lock.acquire()
    lock.acquire(timeout=LONG)
    return True


def search_for_ever() -> object:
    """A pattern that doubles its work with every letter; outside it is asked for only so many."""
    begun = time.monotonic()
    for length in range(18, 40):
        re.match(r"(a+)+$", "a" * length + "b")
        if time.monotonic() - begun > LONG:
            return True
    return False
