"""One scrape: a request to the target, its answer to columns, and why it failed where it did."""

from __future__ import annotations

import asyncio

from gadfly.errors import ConfigError
from gadfly.intake.fetch import TooLarge
from gadfly.intake.scrape_job import Turn
from gadfly.intake.target_series import Harvest, Intern, OverLimit
from gadfly.monitor.probe.context import Context
from gadfly.monitor.probe.failure import Unable
from gadfly.monitor.probe.response import ResponseError
from gadfly.telemetry.exposition import format_of
from gadfly.telemetry.exposition_line import Described

LARGE = 262_144
"""Bytes of a body from which on it is parsed in a thread, so that others get their turn."""
FAILURES = (OSError, ValueError, ResponseError, TooLarge, OverLimit, ConfigError, Unable)
"""What a scrape fails with: the edge, the target's answer, a limit, a secret or a file that cannot be had."""


async def ask(turn: Turn, at: int, context: Context, intern: Intern) -> tuple[Harvest, list[Described]]:
    """Scrape the target of a turn; `at` in milliseconds since the epoch. One of `FAILURES`."""
    job, target = turn.job, turn.target
    place = target.place()
    answer = await turn.line.get(
        context,
        place,
        job.headers(context.now(), target.timeout),
        await job.trusted() if place.secure else None,
        deadline=context.now() + target.timeout,
        limit=job.scrape.body_mb << 20,
        redirects=job.scrape.redirects,
    )
    if answer.status != 200:
        raise ResponseError(f"answered with status {answer.status}")
    format = format_of(answer.headers.get("content-type", ""))
    async with job.busy:
        if len(answer.body) > LARGE:
            return await asyncio.to_thread(job.parse, turn, format, answer.body, at, intern)
        return job.parse(turn, format, answer.body, at, intern)


def explained(error: Exception, turn: Turn) -> str:
    """Why a scrape failed, for whoever looks after the target."""
    if isinstance(error, TimeoutError):
        return f"no answer within {turn.target.timeout:g} s"
    if isinstance(error, TooLarge):
        return f"answered with more than {turn.job.scrape.body_mb} MB; raise `body_mb`, or expose less"
    if isinstance(error, OSError):
        return error.strerror or str(error) or type(error).__name__
    if not isinstance(error, FAILURES):
        return f"an error of the node itself, told in its log: {type(error).__name__}"
    return str(error)
