"""What the web is shown of scraping."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple, Protocol


class Shown(NamedTuple):
    """One target."""

    labels: Mapping[str, str]
    discovered: Mapping[str, str]
    """Before relabelling."""
    url: str
    """Without what may be a secret in it."""
    health: str
    """`up`, `down`, `unknown`."""
    error: str
    asked_at: float
    """Wall seconds; 0: never."""
    seconds: float
    samples: int
    every: float
    timeout: float


class Page(NamedTuple):
    """One job."""

    job: str
    targets: Sequence[Shown]
    dropped: Sequence[Mapping[str, str]]
    """Some of those that a rule dropped, as they were before it."""
    troubles: Sequence[str]


class Scraping(Protocol):
    """What scrapes."""

    def shown(self) -> list[Page]:
        """All jobs with their targets, as of now."""
