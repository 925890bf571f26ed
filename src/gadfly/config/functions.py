"""The tables of functions: small jobs with an owner, a purpose, triggers, grants and limits."""

from __future__ import annotations

import datetime as dt
from typing import Literal

from gadfly.config.section import Duration, Section


class FunctionLimits(Section, frozen=True, kw_only=True):
    """What one invocation may use; beyond, it is ended."""

    time: Duration = Duration(60.0)
    """How long it may take, at most 5 minutes. A minute: what takes longer is a service, or is stuck."""
    memory: str = "256MiB"
    """Address space, `32MiB` to `4GiB`. The interpreter with its library loaded takes about 60 MiB of it."""
    at_once: int = 4
    """How many of its invocations run at the same time; others wait. Four are two for each core of a small
    machine, half of them waiting for an answer."""
    processes: int = 32
    """Threads at most. Enough for a pool, and no bomb."""
    armed: int = 0
    """How many processes are kept ready for calls to come, at most 4. None: each takes memory all the time to
    save a call its fork, which nobody feels who does not wait for the answer."""


class Function(Section, frozen=True, kw_only=True):
    """A small job that can do nothing it was not granted."""

    file: str
    """A Python file with the handler, or a folder of them. Relative ones are looked for from the folder of
    the configuration."""
    handler: str = "handler"
    """The function that is called with `(event, context)`, as AWS Lambda does: `handler`, or in a folder
    `MODULE.handler`."""
    owner: str
    """Who answers for it."""
    purpose: str
    """Why it exists, in words. Its grants are judged by it."""
    on: str | tuple[str, ...] = ()
    """What calls it: `schedule: 15 3 * * * Europe/Berlin`, `webhook: github env:SECRET`,
    `logs: unit=nginx match=error`, … or a list of such. Empty: people and automations only."""
    grants: tuple[str, ...] = ()
    """What it may do besides computing, a line each: `http:POST https://hooks.example/x`, `secret:use slack`,
    `metric:read queue_depth`, … Nothing that is not here."""
    limits: FunctionLimits = FunctionLimits()
    """What one invocation may use."""
    review: dt.date
    """By which day its owner looks at it again."""
    catchup: Literal["none", "last", "all"] = "last"
    """Of the times at which the node was not there: none are made up for, the last one, or all. The last,
    because most jobs do all that is left to do."""
    window: Duration = Duration(86_400.0)
    """How late a time may still be made up for. A day: older ones are skipped, with that reason."""
    overlap: Literal["skip", "queue"] = "skip"
    """What a time does that comes while the one before still runs. Skip, because a slow job that queues never
    recovers."""
    jitter: Duration = Duration(0.0)
    """Schedules are late by a part of this, always the same for this function, so that not all jobs of a
    fleet begin in one second."""
    retries: int = 2
    """How often a failed invocation of a trigger is tried again, with longer and longer waits, before it is a
    dead letter. Two, as Lambda has it."""
    batch: int = 100
    """Lines of a log stream in one event at most."""
    gather: Duration = Duration(5.0)
    """How long a line of a log stream waits at most for others."""


class Functions(Section, frozen=True, kw_only=True):
    """What holds for all functions."""

    secrets: dict[str, str] = {}
    """Where the secrets are that grants name: `slack = "env:SLACK"` or `"file:/etc/…"`. One that is not here
    is looked for in the environment, `files-token` as `GADFLY_SECRET_FILES_TOKEN`. The function that uses one
    never sees it."""
    networks: tuple[str, ...] = ()
    """Private networks that the names in grants may lead to: `10.2.0.0/16`. None: only the public net, and
    addresses that a grant names by number."""
    at_once: int = 8
    """How many invocations run at the same time in all."""
    idle: Duration = Duration(900.0)
    """A version that was not called for so long is taken out of memory. A quarter of an hour, so that what
    comes every ten minutes finds it there."""
    versions: int = 10
    """How many versions of each function are kept beside the one that is called: those deployed last. Ten:
    whoever rolls back goes one or two back, and a version may have 50 MiB. One that was rolled back to,
    and one that a waiting call or a dead letter ran in, stay in any case."""
    keep: Duration = Duration(30 * 86_400.0)
    """How long invocations and their logs are kept. A month, so that what happens on the first of each is
    seen once more."""


NEEDED: dict[tuple[type[Section], str], str] = {
    (Function, "file"): "its owner must name the file of its handler",
    (Function, "owner"): "whoever wrote it must name an owner: without one nobody answers for it",
    (Function, "purpose"): "its owner must say in words why it exists",
    (Function, "review"): "its owner must say by which day somebody looks at it again",
}
"""What to say where one of these is missing: who must do what."""
