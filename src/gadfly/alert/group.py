"""Which incident a new alert belongs to. Pure.

Deaths of one cause are confirmed over a second or two, so an alert joins an incident that grew within the
last :data:`WINDOW` seconds and shares what its members have in common. What stands below a component that is
gone (runs on it, needs it) belongs to that one's incident however late it comes. And when much falls at once
with nothing in common, that itself is the cause.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

import msgspec

from gadfly.alert.cause import MOST, ORDER, Key

GROWING = 15.0
"""Seconds for which a large incident (:data:`STORM` alerts) goes on taking in what belongs to it: the deaths
of a whole network are confirmed one batch after another."""
UNTOLD = 60.0
"""Seconds for which an incident that nobody heard of yet may turn out to be the beginning of a large one."""
WINDOW = 3.0
"""Seconds. Confirmations of one cause come within two; unrelated failures are seldom so close."""
STORM = 10
"""So many independent alerts within the window are one incident, whatever they share."""


class Newcomer(msgspec.Struct, frozen=True, gc=False):
    """A new alert."""

    component: str
    keys: tuple[Key, ...]
    source: str = ""
    """The component above it that is gone, highest up; empty: none."""
    bucket: tuple[str, ...] = ()
    by_cause: bool = True


class Candidate(msgspec.Struct, frozen=True):
    """An open incident that may take newcomers."""

    id: int
    size: int
    """How many of its alerts are open; `tally` counts theirs."""
    tally: Mapping[Key, int]
    joined: float
    """Seconds, on the same clock as `now`."""
    bucket: tuple[str, ...] = ()
    by_cause: bool = True
    storm: bool = False
    """Its cause is that everything fell."""
    told: bool = False
    """Somebody heard of it by itself, or took it on; then it stays by itself."""


class Placement(msgspec.Struct, frozen=True):
    """Some newcomers and the incident they join; None: a new one of their own."""

    incident: int | None
    components: tuple[str, ...]
    absorbs: tuple[int, ...] = ()
    """Incidents that turn out to be the beginning of this one."""


def place(
    newcomers: Sequence[Newcomer], candidates: Sequence[Candidate], home: Mapping[str, int], now: float
) -> list[Placement]:
    """Every newcomer into one incident. `home` is the open incident of each source that has one."""
    buckets: dict[tuple[tuple[str, ...], bool], list[Newcomer]] = {}
    for newcomer in newcomers:
        buckets.setdefault((newcomer.bucket, newcomer.by_cause), []).append(newcomer)
    placed: list[Placement] = []
    for (bucket, by_cause), members in buckets.items():
        mine = [one for one in candidates if (one.bucket, one.by_cause) == (bucket, by_cause)]
        if by_cause:
            placed += _by_cause(members, mine, home, now)
        else:
            placed.append(Placement(mine[0].id if mine else None, tuple(one.component for one in members)))
    return placed


class _Unit(msgspec.Struct, gc=False):
    """Newcomers with one source: they stay together, and the source speaks for them."""

    keys: tuple[Key, ...]
    components: list[str]


def _by_cause(
    newcomers: Sequence[Newcomer], candidates: Sequence[Candidate], home: Mapping[str, int], now: float
) -> list[Placement]:
    mine = {one.id for one in candidates}
    joins: dict[int, list[str]] = {}
    units: dict[str, _Unit] = {}
    for one in newcomers:
        incident = home.get(one.source) if one.source else None
        if incident in mine and incident is not None:
            joins.setdefault(incident, []).append(one.component)
            continue
        head = one.source or one.component
        unit = units.setdefault(head, _Unit(one.keys, []))
        unit.components.append(one.component)
        if head == one.component:
            unit.keys = one.keys
    open_for = {one.id: GROWING if one.size >= STORM else WINDOW for one in candidates}
    growing = sorted(
        # One all of whose alerts ended has nothing to share; what falls now is something else.
        (one for one in candidates if one.size > 0 and now - one.joined < open_for[one.id]),
        key=lambda one: one.joined,
        reverse=True,
    )
    near = [one for one in growing if now - one.joined < WINDOW]
    signs = [one for one in candidates if one.size > 0 and not one.told and now - one.joined < UNTOLD]
    storm = next((one for one in growing if one.storm), None)
    left: list[_Unit] = []
    for unit in units.values():
        found = storm or next((one for one in growing if _shares(unit.keys, one)), None)
        if found is None:
            left.append(unit)
        else:
            joins.setdefault(found.id, []).extend(unit.components)
    if storm is None and left and len(left) + len(near) >= STORM:
        large = [one for one in near if one.size >= STORM]
        return _fallen(joins, left, signs, large[0] if large else near[0] if len(left) < STORM else None)
    return [*_joined(joins, storm, signs), *_clusters(left)]


def _fallen(
    joins: dict[int, list[str]], left: Sequence[_Unit], signs: Sequence[Candidate], into: Candidate | None
) -> list[Placement]:
    """Everything falls: what is `left` is one incident, and what began a moment ago was its beginning."""
    absorbed = [one.id for one in signs if one is not into]
    together = [component for unit in left for component in unit.components]
    for number in absorbed:
        together += joins.pop(number, ())
    if into is not None:
        together += joins.pop(into.id, ())
    storm = Placement(into.id if into is not None else None, tuple(together), tuple(absorbed))
    return [*_joined(joins), storm]


def _joined(
    joins: Mapping[int, Sequence[str]], storm: Candidate | None = None, signs: Sequence[Candidate] = ()
) -> list[Placement]:
    absorbed = [one.id for one in signs if one is not storm] if storm is not None else []
    placed = [
        Placement(incident, tuple(components))
        for incident, components in joins.items()
        if storm is None or (incident != storm.id and incident not in absorbed)
    ]
    if storm is not None:
        numbers = (storm.id, *absorbed)
        together = tuple(component for number in numbers for component in joins.get(number, ()))
        if together or absorbed:
            placed.append(Placement(storm.id, together, tuple(absorbed)))
    return placed


def _shares(keys: Sequence[Key], candidate: Candidate) -> bool:
    needed = MOST * candidate.size
    return any(candidate.tally.get(key, 0) >= needed for key in keys)


def _clusters(units: list[_Unit]) -> list[Placement]:
    """A few units: those with the most in common together, the others alone."""
    placed: list[Placement] = []
    while units:
        counts = Counter(key for unit in units for key in unit.keys)
        best = max(counts, key=lambda key: (counts[key], ORDER[key[0]], key[1])) if counts else None
        if best is None or counts[best] < 2:
            return placed + [Placement(None, tuple(unit.components)) for unit in units]
        together = [unit for unit in units if best in unit.keys]
        placed.append(Placement(None, tuple(component for unit in together for component in unit.components)))
        units = [unit for unit in units if best not in unit.keys]
    return placed
