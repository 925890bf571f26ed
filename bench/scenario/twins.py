"""A thousand legitimate acts of the shapes that the scenarios' actors have, within their limits: how often is one
stopped that should not be?

Each shape has a place of its own in the fleet, and paces itself as a scheduler would that knows the limits: one cell
after another with a rest between, so many an hour. They all share one node, one ledger, and the limits of the fleet.
A stop is counted on the first try; nothing is tried twice.
"""

from __future__ import annotations

import heapq
import random
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from gadfly.act.guard import GUARDS, Guard
from scenario.twin_shapes import SHAPES
from scenario.world import World


@dataclass(frozen=True, kw_only=True)
class Told:
    """What became of them."""

    acts: int
    stopped: int
    by: Mapping[str, int]
    """By shape and what stopped it."""

    @property
    def share(self) -> float:
        """False stops."""
        return self.stopped / self.acts


def play(folder: Path, acts: int, seed: int, guards: Mapping[str, Guard] = GUARDS, pace: float = 1.0) -> Told:
    """So many acts, in turns and at times that `seed` decides. A `pace` of 0.5 is twice as hurried as allowed."""
    dice = random.Random(seed)
    world = World(folder, guards)
    stopped: Counter[str] = Counter()
    try:
        for shape in SHAPES:
            shape.prepare(world)
        turns = [(world.now + dice.uniform(0, shape.after), number) for number, shape in enumerate(SHAPES)]
        heapq.heapify(turns)
        for _ in range(acts):
            at, number = heapq.heappop(turns)
            shape = SHAPES[number]
            world.wait(max(1.0, at - world.now))
            found = shape.act(world, dice)
            if found.held or not found.touched:
                stopped[f"{shape.name}: {', '.join(sorted(found.held))}"] += 1
            heapq.heappush(turns, (world.now + pace * shape.after * dice.uniform(1.0, 2.0), number))
    finally:
        world.close()
    return Told(acts=acts, stopped=stopped.total(), by=dict(stopped))
