"""The picture: one verdict a component, kept up to date from beats, probes, the catalogue and time.

Facts come in (:meth:`Picture.hear`, :meth:`~Picture.asked`, :meth:`~Picture.declare`, :meth:`~Picture.tick`),
changes of verdict come out. A component that only beats is judged by a table over arrays
(:mod:`~gadfly.monitor.plain`), one that is declared, probed or a job by all that is known of it
(:mod:`~gadfly.monitor.weighing`). Who is who stands in the :mod:`~gadfly.monitor.roster`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import numpy as np
import numpy.typing as npt

from gadfly.clock import Clock
from gadfly.config import Config
from gadfly.monitor import jobs, plain
from gadfly.monitor.card import Card
from gadfly.monitor.change import Change
from gadfly.monitor.changelog import Changelog
from gadfly.monitor.columns import FREE
from gadfly.monitor.declared import Declared
from gadfly.monitor.events import EVENT, EventKind, pieces
from gadfly.monitor.heard import Events, Heard
from gadfly.monitor.liveness import Liveness
from gadfly.monitor.probe.result import Result
from gadfly.monitor.reconcile import Asked, Facts
from gadfly.monitor.roster import DECLARED, Roster
from gadfly.monitor.subject import Subject
from gadfly.monitor.verdict import Verdict
from gadfly.monitor.weighing import Weighing
from gadfly.telemetry.frame import SECONDHAND

QUIET = (Verdict.undeclared, Verdict.healthy, Verdict.unknown)
LOST = frozenset({Verdict.down, Verdict.gray, Verdict.zombie, Verdict.missing})
UNSEEN = frozenset({FREE, Verdict.unknown})
"""Before these nothing was seen in this process: who is down then was so before, for all that is known."""


class Picture:
    """All components by slot, as the ear numbers them."""

    def __init__(self, heard: Heard, clock: Clock) -> None:
        self.heard = heard
        self._roster = Roster(heard)
        self._weighing = Weighing(self._roster, clock)
        self.columns = self._roster.columns
        self._clock = clock
        self._log = Changelog(start=int(clock.wall() * 1000))

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

    # One component. ---------------------------------------------------------------------------------------

    def slot(self, name: str) -> int | None:
        """The slot of a component, None where it is neither declared nor heard.

        One that has not announced itself is found by its number in hexadecimal, as it is shown.
        """
        return self._roster.slot(name)

    def slots(self, names: Sequence[str]) -> list[int | None]:
        """The slots of many components, None for each that is neither declared nor heard."""
        return self._roster.slots(names)

    def name(self, slot: int) -> str:
        """The component's name; its number in hexadecimal where it has not announced itself yet."""
        return self._roster.name(slot)

    def entry(self, slot: int) -> Declared | None:
        """The catalogue's entry for the component in this slot."""
        return self._roster.entry(slot)

    def card(self, slot: int) -> Card | None:
        """What the component last announced of itself."""
        return self._roster.card(slot)

    def subject(self, slot: int) -> Subject:
        """Who the component is: its catalogue entry over what it announced."""
        return self._roster.subject(slot, self.card(slot))

    def vouched(self, slot: int) -> Subject:
        """The same for whatever acts on it: without what anybody could have announced."""
        return self._roster.vouched(slot, self.card(slot))

    def counted(self) -> npt.NDArray[np.bool_]:
        """By slot, who counts as a member of the fleet and of its group for whatever acts.

        Of those that do not sign what they announce, a group of which the catalogue names members has none
        but these: else anybody could announce more, and a share of it would be more than it is.
        """
        columns = self.columns
        valid: npt.NDArray[np.bool_] = np.not_equal(self.verdicts, FREE)
        signed: npt.NDArray[np.bool_] = self.heard.incarnation[: self.size] != SECONDHAND
        if self._roster.authenticated and signed.all():
            return valid
        declared = valid & ((columns.flags[: self.size] & DECLARED) != 0)
        groups = columns.group[: self.size]
        known: npt.NDArray[np.bool_] = declared | ~np.isin(groups, groups[declared & (groups > 0)])
        if self._roster.authenticated:
            known |= signed
        return valid & known

    def probes(self, slot: int) -> tuple[Asked, ...]:
        """What each of its probes is believed to have found."""
        return self._weighing.probes(slot)

    def runs(self) -> Mapping[int, jobs.Run]:
        """The last known run of each job, by slot."""
        return self._weighing.runs()

    def run(self, slot: int) -> jobs.Run | None:
        """A job's last known run."""
        return self._weighing.run(slot)

    def plan(self, slot: int) -> jobs.Plan | None:
        """When a job should run: as declared, else as announced."""
        return self._weighing.plan(slot)

    def facts(self, slot: int) -> Facts:
        """All that is known of one component, for judging and for telling."""
        return self._weighing.facts(slot)

    def reason(self, slot: int) -> str:
        """Why the verdict is what it is, in words."""
        return self._weighing.reason(slot, self.card(slot))

    # Facts come in. ---------------------------------------------------------------------------------------

    def declare(self, config: Config, slots: Mapping[str, int], own: Iterable[str] = ()) -> list[Change]:
        """Take a catalogue. `slots` has every declared name; `own` are those the node itself declares."""
        self._roster.declare(config, slots, own)
        columns = self.columns
        touched = np.fromiter(slots.values(), np.uint32, len(slots))
        for slot in touched.tolist():
            self._weighing.expect(slot)
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
        self._weighing.note_turns(events)
        told = set(events["slot"][events["kind"] == EventKind.card].tolist())
        for slot in slots.tolist():
            # Judged by its name, even where the event of its card comes in a later piece.
            if slot in told or not self.columns.names[slot]:
                card = self._roster.read_card(slot)
                if card is not None:
                    self._weighing.announced(slot, card)
        return self._judge(slots)

    def recall(self, slots: npt.NDArray[np.int64]) -> list[Change]:
        """Take in whom the ear was told of from before the start, without waiting for its events."""
        events = np.zeros(len(slots), EVENT)
        events["slot"], events["kind"] = slots, EventKind.card
        return [change for piece in pieces(events[slots >= 0]) for change in self.hear(piece)]

    def ran(self, runs: Mapping[int, jobs.Run]) -> list[Change]:
        """Take what pings told of runs, by the job's slot."""
        for slot, run in runs.items():
            self._weighing.ran(slot, run)
        return self._judge(np.fromiter(runs, np.uint32, len(runs))) if runs else []

    def told(self, found: Mapping[str, tuple[Verdict, str]]) -> list[Change]:
        """Take what the node itself says of functions, by component: the verdict, and why."""
        slots = [(slot, name) for name in found if (slot := self.slot(name)) is not None]
        for slot, name in slots:
            self._weighing.told(slot, *found[name])
        return self._judge(np.array([slot for slot, _ in slots], np.uint32)) if slots else []

    def asked(self, component: str, probe: str, result: Result) -> list[Change]:
        """Take what a probe is believed to have found; a change of outcome starts a new `since`."""
        slot = self.slot(component)
        if slot is None:
            return []
        self._weighing.asked(slot, probe, result)
        return self._judge(np.array([slot], np.uint32))

    def keep_probes(self, names: Mapping[str, Iterable[str]]) -> None:
        """Forget what probes found that are no longer declared. `names`: component → its probes' names."""
        self._weighing.keep_probes(names)

    def forget(self, slot: int) -> None:
        """Drop a component for good: it left, or was never more than a rumour."""
        self.columns.clear(slot)
        self._weighing.forget(slot)
        self._log.add(np.array([slot], np.uint32))

    def tick(self) -> list[Change]:
        """Judge again whom only the passing of time can have changed."""
        due = self._weighing.due()
        return self._judge(np.array(sorted(due), np.uint32)) if due else []

    def rumours(self) -> list[int]:
        """Slots that nobody declares any more and nobody ever heard: they can be forgotten."""
        never = (self.heard.liveness[: self.size] == Liveness.never) & (self.verdicts != FREE)
        return np.flatnonzero(never & (self.columns.flags[: self.size] & DECLARED == 0)).tolist()

    def long_gone(self, age: float) -> list[int]:
        """Slots of the undeclared that said goodbye more than `age` seconds ago."""
        left = (self.verdicts == Verdict.left) & (self.columns.flags[: self.size] & DECLARED == 0)
        return np.flatnonzero(left & (self.columns.since[: self.size] < self._clock.wall() - age)).tolist()

    def _judge(self, slots: npt.NDArray[np.uint32]) -> list[Change]:
        columns, heard = self.columns, self.heard
        slots = slots[heard.liveness[slots] != FREE]  # given back by the ear, and about to be forgotten
        bare = slots[columns.flags[slots] == 0]
        after = plain.VERDICTS[heard.liveness[bare], heard.status[bare]]
        moved = after != columns.verdict[bare]
        slots_changed, verdicts = bare[moved].tolist(), after[moved].tolist()
        for slot in slots[columns.flags[slots] != 0].tolist():
            verdict = int(self._weighing.verdict(slot))
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
            if verdict not in LOST:
                columns.lost[slot] = 0.0
            elif before not in UNSEEN and before not in LOST:
                columns.lost[slot] = now
            # Somebody new who is well is no news for the alerts; a million of them arrive within seconds.
            if before != FREE or word not in QUIET:
                changes.append(self._change(slot, before, word, now))
        self._log.add(np.array(slots_changed, np.uint32))
        return changes

    def _change(self, slot: int, before: int, after: Verdict, now: float) -> Change:
        # Read once: a hundred thousand changes at a time are made on the loop that the page needs too.
        card = self.card(slot)
        subject = self._roster.subject(slot, card)
        return Change(
            at=now,
            component=subject.name,
            slot=slot,
            before=Verdict.unknown if before == FREE else Verdict(before),
            after=after,
            reason=self._weighing.reason(slot, card),
            subject=subject,
        )
