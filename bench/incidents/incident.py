"""An incident, and which questions the catalogue says should have been open a week before."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from incidents.state import State

Facts = Callable[[State], None]


@dataclass(frozen=True, slots=True)
class Incident:
    name: str
    """As S01."""
    title: str
    asked: tuple[int, ...]
    """Numbers of the kinds of which one should have been asked."""
    facts: Facts
    """Puts on record what stood a week before. Its docstring says what the account tells of it."""
    leans_on: str = ""
    """What a named question here needs that the account does not tell outright, but which follows from it; empty:
    nothing."""

    def state(self, *, mended: bool = False) -> State:
        """The company's records about it, as they were, or after they had been put right."""
        made = State(mended)
        self.facts(made)
        return made


INCIDENTS: dict[str, Incident] = {}
"""By name, once the modules that hold them are imported."""


def incident(name: str, title: str, *asked: int, leans_on: str = "") -> Callable[[Facts], Facts]:
    """Enters the function as the facts of an incident."""

    def enter(facts: Facts) -> Facts:
        INCIDENTS[name] = Incident(name, title, asked, facts, leans_on)
        return facts

    return enter
