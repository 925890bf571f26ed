"""What a query is about: whose it is, of which component, since when, and what hangs on it."""

from __future__ import annotations

from collections import defaultdict
from functools import cached_property
from typing import Any, NamedTuple

from gadfly.ask.finding import Finding
from gadfly.ask.kind import Kind
from gadfly.ask.world import World

MOST_DOWNSTREAM = 1_000
"""More are not counted: the order of questions goes by the logarithm."""

WHERE = {
    "check": ("check", "name", "component", "owner", "since"),
    "component": ("component", "name", "name", "owner", "since"),
    "job": ("component", "name", "name", "owner", "since"),
    "owner": ("owner", "name", "NULL", "name", "since"),
    "function": ("function", "name", "NULL", "owner", "since"),
    "automation": ("automation", "name", "NULL", "owner", "since"),
    "guard": ("guard", "name", "NULL", "owner", "since"),
    "monitor": ("monitor", "name", "NULL", "owner", "since"),
    "principal": ("principal", "name", "NULL", "owner", "since"),
    "grant": ("grant", "id", "NULL", "owner", "since"),
    "resource": ("resource", "name", "component", "owner", "since"),
    "predictor": ("prediction", "predictor", "component", "owner", "made"),
    "silence": ("silence", "id", "component", "owner", "created"),
    "incident": ("incident", "id", "component", "owner", "began"),
    "decision": ("decision", "id", "NULL", "owner", '"at"'),
    "question": ("question", "id", "NULL", "owner", "asked"),
}
"""Sort of subject: its table, and the columns of its name, component, owner and birth. Those of sort `pair`
and `kind` have none: their queries say all of it."""


class About(NamedTuple):
    """What the facts say of one subject."""

    component: str | None
    owner: str | None
    since: float | None


class Subjects:
    """Looked up once a run for each sort of subject, when the first finding needs it."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._about: dict[str, dict[str, About]] = {}
        self._downstream: dict[str, int] = {}

    def finding(self, kind: Kind, row: dict[str, Any]) -> Finding:
        """A row of the kind's query, with what it leaves open filled in."""
        name: str = row["subject"]
        about = self.about(kind.subject).get(name)
        itself = name if kind.subject in ("component", "job") else None
        component = row.get("component") or (about.component if about else itself)
        place = self.about("component").get(component) if component else None
        exposure = row.get("exposure")
        since = row.get("since")
        if since is None:
            since = about.since if about else (place.since if place else None)
        return Finding(
            kind=kind.name,
            subject=name,
            component=component,
            owner=row.get("owner") or (about.owner if about else None) or (place.owner if place else None),
            tier=self.tiers.get(component, 3) if component else 3,
            worse=float(row["worse"]),
            exposure=1.0 if exposure is None else float(exposure),
            values=row,
            downstream=self.downstream(component) if component else 0,
            since=since,
        )

    def about(self, sort: str) -> dict[str, About]:
        """By name. Of several rows the latest counts, and the birth of the first."""
        known = self._about.get(sort)
        if known is None:
            known = self._about[sort] = self._read(*WHERE[sort]) if sort in WHERE else {}
        return known

    def _read(self, table: str, name: str, component: str, owner: str, born: str) -> dict[str, About]:
        # The raw table knows earlier rows of the same name, which the view no longer shows.
        rows = self._world.ask(
            f"SELECT {name} AS name, arg_max_null({component}, coalesce({born}, 0)) AS component,"  # noqa: S608
            f" arg_max_null({owner}, coalesce({born}, 0)) AS owner,"
            f" CASE WHEN count({born}) = count(*) THEN min({born}) END AS since"
            f' FROM raw."{table}" WHERE {name} IS NOT NULL AND coalesce({born}, 0) <= $now GROUP BY {name}'
        )
        return {row["name"]: About(row["component"], row["owner"], row["since"]) for row in rows}

    @cached_property
    def tiers(self) -> dict[str, int]:
        """Of the components of which one is known."""
        rows = self._world.ask(
            "SELECT name, min(tier) AS tier FROM component"
            " WHERE tier IS NOT NULL AND name IS NOT NULL GROUP BY name"
        )
        return {row["name"]: min(max(row["tier"], 1), 4) for row in rows}

    @cached_property
    def _needed_by(self) -> dict[str, list[str]]:
        rows = self._world.ask(
            "SELECT DISTINCT src, dst FROM edge"
            " WHERE coalesce(kind, '') NOT IN ('watch', 'repair') AND src <> dst"
        )
        needed = defaultdict(list)
        for row in rows:
            needed[row["dst"]].append(row["src"])
        return needed

    def downstream(self, component: str) -> int:
        """How many components need this one, directly or through others; at most `MOST_DOWNSTREAM`."""
        known = self._downstream.get(component)
        if known is None:
            seen, front = {component}, [component]
            while front and len(seen) <= MOST_DOWNSTREAM:
                for needing in self._needed_by.get(front.pop(), ()):
                    if needing not in seen:
                        seen.add(needing)
                        front.append(needing)
            known = self._downstream[component] = min(len(seen) - 1, MOST_DOWNSTREAM)
        return known
