"""Prometheus' rule files, checked as Prometheus 2.42 checks them."""

from __future__ import annotations

import glob
import re
from collections.abc import Iterable, Sequence
from pathlib import Path

from gadfly.errors import ConfigError, QueryError
from gadfly.promql.check import check
from gadfly.promql.parse import parse
from gadfly.promql.tree import Node
from gadfly.rules.go_value import TemplateError
from gadfly.rules.rule import Group, Rule
from gadfly.rules.template import Template
from gadfly.rules.template_functions import KNOWN
from gadfly.rules.template_parse import parse as parse_template
from gadfly.rules.yaml_tree import LARGEST, Place, read

FILES = 10_000
RULES = 100_000
"""Rules of one node."""

_FILE = dict.fromkeys(("groups",))
_GROUP = dict.fromkeys(("name", "interval", "limit", "rules"))
_RULE = dict.fromkeys(("record", "alert", "expr", "for", "keep_firing_for", "labels", "annotations"))
LONGEST = 100
"""Characters of a duration; one of 292 years has 20."""
_METRIC = re.compile(r"[a-zA-Z_:][a-zA-Z0-9_:]*")
_LABEL = re.compile(r"[a-zA-Z_][a-zA-Z0-9_]*")
_DURATION = re.compile(
    r"(?:(\d+)y)?(?:(\d+)w)?(?:(\d+)d)?(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s)?(?:(\d+)ms)?", re.ASCII
)
_UNITS = (31_536_000.0, 604_800.0, 86_400.0, 3600.0, 60.0, 1.0, 0.001)


def load(patterns: Iterable[str]) -> list[Group]:
    """The groups of all files that the patterns name, in their order. ConfigError: every problem of each."""
    groups: list[Group] = []
    problems: list[str] = []
    paths: dict[str, None] = {}
    for pattern in patterns:
        found = sorted(glob.glob(pattern)) if glob.has_magic(pattern) else [pattern]
        paths |= dict.fromkeys(found)
    if len(paths) > FILES:
        raise ConfigError(f"rules.files names {len(paths):,} files; at most {FILES:,} are read")
    for path in paths:
        try:
            with Path(path).open("rb") as file:
                data = file.read(LARGEST + 1)  # it may be a device, or grow
            if len(data) > LARGEST:
                problems.append(f"{path}: larger than {LARGEST >> 20} MB; split it")
                continue
            text = data.decode()
        except (OSError, UnicodeDecodeError) as error:
            problems.append(f"{path}: cannot be read: {error}")
            continue
        try:
            groups += loads(text, path)
        except ConfigError as error:
            problems += error.problems
    if (count := sum(len(group.rules) for group in groups)) > RULES:
        problems.append(f"{count:,} rules; at most {RULES:,} are evaluated by one node")
    if problems:
        raise ConfigError(*problems)
    return groups


def loads(text: str, file: str) -> list[Group]:
    """The groups of one file. ConfigError: a line for each problem, with file, position, group and rule."""
    root = read(text, file)
    if root is None:
        return []
    found: list[Group] = []
    problems: list[str] = []
    names: set[str] = set()
    top = root.table("a rule file", _FILE)
    for place in top["groups"].items("groups") if "groups" in top else ():
        fields = place.table("a group", _GROUP)
        name = fields["name"].text("name") if "name" in fields else ""
        if not name:
            problems.append(place.problem("a group has a name"))
        if name in names:
            problems.append(place.problem(f'the group name "{name}" stands twice in this file'))
        names.add(name)
        try:
            interval = duration(fields["interval"]) if "interval" in fields else None
            limit = _whole(fields["limit"]) if "limit" in fields else 0
        except ConfigError as error:
            problems += error.problems
            continue
        rules: list[Rule] = []
        for number, inner in enumerate(fields["rules"].items("rules") if "rules" in fields else (), 1):
            try:
                rules.append(_rule(inner, f'group "{name}", rule {number}'))
            except ConfigError as error:
                problems += error.problems
        found.append(Group(name, file, tuple(rules), interval or None, limit))
    if problems:
        raise ConfigError(*problems)
    return found


