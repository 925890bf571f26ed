"""Who is in which slot: the names, what the catalogue declares of them, and what they announced."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import msgspec
import numpy as np

from gadfly.config import Config
from gadfly.monitor.card import KINDS, Card, parse
from gadfly.monitor.columns import FREE, Columns, Flag
from gadfly.monitor.declared import Declared, resolve
from gadfly.monitor.heard import Heard
from gadfly.monitor.source import host_of, subnet
from gadfly.monitor.subject import Subject
from gadfly.telemetry.frame import SECONDHAND, component_id

DECLARED = int(Flag.declared)
LOOSENS = frozenset({"environment", "used"})
"""Labels by which less would be guarded: none can announce them of itself."""


class Roster:
    """All components by slot, as the ear numbers them; what is said of each is kept in `columns`."""

    def __init__(self, heard: Heard) -> None:
        self.heard = heard
        self.columns = Columns()
        self._declared: dict[str, Declared] = {}
        self.authenticated = False
        """Whether every beat is signed with a key of ours, so that what is announced is to be believed."""

    def slot(self, name: str) -> int | None:
        """The slot of a component, None where it is neither declared nor heard.

        One that has not announced itself is found by its number in hexadecimal, as it is shown.
        """
        columns = self.columns
        for number, called in ((component_id(name), name), (_number(name), "")):
            found = int(self.heard.find(np.array([number], np.uint64))[0])
            known = 0 <= found < columns.size and columns.verdict[found] != FREE
            if known and columns.names[found] == called:
                return found
        return None

    def slots(self, names: Sequence[str]) -> list[int | None]:
        """The same for many at once, by their names alone."""
        columns = self.columns
        numbers = np.fromiter(map(component_id, names), np.uint64, len(names))
        return [
            slot
            if 0 <= slot < columns.size and columns.verdict[slot] != FREE and columns.names[slot] == name
            else None
            for name, slot in zip(names, self.heard.find(numbers).tolist(), strict=True)
        ]

    def name(self, slot: int) -> str:
        """The component's name; its number in hexadecimal where it has not announced itself yet."""
        return self.columns.names[slot] or f"{int(self.heard.id[slot]):016x}"

    def entry(self, slot: int) -> Declared | None:
        """The catalogue's entry for the component in this slot."""
        return self._declared.get(self.columns.names[slot])

    def card(self, slot: int) -> Card | None:
        """What the component last announced of itself."""
        payload = self.heard.card(slot)
        return parse(payload) if payload else None

    def declare(self, config: Config, slots: Mapping[str, int], own: Iterable[str]) -> None:
        """Take a catalogue. `slots` has every declared name; `own` are those the node itself declares."""
        self._declared = resolve(config)
        self.authenticated = bool(config.heartbeat.keys)
        columns = self.columns
        columns.reach(max([columns.size, *(slot + 1 for slot in slots.values())]))
        columns.flags[: columns.size] &= int(Flag.job)
        for name in own:
            if name in slots:
                columns.flags[slots[name]] |= Flag.declared | Flag.beats
        for name, declared in self._declared.items():
            slot = slots[name]
            flags = Flag.declared
            if declared.beats:
                flags |= Flag.beats
            if declared.probes:
                flags |= Flag.probed
            if declared.entry.kind == "job":
                flags |= Flag.job
            if declared.told:
                flags |= Flag.told
            columns.flags[slot] |= int(flags)
        for name, slot in slots.items():
            columns.call(slot, name)
            self._describe(slot, self.card(slot))

    def read_card(self, slot: int) -> Card | None:
        """Take what was announced, and give it back; None where it is not to be believed."""
        card = self.card(slot)
        # A sender may claim any name; it is taken only where the component's number is that name's hash.
        if card is None or component_id(card.name) != int(self.heard.id[slot]):
            return None
        self.columns.call(slot, card.name)
        if card.job is not None:
            self.columns.flags[slot] |= int(Flag.job)
        self._describe(slot, card)
        return card

    def subject(self, slot: int, card: Card | None) -> Subject:
        """Who the component is: its catalogue entry over what it announced."""
        name, declared = self.name(slot), self.entry(slot)
        address = host_of(self.heard.source(slot))
        said = card or Card(name=name)
        if declared is None:
            return Subject(
                name=name,
                kind=said.kind if said.kind in KINDS else "service",
                owner=said.owner,
                group=said.group,
                host=said.host,
                subnet=subnet(address),
                needs=tuple(said.needs),
                labels=said.labels,
                declared=bool(self.columns.flags[slot] & DECLARED),
            )
        entry = declared.entry
        return Subject(
            name=name,
            kind=entry.kind,
            owner=declared.owner or said.owner,
            group=entry.group or said.group,
            host=entry.host or said.host,
            subnet=subnet(address),
            needs=entry.needs or tuple(said.needs),
            labels={**said.labels, **entry.labels},
            because=entry.because,
            declared=True,
        )

    def signed(self, slot: int) -> bool:
        """Whether the component itself holds a key of ours. One known by its telemetry alone does not, though
        the node signs what it says on its behalf."""
        return self.authenticated and int(self.heard.incarnation[slot]) != SECONDHAND

    def vouched(self, slot: int, card: Card | None) -> Subject:
        """Who the component is for whatever acts on it: by what somebody answers for.

        Anybody can announce anything. Without a key of its own a declared component is what the catalogue
        says, and nothing else; one that is only heard is in the group and under the owner that it announced,
        and in production.
        """
        said = self.subject(slot, card)
        if self.signed(slot):
            return said
        declared = self.entry(slot)
        if declared is None:
            labels = {name: value for name, value in said.labels.items() if name not in LOOSENS}
            return msgspec.structs.replace(said, labels=labels)
        entry = declared.entry
        return msgspec.structs.replace(
            said,
            owner=declared.owner,
            group=entry.group,
            host=entry.host,
            needs=entry.needs,
            labels=entry.labels,
        )

    def _describe(self, slot: int, card: Card | None) -> None:
        columns, declared = self.columns, self.entry(slot)
        said = card or Card(name="")
        entry = declared.entry if declared else None
        kind = entry.kind if entry else said.kind
        columns.kind[slot] = KINDS.index(kind) if kind in KINDS else 0
        columns.owner[slot] = columns.owners.code((declared.owner if declared else "") or said.owner)
        columns.group[slot] = columns.groups.code((entry.group if entry else "") or said.group)
        columns.host[slot] = columns.hosts.code((entry.host if entry else "") or said.host)


def _number(name: str) -> int:
    """The number that a component without a name is shown as; 0, which nobody has, where it is none."""
    try:
        return int(name, 16) if len(name) == 16 else 0
    except ValueError:
        return 0
