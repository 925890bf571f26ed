"""What is told of scraping: targets for the page, counts for the metrics, warnings for the operator. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from gadfly.intake.scrape_job import Job, Turn
from gadfly.web.scraped import Page, Shown

SHOWN = 20
"""Words about single targets that are shown of a job."""


def pages(jobs: Iterable[Job]) -> list[Page]:
    """For the web."""
    return [
        Page(
            job.name,
            [_shown(turn) for turn in job.turns.values()],
            job.dropped,
            [*filter(None, [job.over]), *job.trouble.values(), *job.refused[:SHOWN]],
        )
        for job in jobs
    ]


def _shown(turn: Turn) -> Shown:
    target = turn.target
    return Shown(
        dict(target.labels),
        turn.discovered,
        target.url.partition("?")[0],
        turn.health,
        turn.error,
        turn.asked_at,
        turn.seconds,
        turn.samples,
        target.every,
        target.timeout,
    )


def counts(jobs: Iterable[Job]) -> dict[str, int]:
    """Targets, and how they do."""
    health = Counter(turn.health for job in jobs for turn in job.turns.values())
    return {
        "targets": health.total(),
        **{f"targets_{word}": health[word] for word in ("up", "down", "unknown")},
    }


def warnings(jobs: Iterable[Job]) -> list[str]:
    """What the operator should do something about. That a target is down is for rules to tell."""
    found = []
    for job in jobs:
        if job.over:
            found.append(f"scrape {job.name}: {job.over}")
        found += [f"scrape {job.name}: {provider}: {why}" for provider, why in job.trouble.items()]
        if job.refused:
            found.append(
                f"scrape {job.name}: {len(job.refused)} of what was found are no targets; one of them: "
                f"{job.refused[0]}"
            )
    return found
