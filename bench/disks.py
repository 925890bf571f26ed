"""Disks that fill, or do not: what writes to them and what tidies up, simulated file by file in spirit.

Nothing here knows how a predictor works: there are writers, jobs, and people who come when a disk is full. Six
regimes, all with temporary files that come and go:

* steady: a writer whose rate wanders, and now and then changes for good
* weekly: people at work, in their own time zone, with weekends and, on some disks, a nightly import
* bursty: nothing for hours, then a lot; part of it is temporary and goes when the burst ends
* rotation: logs that are compressed when they are rotated and deleted when they are old, while traffic grows
* clean-up: temporary data that a job deletes every so often; jobs are skipped, and on some disks break
* step: jobs at random that write a large part of the disk at once (no past tells of them)

A full disk stays so until somebody comes, an hour or a night later, and frees a good part of it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

STEP = 300
"""Seconds between samples."""
DAY = 86_400 // STEP
WEEK = 7 * DAY
MONDAY = 1_767_571_200
"""The first sample: Monday 2026-01-05 00:00 UTC."""
REGIMES = ("steady", "weekly", "bursty", "rotation", "clean-up", "step")
GIGABYTE = 1e9


@dataclass
class Disks:
    """Free bytes by the time."""

    at: np.ndarray
    """[points] seconds since the epoch."""
    free: np.ndarray
    """[disks, points]"""
    size: np.ndarray
    """[disks]"""
    regime: np.ndarray
    """[disks] the name of the regime."""

    def fills(self) -> list[np.ndarray]:
        """For each disk the points at which it became full."""
        empty = self.free <= 0
        begins = empty & ~np.concatenate([np.zeros((len(empty), 1), bool), empty[:, :-1]], axis=1)
        return [np.flatnonzero(row) for row in begins]


def simulate(seed: int, disks: int, days: int) -> Disks:
    """So many disks of each regime over so many days; the same seed gives the same disks."""
    chance = np.random.default_rng(seed)
    points = days * DAY
    free, size, regime = [], [], []
    for name in REGIMES:
        world = _World(chance.spawn(1)[0], disks, points)
        written = _WRITERS[name](world)
        free.append(world.run(written))
        size.append(world.size)
        regime += [name] * disks
    at = MONDAY + STEP * np.arange(points, dtype=np.float64)
    return Disks(at, np.concatenate(free), np.concatenate(size), np.array(regime))


class _World:
    """Some disks of one regime, with what tidies them up."""

    def __init__(self, chance: np.random.Generator, disks: int, points: int) -> None:
        self.chance, self.disks, self.points = chance, disks, points
        self.size = GIGABYTE * 10 ** chance.uniform(1.3, 3.3, disks)
        self.used = chance.uniform(0.25, 0.7, disks) * self.size
        # How long the permanent data would take to fill the disk: a week or two for some, years for others.
        self.weeks = np.where(
            chance.random(disks) < 0.6, chance.uniform(1.2, 6, disks), chance.uniform(20, 200, disks)
        )
        self.rate = self.size / (self.weeks * WEEK)
        self.clock = chance.integers(0, DAY, disks)
        """The step of the day at which a disk's own midnight is."""
        self.temporary = np.zeros(disks)
        """Bytes that the clean-up job or the end of a burst deletes."""
        self.job_every = np.zeros(disks, dtype=np.int64)
        """Steps between clean-ups; 0: there is no job."""
        self.job_breaks = np.full(disks, points + 1)
        """From this step on the job does not run, until somebody repairs it with the next rescue."""
        self.job_skips = np.zeros(disks)
        self.share = np.zeros(disks)
        """Of what is written: temporary."""
        self.logs: tuple[np.ndarray, np.ndarray] | None = None
        """How many days logs are kept, and to which share they are compressed."""
        self.ends: np.ndarray | None = None
        """[disks, points] where a burst ends, and its temporary data with it."""
        self.drops: np.ndarray | None = None
        """[disks, points] bytes that a job takes back."""

    def run(self, written: np.ndarray) -> np.ndarray:
        """Free bytes [disks, points]."""
        chance, disks = self.chance, self.disks
        free = np.empty((disks, self.points))
        flutter = np.zeros(disks)
        depth = chance.uniform(0.0003, 0.004, disks) * self.size
        rescue = np.full(disks, -1)
        kept_most = 15
        kept = np.zeros((kept_most, disks))
        today = np.zeros(disks)
        for step in range(self.points):
            add = written[:, step]
            self.used += add
            self.temporary += self.share * add
            flutter += -0.1 * flutter + chance.normal(0, 0.3, disks) * depth
            if self.drops is not None:
                self.used -= self.drops[:, step]
            if self.ends is not None:
                gone = np.where(self.ends[:, step], self.temporary, 0.0)
                self.used -= gone
                self.temporary -= gone
            due = (self.job_every > 0) & ((step - self.clock) % np.maximum(self.job_every, 1) == 0)
            if due.any():
                runs = due & (step < self.job_breaks) & (chance.random(disks) >= self.job_skips)
                gone = np.where(runs, self.temporary * chance.uniform(0.9, 1.0, disks), 0.0)
                self.used -= gone
                self.temporary -= gone
            if self.logs is not None:
                today += add * (self.share > 0)
                midnight = (step - self.clock) % DAY == 0
                if midnight.any():
                    days, squeezed = self.logs
                    small = today * squeezed
                    self.used += np.where(midnight, small - today, 0.0)
                    place = (step // DAY) % kept_most
                    old = (place - days) % kept_most
                    expired = kept[old, np.arange(disks)]
                    self.used -= np.where(midnight, expired, 0.0)
                    kept[old, np.arange(disks)] = np.where(midnight, 0.0, expired)
                    kept[place] = np.where(midnight, small, kept[place])
                    today = np.where(midnight, 0.0, today)
            shown = self.used + np.abs(flutter)
            full = shown >= self.size
            self.used = np.minimum(self.used, self.size)
            begins = full & (rescue < 0)
            if begins.any():
                rescue = np.where(begins, step + chance.integers(12, 144, disks), rescue)
            free[:, step] = np.where(full | (rescue >= 0), 0.0, self.size - shown)
            comes = rescue == step
            if comes.any():
                self.used = np.where(comes, chance.uniform(0.3, 0.65, disks) * self.size, self.used)
                self.temporary = np.where(comes, 0.0, self.temporary)
                self.job_breaks = np.where(
                    comes & (step >= self.job_breaks), self.points + 1, self.job_breaks
                )
                rescue = np.where(comes, -1, rescue)
        return free


def _noisy(world: _World, shape: float = 0.7) -> np.ndarray:
    """Positive noise of mean 1 [disks, points]."""
    return world.chance.gamma(shape, 1 / shape, (world.disks, world.points))


def _steady(world: _World) -> np.ndarray:
    chance = world.chance
    wander = np.cumsum(chance.normal(0, 0.006, (world.disks, world.points)), axis=1)
    rate = np.exp(wander - wander.mean(axis=1, keepdims=True)).clip(0.3, 3)
    for disk in range(world.disks):
        for _ in range(chance.poisson(world.points / (25 * DAY))):
            rate[disk, chance.integers(world.points) :] *= 2 ** chance.uniform(-1.2, 1.6)
    return world.rate[:, None] * rate.clip(0.05, 6) * _noisy(world)


def _weekly(world: _World) -> np.ndarray:
    chance = world.chance
    steps = np.arange(world.points)[None, :] + chance.integers(-8, 8, world.disks)[:, None] * (DAY // 24)
    hour = (steps % DAY) / (DAY / 24)
    weekend = (steps // DAY) % 7 >= 5
    busy = np.exp(-0.5 * ((hour - 11) / 1.8) ** 2) + 0.8 * np.exp(-0.5 * ((hour - 15.5) / 1.6) ** 2)
    profile = np.where(weekend, 0.08, 1.0) * busy + 0.03
    nightly = (chance.random(world.disks) < 0.4)[:, None] & (hour >= 2) & (hour < 3.5)
    profile = profile + nightly * 1.5
    profile /= profile.mean(axis=1, keepdims=True)
    whole = np.exp(chance.normal(0, 0.25, (world.disks, world.points // DAY + 2)))
    mood = np.take_along_axis(whole, np.clip(steps // DAY, 0, whole.shape[1] - 1), axis=1)
    return world.rate[:, None] * profile * mood * _noisy(world)


def _bursty(world: _World) -> np.ndarray:
    chance = world.chance
    written = np.zeros((world.disks, world.points))
    ends = np.zeros((world.disks, world.points), dtype=bool)
    world.share = np.where(chance.random(world.disks) < 0.5, chance.uniform(0.2, 0.6, world.disks), 0.0)
    for disk in range(world.disks):
        apart = chance.uniform(0.25, 1.2) * DAY
        step = chance.exponential(apart)
        while step < world.points:
            lasts = int(np.clip(chance.lognormal(np.log(18), 0.8), 3, 140))
            first = int(step)
            written[disk, first : first + lasts] += min(chance.pareto(2.2) + 0.3, 6) / lasts
            ends[disk, min(first + lasts, world.points - 1)] = True
            step += lasts + chance.exponential(apart)
    written /= np.maximum(written.mean(axis=1, keepdims=True), 1e-9)
    written *= (world.rate / (1 - world.share))[:, None]
    world.ends = ends
    return written * _noisy(world) + 0.05 * world.rate[:, None] * _noisy(world)


def _rotation(world: _World) -> np.ndarray:
    chance = world.chance
    days = chance.integers(3, 14, world.disks)
    squeezed = chance.uniform(0.08, 0.3, world.disks)
    world.logs = (days, squeezed)
    world.share = np.full(world.disks, 1e-9)
    steps = np.arange(world.points)[None, :] - world.clock[:, None]
    hour = (steps % DAY) / (DAY / 24)
    profile = 1 + chance.uniform(0.2, 0.9, world.disks)[:, None] * np.sin((hour - 9) / 24 * 2 * np.pi)
    traffic = np.exp(np.cumsum(chance.normal(0, 0.1, (world.disks, world.points // DAY + 2)), axis=1))
    grows = 1 + chance.uniform(-0.002, 0.03, world.disks)[:, None] * np.arange(traffic.shape[1])
    level = np.take_along_axis(traffic * grows, np.clip(steps // DAY, 0, traffic.shape[1] - 1), axis=1).clip(
        0.2, 5
    )
    a_day = chance.uniform(0.03, 0.12, world.disks) * world.size
    logs = (a_day / DAY)[:, None] * profile * level * _noisy(world)
    # Besides there is data that stays.
    return logs + 0.5 * world.rate[:, None] * _noisy(world)


def _cleanup(world: _World) -> np.ndarray:
    chance = world.chance
    world.job_every = chance.choice([DAY // 2, DAY, DAY, DAY, 2 * DAY, WEEK], world.disks)
    world.job_skips = np.where(chance.random(world.disks) < 0.3, chance.uniform(0.02, 0.1, world.disks), 0.0)
    world.job_breaks = np.where(
        chance.random(world.disks) < 0.4, chance.integers(0, world.points, world.disks), world.points + 1
    )
    # What is written between two clean-ups is a good part of the disk, whatever the time between.
    lot = chance.uniform(0.05, 0.25, world.disks) * world.size
    rate = lot / world.job_every
    stays = np.minimum(world.rate / rate, 0.6)
    world.share = 1 - stays
    steps = np.arange(world.points)[None, :] + world.clock[:, None]
    profile = 1 + chance.uniform(0, 0.8, world.disks)[:, None] * np.sin(steps / DAY * 2 * np.pi)
    whole = np.exp(chance.normal(0, 0.15, (world.disks, world.points // DAY + 2)))
    mood = np.take_along_axis(whole, np.clip(steps // DAY, 0, whole.shape[1] - 1), axis=1)
    return rate[:, None] * profile * mood * _noisy(world)


def _step(world: _World) -> np.ndarray:
    chance = world.chance
    written = 0.3 * world.rate[:, None] * _noisy(world)
    world.drops = np.zeros((world.disks, world.points))
    for disk in range(world.disks):
        for _ in range(chance.poisson(world.points / (9 * DAY))):
            first, lasts = int(chance.integers(world.points)), int(chance.integers(2, 9))
            much = chance.uniform(0.1, 0.45) * world.size[disk]
            written[disk, first : first + lasts] += much / lasts
            if chance.random() < 0.7:
                gone = first + lasts + int(chance.integers(24, 150))
                if gone < world.points:
                    world.drops[disk, gone] += much
    return written


_WRITERS = {
    "steady": _steady,
    "weekly": _weekly,
    "bursty": _bursty,
    "rotation": _rotation,
    "clean-up": _cleanup,
    "step": _step,
}
