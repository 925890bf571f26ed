"""A scheduled job as it is found on a host."""

from __future__ import annotations

import re

import msgspec

COMMAND = 4096
"""Characters of a command that are looked at."""


class Job(msgspec.Struct, frozen=True, kw_only=True):
    """One entry of a crontab, one timer, one script of a run-parts folder, or one job that a node knows."""

    name: str
    source: str
    """Where it stands: file and line, or the node."""
    schedule: str = ""
    """`15 3 * * * Europe/Berlin`; empty where it has none that cron could write."""
    when: str = ""
    """The schedule as it is written there."""
    user: str = ""
    command: str = ""
    about: str = ""
    """A comment above it, or the description of its unit."""
    seconds: float | None = None
    """How long it ran when it ran last; None: not known."""


def named(text: str) -> str:
    """A function's name out of a path, a command or a unit: a label of a host name."""
    word = text.strip().split()[0] if text.strip() else "job"
    word = word.rsplit("/", 1)[-1]
    word = re.sub(r"\.(sh|py|pl|rb|timer|service)$", "", word)
    return re.sub(r"[^a-z0-9]+", "-", word.lower()).strip("-")[:63].strip("-") or "job"
