"""What must hold of automations, grants, freezes and the gate besides their types.

An automation for which nobody answers, of which nobody could say whether it worked, or that nobody will look
at again, does not load.
"""

from __future__ import annotations

import datetime as dt
from functools import partial
from typing import TYPE_CHECKING

from gadfly import duration
from gadfly.act import action
from gadfly.act.action import allow
from gadfly.act.automation import IRREVERSIBLE, window
from gadfly.act.calling import trigger
from gadfly.act.grants import grant, selector, share
from gadfly.act.plans import expect
from gadfly.alert.escalate import lineage
from gadfly.catalogue import values
from gadfly.catalogue.positions import Path
from gadfly.config import Config
from gadfly.config.act import (
    Automation,
    FreezeWindow,
    Gate,
    Grant,
    Limits,
)

if TYPE_CHECKING:
    from gadfly.catalogue.report import Report

DAY = 86_400.0
MAX_NAME = 100
LONGEST_LIFE = 731
"""Days between the review and the end of an automation at most: what nobody looks at for so long is
forgotten."""
REVIEW = 5 * 366
"""Days until a review at most: whoever answers for an automation today has another post by then."""
WRITTEN = dt.date(2026, 11, 1)
"""A clock that says less errs, and must not keep a node from its start."""
END = 2200
"""The year before which everything ends: later days are slips, and calendars end at 9999."""
PURPOSE = 10
"""Characters that a purpose or a reason has at least: `x` is none."""


def check(report: Report, config: Config) -> None:
    """Report what is wrong with what may be done."""
    for name, automation in config.automation.items():
        _automation(report, ("automation", name), name, config, automation)
    for name, given in config.grant.items():
        _grant(report, ("grant", name), name, config, given)
    for name, frozen in config.freeze.items():
        _freeze(report, ("freeze", name), config, frozen)
    _gate(report, ("gate",), config.gate)


def _automation(report: Report, path: Path, name: str, config: Config, automation: Automation) -> None:
    _name(report, path, name)
    answers(report, path, config, automation.owner)
    words(report, (*path, "purpose"), automation.purpose, "its owner must say why it exists")
    report.test((*path, "run"), action.check, automation.run)
    _when(report, path, config, automation)
    _limits(report, (*path, "limits"), automation.limits)
    report.test((*path, "expect"), partial(_expect, within=config.gate.authority), automation.expect)
    if automation.undo != IRREVERSIBLE:
        report.test((*path, "undo"), _undo, automation.undo)
    if automation.review > automation.expires:
        report.say(
            (*path, "review"), "it expires before it is reviewed; its owner must set an earlier review"
        )
    today = max(dt.datetime.now(dt.UTC).date(), WRITTEN)
    if automation.review - today > dt.timedelta(days=REVIEW):
        report.say(
            (*path, "review"),
            f"nobody looks at it for more than {REVIEW:,} days; its owner must set an earlier review",
        )
    if automation.expires - automation.review > dt.timedelta(days=LONGEST_LIFE):
        report.say(
            (*path, "expires"),
            f"it goes on for more than {LONGEST_LIFE} days after its review; its "
            "owner must set an earlier end",
        )
    if automation.cells:
        report.test((*path, "cells"), values.label, automation.cells)
    if automation.destructive and automation.undo != IRREVERSIBLE:
        report.say(
            (*path, "undo"),
            'what destroys cannot be taken back; write undo = "irreversible", or not destructive',
        )
    if not automation.environment:
        report.say((*path, "environment"), "its owner must say for which environment it is meant")
    report.within((*path, "cost"), automation.cost, 0, 1e12)
    if automation.cost > automation.limits.cost:
        report.say(
            (*path, "limits", "cost"),
            f"one act costs {automation.cost:g} and {automation.limits.cost:g} may "
            "be spent, so it could never act",
        )


def _when(report: Report, path: Path, config: Config, automation: Automation) -> None:
    chosen = automation.targets
    fills = "{parameter." in f"{automation.run} {automation.undo}"
    if automation.due is not None and fills:
        report.say((*path, "due"), "nobody is there to fill in a parameter when it is due")
    # Not by `end_of`: the last day there is has no next.
    lasts = (automation.expires - dt.date(1970, 1, 1)).days * DAY + DAY
    if automation.due is not None and automation.due.timestamp() >= lasts:
        report.say((*path, "due"), "it expires before it is due; its owner must set another day")
    if automation.targets:
        report.test((*path, "targets"), selector.parse, automation.targets)
    if automation.on:
        try:
            found = trigger.parse(automation.on)
        except ValueError as error:
            report.say((*path, "on"), str(error))
            return
        if found.kind == "prediction":
            report.known((*path, "on"), "prediction", found.state, config.prediction)
        if found.kind == "schedule":
            report.test((*path, "on"), values.cron, found.schedule)
        if found.kind != "manual" and fills:
            report.say((*path, "run"), 'nobody fills in a parameter where nobody asks; write `on = "manual"`')
        if found.kind != "manual" and automation.due is not None:
            report.say((*path, "due"), 'it acts once, when it is due; write no other `on` than "manual"')
        chosen = chosen or found.selector
    if not chosen.strip():
        report.say(
            path,
            'nothing says on which components it acts; its owner must write `targets = "group = …"`, or `on`',
        )


