"""What can be done: one file a kind, all with the same three functions.

To add a kind: write `check(text)`, which raises ValueError for whoever wrote a text that could never be done;
`describe(text, values, edge)`, which says exactly what would be done to one target and does nothing; and
`async do(text, values, edge)`, which does it once and returns an :class:`~gadfly.act.action.effect.Effect`.
Put them in :data:`ACTIONS`. `text` is what follows the kind: of ``systemd:restart a@{component}`` it is
``restart a@{component}``. `values` are the fields of one target. None of them decides whether it may.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import NamedTuple

from gadfly.act.action import command, http, notify, scale, signal, systemd
from gadfly.act.action.effect import Edge, Effect


class Action(NamedTuple):
    """One kind of action."""

    check: Callable[[str], None]
    describe: Callable[[str, Mapping[str, str], Edge], str]
    do: Callable[[str, Mapping[str, str], Edge], Awaitable[Effect]]
    disturbs: bool = True
    """Whether its target is out of service while it lasts, so that it counts against capacity."""
    each: bool = True
    """Once for each target; False: once for the group."""


ACTIONS: dict[str, Action] = {
    "command": Action(command.check, command.describe, command.do),
    "http": Action(http.check, http.describe, http.do),
    "systemd": Action(systemd.check, systemd.describe, systemd.do),
    "signal": Action(signal.check, signal.describe, signal.do),
    "scale": Action(scale.check, scale.describe, scale.do, each=False),
    "notify": Action(notify.check, notify.describe, notify.do, disturbs=False),
}


def check(run: str) -> None:
    """ValueError, for whoever wrote it, where `run` (as ``systemd:restart a@{component}``) is no action."""
    kind, colon, text = run.partition(":")
    if not colon or kind not in ACTIONS:
        raise ValueError(f'"{run[:80]}" is no action; it begins with one of {", ".join(ACTIONS)} and a colon')
    ACTIONS[kind].check(text)


def find(action: str, argument: str) -> tuple[Action, str]:
    """The action of a plan, and its text. ValueError where there is none."""
    run = f"{action} {argument}".strip()
    check(run)
    kind, _, text = run.partition(":")
    return ACTIONS[kind], text
