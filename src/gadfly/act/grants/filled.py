"""What a text that is done says for one target, with its fields filled: what a grant's patterns meet.

A prohibition of `systemd:restart orders-db*` must stop ``systemd:restart {component}`` on orders-db1,
whatever the text says before it is filled.
"""

from __future__ import annotations

import shlex
from collections.abc import Callable

from gadfly.act.action import systemd, template
from gadfly.act.executing.executor import fields
from gadfly.act.plan import Plan, Target


def filled(plan: Plan, target: Target) -> tuple[str, ...]:
    """The argument as it would be done to this target, first as its kind writes it, then as people write it.

    Words are separated by one blank, quotes are taken off. ValueError where a field has no value.
    """
    kind = plan.action.partition(":")[0]
    values = fields(plan, target)
    parsed = template.parse(_words(kind, plan.argument), ("count",))
    if "count" in parsed.fields:
        values = {**values, "count": "*"}
    plain = parsed.fill(values, str)
    return tuple(dict.fromkeys((parsed.fill(values, _escape(kind)), plain)))


def _words(kind: str, text: str) -> str:
    """The words apart as their kind takes them apart."""
    if kind in ("command", "http", "scale", "function"):
        return " ".join(shlex.split(text))
    return " ".join(text.split())


def _escape(kind: str) -> Callable[[str], str]:
    return systemd.escape if kind == "systemd" else str