def _limits(report: Report, path: Path, limits: Limits) -> None:
    report.within((*path, "at_once"), limits.at_once, 1, 10_000)
    report.within((*path, "per_hour"), limits.per_hour, 1, 100_000)
    report.within((*path, "tries_per_target"), limits.tries_per_target, 1, 100)
    for field in ("group", "fleet"):
        report.test((*path, field), share.parse, getattr(limits, field))
    report.within((*path, "cost"), limits.cost, 0, 1e12)
    report.test((*path, "windows"), window, limits.windows)


def _expect(text: str, within: float) -> None:
    longest = expect.longest(expect.parse(text))
    if longest >= within:
        raise ValueError(
            f"it is waited for {duration.format(longest)}, and an act is unknown after "
            f"{duration.format(within)}; wait less, or raise gate.authority"
        )


def _undo(text: str) -> None:
    try:
        action.check(text)
    except ValueError as error:
        raise ValueError(f'{error}; or write "{IRREVERSIBLE}"') from None


def _grant(report: Report, path: Path, name: str, config: Config, given: Grant) -> None:
    _name(report, path, name)
    answers(report, path, config, given.owner)
    words(report, (*path, "because"), given.because, "whoever gives it must say why")
    if not given.to:
        report.say((*path, "to"), "whoever gives it must say to whom")
    for index, principal in enumerate(given.to):
        report.test((*path, "to", index), grant.check_to, principal)
        kind, _, which = principal.partition(":")
        if kind == "automation" and which != "*":
            report.known((*path, "to", index), "automation", which, config.automation)
    if not given.may and not given.never:
        report.say(path, "it neither permits nor forbids anything; write `may` or `never`")
    for field in ("may", "never"):
        for index, text in enumerate(getattr(given, field)):
            report.test((*path, field, index), grant.check_may, text)
    if given.on:
        report.test((*path, "on"), selector.parse, given.on)
    writes = [one for one in given.to if one.startswith(("person:", "program:")) or one == "*"]
    if given.may and writes and given.since is None:
        report.say(
            path,
            f"`since` is missing; {writes[0]} gets it for one shift, so whoever gives it must say from when",
        )
    _end(report, (*path, "until"), given.until)
    if given.since is not None and given.since >= given.until:
        report.say((*path, "until"), "it ends before it begins")
    elif given.may and writes and given.since is not None and _lasts(given) > config.gate.standing:
        report.say(
            (*path, "until"),
            f"{writes[0]} would have it for longer than gate.standing; whoever "
            "gives it must set a nearer end",
        )


def _lasts(given: Grant) -> float:
    return (given.until - given.since).total_seconds() if given.since is not None else 0.0


def _freeze(report: Report, path: Path, config: Config, frozen: FreezeWindow) -> None:
    answers(report, path, config, frozen.owner)
    words(report, (*path, "because"), frozen.because, "whoever orders it must say why")
    if frozen.on:
        report.test((*path, "on"), selector.parse, frozen.on)
    _end(report, (*path, "ends"), frozen.ends)
    if frozen.ends <= frozen.starts:
        report.say((*path, "ends"), "the freeze ends before it starts")


def _end(report: Report, path: Path, end: dt.datetime) -> None:
    if end.year >= END:
        report.say(path, f"an end before the year {END} is needed")


def _gate(report: Report, path: Path, gate: Gate) -> None:
    for field in ("floor", "removals", "storm", "data"):
        report.test((*path, field), share.parse, getattr(gate, field))
    for group, floor in gate.floors.items():
        report.test((*path, "floors", group), share.parse, floor)
    report.within((*path, "small"), gate.small, 1, 100)
    report.within((*path, "touches"), gate.touches, 1, 1000)
    bounds = {
        "soak": (0, 7 * 86_400),
        "stale": (1, 3600),
        "lag": (1, 3600),
        "held": (1, 86_400),
        "idle": (86_400, 3650 * 86_400),
        "proof": (3600, 31 * 86_400),
        "approval": (60, 86_400),
        "authority": (10, 86_400),
        "standing": (60, 12 * 3600),
        "takes": (1, 3600),
    }
    for index, host in enumerate(gate.hosts):
        report.test((*path, "hosts", index), lambda text: allow.parse([text]), host)
    for field, (low, high) in bounds.items():
        report.within((*path, field), getattr(gate, field), low, high, seconds=True)


def _name(report: Report, path: Path, name: str) -> None:
    if not grant.PRINCIPAL.fullmatch(f"automation:{name}") or len(name) > MAX_NAME:
        report.say(
            path, f"a name here is 1 to {MAX_NAME} characters without blanks, colons or stars in front"
        )


def answers(report: Report, path: Path, config: Config, owner: str) -> None:
    """Report where nobody would answer for what is declared there."""
    if not owner.strip():
        report.say((*path, "owner"), "without an owner nobody answers for it; name one of [owner]")
    report.known((*path, "owner"), "owner", owner, config.owner)
    line = lineage(config.owner, owner)
    if line and not any(config.owner[name].contact for name in line):
        report.say(
            (*path, "owner"),
            f"nobody would answer: neither {owner} nor an owner above it has a contact; give one of them one",
        )


def words(report: Report, path: Path, text: str, who: str) -> None:
    """Report where a purpose or a reason says too little; `who` must say it."""
    if len(text.strip()) < PURPOSE:
        report.say(path, f"{who}, in at least {PURPOSE} characters")
