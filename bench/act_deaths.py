"""Many lives of an acting node, each ended with SIGKILL at a step of its way, and what they left behind.

Every named step is taken in turn (see :class:`act_life.Trap`); one life in five is ended by its parent at a random
moment instead, which may be inside a commit. What is on disk is then opened by the next life, as a node that
starts again would, and after some lives the folder is examined and a new one begun. SIGKILL takes the process,
not the machine: what a power cut does is the matter of `synchronous=FULL`, which every commit here has, and is not
tried.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import random
import select
import shutil
import signal
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from act_evidence import Found, examine
from act_life import Life, Trap

AVERAGE = 700
"""Acts of one life, about; the most of one folder is ten times that, so that starting again stays quick."""
FOLDER = 7_000
LANES = 2
LONGEST = 120.0
"""Seconds after which a life is ended, whatever it waits for."""


@dataclass
class Tally:
    """What was seen, over all folders."""

    acts: int = 0
    lives: int = 0
    killed: Counter[str] = field(default_factory=Counter)
    at_random: int = 0
    ended: int = 0
    broken: int = 0
    """Lives that ended by an error of their own."""
    effects: int = 0
    intents: int = 0
    entries: int = 0
    unexplained: int = 0
    twice: int = 0
    problems: int = 0
    unmatched: int = 0
    planted: int = 0
    """Effects that were planted and not found; the check itself would be broken."""

    def add(self, found: Found) -> None:
        self.effects += found.effects
        self.intents += found.intents
        self.entries += found.entries
        self.unexplained += found.unexplained
        self.twice += found.twice
        self.problems += found.problems
        self.unmatched += found.unmatched
        self.planted += found.missed


SURVEY = 600


def survey() -> dict[str, float]:
    """The steps that a life takes, and how often each is taken in an act."""
    folder = Path(tempfile.mkdtemp(prefix="gadfly-gate-"))
    trap = Trap()
    try:
        asyncio.run(Life(folder, SURVEY, 0, trap).run())
    finally:
        shutil.rmtree(folder)
    return {name: count / SURVEY for name, count in sorted(trap.seen.items())}


@dataclass
class _Lane:
    folder: Path
    acts: int = 0
    pid: int = 0
    pipe: int = -1
    began: float = 0.0
    kill: float = 0.0
    """When its parent ends it; 0: it is left to its trap."""
    step: str = ""


def live_and_die(acts: int, steps: dict[str, float], seconds: float, tally: Tally) -> None:
    """Lives until `acts` were begun and every step was tried, or `seconds` are over."""
    rng = random.Random(7)
    order = list(steps)
    rng.shuffle(order)
    until = time.monotonic() + seconds
    lanes: list[_Lane] = []
    number = 0
    try:
        while True:
            more = time.monotonic() < until and (tally.acts < acts or set(order) - set(tally.killed))
            while more and len(lanes) < LANES:
                lanes.append(_Lane(Path(tempfile.mkdtemp(prefix="gadfly-gate-"))))
            for lane in lanes:
                if not lane.pid and more:
                    number += 1
                    left = [name for name in order if name not in tally.killed] or order
                    step = left[number % len(left)] if number % 5 else ""
                    _start(lane, step, steps.get(step, 0.0), number, rng, tally)
            if not lanes:
                break  # each was looked at, also those whose lives ended both at once
            for lane in [lane for lane in lanes if lane.pid]:
                _look(lane, tally)
            for lane in [one for one in lanes if not one.pid and (one.acts >= FOLDER or not more)]:
                tally.add(examine(lane.folder))
                shutil.rmtree(lane.folder)
                lanes.remove(lane)
            time.sleep(0.002)
    finally:
        for lane in lanes:
            if lane.pid:
                os.kill(lane.pid, signal.SIGKILL)
                os.waitpid(lane.pid, 0)
            shutil.rmtree(lane.folder, ignore_errors=True)


def _start(lane: _Lane, step: str, often: float, number: int, rng: random.Random, tally: Tally) -> None:
    read, write = os.pipe()
    acts = rng.randint(AVERAGE // 2, AVERAGE * 3 // 2)
    after = rng.randint(0, acts * 3 // 4) if often > 0.02 else 0
    nth = rng.randint(1, max(1, min(40, int(often * (acts - after) / 2))))
    pid = os.fork()
    if pid == 0:
        code = 1
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        with contextlib.suppress(BaseException):
            os.close(read)
            asyncio.run(Life(lane.folder, acts, number, Trap(step or "none", nth), write, after).run())
            code = 0
        os._exit(code)
    os.close(write)
    os.set_blocking(read, False)
    lane.pid, lane.pipe, lane.step, lane.began = pid, read, step, time.monotonic()
    lane.kill = 0.0 if step else lane.began + 0.1 + rng.random()
    tally.lives += 1


def _look(lane: _Lane, tally: Tally) -> None:
    if select.select([lane.pipe], [], [], 0.0)[0]:
        count = len(os.read(lane.pipe, 65_536))
        tally.acts += count
        lane.acts += count
    now = time.monotonic()
    by_us = (lane.kill and now >= lane.kill) or now - lane.began > LONGEST
    if by_us:
        os.kill(lane.pid, signal.SIGKILL)
    ended, status = os.waitpid(lane.pid, 0 if by_us else os.WNOHANG)
    if not ended:
        return
    with contextlib.suppress(BlockingIOError):
        while rest := os.read(lane.pipe, 65_536):
            tally.acts += len(rest)
            lane.acts += len(rest)
    os.close(lane.pipe)
    lane.pid = 0
    if os.WIFSIGNALED(status) and lane.step:
        tally.killed[lane.step] += 1
    elif os.WIFSIGNALED(status):
        tally.at_random += 1
    elif os.WEXITSTATUS(status) == 0:
        tally.ended += 1
    else:
        tally.broken += 1
