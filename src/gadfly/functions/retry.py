"""When a call that failed is tried again, and when it is not. Pure.

| how it ended | what follows |
|---|---|
| `ok` | it is done |
| `failed`: the handler raised | again, after a pause, while it has attempts left |
| `ended`: by the sandbox (time, memory, no answer) | the same |
| `lost`: the node ended while it ran | again, after no pause: whoever runs it was not to blame |
| `refused`: it can never work (no such function, an event that is too large) | it is a dead letter |
"""

from __future__ import annotations

import random
from typing import Literal, NamedTuple

Ended = Literal["ok", "failed", "ended", "lost", "refused"]

FIRST_PAUSE = 10.0
"""Seconds. What fails because something restarts works again after it."""
LONGEST_PAUSE = 900.0
JITTER = 0.2


def _about(attempts: int) -> float:
    return float(min(LONGEST_PAUSE, FIRST_PAUSE * 3.0 ** min(attempts - 1, 12)))


LATEST = tuple(_about(attempts) * (1 + JITTER) for attempts in range(1, 7))
"""Seconds after one try, after two, and so on, that the next may be away at most; the last for all more."""


class Next(NamedTuple):
    """What becomes of it: `state` done, waiting or dead; `due` only where it waits."""

    state: Literal["done", "waiting", "dead"]
    due: float
    reason: str


def pause(attempts: int, chance: random.Random) -> float:
    """Seconds before the next try after so many: tripling from ten to nine hundred, ± a fifth.

    The jitter is that not all that failed together come back together.
    """
    return _about(attempts) * chance.uniform(1 - JITTER, 1 + JITTER)


def following(
    ended: Ended, error: str, attempts: int, allowed: int, now: float, chance: random.Random
) -> Next:
    """What becomes of a call whose try number `attempts`, of `allowed`, ended so at `now` (wall)."""
    if ended == "ok":
        return Next("done", now, "")
    if ended == "refused":
        return Next("dead", now, error)
    if attempts >= allowed:
        return Next("dead", now, f"tried {attempts} of {allowed} times; the last time: {error}")
    due = now if ended == "lost" else now + pause(attempts, chance)
    return Next("waiting", due, f"tried {attempts} of {allowed} times: {error}")
