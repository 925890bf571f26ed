"""Calling the program's own health check beside the beats, so that a check that hangs delays none of them."""

from __future__ import annotations

import threading
from collections.abc import Callable

from gadfly.instrument.vitals import SEVERITY, Vitals

LIMIT = 5.0
"""Seconds after which a check that has not returned is a failed one."""

Found = str | bool | tuple[str, str] | None


def verdict(found: object) -> tuple[str, str]:
    """What a check returned, as status and reason: a status word, a pair, True, False or None (fine)."""
    if found is None or found is True:
        return "pass", ""
    if found is False:
        return "fail", "the health check says so"
    status, reason = found if isinstance(found, tuple) and len(found) == 2 else (found, "")
    if status not in SEVERITY:
        return "fail", f"the health check returned {str(found)[:80]!r}, which is no status"
    return str(status), str(reason)


class Checking:
    """Calls `check` every so many seconds in a thread of its own, never twice at a time."""

    def __init__(
        self, check: Callable[[], Found], vitals: Vitals, every: float, wake: Callable[[], None]
    ) -> None:
        self.due = 0.0
        self._check = check
        self._vitals = vitals
        self._every = every
        self._wake = wake
        self._thread: threading.Thread | None = None

    def turn(self, now: float) -> None:
        """Start the check when it is due and the last one has returned."""
        if now < self.due:
            return
        self.due = now + self._every
        if self._thread is not None and self._thread.is_alive():
            return
        self._vitals.check_started(now, LIMIT)
        self._thread = threading.Thread(target=self._call, name="gadfly-check", daemon=True)
        self._thread.start()

    def _call(self) -> None:
        try:
            status, reason = verdict(self._check())
        except Exception as error:  # its text may hold a secret, and a beat is readable by everybody
            status, reason = "fail", f"the health check raised {type(error).__name__}"
        self._vitals.check_ended(status, reason)
        self._wake()
