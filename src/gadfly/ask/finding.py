"""What a query found on one subject."""

from __future__ import annotations

from typing import Any

import msgspec


class Finding(msgspec.Struct, frozen=True):
    """One row that the query of a kind returned, with what the engine knows of its subject."""

    kind: str
    subject: str
    component: str | None
    owner: str | None
    """Who is asked; None: nobody is named."""
    tier: int
    """1 (most important) … 4; 3 where nothing is said."""
    worse: float
    """Grows as the evidence worsens."""
    exposure: float
    """Pages or acts a month; 1 where the query says nothing."""
    values: dict[str, Any]
    """Every column of the row: the evidence, and what the sentence may name."""
    downstream: int = 0
    """Components that need this one, directly or through others."""
    since: float | None = None
    """When the subject came into being, seconds since the epoch; None: not known."""
