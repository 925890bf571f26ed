"""Who sends telemetry is in the picture by itself, and its silence is noticed.

A receiver calls :meth:`Discovered.seen` for each sender it hears of (a service by OTLP, a host by collectd or
statsd). The node then beats on its behalf: a frame through the ear's own door, as a beat that came by HTTP,
signed with the node's key where keys are configured. Detection, the picture, alerts and the memory of a
restart need to know nothing of it.

- The interval of these beats is the sender's own word (`every`) or is learnt (:mod:`gadfly.intake.rhythm`);
  until it is known, and for whoever is irregular, it is 0: present, and never overdue. They have no port, so
  nobody is enquired of; silence is weighed by missing arrivals alone.
- They bear the incarnation :data:`~gadfly.telemetry.frame.SECONDHAND`, older than that of any program, so
  that the ear takes a component's own heart for the newer life and ours for a stale one. One that beats by
  itself is left alone from then on.
- A component of several instances is heard of as long as one of them is, and has the longest of their
  intervals. So an instance that is replaced is no outage; what is to be watched alone has its own name.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Protocol

import numpy as np

from gadfly.clock import Clock
from gadfly.config import Config
from gadfly.errors import LimitError
from gadfly.intake.rhythm import Rhythm, known
from gadfly.monitor.card import KINDS
from gadfly.monitor.liveness import Liveness
from gadfly.monitor.members import Members
from gadfly.telemetry.frame import (
    PAYLOAD,
    SECONDHAND,
    Frame,
    Kind,
    component_id,
    encode,
    valid_name,
)

LOOK = 60.0
"""Seconds between looks for those who are not heard of any more."""
GONE = 600.0
"""Seconds, or three intervals where these are longer, after which an instance does not count any more."""
INSTANCES = 64
"""Instances of one component that are told apart; of more, those not heard of for longest are forgotten."""
AT_ONCE = 0.5
"""Seconds between two beats on behalf of one component at least, or a quarter of its interval."""
LABELS = 8
WORD = 200
"""Characters of a host, a group, or a label's value."""
LONGEST = 86_400.0
"""Seconds; of what comes more rarely silence says nothing."""


class Ear(Protocol):
    """What is needed of :class:`gadfly.monitor.hearing.Hearing`."""

    members: Members

    @property
    def key(self) -> bytes | None: ...

    def inject(self, datagram: bytes, address: tuple[str, int]) -> None: ...


class _Instance:
    __slots__ = ("every", "host", "labels", "rhythm", "seen")

    def __init__(self, now: float, interval: float) -> None:
        self.seen = now
        self.every = 0.0
        self.rhythm = known(now, interval) if interval else Rhythm(now)
        self.host = ""
        self.labels: dict[str, str] = {}

    @property
    def interval(self) -> float:
        found = self.every or self.rhythm.interval
        return found if found <= LONGEST else 0.0


class _Component:
    """One that is heard of, and what was told the ear of it."""

    __slots__ = ("card", "group", "id", "instances", "interval", "kind", "name", "sequence", "told")

    def __init__(self, name: str) -> None:
        self.name = name
        self.id = component_id(name)
        self.kind = ""
        self.group = ""
        self.instances: dict[str, _Instance] = {}
        self.sequence = 0
        self.told = -LONGEST
        self.interval = 0.0
        self.card = b""

    def payload(self) -> bytes:
        """The card: what all instances agree on, as one of them must not speak for the others."""
        some = list(self.instances.values())
        hosts = {one.host for one in some}
        labels = dict(set.intersection(*(set(one.labels.items()) for one in some)))
        fields = {
            "name": self.name,
            "kind": self.kind,
            "host": hosts.pop() if len(hosts) == 1 else "",
            "group": self.group,
            "labels": dict(sorted(labels.items())),
        }
        found = json.dumps(fields, ensure_ascii=False).encode()
        if len(found) > PAYLOAD:
            found = json.dumps({**fields, "labels": {}}, ensure_ascii=False).encode()
        return found if len(found) <= PAYLOAD else json.dumps({"name": self.name, "kind": self.kind}).encode()


