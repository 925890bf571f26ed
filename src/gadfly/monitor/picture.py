"""The picture: one verdict a component, kept up to date from beats, probes, the catalogue and time.

Facts come in (:meth:`Picture.hear`, :meth:`~Picture.asked`, :meth:`~Picture.declare`, :meth:`~Picture.tick`),
changes of verdict come out. A component that only beats is judged by a table over arrays; one that is
declared, probed or a job by :func:`gadfly.monitor.reconcile.verdict` or :func:`gadfly.monitor.jobs.verdict`.
"""

from __future__ import annotations

import ipaddress
import logging
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from gadfly.clock import Clock
from gadfly.config import Config
from gadfly.monitor import jobs, reconcile
from gadfly.monitor.alarms import Alarms
from gadfly.monitor.card import KINDS, Card, parse
from gadfly.monitor.change import Change
from gadfly.monitor.changelog import Changelog
from gadfly.monitor.clause import clause
from gadfly.monitor.columns import FREE, Columns, Flag
from gadfly.monitor.declared import Declared, resolve
from gadfly.monitor.events import EVENT, EventKind
from gadfly.monitor.heard import Events, Heard
from gadfly.monitor.job_book import JobBook
from gadfly.monitor.liveness import Liveness, Status
from gadfly.monitor.probe.result import Result
from gadfly.monitor.reconcile import Asked, Facts
from gadfly.monitor.subject import Subject
from gadfly.monitor.verdict import Verdict
from gadfly.telemetry.frame import component_id

log = logging.getLogger("gadfly")

PATIENCE = 5.0  # seconds beyond three intervals before somebody declared is missed
DECLARED = int(Flag.declared)
QUIET = (Verdict.undeclared, Verdict.healthy, Verdict.unknown)


def _plain_table() -> npt.NDArray[np.uint8]:
    """Verdicts of components that only beat: a table over liveness and status, made of the one rule."""
    table = np.empty((len(Liveness), len(Status)), np.uint8)
    for liveness in Liveness:
        for status in Status:
            facts = Facts(liveness=liveness, status=status, waiting=True)
            table[liveness, status] = reconcile.verdict(facts)[0]
    return table


PLAIN = _plain_table()


