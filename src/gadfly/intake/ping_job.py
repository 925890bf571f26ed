"""A job that pings: what it said, where it stands in the picture, and how the ear is told of it."""

from __future__ import annotations

import json
import math

import msgspec

from gadfly.monitor.jobs import Run
from gadfly.monitor.pinged import Pinged
from gadfly.store import pinged
from gadfly.telemetry.frame import SECONDHAND, Frame, Kind, component_id

EVERY, GRACE = 86_400, 3_600
"""Seconds: what is expected of a job that a ping made, as Healthchecks expects it."""


class Job:
    __slots__ = ("count", "created", "minute", "name", "slot", "state", "told")

    def __init__(self, name: str, created: bool) -> None:
        self.name = name
        self.created = created
        self.state = Pinged()
        self.slot: int | None = None
        self.minute = 0
        self.count = 0
        self.told = -math.inf


def announcement(job: Job, run: Run, now: float) -> Frame:
    """What tells the ear of a job that no catalogue has, and of its last run.

    `now` is seconds since the epoch.
    """
    about: dict[str, object] = {"every": EVERY, "grace": GRACE, "state": "running"}
    if run.ended is not None:
        about |= {"state": "finished", "exit": run.exit, "seconds": round(run.seconds, 3)}
    card = {"name": job.name, "kind": "job", "started": round(run.started, 3), "job": about}
    return Frame(
        Kind.announce,
        component_id(job.name),
        incarnation=SECONDHAND,
        sequence=job.state.pings,
        sent=int(now * 1e9),
        interval_ms=0,
        payload=json.dumps(card).encode(),
    )


def row(job: Job, output: bytes | None) -> pinged.Row:
    return pinged.Row(job.name, job.created, msgspec.msgpack.encode(job.state), output)
