"""What owners have to think of, and what their automations did."""

from __future__ import annotations

from gadfly.web.answers import Answer


class LoadLine(Answer, frozen=True, kw_only=True):
    """One kind of load."""

    what: str
    """components, checks and automations as they stand; pages, night, approvals and questions of a week"""
    used: int
    budget: float
    state: str = "fine"
    """fine, near (soon too much, as it goes) or over"""


class Load(Answer, frozen=True, kw_only=True):
    """What one owner has to think of, against what it can bear."""

    owner: str
    lines: tuple[LoadLine, ...] = ()
    share: float = 0.0
    """The largest share of a budget that is used"""
    state: str = "fine"
    words: str = ""
    """What there is, or soon will be, too much of; empty: it can be borne"""


class ReportLine(Answer, frozen=True, kw_only=True):
    """What one automation did."""

    automation: str
    runs: int = 0
    verified: int = 0
    failed: int = 0
    """Those whose outcome nobody measured among them"""
    asked: int = 0
    """Plans that needed a person's word"""
    refused: int = 0
    """Of these, those that were denied or not answered"""
    targets: int = 0
    cost: float = 0.0
    words: str = ""


class Report(Answer, frozen=True, kw_only=True):
    """What an owner's automations did, saved and broke, and who was woken for what."""

    owner: str
    since: float
    until: float
    lines: tuple[ReportLine, ...] = ()
    woken: tuple[str, ...] = ()
    """A sentence each, the newest; `calls` says how many there were"""
    calls: int = 0


class Loads(Answer, frozen=True, kw_only=True):
    load: list[Load]


class Reports(Answer, frozen=True, kw_only=True):
    reports: list[Report]
