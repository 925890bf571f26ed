"""One group as it stands: what its rules came to last, the series they wrote, the alerts they have."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

from gadfly.errors import GadflyError
from gadfly.promql import Limits
from gadfly.promql.source import STALE, Labels, Matcher, Selects
from gadfly.rules.active import Active, Alerts, Key, restored
from gadfly.rules.evaluate import Near, Shared, evaluated
from gadfly.rules.rule import ALERTS, FOR_STATE, Group, Rule, reads

log = logging.getLogger("gadfly.rules")

Rows = list[tuple[Key, float]]
"""Series and the value of each; the stale marker is `STALE`."""

RESTORED = 3_600_000
"""Milliseconds for which the state of `for` is looked back at after a start: an hour, as in Prometheus."""


@dataclass(slots=True)
class RuleStanding:
    """One rule."""

    rule: Rule
    alerts: Alerts
    wrote: set[Key] = field(default_factory=set)
    """Series that had a sample at the last evaluation."""
    error: str = ""
    at: float | None = None
    """When it was evaluated last, seconds since the epoch."""
    took: float = 0.0
    near: tuple[Near, ...] = ()
    failures: int = 0


class GroupStanding:
    """A group at work. :meth:`turn` runs in a thread; meanwhile only who looks may ask."""

    def __init__(self, group: Group, interval: float) -> None:
        self.group = group
        self.interval = interval
        self.rules = [RuleStanding(rule, Alerts(rule.hold, rule.keep)) for rule in group.rules]
        self.at: float | None = None
        self.took = 0.0
        self.turns = 0
        self.missed = 0
        self._reads = [reads(rule.node) for rule in group.rules]
        self._restored = False

    def follow(self, other: GroupStanding) -> None:
        """Go on from the same group as it was before a reload: rules that did not change keep their state."""
        known: dict[tuple[str, str], list[RuleStanding]] = {}
        for one in other.rules:
            known.setdefault((one.rule.name, str(one.rule.labels)), []).append(one)
        for place, one in enumerate(self.rules):
            same = known.get((one.rule.name, str(one.rule.labels)))
            if same and same[0].rule.records is one.rule.records:
                before = same.pop(0)
                self.rules[place] = RuleStanding(
                    one.rule,
                    Alerts(one.rule.hold, one.rule.keep, before.alerts.active),
                    before.wrote,
                    before.error,
                    before.at,
                    before.took,
                    before.near,
                    before.failures,
                )
        self.at, self.took, self._restored = other.at, other.took, other._restored
        self.turns, self.missed = other.turns, other.missed

    def gone(self, after: GroupStanding | None) -> tuple[Rows, list[tuple[Rule, Active]]]:
        """What ends with a reload: the series to be marked stale, and the alerts that are over."""
        kept = {id(one.alerts.active) for one in after.rules} if after else set()
        rows: Rows = []
        ended: list[tuple[Rule, Active]] = []
        for one in self.rules:
            if id(one.alerts.active) in kept:
                continue
            rows += [(key, STALE) for key in one.wrote]
            ended += [(one.rule, active) for active in one.alerts.standing() if active.firing is not None]
        return rows, ended

    def turn(
        self,
        source: Selects,
        at: int,
        limits: Limits,
        write: Callable[[Rows], None],
        url: str,
        owned: Callable[[Labels], bool] = lambda _labels: True,
    ) -> None:
        """Evaluate every rule at `at` (ms), in their order. `write` takes what is to be kept, and may wait.

        What a rule writes is written before another reads it. `owned`: whether the series of these labels is
        the node's own; since when alerts hold is not believed to another's. StoreError: the store does not
        take it.
        """
        began = time.monotonic()
        shared = Shared(source)
        pending: Rows = []
        names: set[str] = set()
        for one, reading in zip(self.rules, self._reads, strict=True):
            if pending and (reading is None or not names.isdisjoint(reading)):
                write(pending)
                shared.forget()
                pending, names = [], set()
            pending += self._rule(one, shared, at, limits, url, owned)
            names |= one.rule.writes
        if pending:
            write(pending)
        self._restored = True
        self.at, self.took = at / 1000, time.monotonic() - began
        self.turns += 1

    def _rule(
        self,
        one: RuleStanding,
        source: Selects,
        at: int,
        limits: Limits,
        url: str,
        owned: Callable[[Labels], bool],
    ) -> Rows:
        began = time.monotonic()
        try:
            outcome = evaluated(source, self.group, one.rule, at, limits, url)
            rows: dict[Key, float] = dict(outcome.rows)
            if not one.rule.records:
                if not self._restored and one.rule.hold > 0:
                    _restore(source, one.rule, outcome.holding, at, limits, owned)
                one.alerts.turn(outcome.holding, at / 1000)
                rows = dict(_states(one.alerts))
            one.near, one.error = outcome.near, ""
        except Exception as error:  # a defect that one rule meets must end neither the others nor the node
            # What cannot be known is not over: alerts and series stay as they are, and expire if this lasts.
            if not isinstance(error, GadflyError):
                log.exception("rule %s of group %s", one.rule.name, self.group.name)
            one.error = str(error) or repr(error)
            one.failures += 1
            one.at, one.took = at / 1000, time.monotonic() - began
            return []
        gone = [(key, STALE) for key in one.wrote if key not in rows]
        one.wrote = set(rows)
        one.at, one.took = at / 1000, time.monotonic() - began
        return [*rows.items(), *gone]


def _states(alerts: Alerts) -> Iterator[tuple[Key, float]]:
    """The series of an alerting rule: ALERTS with its state, and since when it holds."""
    for one in alerts.standing():
        labels = tuple(one.labels.items())
        yield tuple(sorted((*labels, ("__name__", ALERTS), ("alertstate", one.state)))), 1.0
        yield tuple(sorted((*labels, ("__name__", FOR_STATE)))), float(int(one.since))


def _restore(
    source: Selects,
    rule: Rule,
    holding: Mapping[Key, Active],
    at: int,
    limits: Limits,
    owned: Callable[[Labels], bool],
) -> None:
    """After a start: since when what holds did so before."""
    if not holding:
        return
    wanted = (Matcher("__name__", "=", FOR_STATE), Matcher("alertname", "=", rule.name))
    chunk = source.select(wanted, at - RESTORED, at - 1, limits)
    for place, labels in enumerate(chunk.labels):
        key = tuple(sorted((name, text) for name, text in labels.items() if name != "__name__"))
        start, end = int(chunk.offsets[place]), int(chunk.offsets[place + 1])
        one = holding.get(key)
        known = [
            number
            for number in range(start, end)
            if chunk.value[number] == chunk.value[number]  # the last that is no stale marker
        ]
        if one is not None and known and owned(labels):
            last = known[-1]
            one.since = restored(float(chunk.value[last]), chunk.at[last] / 1000, at / 1000, rule.hold)
