"""A team, as far as it matters to when and how often it is asked."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from gadfly import hours

AWAKE = "Mon-Sun 07:00-22:00"
"""When a team without declared hours is asked, by its own clock."""
WEEK = 5.0
"""New questions a week at most, whatever a team allows itself."""


class Team(msgspec.Struct, frozen=True, kw_only=True):
    """What the owner declared, and what is known of it now."""

    name: str
    parent: str = ""
    """Its own owner; empty: nobody."""
    hours: str = ""
    """`Mon-Fri 08:00-18:00 Europe/Berlin`; empty: by day in its zone."""
    zone: str = ""
    """IANA name, for teams without hours; empty, or unknown here: UTC."""
    members: int = 1
    """People in it. Of a team without any its parent is asked."""
    week: float = WEEK
    """New questions a week that it allows, where that is fewer than :data:`WEEK`."""
    busy: bool = False
    """It has an open incident."""
    away: bool = False
    delegates: tuple[str, ...] = ()
    """Who stand in for it now."""


Teams = Mapping[str, Team]


def team(teams: Teams, name: str) -> Team:
    """By its name; of one that is not known nothing else is."""
    return teams.get(name) or Team(name=name)


def asked(teams: Teams, name: str) -> str:
    """Who is asked in its place: itself, or the next one above that has people in it."""
    seen = {name}
    at = name
    while (one := teams.get(at)) is not None and one.members == 0 and one.parent and one.parent not in seen:
        at = one.parent
        seen.add(at)
    return at


def clock(one: Team) -> hours.Hours:
    """Its waking or working hours."""
    if one.hours:
        return hours.parse(one.hours)
    try:
        return hours.parse(f"{AWAKE} {one.zone or 'UTC'}")
    except ValueError:
        return hours.parse(AWAKE)


def quiet(one: Team, now: float) -> str:
    """Why it is not asked now; empty: it may be."""
    if one.busy:
        return "it has an open incident"
    if one.away:
        return "it is away"
    if not clock(one).covers(now):
        return "it is outside its hours"
    return ""
