"""When a certificate ends, and what that means against a bound like ``"> 14d"``."""

from __future__ import annotations

from functools import lru_cache

from cryptography import x509

from gadfly.duration import parse_bound
from gadfly.monitor.probe.result import Outcome

DAY = 86_400.0


@lru_cache(maxsize=4096)
def ends(der: bytes) -> float:
    """Unix time at which the certificate (DER) ends. A target shows the same one again and again.

    :raises ValueError: if these bytes are not a certificate.
    """
    return x509.load_der_x509_certificate(der).not_valid_after_utc.timestamp()


@lru_cache(maxsize=256)
def least(bound: str) -> float:
    """Seconds that ``"> 14d"`` asks for."""
    return parse_bound(bound, ">")


def judge(end: float, wall: float, bound: str) -> tuple[Outcome, str]:
    """What an end at ``end`` means at ``wall`` (Unix times): expired fails, nearer than the bound warns."""
    left = end - wall
    if left <= 0:
        return Outcome.fail, f"certificate ended {_span(-left)} ago"
    if left <= least(bound):
        return Outcome.warn, f"certificate ends in {_span(left)}"
    return Outcome.passing, ""


def _span(seconds: float) -> str:
    for size, word in ((DAY, "day"), (3600.0, "hour"), (60.0, "minute")):
        if seconds >= size:
            count = int(seconds / size)
            return f"{count} {word}{'s' if count > 1 else ''}"
    return "less than a minute"
