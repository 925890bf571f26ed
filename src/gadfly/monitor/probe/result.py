"""What an enquiry found."""

from __future__ import annotations

from enum import IntEnum

import msgspec


class Outcome(IntEnum):
    """The word for one enquiry."""

    passing = 0
    warn = 1
    fail = 2
    unknown = 3
    """The prober could not ask: not permitted, out of sockets, or itself too late to judge."""


class Result(msgspec.Struct, frozen=True, kw_only=True):
    """One enquiry's answer.

    ``phases`` are seconds by name (``dns``, ``connect``, ``tls``, ``first_byte``, ``body``), only those that
    happened; ``seconds`` is the whole. ``reason`` is for people: ``"GET /readyz answered 503"``.
    """

    outcome: Outcome
    reason: str
    seconds: float = 0.0
    phases: dict[str, float] = {}
    refused: bool = False
    """The target's own host said that nobody listens (TCP reset, ICMP port unreachable): proof, not only
    absence."""
    certificate_expires: float | None = None
    """Unix time at which the certificate ends, where one was seen."""
    output: str = ""
    """What the target said, shortened, for the component's story."""
