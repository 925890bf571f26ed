"""The tables of rules: conditions in PromQL, and files of them in Prometheus' form."""

from __future__ import annotations

import datetime as dt
from typing import Literal

from gadfly.config.section import Duration, Section


class Rules(Section, frozen=True, kw_only=True):
    """Where rules come from, and how often they are evaluated."""

    files: tuple[str, ...] = ()
    """Prometheus' rule files, read as they are: `/etc/prometheus/rules/*.yml`. Relative ones are looked for
    from the folder in which the node was started."""
    every: Duration = Duration(60.0)
    """How often a group is evaluated that does not say it itself. A minute, as in Prometheus, so that files
    that rely on its default mean the same here."""
    resend: Duration = Duration(60.0)
    """How often an alert that still fires is reported again, so that one whose rule is evaluated no more ends
    by itself."""
    seconds: Duration = Duration(10.0)
    """How long one rule may take; what takes longer is an error of that rule, and the next has its turn."""


class Rule(Section, frozen=True, kw_only=True):
    """One condition that somebody answers for."""

    when: str
    """PromQL; it fires for every series of the answer."""
    owner: str
    """Who answers for it, and is told where neither the alert's labels nor its component name another."""
    because: str
    """Why it matters, for whoever is woken by it."""
    for_: Duration = Duration(0.0)
    """How long it must hold before it fires. At once; write some minutes where single samples lie."""
    keep_firing_for: Duration = Duration(0.0)
    """How long it goes on after the condition is over, for conditions that come and go."""
    every: Duration = Duration(15.0)
    """How often it is looked at. As often as the node writes its own series."""
    severity: Literal["critical", "warning", "info"] = "critical"
    """`critical` is told at any hour; the others wait for the owner's hours."""
    labels: dict[str, str] = {}
    """More labels of its alerts; templates as in Prometheus' files."""
    summary: str = ""
    """What is told; a template. Empty: the condition and its value."""
    review: dt.date | None = None
    """When its owner looks at it again."""
