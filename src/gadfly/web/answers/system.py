"""The node itself: its health, and a configuration that was read again."""

from __future__ import annotations

from typing import Literal

from gadfly.web.answers import Answer


class Reloaded(Answer, frozen=True, kw_only=True):
    changes: list[str]


class Health(Answer, frozen=True, kw_only=True):
    """As application/health+json: `pass` or `fail`, and why."""

    status: Literal["pass", "fail"]
    output: str = ""
