"""Whether a grant permits a request. The gate knows only this: another engine (Cedar, say) can stand behind
it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

import msgspec

from gadfly.act.plan import Target


class Request(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """May this principal do this to this target? One request a target."""

    principal: str
    action: str
    argument: str = ""
    """What follows the action, with its fields unfilled."""
    filled: Callable[[], tuple[str, ...]] | None = None
    """Gives the argument as it would be done to this target, as it is done first; raises where it cannot be
    filled. None: the argument has no fields."""
    target: Target
    at: float
    """Wall seconds: the time that every end is judged against."""


class Verdict(msgspec.Struct, frozen=True, kw_only=True):
    """The answer. Where `errors` is not empty nothing is permitted, whatever else was found."""

    permitted: bool
    by: str = ""
    """The grant that decided it."""
    because: str = ""
    """For people: why not."""
    errors: tuple[str, ...] = ()


class Policy(Protocol):
    """Decides requests from rules. Never raises for a request of the right types."""

    def evaluate(self, request: Request) -> Verdict:
        """Deny by default; what forbids beats what permits; a rule that cannot be evaluated denies."""
        ...

    def ends(self, principal: str, action: str, at: float) -> tuple[tuple[str, float, float], ...]:
        """The grants in force for it: name, when given (wall seconds), until when."""
        ...
