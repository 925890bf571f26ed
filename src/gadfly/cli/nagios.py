"""Exit codes and performance data as Nagios plugins have them (Monitoring Plugins Development Guidelines)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import IntEnum


class State(IntEnum):
    """The exit code of a command that was asked how things are."""

    ok = 0
    warning = 1
    critical = 2
    unknown = 3


OF_VERDICT = {
    "down": State.critical,
    "gray": State.critical,
    "zombie": State.critical,
    "missing": State.critical,
    "degraded": State.warning,
    "unknown": State.unknown,
    "undeclared": State.ok,
    "left": State.ok,
    "healthy": State.ok,
}
"""What a verdict means for the one who asks. Undeclared ones beat well; who left, left on purpose."""

WORST_FIRST = tuple(OF_VERDICT)
OF_OUTCOME = {"pass": State.ok, "passing": State.ok, "warn": State.warning, "fail": State.critical}
_GRAVITY = (State.ok, State.unknown, State.warning, State.critical)


def worst(verdicts: Iterable[str]) -> State:
    """The gravest state of several components; `unknown` where there are none, for then nobody was asked."""
    states = [OF_VERDICT.get(verdict, State.unknown) for verdict in verdicts]
    return max(states, key=_GRAVITY.index, default=State.unknown)


def worst_of(counts: Mapping[str, int]) -> State:
    """The same from a number of components for each verdict."""
    return worst(verdict for verdict, count in counts.items() if count)


def perfdata(values: Mapping[str, float | int]) -> str:
    """``'label'=value`` pairs, separated by blanks."""
    return " ".join(f"'{_label(name)}'={value:g}" for name, value in values.items())


def _label(name: str) -> str:
    return name.replace("=", "_").replace("'", "_")
