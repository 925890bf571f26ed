"""Each owner's load against what it can bear, so that overload is named before it hurts. Pure.

What stands (components, checks, automations) is compared as it is. What comes (pages, approvals, questions)
is counted by weeks, the last four; where a straight line through them (least squares) reaches the budget
within :data:`AHEAD` weeks, that is said while there is time to do something about it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from enum import IntEnum

import msgspec

from gadfly import hours, rate
from gadfly.config import Config
from gadfly.config.component import Component
from gadfly.config.owner import Owner

WEEKS = 4
"""Weeks that are counted: enough for a direction, and no longer than people remember."""
AHEAD = 2.0
"""Weeks: one to notice, one to change something."""
HALF = 0.5
"""Of the budget: below, no direction is worth a word."""
NIGHT = hours.parse("Mon-Sun 07:00-22:00")
"""When an owner without hours is awake."""
STANDING = ("components", "checks", "automations")
COMING = ("pages", "night", "approvals", "questions")


class State(IntEnum):
    """How a load stands to its budget; the higher, the worse."""

    fine = 0
    near = 1
    """It will be over within :data:`AHEAD` weeks, as it goes."""
    over = 2


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """One kind of load."""

    what: str
    """A name of :data:`STANDING` or :data:`COMING`."""
    used: int
    budget: float
    weeks: tuple[int, ...] = ()
    """What came in each of the last weeks, the oldest first; empty for what stands."""
    state: State
    words: str = ""
    """For people, where it is not fine."""


class OwnerLoad(msgspec.Struct, frozen=True, kw_only=True):
    """All of one owner."""

    owner: str
    lines: tuple[Line, ...]

    @property
    def state(self) -> State:
        """The worst of its lines."""
        return max((line.state for line in self.lines), default=State.fine)

    @property
    def share(self) -> float:
        """The largest share of a budget that is used; 1 is all of it."""
        return max((_share(line) for line in self.lines), default=0.0)

    @property
    def words(self) -> str:
        """What there is, or will be, too much of; empty where it can be borne."""
        return "; ".join(line.words for line in self.lines if line.words)


def standing(config: Config) -> dict[str, dict[str, int]]:
    """By owner: what its people must have in mind, as the catalogue declares it."""
    found = {name: dict.fromkeys(STANDING, 0) for name in config.owner}
    for component in config.component.values():
        host = config.component.get(component.host)
        owner = component.owner or (host.owner if host else "")
        if owner in found:
            found[owner]["components"] += 1
            found[owner]["checks"] += _checks(component)
    for automation in config.automation.values():
        if automation.owner in found:
            found[automation.owner]["automations"] += 1
    return found


def judge(config: Config, coming: Mapping[str, Mapping[str, Sequence[int]]]) -> list[OwnerLoad]:
    """Every owner, the most loaded first. `coming`: by owner and name, counts by weeks, the oldest first."""
    there = standing(config)
    found = [
        OwnerLoad(
            owner=name,
            lines=(
                *(_stands(what, there[name][what], getattr(owner.load, what)) for what in STANDING),
                *(
                    _comes(what, coming.get(name, {}).get(what, ()), rate.parse(getattr(owner.load, what)))
                    for what in COMING
                ),
            ),
        )
        for name, owner in config.owner.items()
    ]
    return sorted(found, key=lambda one: (-one.state, -one.share, one.owner))


def at_night(owner: Owner, wall: float) -> bool:
    """Whether a page at this moment finds this owner's people asleep, or at least not at work."""
    return not (hours.parse(owner.hours) if owner.hours else NIGHT).covers(wall)


def slope(weeks: Sequence[int]) -> float:
    """How many more each week, by the straight line of least squares."""
    count = len(weeks)
    if count < 2:
        return 0.0
    middle, mean = (count - 1) / 2, sum(weeks) / count
    spread = sum((index - middle) ** 2 for index in range(count))
    return sum((index - middle) * (value - mean) for index, value in enumerate(weeks)) / spread


def _stands(what: str, used: int, budget: int) -> Line:
    over = used > budget
    words = f"{used:,} {what}, and {budget:,} can be borne" if over else ""
    return Line(what=what, used=used, budget=budget, state=State.over if over else State.fine, words=words)


def _comes(what: str, weeks: Sequence[int], budget: float) -> Line:
    weeks = tuple(weeks) or (0,) * WEEKS
    used = weeks[-1]
    name = "pages at night" if what == "night" else what
    state, words = State.fine, ""
    if used > budget:
        state, words = State.over, f"{used:,} {name} within a week, and {budget:g} can be borne"
    elif used >= HALF * budget and (grows := slope(weeks)) > 0 and used + AHEAD * grows > budget:
        state = State.near
        words = (
            f"{used:,} {name} within a week and {grows:.1f} more each week: "
            f"within {AHEAD:.0f} weeks it will be more than the {budget:g} that can be borne"
        )
    return Line(what=what, used=used, budget=budget, weeks=weeks, state=state, words=words)


def _checks(component: Component) -> int:
    probes: Iterable[Sequence[object]] = (
        getattr(component.probe, kind) for kind in component.probe.__struct_fields__
    )
    return sum(map(len, probes)) + bool(component.beats) + bool(component.schedule)


def _share(line: Line) -> float:
    if line.budget:
        return line.used / line.budget
    return 2.0 if line.used else 0.0
