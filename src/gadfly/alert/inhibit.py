"""Who is not told because of somebody else: a host down inhibits what runs on it, a need down what needs it.

Both go on through others (an application needs a database that runs on a host), and through components
that have no alert themselves. Where components need each other in a circle, the one that fell first speaks
for all. Declared rules work as Alertmanager's. Inhibition stops telling, never watching.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

from gadfly.alert.alert import Alert, labels
from gadfly.alert.match import matches
from gadfly.config.alerting import Inhibit
from gadfly.monitor.verdict import Verdict

NEED_GONE = frozenset({Verdict.down, Verdict.gray, Verdict.missing})
"""A need that is like this cannot be used. (A zombie answers its probe, so it can.)"""
HOST_GONE = frozenset({Verdict.down, Verdict.missing})
"""A host that is like this runs nothing. (A gray one still beats.)"""


_NONE: frozenset[str] = frozenset()


class Above:
    """What stands above each component, among the alerts that are open. Made for one pass; it remembers."""

    def __init__(self, alerts: Mapping[str, Alert], above: Mapping[str, Sequence[str]]) -> None:
        """`above`: all that each component with an alert runs on and needs, near and far."""
        self._alerts = alerts
        self._above = above
        self._known: dict[str, frozenset[str]] = {}

    def gone(self, component: str) -> frozenset[str]:
        """The components above this one (not itself) that are gone, near and far."""
        known = self._known.get(component)
        if known is None:
            known = _NONE
            for name in self._above.get(component, ()):
                other = self._alerts.get(name)
                if other is not None and other.verdict in _gone(other):
                    known |= {name}
            self._known[component] = known
        return known

    def source(self, component: str) -> str | None:
        """The one because of which nobody need be told about `component`; None: somebody must be.

        It is the highest: nothing above it is gone, or all that is stands in a circle with it.
        """
        above = self.gone(component)
        if not above:
            return None
        highest = [name for name in above if all(name in self.gone(other) for other in self.gone(name))]
        circle = [name for name in highest if component in self.gone(name)]
        speaker = min([*circle, component] if circle else highest, key=self._age)
        return None if speaker == component else speaker

    def _age(self, name: str) -> tuple[float, str]:
        return self._alerts[name].since, name


def _gone(alert: Alert) -> frozenset[Verdict]:
    return HOST_GONE if alert.subject.kind == "host" else NEED_GONE


def declared(rules: Iterable[Inhibit], alerts: Iterable[Alert]) -> Callable[[Alert], str | None]:
    """A function that names the source by which a declared rule inhibits an alert, or None.

    As in Alertmanager, an alert that matches both sides of a rule is not inhibited by another that does.
    """
    compiled = []
    everything = [(alert, labels(alert)) for alert in alerts] if (rules := tuple(rules)) else []
    for rule in rules:
        sources: dict[tuple[str, ...], tuple[str, bool]] = {}
        for alert, own in everything:
            if matches(rule.source, own):
                key = tuple(own.get(name, "") for name in rule.equal)
                both = matches(rule.target, own)
                if key not in sources or (sources[key][1] and not both):
                    sources[key] = (alert.component, both)
        compiled.append((rule, sources))

    def source(alert: Alert) -> str | None:
        own = labels(alert)
        for rule, sources in compiled:
            if not matches(rule.target, own):
                continue
            found = sources.get(tuple(own.get(name, "") for name in rule.equal))
            if found is None or found[0] == alert.component:
                continue
            if found[1] and matches(rule.source, own):
                continue
            return found[0]
        return None

    return source
