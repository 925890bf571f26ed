"""``scale:up 1 2..10 /usr/local/bin/scale {group} {count}``: more of a group, or ``down``, in bounds.

The program gets the new number in ``{count}``: an absolute one, so that a command which is run twice does
what it did once. The number is counted from the picture. At a bound nothing is run.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Mapping
from typing import NamedTuple

from gadfly.act.action import command
from gadfly.act.action.command import Command
from gadfly.act.action.effect import Edge, Effect, unstarted

MOST = 100_000
"""Members of a group at most."""

_FORM = re.compile(r"(up|down)\s+(\d{1,6})\s+(\d{1,6})\.\.(\d{1,6})\s+(.+)", re.DOTALL)


class Scale(NamedTuple):
    """A parsed action."""

    step: int
    least: int
    most: int
    command: Command

    def size(self, now: int) -> int:
        """The new number of members. ValueError where there is none, with the reason."""
        if not now:
            raise ValueError("the group has no members that anybody sees; its size cannot be told from that")
        wanted = min(self.most, max(self.least, now + self.step))
        if (wanted - now) * self.step <= 0:
            bound = f"{self.least}..{self.most}"
            raise ValueError(f"it has {now} members and stays within {bound}: nothing to do")
        return wanted


def parse(text: str) -> Scale:
    """Read it. ValueError for whoever wrote it."""
    found = _FORM.fullmatch(text.strip())
    if found is None:
        raise ValueError(
            "a step, its bounds and a program: scale:up 1 2..10 /usr/local/bin/scale {group} {count}"
        )
    step = int(found[2]) * (1 if found[1] == "up" else -1)
    least, most = int(found[3]), int(found[4])
    if not step or not least < most <= MOST:
        raise ValueError(f"a step is not 0, and bounds go from a smaller to a larger number up to {MOST:,}")
    program = command.parse(found[5], ("count",))
    if not any("count" in word.fields for word in program.words):
        raise ValueError("the program is not told the new number; write {count} among its arguments")
    return Scale(step, least, most, program)


def check(text: str) -> None:
    """ValueError where it could never run."""
    parse(text)


def describe(text: str, values: Mapping[str, str], edge: Edge) -> str:
    """What would be run, with the number as it is counted now."""
    found = parse(text)
    now = _count(values, edge)
    size = found.size(now)
    filled = found.command.filled({**values, "count": str(size)})
    return f"from {now} to {size}: run {shlex.join(filled)}"


async def do(text: str, values: Mapping[str, str], edge: Edge) -> Effect:
    """Run the program with the new number."""
    found = parse(text)
    try:
        size = found.size(_count(values, edge))
    except ValueError as error:
        return unstarted(str(error))
    return await command.launch(found.command, {**values, "count": str(size)}, edge)


def _count(values: Mapping[str, str], edge: Edge) -> int:
    if edge.count is None:
        raise ValueError("this executor sees no picture and cannot count a group")
    if not values.get("group"):
        raise ValueError("the target is in no group; there is nothing to count")
    return edge.count(values["group"])
