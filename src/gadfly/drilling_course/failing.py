"""What can be told of: something that fails, as a drill makes it up."""

from __future__ import annotations

from typing import NamedTuple, Protocol

from gadfly.alert.reported import Reported
from gadfly.ask.drill.record import Drill, Kind
from gadfly.config import Config
from gadfly.monitor.change import Change


class Failure(NamedTuple):
    """What the alerts are given."""

    drill: Drill
    """With what had to pass before it is seen."""
    seen: Reported | Change
    config: Config
    """By which it is told."""
    straight: str = ""
    """The owner to whom a letter goes whatever the routes say; empty: by the routes."""


class Failing(Protocol):
    """A rule, a component, or a route."""

    @property
    def kind(self) -> Kind: ...

    @property
    def target(self) -> str: ...

    @property
    def owner(self) -> str: ...

    async def fail(self, drill: Drill) -> Failure:
        """What fails, after what must pass before it is seen. Refused: it cannot fail."""
