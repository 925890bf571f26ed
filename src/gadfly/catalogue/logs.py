"""What must hold of the tables of logs: addresses, patterns that compile, rules with an owner."""

from __future__ import annotations

from gadfly.catalogue import values
from gadfly.catalogue.positions import Path
from gadfly.catalogue.report import Report
from gadfly.config import Config
from gadfly.config.logs import LogFile, LogRule
from gadfly.errors import QueryError
from gadfly.pattern import compiled, more_than

MOST = 1_000
"""Rules, and patterns of files; a fleet's worth."""
MAX_NAME = 100
LISTENERS = 16
BECAUSE = 10
"""Characters that a reason has at least: `x` is none."""
_BOUNDS = {
    "connections": (1, 10_000),
    "disk_mb": (100, 100_000_000),
    "memory_mb": (32, 1_000_000),
    "line_bytes": (256, 1_048_576),
    "rate": (1, 10_000_000),
    "burst": (1, 100_000_000),
    "waiting": (1_000, 10_000_000),
    "series": (10, 1_000_000),
}


def check(report: Report, config: Config) -> None:
    """Append what is wrong with `[logs]`, `[log_file.NAME]` and `[log_rule.NAME]`."""
    logs = config.logs
    for field, (low, high) in _BOUNDS.items():
        report.within(("logs", field), getattr(logs, field), low, high)
    report.within(("logs", "keep"), logs.keep, 3600, 3650 * 86_400, seconds=True)
    report.within(("logs", "idle"), logs.idle, 1, 86_400, seconds=True)
    for field in ("syslog_udp", "syslog_tcp"):
        addresses = getattr(logs, field)
        if len(addresses) > LISTENERS:
            report.say(("logs", field), f"{len(addresses)} addresses; at most {LISTENERS} are listened at")
        for index, address in enumerate(addresses):
            report.test(("logs", field, index), values.host_port, address)
    for index, unit in enumerate(logs.journal_units):
        report.test(("logs", "journal_units", index), _unit, unit)
    for table in ("log_file", "log_rule"):
        if len(getattr(config, table)) > MOST:
            report.say((table,), f"{len(getattr(config, table))} of them; at most {MOST:,} are taken")
    for name, file in config.log_file.items():
        _file(report, ("log_file", name), name, file)
    for name, rule in config.log_rule.items():
        _rule(report, ("log_rule", name), name, config, rule)


def _unit(text: str) -> None:
    if not text or len(text) > 255 or text.startswith("-") or not text.isprintable():
        raise ValueError(f'"{text[:80]}" is no name of a unit; write one such as "nginx.service"')


def _file(report: Report, path: Path, name: str, file: LogFile) -> None:
    _name(report, path, name)
    if not file.path:
        report.say((*path, "path"), "no path is named; write the file, or a pattern")
    for index, pattern in enumerate(file.path):
        if not pattern.startswith("/") or "\0" in pattern:
            report.say((*path, "path", index), "a path begins with /, so that it means the same everywhere")


def _rule(report: Report, path: Path, name: str, config: Config, rule: LogRule) -> None:
    _name(report, path, name)
    try:
        if compiled(rule.match).search("") is not None:
            report.say((*path, "match"), "it matches every line; write what only those lines have")
    except QueryError as error:
        report.say((*path, "match"), str(error))
    if rule.more_than:
        report.test((*path, "more_than"), more_than, rule.more_than)
    if rule.more_than and rule.alert:
        report.say((*path, "alert"), "it tells of each line and of many; write `alert` or `more_than`")
    report.within((*path, "quiet"), rule.quiet, 10, 86_400, seconds=True)
    report.known((*path, "owner"), "owner", rule.owner, config.owner)
    if rule.alert or rule.more_than:
        if not rule.owner.strip():
            report.say((*path, "owner"), "without an owner nobody is told; name one of [owner]")
        if len(rule.because.strip()) < BECAUSE:
            report.say(
                (*path, "because"),
                f"its owner must say why these lines matter, in at least {BECAUSE} characters",
            )
        if rule.review is None:
            report.say((*path, "review"), "its owner must say when it is looked at again, as 2027-01-31")


def _name(report: Report, path: Path, name: str) -> None:
    if not name.isprintable() or not name.strip() or len(name) > MAX_NAME:
        report.say(path, f"a name here is 1 to {MAX_NAME} printable characters")
