"""Judging those of whom more is known than their beats: declared, probed, jobs, or with words of their own.

Kept here is what a verdict needs and beats do not tell: what probes found, the runs of jobs, since when
somebody is listened for, and when the passing of time alone may change a verdict.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping

from gadfly.clock import Clock
from gadfly.monitor import jobs, plain, reconcile
from gadfly.monitor.alarms import Alarms
from gadfly.monitor.card import Card
from gadfly.monitor.clause import clause
from gadfly.monitor.columns import Flag
from gadfly.monitor.events import EventKind
from gadfly.monitor.heard import Events
from gadfly.monitor.job_book import JobBook
from gadfly.monitor.liveness import Liveness, Status
from gadfly.monitor.probe.result import Result
from gadfly.monitor.reconcile import Asked, Facts
from gadfly.monitor.roster import DECLARED, Roster
from gadfly.monitor.verdict import Verdict

log = logging.getLogger("gadfly")

PATIENCE = 5.0  # seconds beyond three intervals before somebody declared is missed


class Weighing:
    """The verdict of one component at a time, by all that is known of it."""

    def __init__(self, roster: Roster, clock: Clock) -> None:
        self._roster = roster
        self._heard = roster.heard
        self._columns = roster.columns
        self._clock = clock
        self._known: dict[int, float] = {}
        """Monotonic seconds since when a declared component is listened for."""
        self._turned: dict[int, float] = {}
        """Monotonic seconds at which the liveness last changed, of those that probes are weighed against."""
        self._probes: dict[int, dict[str, Asked]] = {}
        self._jobs = JobBook()
        self._told: dict[int, tuple[Verdict, str]] = {}
        """What the node itself said of components that nobody else speaks of."""
        self._waits = Alarms()

    def probes(self, slot: int) -> tuple[Asked, ...]:
        """What each of its probes is believed to have found."""
        return tuple(self._probes.get(slot, {}).values())

    def runs(self) -> Mapping[int, jobs.Run]:
        """The last known run of each job, by slot."""
        return self._jobs.runs()

    def run(self, slot: int) -> jobs.Run | None:
        """A job's last known run."""
        return self._jobs.run(slot)

    def plan(self, slot: int) -> jobs.Plan | None:
        """When a job should run: as declared, else as announced."""
        entry = self._roster.entry(slot)
        if entry is not None and entry.plan is not None:
            return entry.plan
        card = self._roster.card(slot)
        job = card.job if card else None
        return jobs.Plan(job.schedule, job.every, job.grace, job.runs) if job else None

    # Facts come in. ---------------------------------------------------------------------------------------

    def expect(self, slot: int) -> None:
        """Listen for a declared component from now on, and miss it when its time is over."""
        if slot not in self._known:
            now = self._clock.monotonic()
            self._known[slot] = now
            self._waits.put(slot, now + self._patience(slot))

    def note_turns(self, events: Events) -> None:
        """Remember when the liveness changed."""
        turned = events[events["kind"] == EventKind.transition]
        turned = turned[self._columns.flags[turned["slot"]] & int(Flag.probed) != 0]
        for slot, at in zip(turned["slot"].tolist(), turned["at"].tolist(), strict=True):
            self._turned[slot] = at / 1e9

    def announced(self, slot: int, card: Card) -> None:
        """Take what a card tells of a job."""
        if card.job is not None:
            self._jobs.heard(slot, card)

    def ran(self, slot: int, run: jobs.Run) -> None:
        """Take what pings told of the runs of a job."""
        self._jobs.take(slot, run)

    def told(self, slot: int, verdict: Verdict, reason: str) -> None:
        """Take what the node itself says of it."""
        self._told[slot] = verdict, reason

    def asked(self, slot: int, probe: str, result: Result) -> None:
        """Take what a probe is believed to have found; a change of outcome starts a new `since`."""
        found, now = self._probes.setdefault(slot, {}), self._clock.wall()
        last = found.get(probe)
        since = last.since if last is not None and last.outcome is result.outcome else now
        moment = self._clock.monotonic()
        found[probe] = Asked(probe, result.outcome, result.reason, at=now, since=since, moment=moment)

    def keep_probes(self, names: Mapping[str, Iterable[str]]) -> None:
        """Forget what probes found that are no longer declared. `names`: component → its probes' names."""
        for slot, found in list(self._probes.items()):
            wanted = set(names.get(self._columns.names[slot], ()))
            self._probes[slot] = {name: asked for name, asked in found.items() if name in wanted}
            if not self._probes[slot]:
                del self._probes[slot]

    def forget(self, slot: int) -> None:
        """Drop all that is kept of it."""
        self._known.pop(slot, None)
        self._turned.pop(slot, None)
        self._probes.pop(slot, None)
        self._jobs.forget(slot)
        self._told.pop(slot, None)
        self._waits.drop(slot)

    # Judging. ---------------------------------------------------------------------------------------------

    def due(self) -> set[int]:
        """Slots whose verdict the passing of time can have changed; each is given once."""
        return self._waits.due(self._clock.monotonic()) | self._jobs.due(self._clock.wall())

    def verdict(self, slot: int) -> Verdict:
        """The verdict, and when time alone may change it. One that cannot be judged ends nobody else's."""
        try:
            if self._columns.flags[slot] & (Flag.job | Flag.told) == Flag.job:
                verdict, _, again = self._job(slot)
                self._jobs.look(slot, again)
                return verdict
            return self._weigh(slot)[0]
        except Exception:
            log.exception("%r cannot be judged; please report this", self._roster.name(slot))
            return Verdict.unknown

    def reason(self, slot: int, card: Card | None) -> str:
        """Why the verdict is what it is, in words."""
        if self._columns.flags[slot] or slot in self._probes or (card is not None and card.reason):
            return self._weigh(slot)[1]
        heard = self._heard
        return plain.reason(
            int(heard.liveness[slot]),
            int(heard.status[slot]),
            int(heard.reason[slot]),
            int(heard.interval[slot]),
        )

    def facts(self, slot: int) -> Facts:
        """All that is known of one component, for judging and for telling."""
        heard, flags = self._heard, int(self._columns.flags[slot])
        liveness = Liveness(int(heard.liveness[slot]))
        card = self._roster.card(slot) if heard.status[slot] else None
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

    def _weigh(self, slot: int) -> tuple[Verdict, str]:
        flags = int(self._columns.flags[slot])
        if flags & Flag.told:
            return self._told.get(slot, (Verdict.unknown, "nothing is known of it yet"))
        if flags & Flag.job:
            return self._job(slot)[:2]
        return reconcile.verdict(self.facts(slot))

    def _job(self, slot: int) -> tuple[Verdict, str, float | None]:
        died = ""
        if self._heard.liveness[slot] == Liveness.silent:
            why = clause(int(self._heard.reason[slot]), int(self._heard.interval[slot]))
            died = why or "its beats stopped"
        plan = self.plan(slot) or jobs.Plan()
        verdict, reason, again = self._jobs.judge(slot, plan, died, self._clock.wall())
        if verdict is Verdict.healthy and not self._columns.flags[slot] & DECLARED:
            return Verdict.undeclared, f"{reason}; no catalogue declares it", again
        return verdict, reason, again

    def _patience(self, slot: int) -> float:
        entry = self._roster.entry(slot)
        return PATIENCE + 3 * (entry.entry.beats if entry else 1.0)
