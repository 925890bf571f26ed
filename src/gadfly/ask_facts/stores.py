"""What facts are gathered from: the stores of a node, as they are at one moment."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from gadfly.config import Config
from gadfly.monitor.check import Check
from gadfly.monitor.subject import Subject
from gadfly.promql.source import Selects
from gadfly.rules.rule import Group


def _as_it_is(name: str) -> str:
    return name


@dataclass(frozen=True, slots=True, kw_only=True)
class Stores:
    """Handed to every family; all of it is only read, in one thread that is not the loop's."""

    connection: sqlite3.Connection
    """Of the state, read only, within one transaction."""
    config: Config
    now: float
    """Seconds since the epoch."""
    node: str
    """What the node calls itself."""
    subjects: Sequence[Subject] = ()
    """Everybody who is known, declared or heard."""
    checks: Sequence[Check] = ()
    """Probes."""
    groups: Sequence[Group] = ()
    """Rules."""
    series: Selects | None = None
    """None: they are not kept, or not opened yet."""
    watched: Mapping[str, float] = field(default_factory=dict)
    """Silence in seconds after which a component that beats is called dead, by its name."""
    pseudonym: Callable[[str], str] = _as_it_is
    """A person's name or address as facts may hold it."""
    stopping: Callable[[], bool] = bool
    """Whether nobody waits for the answer any more."""

    def person(self, principal: str) -> str | None:
        """Who that is, without the name; None: nobody."""
        if not principal:
            return None
        name = principal.removeprefix("person:")
        return self.pseudonym(name)
