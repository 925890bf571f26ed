"""Telling systemd how the service is, as sd_notify(3) describes; does nothing where systemd does not ask."""

from __future__ import annotations

import os
import socket


def notify(*lines: str) -> bool:
    """Send assignments such as ``READY=1`` to $NOTIFY_SOCKET.

    False where there is none or it does not take them. Never waits and never raises.
    """
    address = os.environ.get("NOTIFY_SOCKET", "")
    if not address.startswith(("/", "@")) or not hasattr(socket, "AF_UNIX"):
        return False
    if address.startswith("@"):  # the abstract namespace
        address = "\0" + address[1:]
    message = "\n".join(line.replace("\n", " ") for line in lines).encode("utf-8", "replace")
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | getattr(socket, "SOCK_CLOEXEC", 0)) as sender:
            sender.setblocking(False)
            sender.sendto(message, address)
    except OSError:
        return False
    return True


def watchdog_interval() -> float | None:
    """Seconds between two signs of life: half of $WATCHDOG_USEC. None where systemd expects none from us."""
    if os.environ.get("WATCHDOG_PID", str(os.getpid())) != str(os.getpid()):
        return None
    written = os.environ.get("WATCHDOG_USEC", "")
    return int(written) / 2_000_000 if written.isascii() and written.isdigit() and int(written) > 0 else None


class Supervisor:
    """Decides when systemd is told what. READY waits while the status is `starting`."""

    def __init__(self) -> None:
        self.due = 0.0
        self._every = watchdog_interval()
        self._ready = False
        self._told = ""

    def turn(self, now: float, status: str, reason: str) -> None:
        """Tell what is due at `now` (monotonic seconds): READY once, STATUS on change, WATCHDOG if well."""
        lines = []
        if not self._ready and status != "starting":
            self._ready = True
            lines.append("READY=1")
        text = f"{status}: {reason}" if reason else status
        if text != self._told:
            self._told = text
            lines.append(f"STATUS={text}")
        if self._every is None:
            self.due = float("inf")
        elif now >= self.due:
            self.due = now + self._every
            if status != "stalled":
                lines.append("WATCHDOG=1")
        if lines:
            notify(*lines)

    def stopping(self) -> None:
        """Tell that the service ends on purpose."""
        notify("STOPPING=1")