def _rule(place: Place, where: str) -> Rule:
    fields = place.table("a rule", _RULE)
    record, alert, text = (
        fields[name].text(name) if name in fields else "" for name in ("record", "alert", "expr")
    )
    if record or alert:
        where = f'{where}, "{record or alert}"'
    if bool(record) == bool(alert):
        raise place.refuse(f"{where}: a rule has either `record` or `alert`")
    if not text:
        raise place.refuse(f"{where}: a rule has an `expr`")
    try:
        node = expression(text)
    except QueryError as error:
        raise fields["expr"].refuse(f"{where}: could not parse expression: {error}") from None
    hold, keep = (duration(fields[name]) if name in fields else 0.0 for name in ("for", "keep_firing_for"))
    labels = _texts(fields.get("labels"), where, "label", alert)
    annotations = _texts(fields.get("annotations"), where, "annotation", alert)
    if record:
        for name, given in (("for", hold), ("keep_firing_for", keep), ("annotations", annotations)):
            if given:
                raise fields[name].refuse(f"{where}: a recording rule has no `{name}`")
        if not _METRIC.fullmatch(record):
            raise fields["record"].refuse(f"{where}: {record} is not the name of a metric")
    return Rule(
        name=record or alert,
        text=text.strip(),
        node=node,
        records=bool(record),
        hold=hold,
        keep=keep,
        labels=labels,
        annotations=annotations,
        line=place.line,
    )


def expression(text: str) -> Node:
    """The tree of an expression, its types checked. Raises `QueryError`."""
    node = parse(text)
    check(node, text)
    return node


def _texts(place: Place | None, where: str, what: str, alert: str) -> tuple[tuple[str, Template], ...]:
    found = []
    for name, value in place.table(f"{what}s").items() if place else ():
        if not _LABEL.fullmatch(name) or (what == "label" and name == "__name__"):
            raise value.refuse(f"{where}: {name} is not the name of a{'n' * (what[0] == 'a')} {what}")
        text = value.text(f"{what} {name}")
        if not alert:  # Prometheus does not expand those of recording rules
            found.append((name, Template(text, (text,) if text else ())))
            continue
        try:
            found.append((name, parse_template(text, KNOWN)))
        except TemplateError as error:
            raise value.refuse(f'{where}: {what} "{name}": {error}') from None
    return tuple(found)


def duration(place: Place) -> float:
    """Seconds, of a duration as Prometheus writes them."""
    text = place.text("a duration")
    found = _DURATION.fullmatch(text) if len(text) <= LONGEST else None
    if text == "0":
        return 0.0
    if not text or found is None:
        raise place.refuse(f'"{text[:80]}" is not a duration; write 30s, 5m or 1h30m')
    seconds = sum(int(part or 0) * unit for part, unit in zip(found.groups(), _UNITS, strict=True))
    if seconds > 292 * _UNITS[0]:
        raise place.refuse(f'"{text[:80]}" is out of range')
    return seconds


def _whole(place: Place) -> int:
    text = place.text("a number")
    try:
        return int(text)
    except ValueError:
        raise place.refuse(f'"{text[:80]}" is not a whole number') from None


def repeated(groups: Sequence[Group]) -> list[str]:
    """What each rule has that writes the same series as another: name and labels."""
    seen: set[tuple[str, tuple[tuple[str, str], ...]]] = set()
    found: list[str] = []
    for group in groups:
        for rule in group.rules:
            labels = tuple(sorted((name, value.text) for name, value in rule.labels))
            if (rule.name, labels) in seen:
                shown = ", ".join(f"{name}: {value}" for name, value in labels)
                found.append(f"{rule.name}{{{shown}}}" if shown else rule.name)
            seen.add((rule.name, labels))
    return found
