"""What must hold of functions: an owner, a purpose, a handler, triggers that can come, grants that are
ones."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from gadfly.catalogue import automations, values
from gadfly.catalogue.positions import Path
from gadfly.catalogue.report import Report
from gadfly.config import Config
from gadfly.config.functions import Function, FunctionLimits
from gadfly.errors import ConfigError
from gadfly.functions import grant, policy, reach
from gadfly.functions.environment import variable
from gadfly.functions.function import LEAST_MEMORY, LONGEST, MOST_MEMORY, NAME, entry, size, understand
from gadfly.functions.grant import Grant
from gadfly.monitor.declared import of_function

MOST = 1_000
"""Functions of one node."""
GRANTS = 100
TRIGGERS = 16
DAY = 86_400
_NAMED = {"act:request": "automation", "function:invoke": "function"}
"""Verbs whose grants name an entry of the catalogue."""


def check(report: Report, config: Config) -> None:
    """Append what is wrong with `[functions]` and `[function.NAME]`."""
    settings = config.functions
    for name, reference in settings.secrets.items():
        path: Path = ("functions", "secrets", name)
        report.test(path, values.secret_reference, reference)
        try:
            grant.parse(f"secret:use {name}")
        except ConfigError as error:
            report.say(path, str(error))
    for index, network in enumerate(settings.networks):
        report.test(("functions", "networks", index), lambda text: reach.parse([text]), network)
    report.within(("functions", "at_once"), settings.at_once, 1, 1_000)
    report.within(("functions", "versions"), settings.versions, 1, 1_000)
    report.within(("functions", "idle"), settings.idle, 1, DAY, seconds=True)
    report.within(("functions", "keep"), settings.keep, 3600, 3650 * DAY, seconds=True)
    if len(config.function) > MOST:
        report.say(("function",), f"{len(config.function)} functions; at most {MOST:,} are taken")
    secrets: dict[str, str] = {}
    for name, function in config.function.items():
        _function(report, ("function", name), name, config, function, secrets)
    for name, automation in config.automation.items():
        for field in ("run", "undo"):
            kind, _, rest = getattr(automation, field).strip().partition(":")
            if kind == "function" and rest:
                called = rest.partition(" ")[0]
                report.known(("automation", name, field), "function", called, config.function)


def _function(
    report: Report, path: Path, name: str, config: Config, function: Function, secrets: dict[str, str]
) -> None:
    """`secrets`: names by the variable in which they are, of all functions so far."""
    if not NAME.fullmatch(name):
        report.say(
            path,
            "a function's name is 1 to 63 of a-z, 0-9 and -, a letter first, as it stands in its address",
        )
    if of_function(name) in config.component:
        report.say(path, f'the component "{of_function(name)}" has the name of this one; rename one of them')
    automations.answers(report, path, config, function.owner)
    automations.words(report, (*path, "purpose"), function.purpose, "its owner must say why it exists")
    report.test((*path, "handler"), lambda text: entry(function.file, text), function.handler)
    _limits(report, (*path, "limits"), function.limits)
    _triggers(report, path, function)
    _grants(report, path, config, function, secrets)
    report.within((*path, "window"), function.window, 0, 31 * DAY, seconds=True)
    report.within((*path, "jitter"), function.jitter, 0, DAY, seconds=True)
    report.within((*path, "gather"), function.gather, 0.1, 300, seconds=True)
    report.within((*path, "retries"), function.retries, 0, 20)
    report.within((*path, "batch"), function.batch, 1, 10_000)
    today = max(dt.datetime.now(dt.UTC).date(), automations.WRITTEN)
    if function.review - today > dt.timedelta(days=automations.REVIEW):
        report.say(
            (*path, "review"),
            f"nobody looks at it for more than {automations.REVIEW:,} days; its owner must set an "
            "earlier review",
        )


def _limits(report: Report, path: Path, limits: FunctionLimits) -> None:
    report.within((*path, "time"), limits.time, 0.1, LONGEST, seconds=True)
    report.test((*path, "memory"), _memory, limits.memory)
    report.within((*path, "at_once"), limits.at_once, 1, 100)
    report.within((*path, "processes"), limits.processes, 1, 256)
    report.within((*path, "armed"), limits.armed, 0, 4)


def _memory(text: str) -> None:
    if not LEAST_MEMORY <= size(text) <= MOST_MEMORY:
        raise ValueError(f"{text} is out of range; write 32MiB to 4GiB")


def _triggers(report: Report, path: Path, function: Function) -> None:
    if not function.on:
        return
    from gadfly.functions.trigger.on import read  # most nodes have none, and need not know what they may be

    single = isinstance(function.on, str)
    lines = (function.on,) if isinstance(function.on, str) else function.on
    if len(lines) > TRIGGERS:
        report.say((*path, "on"), f"{len(lines)} triggers; at most {TRIGGERS} are taken")
    for index, line in enumerate(lines):
        where = (*path, "on") if single else (*path, "on", index)
        try:
            read(line)
        except (ValueError, ConfigError) as error:
            report.say(where, str(error))


def _grants(report: Report, path: Path, config: Config, function: Function, secrets: dict[str, str]) -> None:
    if len(function.grants) > GRANTS:
        report.say((*path, "grants"), f"{len(function.grants)} grants; at most {GRANTS} are taken")
    for index, line in enumerate(function.grants):
        where = (*path, "grants", index)
        try:
            found = grant.parse(line)
        except ConfigError as error:
            report.say(where, str(error))
            continue
        _named(report, where, config, found)
        if found.verb == "secret:use" and found.text not in config.functions.secrets:
            known = secrets.setdefault(variable(found.text), found.text)
            if known != found.text:
                report.say(
                    where,
                    f"{known} and {found.text} would both be {variable(found.text)}; say in "
                    "`functions.secrets` where one of them is",
                )


def _named(report: Report, path: Path, config: Config, found: Grant) -> None:
    table = _NAMED.get(found.verb)
    if table is not None:
        report.known(path, table, found.text, getattr(config, table))


def warnings(config: Config) -> Iterator[str]:
    """What is careless about grants, and whose review is over; a sentence each."""
    today = dt.datetime.now(dt.UTC).date()
    for name, declared in config.function.items():
        function = understand(name, declared)
        for finding in policy.examine(function.grants, function.purpose):
            yield f"function {name}: {finding.words}"
        if declared.review < today:
            yield f"function {name} was to be reviewed by {declared.review}; {declared.owner} must look at it"
