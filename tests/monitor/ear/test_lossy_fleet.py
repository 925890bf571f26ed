"""A fleet on a bad network, played in virtual time: nobody alive is declared dead, and the dead are found."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from gadfly.monitor.liveness import Liveness
from gadfly.telemetry.frame import Kind, component_id

pytestmark = pytest.mark.long

STEP = 0.02


class Network:
    """Loss with bursts (Gilbert's model): in a burst everything of one sender is lost, for a while."""

    def __init__(self, members: int, loss: float, burst: float, since: float, seed: int) -> None:
        self._random = np.random.default_rng(seed)
        self._loss = loss
        self._until = np.zeros(members)
        self._burst = burst
        self._since = since

    def delivers(self, member: int, now: float) -> bool:
        if now < self._until[member]:
            return False
        if now < self._since or self._random.random() >= self._loss:
            return True
        if self._burst:
            self._until[member] = now + self._random.exponential(self._burst)
        return False

    def jitter(self, most: float) -> float:
        return float(self._random.uniform(0, most))


def play(
    stage: Any,
    *,
    members: int,
    seconds: float,
    loss: float,
    burst: float,
    jitter: float,
    dying: range,
    at: float,
    calm: float = 0.0,
) -> tuple[dict[int, float], set[int]]:
    """Seconds from death to its detection, by member; and those declared dead while alive."""
    begin = stage.seconds + STEP
    network = Network(members, loss, burst, begin + calm, seed=members)
    phase = np.random.default_rng(1).uniform(0, 1, members)
    coming: list[tuple[float, int, bytes]] = []
    incarnation = int(begin * 1000)
    sequences = np.zeros(members, int)
    found: dict[int, float] = {}
    mistaken: set[int] = set()
    names = np.array([component_id(f"m{member}") for member in range(members)], np.uint64)
    for step in range(int(seconds / STEP)):
        now = begin + step * STEP
        stage.at(now)
        dead = set(dying) if now - begin >= at else set()
        for member in np.flatnonzero(phase <= now - begin).tolist():
            phase[member] += 1.0
            if member in dead:
                continue
            sequences[member] += 1
            if network.delivers(member, now):
                frame = stage.frame(f"m{member}", int(sequences[member]), incarnation=incarnation)
                coming.append((now + network.jitter(jitter), member, frame))
        arrived = [one for one in coming if one[0] <= now]
        coming = [one for one in coming if one[0] > now]
        if arrived:
            stage.hear(*[frame for _, _, frame in arrived])
        suspects = stage.judge_now()
        if len(suspects):
            for slot, nonce in zip(suspects.tolist(), stage.judge.asked(suspects).tolist(), strict=True):
                member = int(np.flatnonzero(names == stage.members.id[slot])[0])
                if member in dead or not (network.delivers(member, now) and network.delivers(member, now)):
                    continue
                sequences[member] += 1
                reply = stage.frame(
                    f"m{member}",
                    int(sequences[member]),
                    kind=Kind.reply,
                    incarnation=incarnation,
                    card={"nonce": nonce},
                )
                coming.append((now + network.jitter(jitter), member, reply))
        if step % 50 == 0:
            stage.loss.forget(now)
        stage.members.rows["answers"][: stage.members.size] = 1
        for slot in np.flatnonzero(stage.members.liveness[: stage.members.size] == Liveness.silent).tolist():
            member = int(np.flatnonzero(names == stage.members.id[slot])[0])
            if member in dead:
                found.setdefault(member, now - begin - at)
            else:
                mistaken.add(member)
    return found, mistaken


@pytest.mark.parametrize(
    ("loss", "burst", "jitter", "within"),
    [
        (0.0, 0.0, 0.005, 1.8),
        (0.01, 0.0, 0.02, 4.0),
        (0.05, 0.0, 0.05, 6.0),
        (0.2, 0.0, 0.05, 16.0),
        (0.02, 0.6, 0.05, 16.0),
    ],
)
def test_no_false_death_and_every_real_one(
    stage: Any, loss: float, burst: float, jitter: float, within: float
) -> None:
    dying = range(0, 100, 20)
    if burst:
        # The very first bursts cannot be told from deaths: nothing was lost before. They are what teaches.
        play(stage, members=100, seconds=10.0, loss=loss, burst=burst, jitter=jitter, dying=range(0), at=99.0)
    found, mistaken = play(
        stage, members=100, seconds=50.0, loss=loss, burst=burst, jitter=jitter, dying=dying, at=30.0
    )
    assert not mistaken
    assert sorted(found) == list(dying)
    assert max(found.values()) <= within


def test_loss_that_begins_suddenly(stage: Any) -> None:
    _, mistaken = play(
        stage,
        members=150,
        seconds=35.0,
        loss=0.2,
        burst=0.0,
        jitter=0.05,
        dying=range(0),
        at=99.0,
        calm=20.0,
    )
    assert not mistaken
