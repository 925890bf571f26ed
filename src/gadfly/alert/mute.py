"""Why nobody is told of an alert now: a silence, a maintenance window, a rule, or something above it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

from gadfly.alert import maintenance, silence
from gadfly.alert.alert import URGENT, Alert, labels
from gadfly.alert.inhibit import Above, declared
from gadfly.alert.match import matches
from gadfly.alert.silence import Silence
from gadfly.config import Config


class Mutes:
    """The reasons of one configuration."""

    def __init__(self, config: Config) -> None:
        self._windows = config.maintenance
        self._rules = config.inhibit
        self.edge = float("inf")
        """When a window opens or closes or a silence ends next, as of the last :meth:`at` (seconds since the
        epoch); `inf`: never."""
        self._asked = float("-inf")

    @property
    def has_rules(self) -> bool:
        """Whether inhibit rules are declared."""
        return bool(self._rules)

    def at(
        self,
        wall: float,
        alerts: Mapping[str, Alert],
        silences: Iterable[Silence],
        stands_on: Mapping[str, Sequence[str]],
    ) -> Callable[[Alert], str]:
        """A function that says, for this moment, why nobody is told of an alert; empty: they are."""
        silences = tuple(silences)
        edges = [maintenance.next_edge(window, wall) for window in self._windows]
        edges += [one.ends for one in silences if one.ends > wall]
        self.edge = min((edge for edge in edges if edge is not None), default=float("inf"))
        self._asked = wall
        by_label = self.by_label(wall, silences)
        ruled = declared(self._rules, alerts.values())
        above = Above(alerts, stands_on)

        def why(alert: Alert) -> str:
            if by_label is not None and (found := by_label(labels(alert))):
                return found
            source = above.source(alert.component)
            if source and alert.reported and alert.verdict in URGENT and source in alert.subject.needs:
                source = None  # it says more of the component than that it is down
            source = source or (self._rules and ruled(alert)) or None
            if source is None:
                return ""
            other = alerts[source]
            return f"inhibited: {other.title} {'fires' if other.reported else f'is {other.verdict.name}'}"

        return why

    def by_label(self, wall: float, silences: Iterable[Silence]) -> Callable[[Mapping[str, str]], str] | None:
        """The same for labels alone, by silences and windows; None: none is in force."""
        silences = [one for one in silences if one.ends > wall]
        windows = [window for window in self._windows if maintenance.until(window, wall) is not None]
        if not silences and not windows:
            return None

        def why(own: Mapping[str, str]) -> str:
            if found := silence.covering(silences, own, wall):
                return silence.words(found)
            window = next((window for window in windows if matches(window.match, own)), None)
            return maintenance.words(window) if window else ""

        return why

    def turned(self, wall: float) -> bool:
        """Whether time alone may have changed the answers for any alert since :meth:`at` was last asked.

        A window or a silence began or ended; or the clock was set back, perhaps into one that had ended.
        """
        return wall >= self.edge or wall < self._asked
