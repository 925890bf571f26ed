"""What a life of the bench acts on: a made-up picture of a thousand components, and the configuration of a node for
them. Everything between the two is the node's own: planning, scene, gate, book, conduct, run, executor, letters.
"""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Iterator
from typing import NamedTuple

import msgspec

from act_world import GROUPS, MEMBERS, REGIONS, RULES, START
from gadfly.act.plan import Data, Input
from gadfly.act.plans.expect import Seen
from gadfly.act.plans.planning import Supplied
from gadfly.act.situation import Fleet, Part, Sight
from gadfly.clock import Clock
from gadfly.config import Config
from gadfly.config.act import Automation, Grant, Limits
from gadfly.config.owner import Owner
from gadfly.monitor.liveness import Liveness
from gadfly.monitor.subject import Subject
from gadfly.monitor.verdict import Verdict

OWNERS = {f"owner-{n}": Owner(contact=("exec:/bin/true",)) for n in range(5)}
FAR = dt.date(2090, 1, 1)


class Picture:
    """The :class:`gadfly.act.view.View` of a node. Those in `broken` are down until somebody puts them right."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._subjects = {
            one.name: one for group in range(GROUPS) for one in (_subject(group, n) for n in range(MEMBERS))
        }
        self.broken: set[str] = set()
        self.lately = 0
        self.sight = Sight()
        self.versions: dict[str, str] = {}

    def see(self, component: str) -> Seen | None:
        if component not in self._subjects:
            return None
        down = component in self.broken
        return Seen(
            verdict=Verdict.down if down else Verdict.healthy,
            liveness=Liveness.silent if down else Liveness.alive,
            incarnation=1,
            heard=-1.0 if down else self._clock.monotonic(),
        )

    def members(self, group: str) -> tuple[Seen, ...]:
        seen = [self.see(one.name) for one in self._subjects.values() if one.group == group]
        return tuple(one for one in seen if one is not None)

    def subject(self, component: str) -> Subject | None:
        return self._subjects.get(component)

    def subjects(self) -> Iterator[Subject]:
        yield from self._subjects.values()

    def standing(self, word: str) -> list[tuple[str, float]]:
        return []

    def fleet(self) -> Fleet:
        return Fleet(
            whole=Part(GROUPS * MEMBERS, GROUPS * MEMBERS - len(self.broken)),
            groups={f"g{n}": Part(MEMBERS, MEMBERS - 1) for n in range(GROUPS)},
        )

    def lost(self, seconds: float) -> int:
        return self.lately

    def ask(self, component: str) -> None:
        """Nothing enquires here."""


def _subject(group: int, member: int) -> Subject:
    return Subject(
        name=f"g{group}-{member}",
        owner=f"owner-{group % 5}",
        group=f"g{group}",
        labels={"region": REGIONS[member % len(REGIONS)]},
    )


def _mend(group: int) -> Automation:
    """Of one group, as wide as it may be without being stopped all the time."""
    return Automation(
        owner=f"owner-{group % 5}",
        purpose="What stands still in this group is begun anew.",
        on="manual",
        targets=f'group = "g{group}"',
        run=f"observe:restart worker-g{group}@{{component}}",
        limits=Limits(at_once=2 + group % 4, per_hour=20 + group, tries_per_target=3, cost=10.0),
        expect="component alive within 1s",
        undo=f"observe:start worker-g{group}@{{component}}",
        level="act",
        expires=FAR,
        review=FAR,
        cost=(0.0, 0.5, 2.0)[group % 3],
    )


_HARMS: dict[str, dict[str, object]] = {
    "destructive": {"destructive": True, "undo": "irreversible"},
    "irreversible": {"undo": "irreversible"},
    "crossing": {"crosses": True},
    "dear": {"cost": 50.0},
    "expired": {"expires": dt.date(2020, 1, 1)},
    "elsewhere": {"environment": "staging"},
    "not its own": {"owner": "owner-4"},
    "forbidden": {"run": "observe:wipe {component}"},
    "filled in": {"run": "observe:fill {component} {parameter.term}"},
}


def configuration() -> Config:
    """An automation of each group, and those that must be refused whatever they do."""
    found = {f"mend-g{n}": _mend(n) for n in range(GROUPS)}
    found |= {
        name.replace(" ", "-"): msgspec.structs.replace(_mend(0), **some) for name, some in _HARMS.items()
    }
    never = Grant(
        to=("*",),
        never=("observe:wipe",),
        owner="owner-0",
        until=dt.datetime(2090, 1, 1, tzinfo=dt.UTC),
        because="nobody wipes",
    )
    return Config(owner=OWNERS, automation=found, grant={"never": never}, gate=RULES)


class Wish(NamedTuple):
    """What somebody asks a node for."""

    automation: str
    targets: tuple[str, ...]
    supplied: Supplied = Supplied()


def wish(rng: random.Random, now: float) -> Wish:
    """A random one. About one in three must be refused by some guard, or is not even planned."""
    group, first = rng.randrange(GROUPS), rng.randrange(MEMBERS)
    name = f"mend-g{group}"
    targets = tuple(f"g{group}-{(first + 4 * step) % MEMBERS}" for step in range(rng.choice((1, 1, 1, 2, 3))))
    if rng.random() < 0.65:
        return Wish(name, targets)
    odd = rng.randrange(6)
    if odd == 0:
        return Wish(name, tuple(f"g{group}-{member}" for member in range(0, MEMBERS, 4)))
    if odd == 1:
        return Wish(name, (f"g{(group + 1) % GROUPS}-{first}",))
    if odd == 2:
        read = Input(
            name="registry", at=now - 900.0 * rng.randrange(2), complete=False, quorum=rng.random() < 0.5
        )
        return Wish(name, targets, Supplied(inputs=(read,)))
    if odd == 3:
        return Wish(name, targets, Supplied(data=Data(size=40_000, before=10_000, limit=90_000)))
    harm = rng.choice(tuple(_HARMS))
    blank = Supplied(parameters={"term": " "}) if harm == "filled in" else Supplied()
    return Wish(harm.replace(" ", "-"), (f"g0-{first}",), blank)


def conditions(rng: random.Random, picture: Picture) -> None:
    """The node sees well, mostly."""
    odd = rng.randrange(30)
    picture.sight = Sight(ear=odd != 0)
    picture.lately = 100 if odd == 1 else 0
    picture.versions = {"one": "1", "two": "2"} if odd == 2 else {}


__all__ = ["START", "Picture", "Wish", "conditions", "configuration", "wish"]