class Picture:
    """All components by slot, as the ear numbers them."""

    def __init__(self, heard: Heard, clock: Clock) -> None:
        self.heard = heard
        self.columns = Columns()
        self._clock = clock
        self._log = Changelog(start=int(clock.wall() * 1000))
        self._declared: dict[str, Declared] = {}
        self._known: dict[int, float] = {}
        """Monotonic seconds since when a declared component is listened for."""
        self._turned: dict[int, float] = {}
        """Monotonic seconds at which the liveness last changed, of those that probes are weighed against."""
        self._probes: dict[int, dict[str, Asked]] = {}
        self._jobs = JobBook()
        self._waits = Alarms()

    @property
    def size(self) -> int:
        """Slots in use, freed ones included."""
        return self.columns.size

    @property
    def version(self) -> int:
        """Grows with every batch of changes."""
        return self._log.version

    @property
    def verdicts(self) -> npt.NDArray[np.uint8]:
        """One :class:`Verdict` a slot; 255 where the slot is free."""
        return self.columns.verdict[: self.size]

    def counts(self) -> dict[str, int]:
        """How many components have each verdict."""
        found = np.bincount(self.verdicts, minlength=256)
        return {verdict.name: int(found[verdict]) for verdict in Verdict}

    def since(self, version: int) -> tuple[int, npt.NDArray[np.uint32], npt.NDArray[np.uint8]] | None:
        """The version now, the slots changed since, and their verdicts; None: too old, take the whole."""
        slots = self._log.since(version)
        return None if slots is None else (self.version, slots, self.verdicts[slots])

    def slot(self, name: str) -> int | None:
        """The slot of a component, None where it is neither declared nor heard.

        One that has not announced itself is found by its number in hexadecimal, as it is shown.
        """
        for number, called in ((component_id(name), name), (_number(name), "")):
            found = int(self.heard.find(np.array([number], np.uint64))[0])
            known = 0 <= found < self.size and self.columns.verdict[found] != FREE
            if known and self.columns.names[found] == called:
                return found
        return None

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

    def probes(self, slot: int) -> tuple[Asked, ...]:
        """What each of its probes is believed to have found."""
        return tuple(self._probes.get(slot, {}).values())

    def run(self, slot: int) -> jobs.Run | None:
        """A job's last known run."""
        return self._jobs.run(slot)

    def plan(self, slot: int) -> jobs.Plan | None:
        """When a job should run: as declared, else as announced."""
        entry = self.entry(slot)
        if entry is not None and entry.plan is not None:
            return entry.plan
        card = self.card(slot)
        job = card.job if card else None
        return jobs.Plan(job.schedule, job.every, job.grace, job.runs) if job else None

    # Facts come in. ---------------------------------------------------------------------------------------

    def declare(self, config: Config, slots: Mapping[str, int], own: Iterable[str] = ()) -> list[Change]:
        """Take a catalogue. `slots` has every declared name; `own` are those the node itself declares."""
        self._declared = resolve(config)
        columns, now = self.columns, self._clock.monotonic()
        columns.reach(max([self.size, *(slot + 1 for slot in slots.values())]))
        columns.flags[: self.size] &= int(Flag.job)
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
            columns.flags[slot] |= int(flags)
        touched = np.fromiter(slots.values(), np.uint32, len(slots))
        for name, slot in slots.items():
            columns.call(slot, name)
            self._describe(slot, self.card(slot))
            if slot not in self._known:
                self._known[slot] = now
                self._waits.put(slot, now + self._patience(slot))
        everywhere = np.flatnonzero(columns.verdict[: self.size] != FREE).astype(np.uint32)
        return self._judge(np.union1d(touched, everywhere))

    def hear(self, events: Events) -> list[Change]:
        """Take a batch of the ear's events; the state itself is read from the shared columns."""
        if not len(events):
            return []
        slots = np.unique(events["slot"]).astype(np.uint32)
        self.columns.reach(int(slots[-1]) + 1)
        gone = self.heard.liveness[slots] == FREE  # given back since the event was written
        for slot in slots[gone & (self.columns.verdict[slots] != FREE)].tolist():
            self.forget(slot)
        slots = slots[~gone]
        self._note_turns(events)
        told = set(events["slot"][events["kind"] == EventKind.card].tolist())
        for slot in slots.tolist():
            # Judged by its name, even where the event of its card comes in a later piece.
            if slot in told or not self.columns.names[slot]:
                self._read_card(slot)
        return self._judge(slots)

    def recall(self, slots: npt.NDArray[np.int64]) -> list[Change]:
        """Take in whom the ear was told of from before the start, without waiting for its events."""
        events = np.zeros(len(slots), EVENT)
        events["slot"], events["kind"] = slots, EventKind.card
        return [change for piece in chunks(events[slots >= 0]) for change in self.hear(piece)]

    def asked(self, component: str, probe: str, result: Result) -> list[Change]:
        """Take what a probe is believed to have found; a change of outcome starts a new `since`."""
        slot = self.slot(component)
        if slot is None:
            return []
        found, now = self._probes.setdefault(slot, {}), self._clock.wall()
        last = found.get(probe)
        since = last.since if last is not None and last.outcome is result.outcome else now
        moment = self._clock.monotonic()
        found[probe] = Asked(probe, result.outcome, result.reason, at=now, since=since, moment=moment)
        return self._judge(np.array([slot], np.uint32))

    def keep_probes(self, names: Mapping[str, Iterable[str]]) -> None:
        """Forget what probes found that are no longer declared. `names`: component → its probes' names."""
        for slot, found in list(self._probes.items()):
            wanted = set(names.get(self.columns.names[slot], ()))
            self._probes[slot] = {name: asked for name, asked in found.items() if name in wanted}
            if not self._probes[slot]:
                del self._probes[slot]

    def forget(self, slot: int) -> None:
        """Drop a component for good: it left, or was never more than a rumour."""
        self.columns.clear(slot)
        self._known.pop(slot, None)
        self._turned.pop(slot, None)
        self._probes.pop(slot, None)
        self._jobs.forget(slot)
        self._waits.drop(slot)
        self._log.add(np.array([slot], np.uint32))

    def tick(self) -> list[Change]:
        """Judge again whom only the passing of time can have changed."""
        due = self._waits.due(self._clock.monotonic()) | self._jobs.due(self._clock.wall())
        return self._judge(np.array(sorted(due), np.uint32)) if due else []

    def rumours(self) -> list[int]:
        """Slots that nobody declares any more and nobody ever heard: they can be forgotten."""
        never = (self.heard.liveness[: self.size] == Liveness.never) & (self.verdicts != FREE)
        return np.flatnonzero(never & (self.columns.flags[: self.size] & DECLARED == 0)).tolist()

    def long_gone(self, age: float) -> list[int]:
        """Slots of the undeclared that said goodbye more than `age` seconds ago."""
        left = (self.verdicts == Verdict.left) & (self.columns.flags[: self.size] & DECLARED == 0)
        return np.flatnonzero(left & (self.columns.since[: self.size] < self._clock.wall() - age)).tolist()

    # Judging. ---------------------------------------------------------------------------------------------

    def reason(self, slot: int) -> str:
        """Why the verdict is what it is, in words."""
        return self._reason(slot, self.card(slot))

    def _reason(self, slot: int, card: Card | None) -> str:
        if self.columns.flags[slot] or slot in self._probes or (card is not None and card.reason):
            return self._verdict(slot)[1]
        heard = self.heard
        return _plain_reason(
            int(heard.liveness[slot]),
            int(heard.status[slot]),
            int(heard.reason[slot]),
            int(heard.interval[slot]),
        )

    def subject(self, slot: int) -> Subject:
        """Who the component is: its catalogue entry over what it announced."""
        return self._subject(slot, self.card(slot))

    def _subject(self, slot: int, card: Card | None) -> Subject:
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

    def _judge(self, slots: npt.NDArray[np.uint32]) -> list[Change]:
        columns, heard = self.columns, self.heard
        slots = slots[heard.liveness[slots] != FREE]  # given back by the ear, and about to be forgotten
        plain = slots[columns.flags[slots] == 0]
        after = PLAIN[heard.liveness[plain], heard.status[plain]]
        moved = after != columns.verdict[plain]
        slots_changed, verdicts = plain[moved].tolist(), after[moved].tolist()
        for slot in slots[columns.flags[slots] != 0].tolist():
            verdict = int(self._weighed(slot))
            if verdict != columns.verdict[slot]:
                slots_changed.append(slot)
                verdicts.append(verdict)
        if not slots_changed:
            return []
        now = self._clock.wall()
        changes = []
        for slot, verdict in zip(slots_changed, verdicts, strict=True):
            before = int(columns.verdict[slot])
            word = Verdict(verdict)
            columns.verdict[slot] = verdict
            columns.since[slot] = now
            # Somebody new who is well is no news for the alerts; a million of them arrive within seconds.
            if before != FREE or word not in QUIET:
                changes.append(self._change(slot, before, word, now))
        self._log.add(np.array(slots_changed, np.uint32))
        return changes

    def _change(self, slot: int, before: int, after: Verdict, now: float) -> Change:
        # Read once: a hundred thousand changes at a time are made on the loop that the page needs too.
        card = self.card(slot)
        subject = self._subject(slot, card)
        return Change(
            at=now,
            component=subject.name,
            slot=slot,
            before=Verdict.unknown if before == FREE else Verdict(before),
            after=after,
            reason=self._reason(slot, card),
            subject=subject,
        )

    def _weighed(self, slot: int) -> Verdict:
        """The verdict, and when time alone may change it. One that cannot be judged ends nobody else's."""
        try:
            if self.columns.flags[slot] & Flag.job:
                verdict, _, again = self._job(slot)
                self._jobs.look(slot, again)
                return verdict
            return self._verdict(slot)[0]
        except Exception:
            log.exception("%r cannot be judged; please report this", self.name(slot))
            return Verdict.unknown

    def _verdict(self, slot: int) -> tuple[Verdict, str]:
        if self.columns.flags[slot] & Flag.job:
            return self._job(slot)[:2]
        return reconcile.verdict(self.facts(slot))

    def facts(self, slot: int) -> Facts:
        """All that is known of one component, for judging and for telling."""
        heard, flags = self.heard, int(self.columns.flags[slot])
        liveness = Liveness(int(heard.liveness[slot]))
        card = self.card(slot) if heard.status[slot] else None
        return Facts(
            declared=bool(flags & Flag.declared),
            beats=bool(flags & Flag.beats) or liveness is not Liveness.never,
            liveness=liveness,
            turned=self._turned.get(slot, 0.0),
            why=clause(int(heard.reason[slot]), int(heard.interval[slot])),
            status=Status(int(heard.status[slot])),
            says=card.reason if card else "",
            probes=self.probes(slot),
            waiting=self._clock.monotonic() < self._known.get(slot, -1e9) + self._patience(slot),
        )

    def _job(self, slot: int) -> tuple[Verdict, str, float | None]:
        died = ""
        if self.heard.liveness[slot] == Liveness.silent:
            why = clause(int(self.heard.reason[slot]), int(self.heard.interval[slot]))
            died = why or "its beats stopped"
        plan = self.plan(slot) or jobs.Plan()
        verdict, reason, again = self._jobs.judge(slot, plan, died, self._clock.wall())
        if verdict is Verdict.healthy and not self.columns.flags[slot] & DECLARED:
            return Verdict.undeclared, f"{reason}; no catalogue declares it", again
        return verdict, reason, again

    def _note_turns(self, events: Events) -> None:
        turned = events[events["kind"] == EventKind.transition]
        turned = turned[self.columns.flags[turned["slot"]] & int(Flag.probed) != 0]
        for slot, at in zip(turned["slot"].tolist(), turned["at"].tolist(), strict=True):
            self._turned[slot] = at / 1e9

    def _read_card(self, slot: int) -> None:
        card = self.card(slot)
        # A sender may claim any name; it is taken only where the component's number is that name's hash.
        if card is None or component_id(card.name) != int(self.heard.id[slot]):
            return
        self.columns.call(slot, card.name)
        if card.job is not None:
            self.columns.flags[slot] |= int(Flag.job)
            self._jobs.heard(slot, card)
        self._describe(slot, card)

    def _describe(self, slot: int, card: Card | None) -> None:
        columns, declared = self.columns, self.entry(slot)
        said = card or Card(name="")
        entry = declared.entry if declared else None
        kind = entry.kind if entry else said.kind
        columns.kind[slot] = KINDS.index(kind) if kind in KINDS else 0
        columns.owner[slot] = columns.owners.code((declared.owner if declared else "") or said.owner)
        columns.group[slot] = columns.groups.code((entry.group if entry else "") or said.group)
        columns.host[slot] = columns.hosts.code((entry.host if entry else "") or said.host)

    def _patience(self, slot: int) -> float:
        entry = self.entry(slot)
        return PATIENCE + 3 * (entry.entry.beats if entry else 1.0)


@lru_cache(maxsize=4096)
def _plain_reason(liveness: int, status: int, why: int, interval: int) -> str:
    """The words for a component that only beats, and says nothing of itself."""
    words = clause(why, interval)
    return reconcile.verdict(
        Facts(liveness=Liveness(liveness), status=Status(status), why=words, waiting=True)
    )[1]


def _number(name: str) -> int:
    """The number that a component without a name is shown as; 0, which nobody has, where it is none."""
    try:
        return int(name, 16) if len(name) == 16 else 0
    except ValueError:
        return 0


def host_of(source: str) -> str:
    """The address in `10.0.0.7:4711` or `[fe80::1]:4711`."""
    return source.rpartition(":")[0].strip("[]")


@lru_cache(maxsize=65_536)
def subnet(address: str) -> str:
    """The network that is likely to fail as one: /24 for IPv4, /64 for IPv6; empty for no address."""
    try:
        parsed = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return ""
    return str(ipaddress.ip_network((parsed, 24 if parsed.version == 4 else 64), strict=False))


def chunks(events: Events, size: int = 500) -> Sequence[Events]:
    """A batch in pieces small enough that judging one does not hold up the event loop."""
    return [events[at : at + size] for at in range(0, len(events), size)]
