"""A fleet in which something always is broken, in virtual time: the next quiet death is told like the first.

60 members on 3 hosts of one network. Others are away for 10 s and come back all the time: a host's cable is
pulled (their sequences go on unheard), or a process is stopped (its sequence stands still; continued, it
first answers all enquiries that waited for it).
"""

from __future__ import annotations

import heapq
from typing import Any

import numpy as np
import pytest

from gadfly.monitor.liveness import Liveness
from gadfly.telemetry.frame import Kind, component_id

pytestmark = [pytest.mark.long, pytest.mark.first]

STEP = 0.01
HOSTS, EACH = 3, 20


class Mix:
    """The fleet. `unplugged` hosts and `stopped` members are broken now; `declared` is when each was last."""

    def __init__(self, stage: Any, every: float) -> None:
        self.stage, self.every = stage, every
        self.unplugged: set[int] = set()
        self.stopped: set[int] = set()
        self.declared: dict[int, float] = {}
        self._waiting: dict[int, list[int]] = {}
        self._names = {component_id(f"m{member}"): member for member in range(HOSTS * EACH)}
        self._sequences = [0] * (HOSTS * EACH)
        phases = np.random.default_rng(5).uniform(0, every, HOSTS * EACH).tolist()
        self._agenda = [(stage.seconds + phase, member) for member, phase in enumerate(phases)]
        heapq.heapify(self._agenda)
        self._forgotten = 0.0

    def _hear(self, member: int, kind: Kind, nonce: int = 0) -> None:
        self._sequences[member] += 1
        if member // EACH in self.unplugged:
            return
        card = {"nonce": nonce} if nonce else None
        frame = self.stage.frame(
            f"m{member}", self._sequences[member], kind=kind, every=self.every, card=card
        )
        self.stage.hear(frame, host=f"10.0.0.{member // EACH + 1}", port=4000 + member)
        if self.stage.liveness(f"m{member}") is Liveness.alive:
            self.declared.pop(member, None)

    def go_on(self, seconds: float) -> None:
        """Let time pass."""
        stage = self.stage
        end = stage.seconds + seconds
        while stage.seconds < end:
            stage.at(stage.seconds + STEP)
            while self._agenda[0][0] <= stage.seconds:
                at, member = heapq.heappop(self._agenda)
                heapq.heappush(self._agenda, (at + self.every, member))
                if member not in self.stopped:
                    self._hear(member, Kind.beat)
            suspects = stage.judge_now()
            if len(suspects):
                for slot, nonce in zip(suspects.tolist(), stage.judge.asked(suspects).tolist(), strict=True):
                    self._asked(self._names[int(stage.members.id[slot])], nonce)
            if stage.seconds - self._forgotten >= 0.25:
                self._forgotten = stage.seconds
                stage.loss.forget(stage.seconds)
            size = stage.members.size
            stage.members.rows["answers"][:size] = 1
            for slot in np.flatnonzero(stage.members.liveness[:size] == Liveness.silent).tolist():
                self.declared.setdefault(self._names[int(stage.members.id[slot])], stage.seconds)

    def _asked(self, member: int, nonce: int) -> None:
        if member // EACH in self.unplugged:
            return
        if member in self.stopped:
            self._waiting.setdefault(member, []).append(nonce)
        else:
            self._hear(member, Kind.reply, nonce)

    def continued(self, member: int) -> None:
        """A stopped process goes on, answers what waited in its socket, and beats.

        The beat comes by another socket, which is read first.
        """
        self.stopped.discard(member)
        held, hear = [], self.stage.hear
        self.stage.hear = lambda *frames, **where: held.append((frames, where))
        for nonce in self._waiting.pop(member, []):
            self._hear(member, Kind.reply, nonce)
        self._hear(member, Kind.beat)
        self.stage.hear = hear
        for frames, where in reversed(held):
            hear(*frames, **where)


@pytest.mark.parametrize(("every", "turns"), [pytest.param(1.0, 8, id="1.0"), pytest.param(0.2, 4, id="0.2")])
def test_the_next_death_is_told_as_fast_as_the_first(stage: Any, every: float, turns: int) -> None:
    mix = Mix(stage, every)
    mix.go_on(10.0)
    took = []
    for turn in range(turns):
        # What is broken is put right 10 s later, while the next is broken already.
        victim = 2 * EACH + turn
        mix.go_on(every * (turn % 4) / 4)
        mix.stopped.add(victim)
        begin = stage.seconds
        mix.go_on(2.0 * every)
        assert victim in mix.declared, (turn, every)
        took.append(mix.declared[victim] - begin)
        mix.unplugged = {turn % 2}
        mix.go_on(2.0 * every)
        assert {EACH * (turn % 2) + n for n in range(EACH)} <= set(mix.declared)
        mix.go_on(10.0)
        mix.continued(victim)
        mix.go_on(0.3 * every)
        mix.unplugged = set()
        mix.go_on(1.3 * every)
        assert not mix.declared
    assert max(took) <= 1.75 * every
    assert sorted(took)[len(took) // 2] <= 1.3 * every


def test_stopped_for_a_moment_teaches_no_loss(stage: Any) -> None:
    mix = Mix(stage, 0.2)
    mix.go_on(5.0)
    for member in range(5):
        mix.stopped.add(member)
        mix.go_on(0.55)
        assert member in mix.declared
        mix.continued(member)
        mix.go_on(0.5)
        assert member not in mix.declared
    assert stage.loss.lost.sum() == 0
    assert stage.loss.tries[1].sum() == 0
    assert stage.loss.round_trip(stage.members.rows["bucket"][:1]) < 0.05
    mix.stopped.add(7)
    begin = stage.seconds
    mix.go_on(0.5)
    assert mix.declared[7] - begin <= 0.35