class Discovered:
    """One for each node; a part of :class:`gadfly.intake.intake.Intake`."""

    def __init__(self, ear: Ear, clock: Clock, config: Config) -> None:
        self._ear = ear
        self._clock = clock
        self._settings = config.discovered
        self._known: dict[str, _Component] = {}
        self._counts = {"beats_total": 0, "unheard_total": 0, "refused_total": 0, "names_total": 0}

    def seen(
        self,
        name: str,
        kind: str,
        *,
        host: str = "",
        group: str = "",
        labels: Mapping[str, str] | None = None,
        instance: str = "",
        every: float = 0.0,
        steady: bool = True,
        address: str = "",
        at: float | None = None,
    ) -> bool:
        """Telemetry of this component arrived just now. Cheap; to be called for each arrival, on the loop.

        `kind`: service, host, job, device or function. `host`: the host it runs on. `labels`: a few that stay
        the same while it runs; never one whose value changes by the request. `instance`: which of several
        that send under this name; its arrivals have a rhythm of their own. `every`: seconds between arrivals
        where the sender says it; 0: learnt. `steady`: False where this arrival says nothing of a rhythm
        (logs, counters of a busy program). `address`: the sender's, as text. `at`: monotonic seconds of the
        arrival.

        False where it is not in the picture by this: a name that none may have (1 to 200 bytes of printable
        text), or no room.
        """
        name = name.strip()
        if not valid_name(name):
            self._counts["names_total"] += 1
            return False
        now = self._clock.monotonic() if at is None else at
        component = self._known.get(name)
        if component is None:
            if len(self._known) >= self._settings.components:
                self._counts["refused_total"] += 1
                return False
            component = self._known[name] = _Component(name)
        slot = self._slot(component.id)
        if slot >= 0 and int(self._ear.members.incarnation[slot]) > SECONDHAND:
            return True  # it beats by itself, and knows better
        one = self._instance(component, instance, slot, now)
        if steady and not every:
            one.rhythm = one.rhythm.next(now)
        one.seen, one.every = now, max(every, 0.0)
        one.host = _word(host)
        one.labels = {
            _word(key): _word(value) for key, value in list((labels or {}).items())[:LABELS] if key and value
        }
        component.kind, component.group = kind if kind in KINDS else "service", _word(group)
        self._beat(component, slot, now, address or "127.0.0.1")
        return True

    def _slot(self, number: int) -> int:
        return int(self._ear.members.find(np.array([number], np.uint64))[0])

    def _instance(self, component: _Component, instance: str, slot: int, now: float) -> _Instance:
        some = component.instances
        one = some.get(instance)
        if one is None:
            interval, members = 0.0, self._ear.members
            if not some and slot >= 0 and int(members.incarnation[slot]) == SECONDHAND:
                # It was heard of before this node was started: its interval was learnt then.
                component.sequence = int(members.sequence[slot])
                interval = int(members.interval[slot]) / 1000
            if len(some) >= INSTANCES:
                del some[min(some, key=lambda key: some[key].seen)]
            one = some[instance] = _Instance(now, interval)
        return one

    def _beat(self, component: _Component, slot: int, now: float, address: str) -> None:
        since = now - component.told
        if since < AT_ONCE:
            return
        some = component.instances
        for key in [key for key, one in some.items() if now - one.seen > max(GONE, 3 * one.interval)]:
            del some[key]
        interval, card = max(one.interval for one in some.values()), component.payload()
        if (
            slot >= 0
            and since < interval / 4
            and card == component.card
            and (interval, Liveness(int(self._ear.members.liveness[slot])))
            == (component.interval, Liveness.alive)
        ):
            return
        if self._tell(Kind.announce, component.id, component.sequence + 1, interval, card, address):
            component.sequence += 1
            component.told, component.interval, component.card = now, interval, card

    def _tell(
        self, kind: Kind, number: int, sequence: int, interval: float, card: bytes, address: str
    ) -> bool:
        frame = Frame(
            kind,
            number,
            incarnation=SECONDHAND,
            sequence=sequence,
            sent=int(self._clock.wall() * 1e9),
            interval_ms=round(interval * 1000),
            payload=card,
        )
        try:
            self._ear.inject(encode(frame, self._ear.key), (address, 0))
        except LimitError:  # the ear is behind; the next arrival tries again
            self._counts["unheard_total"] += 1
            return False
        self._counts["beats_total"] += 1
        return True

    async def run(self) -> None:
        """Let those go who are not heard of any more, until cancelled."""
        while True:
            await self._clock.sleep(LOOK)
            self.look()

    def look(self) -> None:
        """What `run` does once a minute.

        Who has an interval became silent long before. Who has none would be present for ever: it says
        goodbye, as nobody can tell that anything is wrong.
        """
        members, idle = self._ear.members, self._settings.idle
        size = members.size
        mine = (members.incarnation[:size] == SECONDHAND) & (members.liveness[:size] == Liveness.alive)
        mine &= members.interval[:size] == 0
        mine &= members.seen_wall[:size] < (self._clock.wall() - idle) * 1e9
        for slot in np.flatnonzero(mine).tolist():
            number, sequence = int(members.id[slot]), int(members.sequence[slot])
            self._tell(Kind.goodbye, number, sequence + 1, 0.0, b"", "127.0.0.1")
        now = self._clock.monotonic()
        self._known = {
            name: one
            for name, one in self._known.items()
            if any(now - each.seen <= idle for each in one.instances.values())
        }

    def reconfigure(self, config: Config) -> None:
        """The configuration from now on."""
        self._settings = config.discovered

    def counts(self) -> Mapping[str, int]:
        """Told at `/metrics`."""
        return {"components": len(self._known), **self._counts}

    def warnings(self) -> Sequence[str]:
        """What the operator should know."""
        if not self._counts["refused_total"] or len(self._known) < self._settings.components > 0:
            return []
        if self._settings.components == 0:
            return []
        return [
            f"{len(self._known):,} components were discovered by their telemetry and no more are taken; look "
            "for a sender that invents names, or raise discovered.components"
        ]


def _word(text: str) -> str:
    """As it may stand in a card."""
    return "".join(letter for letter in text[:WORD] if letter.isprintable()).strip()
