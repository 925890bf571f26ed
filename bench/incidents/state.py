"""What is on record of a company at one time: healthy unless said otherwise."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, TypeVar

from gadfly.ask.facts import TABLES

DAY = 86_400.0
HOUR = 3_600.0
LOOK = 20_500 * DAY
"""The time of the look, a week before the incident: a midnight, seconds since the epoch."""
LISTENERS = ("ear-north", "ear-south")
TEAM = "operations"
"""Answers for what the incident is about."""

Either = TypeVar("Either")


class State:
    """Rows by table. Times are told in days before the look.

    mended: the company has put right what the questions would have named.
    """

    def __init__(self, mended: bool = False) -> None:
        self.mended = mended
        self.rows: dict[str, list[dict[str, Any]]] = {}
        self.names: set[str] = set()
        """Of what was put on record through the methods that take a name."""

    def was(self, found: Either, mended: Either) -> Either:
        """What was found, or what it is after it was put right."""
        return mended if self.mended else found

    def add(self, table: str, **row: Any) -> None:
        self.rows.setdefault(table, []).append(row)

    def columns(self, table: str) -> dict[str, list[Any]]:
        """As a world takes them; none where the table has no rows."""
        rows = self.rows.get(table, [])
        names = dict.fromkeys(name for row in rows for name in row)
        unknown = names.keys() - {column.name for column in TABLES[table].columns}
        if unknown:
            raise KeyError(f"table {table} has no column {sorted(unknown)}: write what the facts know")
        return {name: [row.get(name) for row in rows] for name in names}

    def component(self, name: str, tier: int = 2, *, heard: int = 40, **row: Any) -> None:
        """Declared, owned, on call, and heard by both listeners for so many days."""
        self.names.add(name)
        usual = {"kind": "service", "owner": TEAM, "declared": True, "environment": "production"}
        usual |= {"hosts": 3, "slo": 0.999 if tier <= 2 else 0.995, "on_call": True, "since": ago(800)}
        self.add("component", **(usual | {"name": name, "tier": tier} | row))
        for day in range(heard):
            for ear in LISTENERS:
                self.add("heartbeat_daily", component=name, listener=ear, day=int(ago(day + 1) // DAY),
                         beats=8_640, lost=1, gap_p50=10.0, gap_p999=11.5, gap_max=21.0, dead_after=30.0,
                         worst_hour=0.003, restarted=False, listeners=2)  # fmt: skip

    def edge(self, src: str, dst: str, kind: str = "hard", **row: Any) -> None:
        usual: dict[str, Any] = {"declared": True, "calls": 60.0, "paths": 2, "since": ago(800)}
        self.add("edge", **(usual | {"src": src, "dst": dst, "kind": kind} | row))

    def function(self, name: str, **row: Any) -> None:
        """Not destructive, can be taken back, measured afterwards, refuses an empty list; used as granted."""
        self.names.add(name)
        usual = {"owner": TEAM, "destructive": False, "reversible": True, "rollback": f"undo-{name}"}
        usual |= {"post_condition": "the target is in the wanted state", "refuses_empty": True}
        usual |= {"role": f"{name}-role", "permissions": 4, "permissions_used": 4, "since": ago(800)}
        self.add("function", **(usual | {"name": name} | row))
        if (usual | row)["rollback"]:
            self.drills("rollback", name, every=60, count=12)

    def automation(
        self, name: str, function: str, *, earned: bool = True, stops: bool = True, **row: Any
    ) -> None:
        """Acts alone (level 4) since 400 days, after 400 days in which people approved each of its runs; its
        stop is pulled each month."""
        self.names.add(name)
        usual = {"owner": TEAM, "target_limit": 8, "stop_needs": [], "level": 4, "level_since": ago(400)}
        usual |= {"since": ago(400)}
        if earned:
            for level, begin, end in ((2, 800, 600), (3, 600, 400)):
                stage = {"level": level, "level_since": ago(begin), "since": ago(begin), "until": ago(end)}
                self.add("automation", **(usual | row | {"name": name, "function": function} | stage))
            self.runs(name, function, range(402, 798, 4))
        self.add("automation", **(usual | {"name": name, "function": function} | row))
        if stops:
            self.drills("stop", name, every=30, count=12)

    def runs(self, automation: str, function: str, days: Iterable[float], **row: Any) -> None:
        """A run on each of these days ago, on another target each time, measured by a check."""
        usual: dict[str, Any] = {
            "actor": f"automation:{automation}",
            "actor_kind": "automation",
            "mode": "real",
        }
        usual |= {"outcome": "verified", "checked_by": f"{function}-done", "owner": TEAM}
        usual |= {"targets": 2, "group_size": 400, "fleet": 0.005, "target_limit": 8, "stale": 0.0}
        for day in days:
            at = ago(day) + 10 * HOUR
            number = len(self.rows.get("action", ()))
            self.add("action", **(usual | {
                "id": f"{function}-{number}", "at": at, "automation": automation, "function": function,
                "target": f"{function}-target-{number % 97}", "finished": at + 120,
            } | row))  # fmt: skip

    def guard(self, name: str, a_day: int, *, proved: bool = True, **row: Any) -> None:
        """So many requests passed it a day; each week one that was made to be refused was."""
        self.names.add(name)
        self.add("guard", **({"name": name, "owner": TEAM, "since": ago(800)} | row))
        for day in range(1, 200):
            self.add("request", guard=name, at=ago(day), denied=False, synthetic=False, count=a_day)
            if proved and day % 7 == 1:
                self.add("request", guard=name, at=ago(day) + HOUR, denied=True, synthetic=True, count=1)

    def grant(self, id: str, principal: str, function: str, *, uses: int = 40, **row: Any) -> None:
        """Renewed a month ago, ends in two, and is used on what it is for, from one host."""
        self.names |= {id, principal, row.get("person") or principal}
        usual = {"owner": TEAM, "scope": "its own group", "targets": 10, "wildcard": False}
        usual |= {"purpose": f"to {function}", "since": ago(300), "renewed": ago(30), "expires": ago(-60)}
        self.add("grant", **(usual | {"id": id, "principal": principal, "function": function} | row))
        for number in range(uses):
            self.add("use", grant=id, principal=principal, at=ago(1 + 2 * number), function=function,
                     target=f"{id}-target-{number % 10}", host=f"{principal}-host", owner=TEAM)  # fmt: skip

    def monitor(self, name: str, **row: Any) -> None:
        """An independent listener hears it; a test page travels each week."""
        self.names.add(name)
        self.add("monitor", **({"name": name, "owner": TEAM, "dead_man": True, "since": ago(800)} | row))
        self.drills("page", name, every=7, count=20)

    def drills(self, kind: str, subject: str, every: float, count: int) -> None:
        for number in range(count):
            at = ago(3 + every * number)
            self.add("drill", kind=kind, subject=subject, at=at, ok=True, took=20.0, promised=60.0)


def ago(days: float) -> float:
    """Seconds since the epoch, so many days before the look."""
    return LOOK - days * DAY
