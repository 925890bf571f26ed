"""Everybody is cut off at one moment while beats are spread over the interval: in virtual time."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from gadfly.monitor.liveness import Liveness

pytestmark = [pytest.mark.long, pytest.mark.first]

STEP = 0.005
HOSTS = 8


class Fleet:
    """Members on hosts, each with its own phase of the second; those of `cut` hosts are not heard."""

    def __init__(self, stage: Any, size: int, hosts: int = HOSTS) -> None:
        self.stage, self.size, self.hosts = stage, size, hosts
        self.cut: frozenset[int] = frozenset()
        self.sequence = np.zeros(size, int)
        self.phase = (np.random.default_rng(7).permutation(size) / size / STEP).astype(int)
        self.turn = 0
        self.first_dead: float | None = None

    def run(self, seconds: float) -> None:
        """Steps of 5 ms: beats arrive, the late are asked, and nobody answers."""
        stage = self.stage
        for _ in range(round(seconds / STEP)):
            stage.at(stage.seconds + STEP)
            self.turn += 1
            beating = np.flatnonzero(self.phase == self.turn % round(1 / STEP))
            self.sequence[beating] += 1
            for host in {n % self.hosts for n in beating.tolist()} - self.cut:
                mine = [n for n in beating.tolist() if n % self.hosts == host]
                frames = [stage.frame(f"n{n}", int(self.sequence[n])) for n in mine]
                stage.hear(*frames, host=f"10.0.{host}.1")
            suspects = stage.judge_now()
            if len(suspects):
                stage.judge.asked(suspects)
            if self.first_dead is None and self.dead():
                self.first_dead = stage.seconds

    def dead(self) -> int:
        members = self.stage.members
        return int((members.liveness[: members.size] == Liveness.silent).sum())

    def count(self, *states: Liveness) -> int:
        members = self.stage.members
        return int(np.isin(members.liveness[: members.size], states).sum())

    @property
    def doubted(self) -> int:
        return int(self.stage.members.counters.get("doubt_everyone"))


def known(stage: Any, size: int, hosts: int = HOSTS) -> Fleet:
    """A fleet that was heard for a while, answers, and has shown its network to be clean."""
    made = Fleet(stage, size, hosts)
    made.run(6)
    rows = stage.members.rows
    rows["answers"][:size] = 1
    for bucket in set(rows["bucket"][:size].tolist()):
        stage.loss.arrived(np.full(4000, bucket), np.zeros(4000, np.int64))
    assert made.doubted == 0
    return made


@pytest.fixture(params=[40, 400])
def fleet(request: pytest.FixtureRequest, stage: Any) -> Fleet:
    return known(stage, request.param)


ALL = frozenset(range(HOSTS))


def test_a_cut_of_an_interval_kills_nobody(fleet: Fleet) -> None:
    fleet.cut = ALL
    fleet.run(1.0)
    fleet.cut = frozenset()
    fleet.run(3)
    assert fleet.dead() == 0
    assert fleet.first_dead is None
    assert fleet.doubted >= fleet.size * 0.3
    assert fleet.count(Liveness.alive) == fleet.size


def test_a_cut_that_stays_is_believed_after_one_interval_more(fleet: Fleet) -> None:
    fleet.cut = ALL
    begin = fleet.stage.seconds
    fleet.run(4)
    assert fleet.dead() == fleet.size
    assert fleet.doubted == fleet.size, "each once"
    assert fleet.first_dead is not None
    assert 1.5 < fleet.first_dead - begin < 3


def test_the_second_cut_is_doubted_as_the_first_was(fleet: Fleet) -> None:
    for _ in range(2):
        fleet.cut = ALL
        fleet.run(1.0)
        fleet.cut = frozenset()
        fleet.run(3)
    assert fleet.first_dead is None


def test_half_of_the_hosts_are_their_own_trouble(fleet: Fleet) -> None:
    fleet.cut = frozenset(range(HOSTS // 2))
    begin = fleet.stage.seconds
    fleet.run(3)
    assert fleet.doubted <= fleet.size * 0.05
    assert fleet.dead() == fleet.size // 2
    assert fleet.first_dead is not None
    assert fleet.first_dead - begin < 1.2


def test_three_hosts_may_fail_together(stage: Any) -> None:
    fleet = known(stage, 60, hosts=3)
    fleet.cut = frozenset(range(3))
    fleet.run(3)
    assert fleet.doubted == 0
    assert fleet.dead() == 60


def test_a_refusal_counts_at_once_all_the_same(fleet: Fleet) -> None:
    """One was asked before the outage was seen; what its host refused is proof."""
    stage = fleet.stage
    fleet.cut = ALL
    while not fleet.count(Liveness.suspect):
        fleet.run(STEP)
    slot = int(np.flatnonzero(stage.members.liveness[: fleet.size] == Liveness.suspect)[0])
    nonce = stage.members.rows["nonce"][slot] + np.uint64(1)
    fleet.run(0.4)
    assert fleet.doubted > 4
    assert stage.members.rows["doubted"][slot]
    assert fleet.dead() == 0
    stage.judge.refused(np.array([slot]), np.array([nonce]))
    assert stage.members.liveness[slot] == Liveness.silent
