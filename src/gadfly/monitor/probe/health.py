"""``application/health+json``: what a service says about itself (draft-inadarei-api-health-check). Pure."""

from __future__ import annotations

from typing import Any, NamedTuple

from gadfly.monitor.probe.result import Outcome
from gadfly.monitor.probe.wording import line

WORDS = {
    "pass": Outcome.passing,
    "ok": Outcome.passing,
    "up": Outcome.passing,
    "warn": Outcome.warn,
    "fail": Outcome.fail,
    "error": Outcome.fail,
    "down": Outcome.fail,
}
CHECKS = 256
"""Checks looked at; more than any service has."""
TOLD = 3
"""Checks named in a reason."""


class Health(NamedTuple):
    outcome: Outcome
    reason: str
    """The checks that are not well, worst first: ``db is fail (timeout)``; else the body's own output."""


def is_health(content_type: str) -> bool:
    return content_type.partition(";")[0].strip().lower() == "application/health+json"


def read(body: Any) -> Health | None:
    """What a decoded body says; None if it is not a health body."""
    if not isinstance(body, dict):
        return None
    outcome = WORDS.get(str(body.get("status", "")).lower())
    if outcome is None:
        return None
    troubled: list[tuple[int, str]] = []
    checks = body.get("checks")
    if isinstance(checks, dict):
        for name, entries in list(checks.items())[:CHECKS]:
            for entry in entries[:CHECKS] if isinstance(entries, list) else [entries]:
                if isinstance(entry, dict):
                    status = str(entry.get("status", "")).lower()
                    found = WORDS.get(status, Outcome.passing)
                    if found is not Outcome.passing:
                        told = line(str(entry.get("output") or ""), 60)
                        troubled.append(
                            (-found, f"{line(str(name), 40)} is {status}" + (f" ({told})" if told else ""))
                        )
    troubled.sort(key=lambda one: one[0])
    reason = ", ".join(words for _, words in troubled[:TOLD])
    if len(troubled) > TOLD:
        reason += f" and {len(troubled) - TOLD} more"
    return Health(outcome, reason or line(str(body.get("output") or "")))
