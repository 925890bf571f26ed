"""Which lines matter: matched as they come, counted by rule and host, told where the rule says so."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

import re2

from gadfly.config.logs import LogRule
from gadfly.pattern import BYTES, compiled, more_than
from gadfly.store.logs import SEVERITIES, Kept
from gadfly.store.logs.query import like

HOSTS = 200
"""Hosts of a rule that are told apart; the others are one, named `other`."""
SHOWN = 5
"""Last lines that stand in an alert."""
OTHER = "other"


class Firing(NamedTuple):
    """An alert as it is now."""

    rule: str
    host: str
    starts: float
    ends: float
    matched: int
    """Lines that matched since it began to fire."""
    lines: tuple[Kept, ...]
    """The last of them."""


class _State:
    def __init__(self, most: int) -> None:
        self.times: deque[float] = deque(maxlen=most + 1)
        self.lines: deque[Kept] = deque(maxlen=SHOWN)
        self.starts = 0.0
        self.ends = 0.0
        self.count = 0


class _Rule:
    def __init__(self, name: str, rule: LogRule) -> None:
        self.name = name
        self.rule = rule
        self.pattern = compiled(rule.match)
        self.severity = 7 if rule.severity is None else SEVERITIES.index(rule.severity)
        self.tells = rule.alert or bool(rule.more_than)
        self.most, self.window = more_than(rule.more_than) if rule.more_than else (0, float(rule.quiet))

    def takes(self, line: Kept) -> bool:
        rule = self.rule
        return (
            line.severity <= self.severity
            and like(rule.source, line.source)
            and like(rule.host, line.host)
            and like(rule.unit, line.unit)
        )


class Rules:
    """All of them, as one set of patterns. Used by one thread at a time."""

    def __init__(self, rules: Mapping[str, LogRule]) -> None:
        self._rules = [_Rule(name, rule) for name, rule in rules.items()]
        self._states: dict[tuple[str, str], _State] = {}
        self._hosts: dict[str, set[str]] = {}
        self._changed: dict[tuple[str, str], None] = {}
        self._any = _one_of([rule.rule.match for rule in self._rules])

    def __len__(self) -> int:
        return len(self._rules)

    @property
    def memory(self) -> float:
        """Seconds of lines that are to be seen again after a restart, so that none is counted too little."""
        return max((max(rule.window, rule.rule.quiet) for rule in self._rules if rule.tells), default=0.0)

    def match(self, lines: Iterable[Kept]) -> Counter[tuple[str, str]]:
        """How many matched, by rule and host. What is to be told of them, `changed` says."""
        found: Counter[tuple[str, str]] = Counter()
        for line in lines:
            if self._any is not None and self._any.search(line.text) is None:
                continue
            for rule in self._rules:
                if rule.pattern.search(line.text) is not None and rule.takes(line):
                    key = (rule.name, self._host(rule.name, line.host))
                    found[key] += 1
                    if rule.tells:
                        self._note(rule, key, line)
        return found

    def _host(self, rule: str, host: str) -> str:
        known = self._hosts.setdefault(rule, set())
        if host in known or len(known) < HOSTS:
            known.add(host)
            return host
        return OTHER

    def _note(self, rule: _Rule, key: tuple[str, str], line: Kept) -> None:
        """By when lines came: what senders say of time may be anything."""
        state = self._states.setdefault(key, _State(rule.most))
        at = line.number / 1e6
        state.times.append(at)
        state.lines.append(line)
        state.count += 1
        if len(state.times) > rule.most and at - state.times[0] <= rule.window:
            if at >= state.ends:
                state.starts, state.count = state.times[0], len(state.times)
            state.ends = at + rule.rule.quiet
            self._changed[key] = None

    @property
    def pending(self) -> bool:
        """Whether `changed` has something to say."""
        return bool(self._changed)

    def changed(self) -> Sequence[Firing]:
        """Alerts that began, or go on, since it was last asked."""
        found = []
        for key in self._changed:
            state = self._states[key]
            found.append(Firing(*key, state.starts, state.ends, state.count, tuple(state.lines)))
        self._changed.clear()
        return found

    def rule(self, name: str) -> LogRule:
        """The rule of that name."""
        return next(one.rule for one in self._rules if one.name == name)


def _one_of(patterns: Sequence[str]) -> re2._Regexp | None:
    """One pattern that finds what any of them finds; None where that is no gain, or would be too large.

    Not RE2's set of patterns: where that runs out of memory it finds nothing, and says so to nobody.
    """
    options = re2.Options()
    options.log_errors = False
    options.max_mem = 4 * BYTES
    try:
        return re2.compile("|".join(f"(?:{one})" for one in patterns), options) if len(patterns) > 1 else None
    except re2.error:
        return None
