"""Ending a command together with the process that started it, by the kernel (Linux: PR_SET_PDEATHSIG).

The kernel sends the signal when the *thread* that started the command ends, so it is to be started from the
main thread. It forgets it where the command is setuid or setgid, has capabilities of its own, or changes its
user; and what the command starts in turn gets no signal.
"""

from __future__ import annotations

import os
import signal
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

_PR_SET_PDEATHSIG = 1


def ends_with_us(number: int = signal.SIGTERM) -> Callable[[], None] | None:
    """What the new process does before it becomes the command (`preexec_fn`), so that it gets this signal
    when we end, however that comes. None where the system has no such thing.
    """
    if not sys.platform.startswith("linux"):
        return None
    import ctypes  # here, because it costs milliseconds that only this needs

    prctl = getattr(ctypes.CDLL(None), "prctl", None)
    if prctl is None:
        return None
    parent = os.getpid()

    def arm() -> None:
        # Our own handler would only take note of a signal that comes before the command is there.
        if signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, signal.SIG_DFL)
        prctl(_PR_SET_PDEATHSIG, number, 0, 0, 0)
        if os.getppid() != parent:  # we had ended before that
            os._exit(128 + number)

    return arm
