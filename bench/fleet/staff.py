"""Teams, their departments, and who is on call."""

from __future__ import annotations

from fleet.calendar import WEEK, at
from fleet.fleet import Fleet

DEPARTMENTS = ("platform", "product", "data")
TEAMS = 14


def hire(fleet: Fleet) -> None:
    """The ordinary teams."""
    for _ in range(TEAMS):
        fleet.team(ordinary=True)


def write(fleet: Fleet) -> None:
    """Rows of every team there is by now."""
    fleet.add("owner", name="head", members=1, zone="UTC", since=at(-1500))
    for name in DEPARTMENTS:
        fleet.add("owner", name=f"dept-{name}", parent="head", members=2, zone="UTC", since=at(-1500))
    for number, team in enumerate(fleet.teams):
        usual = {
            "name": team.name,
            "parent": f"dept-{DEPARTMENTS[number % len(DEPARTMENTS)]}",
            "zone": team.zone,
            "members": len(team.people),
            "promise": team.promise,
            "away": False,
            "since": at(-900),
        }
        fleet.add("owner", **(usual | team.row))
        if team.rota is not None:
            for row in team.rota:
                fleet.add("rota", **({"owner": team.name} | row))
            continue
        for week in range(-4, 36):
            begin = at(7 * week)
            for level in (1, 2):
                fleet.add(
                    "rota",
                    owner=team.name,
                    person=team.on_call(begin, level),
                    level=level,
                    starts=begin,
                    ends=begin + WEEK,
                )
