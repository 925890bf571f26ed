"""What can be done: one file a kind, all with the same three functions.

To add a kind: write `check(text)`, which raises ValueError for whoever wrote a text that could never be done;
`describe(text, values, edge)`, which says exactly what would be done to one target and does nothing; and
`async do(text, values, edge)`, which does it once and returns an :class:`~gadfly.act.action.effect.Effect`.
Put them in :data:`ACTIONS`. `text` is what follows the kind: of ``systemd:restart a@{component}`` it is
``restart a@{component}``, of ``command /bin/x`` it is ``/bin/x``. `values` are the fields of one target. None
of them decides whether it may.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Mapping
from typing import NamedTuple

from gadfly.act.action import command, function, http, notify, scale, signal, systemd
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
    "function": Action(function.check, function.describe, function.do),
}


_FIRST = re.compile(r"([a-z]+)(?::([A-Za-z][A-Za-z0-9-]*))?", re.ASCII)


def check(run: str) -> None:
    """ValueError, for whoever wrote it, where `run` (as ``systemd:restart a@{component}``) is no action."""
    action, _, argument = run.strip().partition(" ")
    find(action, argument.strip())


def find(action: str, argument: str) -> tuple[Action, str]:
    """The kind and the text of a plan's action (as ``systemd:restart``) and its argument.

    ValueError where they are no action.
    """
    first = _FIRST.fullmatch(action)
    kind = ACTIONS.get(first[1]) if first else None
    if first is None or kind is None:
        known = ", ".join(ACTIONS)
        raise ValueError(
            f'"{action[:80]}" is no action; known are {known}, as systemd:restart or command /bin/x'
        )
    text = f"{first[2] or ''} {argument}".strip()
    kind.check(text)
    return kind, text
