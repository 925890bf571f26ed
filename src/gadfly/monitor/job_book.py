"""The runs of jobs by slot, and when each job must be looked at again."""

from __future__ import annotations

from collections.abc import Mapping

from gadfly.monitor import jobs
from gadfly.monitor.alarms import Alarms
from gadfly.monitor.card import Card
from gadfly.monitor.verdict import Verdict

ROUNDED = 0.001
"""Seconds that are lost where a card says when its run began."""


class JobBook:
    """What was heard of the runs of jobs. Times are wall seconds, because schedules are."""

    def __init__(self) -> None:
        self._runs: dict[int, jobs.Run] = {}
        self._known: dict[int, float] = {}
        self._looks = Alarms()

    def heard(self, slot: int, card: Card) -> None:
        """Take what a card tells of a run."""
        job = card.job
        assert job is not None
        last = self._runs.get(slot)
        if last is not None and not last.watched and last.started > card.started - ROUNDED:
            return  # an older word than that of its pings
        succeeded = last.succeeded if last is not None else 0.0
        if job.state == "finished":
            ended = card.started + job.seconds
            if job.exit == 0:
                succeeded = ended
            self._runs[slot] = jobs.Run(
                card.started, ended, job.exit, job.seconds, job.output, succeeded=succeeded
            )
        else:
            self._runs[slot] = jobs.Run(card.started, succeeded=succeeded)

    def take(self, slot: int, run: jobs.Run) -> None:
        """Take a run that was told of otherwise."""
        self._runs[slot] = run

    def runs(self) -> Mapping[int, jobs.Run]:
        """The last known run of each."""
        return self._runs

    def run(self, slot: int) -> jobs.Run | None:
        """The last known run."""
        return self._runs.get(slot)

    def forget(self, slot: int) -> None:
        """Drop what is known of this slot."""
        self._runs.pop(slot, None)
        self._known.pop(slot, None)
        self._looks.drop(slot)

    def judge(self, slot: int, plan: jobs.Plan, died: str, now: float) -> tuple[Verdict, str, float | None]:
        """Verdict, reason, and when to look again. `died`: why a run that never ended is believed dead."""
        run = self._runs.get(slot)
        if run is not None and run.ended is None and died:
            run = jobs.Run(run.started, died=f"died while it ran: {died}")
        return jobs.verdict(plan, run, self._known.setdefault(slot, now), now)

    def look(self, slot: int, at: float | None) -> None:
        """Look at it again then; None: only when something is heard."""
        if at is None:
            self._looks.drop(slot)
        else:
            self._looks.put(slot, at + 0.001)

    def due(self, now: float) -> set[int]:
        """The slots to look at again."""
        return self._looks.due(now)
