"""The card of a component: what its last announce said of it, as bytes from outside that are not trusted."""

from __future__ import annotations

import msgspec

NAME_LIMIT = 200
LONGEST = 10 * 366 * 86_400.0
"""Seconds that any duration in a card may be; longer is nonsense, and beyond what calendars reckon with."""
LATEST = 253_370_764_800.0
"""The year 9999, where calendars end."""


class Job(msgspec.Struct, frozen=True):
    """What a wrapped job tells of its run."""

    every: float = 0.0
    grace: float = 300.0
    schedule: str = ""
    runs: float = 0.0
    state: str = ""
    exit: int | None = None
    seconds: float = 0.0
    output: str = ""


class Card(msgspec.Struct, frozen=True):
    """The announce's payload. Every key but the name may be absent; unknown keys are passed over."""

    name: str
    kind: str = "service"
    host: str = ""
    pid: int = 0
    version: str = ""
    owner: str = ""
    group: str = ""
    needs: list[str] = []
    health: str = ""
    labels: dict[str, str] = {}
    started: float = 0.0
    reason: str = ""
    job: Job | None = None


_decode = msgspec.json.Decoder(Card, strict=False).decode
KINDS = ("service", "host", "job", "device", "function")


def parse(payload: bytes) -> Card | None:
    """The card in an announce's payload; None where it is not one (or claims a name nobody could read)."""
    try:
        card = _decode(payload)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return None
    if not card.name or len(card.name) > NAME_LIMIT or not card.name.isprintable():
        return None
    if not 0 <= card.started < LATEST or (card.job is not None and not _sensible(card.job)):
        return None
    return card


def _sensible(job: Job) -> bool:
    return all(0 <= value <= LONGEST for value in (job.every, job.grace, job.runs, job.seconds))
