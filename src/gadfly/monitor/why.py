"""Why a component has the liveness it has: one byte beside the liveness, for the reason in words."""

from __future__ import annotations

from enum import IntEnum


class Why(IntEnum):
    """Stored as one byte a component (the column ``reason``) and in every event."""

    none = 0
    """Expected, and nothing heard yet."""
    beat = 1
    reply = 2
    """It answered an enquiry."""
    goodbye = 3
    says_stalled = 4
    overdue = 5
    """No beat for longer than chance explains."""
    refused = 6
    """Its port is closed: the host answered for it."""
    exited = 7
    """The kernel saw the process end."""
    no_answer = 8
    """Silence on every path asked."""
    restored = 9
    """As it was written down before the node started."""
    forgotten = 10
    """The slot is free again."""
