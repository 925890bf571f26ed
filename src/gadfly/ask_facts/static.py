"""What is asked of files: the facts that a node would gather of the same catalogue, without anything that it
would have seen."""

from __future__ import annotations

import contextlib
import re
import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from gadfly import catalogue
from gadfly.act.automation import IRREVERSIBLE, LEVELS
from gadfly.ask import kinds as kind_files
from gadfly.ask.figure import number
from gadfly.ask.kind import Kind
from gadfly.ask.lint import smells
from gadfly.ask.lint.asked import Asked, Place
from gadfly.ask_facts import authority, checks
from gadfly.ask_facts import catalogue as declared
from gadfly.ask_facts.stores import Stores
from gadfly.catalogue.source import Merged, read
from gadfly.config import Config
from gadfly.errors import ConfigError
from gadfly.monitor.subject import Subject
from gadfly.promql.tree import Call, Selector
from gadfly.rules import declared as declared_rules
from gadfly.rules import files
from gadfly.rules.rule import Group, Rule
from gadfly.rules.yaml_tree import LARGEST
from gadfly.store.schema import migrate

QUERIED = ("wider-than-used", "toxic-pair", "tier-inversion", "loop")
"""Kinds whose query says something of a catalogue without data."""
SENTENCES = {
    "nobody-home": (
        "component",
        "Components without an owner: {count} of {all}. If one of them stops tonight, who is asked?",
    ),
    "no-way-back": (
        "automation",
        "Automations that may do alone what nothing takes back: {count} of {all}. How would we find out "
        "before that it is wrong?",
    ),
    "wider-than-used": (
        "grant",
        "Lines that name everything with a star: {count}, with {all} grants in all. What is meant by it, and "
        "what is the rest for?",
    ),
    "timeless-grant": (
        "grant",
        "Grants that end later than in a year: {count} of {all}. Will what they are for go on as long?",
    ),
    "toxic-pair": (
        "grant",
        "Holders of two duties that are better parted: {count}, with {all} grants in all. Who would notice a "
        "mistake?",
    ),
    "tier-inversion": (
        "component",
        "Needs of tier 1 that promise less than who needs them: {count}, among {all} components. Which "
        "promise breaks first?",
    ),
    "loop": (
        "component",
        "Rings of components that need each other: {count}, among {all} components. Who goes first after a "
        "power cut?",
    ),
}
"""By kind: of what there are `all`, and the sentence. Those of the kinds speak of what happened, which no
file says."""
ALONE = LEVELS.index("act-small")
"""From this level on an automation acts without a person."""
YAML = (".yml", ".yaml", ".rules")
YEAR = 366 * 86_400.0
OWNING = ("owner", "team", "squad")
"""Labels of Prometheus' rules by which people say who answers."""
_GROUPS = re.compile(r"""^(groups|"groups"|'groups'|\{\s*"groups")\s*:""", re.MULTILINE)
_WRAPPED = re.compile(r"""^kind\s*:\s*["']?PrometheusRule\b""", re.MULTILINE)


class Linted(NamedTuple):
    """What came of some files."""

    asked: list[Asked]
    problems: list[str]
    """What cannot be read, a line each with file and position."""
    files: int
    rules: int


class _Source(NamedTuple):
    """A catalogue with where it stands, or rule files."""

    config: Config
    groups: list[Group]
    merged: Merged | None


def lint(paths: Sequence[Path], now: float) -> Linted:
    """Ask. `now`: seconds since the epoch. A folder with `*.toml` is a catalogue; of every folder, the
    rule files in it and beneath it are read."""
    sources: list[_Source] = []
    problems: list[str] = []
    count = 0
    for path in paths:
        there = _files(path)
        if not there:  # a path written wrongly would be green for ever
            problems.append(f"{path}: neither a rule file nor a catalogue is there")
        for one in there:
            try:
                sources.append(_rule_file(one, sought=one != path) if one.suffix in YAML else _catalogue(one))
            except ConfigError as error:
                problems += error.problems
            count += 1
    known = kind_files.load()
    asked = _of_rules(sources, known, now)
    for source in sources:
        if source.merged is not None:
            asked += _of_catalogue(source, source.merged, known, now)
    rules = sum(not rule.records for one in sources for group in one.groups for rule in group.rules)
    return Linted(_safest_first(asked), problems, count, rules)


def _safest_first(asked: Iterable[Asked]) -> list[Asked]:
    return sorted(asked, key=lambda one: (not one.safety, one.number))


def _files(path: Path) -> list[Path]:
    if not path.is_dir():
        return [path] if path.is_file() else []  # a pipe or a device may never end
    rules = sorted(one for one in path.rglob("*") if one.suffix in YAML and one.is_file())
    return [path, *rules] if any(path.glob("*.toml")) else rules


def _rule_file(path: Path, *, sought: bool) -> _Source:
    """`sought`: it was found in a folder, where other YAML may lie, too."""
    try:
        with path.open("rb") as file:
            data = file.read(LARGEST + 1)
        text = data.decode(errors="replace" if len(data) > LARGEST else "strict")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}: cannot be read: {error}") from None
    if _WRAPPED.search(text):
        raise ConfigError(f"{path}: a PrometheusRule of Kubernetes; give a file with what its `spec` holds")
    if sought and not _GROUPS.search(text):
        return _Source(Config(), [], None)
    if len(data) > LARGEST:
        raise ConfigError(f"{path}: larger than {LARGEST >> 20} MB; split it")
    return _Source(Config(), files.loads(text, str(path)), None)


def _catalogue(path: Path) -> _Source:
    config = catalogue.load(path)
    return _Source(config, declared_rules.groups(config.rule), read(path))


def _stores(source: _Source, connection: sqlite3.Connection, now: float) -> Stores:
    hosts = source.config.component
    subjects = [
        Subject(
            name=name,
            kind=one.kind,
            owner=one.owner or (hosts[one.host].owner if one.host in hosts else ""),
            group=one.group,
            host=one.host,
            needs=one.needs,
            labels=one.labels,
            because=one.because,
            declared=True,
        )
        for name, one in source.config.component.items()
    ]
    return Stores(
        connection=connection,
        config=source.config,
        now=now,
        node="files",
        subjects=subjects,
        groups=source.groups,
    )


def _of_rules(sources: Sequence[_Source], known: Mapping[str, Kind], now: float) -> list[Asked]:
    rows: list[dict[str, Any]] = []
    places: list[Place] = []
    recorded: set[str] = set()
    watched: set[str] = set()
    with contextlib.closing(sqlite3.connect(":memory:")) as connection:
        migrate(connection)
        for source in sources:
            stores = _stores(source, connection, now)
            alerting = list(checks.rules(stores))
            recorded |= {rule.name for group in source.groups for rule in group.rules if rule.records}
            watched |= {name for _, rule in alerting for name in _absent(rule)}
            promises = {one.name: one.labels.get("slo", "") for one in stores.subjects}
            for row, (group, rule) in zip(_rows(stores), alerting, strict=False):
                labels = {name: text.text for name, text in rule.labels}
                slo = declared.share(promises.get(row.get("component") or "", "") or labels.get("slo", ""))
                owner = row.get("owner") or next((labels[name] for name in OWNING if name in labels), None)
                rows.append({**row, "slo": slo, "owner": owner})
                places.append(_place(source, group, rule))
    numbers = {name: (kind.number, kind.safety, kind.change) for name, kind in known.items()}
    rules = smells.Rules(rows, places, frozenset(recorded), frozenset(watched))
    return smells.ask(rules, numbers)


def _rows(stores: Stores) -> list[dict[str, Any]]:
    """Rules come first in the table, in their order."""
    table = checks.facts(stores).get("check", {})
    return [dict(zip(table, cells, strict=True)) for cells in zip(*table.values(), strict=True)]


def _absent(rule: Rule) -> set[str]:
    """Metrics whose absence a rule looks at."""
    calls = [one for one in checks.walk(rule.node) if isinstance(one, Call) and one.name in checks.ABSENT]
    inner = (one for call in calls for arg in call.args for one in checks.walk(arg))
    return {
        matcher.value
        for one in inner
        if isinstance(one, Selector)
        for matcher in one.matchers
        if matcher.name == "__name__" and matcher.op == "="
    }


def _place(source: _Source, group: Group, rule: Rule) -> Place:
    if source.merged is None:
        return Place(group.file, rule.line, rule.name)
    return _stands(source.merged, ("rule", rule.name), rule.name)


def _stands(merged: Merged, path: tuple[str, ...], name: str) -> Place:
    """Where a table of the catalogue begins."""
    (line,) = merged.describe([(path, "")])
    file, number, _ = line.split(":", 2)
    return Place(file, int(number), name)


def _of_catalogue(source: _Source, merged: Merged, known: Mapping[str, Kind], now: float) -> list[Asked]:
    config = source.config
    found: dict[str, list[Place]] = {
        "nobody-home": _ownerless(config, merged),
        "no-way-back": _irreversible(config, merged),
        "timeless-grant": _endless(config, merged, now),
    }
    if config.grant or config.function or any(one.needs for one in config.component.values()):
        found |= _evaluated(source, merged, {name: known[name] for name in QUERIED}, now)
    asked = []
    for name, places in found.items():
        table, text = SENTENCES[name]
        if not places:
            continue
        values = {"count": number(len(places)), "all": number(len(getattr(config, table)))}
        kind = known[name]
        asked.append(
            Asked(
                kind=name,
                number=kind.number,
                safety=kind.safety,
                text=text.format(**values),
                change=kind.change,
                places=tuple(sorted(places)),
            )
        )
    return asked


def _evaluated(
    source: _Source, merged: Merged, kinds: Mapping[str, Kind], now: float
) -> dict[str, list[Place]]:
    """By kind, where its query finds something."""
    from gadfly.ask.evaluate import evaluate  # it brings DuckDB, which rule files do without
    from gadfly.ask.world import World

    found: dict[str, list[Place]] = {}
    with World() as world, contextlib.closing(sqlite3.connect(":memory:")) as connection:
        migrate(connection)
        stores = _stores(source, connection, now)
        for name, columns in {**declared.facts(stores), **authority.facts(stores)}.items():
            world.add(name, columns)
        for one in evaluate(world, kinds, now).findings:
            found.setdefault(one.kind, []).append(_subject(source.config, merged, one.subject))
    return {name: list(dict.fromkeys(places)) for name, places in found.items()}


def _subject(config: Config, merged: Merged, subject: str) -> Place:
    """Where a component, a grant or what has one is declared, by the name that a query gave it."""
    first = subject.partition(" → ")[0]
    if first in config.component:
        return _stands(merged, ("component", first), subject)
    for name, grant in config.grant.items():
        if subject == name or subject.startswith(f"{name} ") or subject in grant.to:
            return _stands(merged, ("grant", name), name)
    return _stands(merged, ("function", subject.removeprefix("function:").partition(" ")[0]), subject)


def _irreversible(config: Config, merged: Merged) -> list[Place]:
    """What may act alone and has no undo. Whether an undo works no file says."""
    return [
        _stands(merged, ("automation", name), name)
        for name, one in config.automation.items()
        if one.undo == IRREVERSIBLE and LEVELS.index(one.level) >= ALONE
    ]


def _endless(config: Config, merged: Merged, now: float) -> list[Place]:
    """Grants of the catalogue have an end; those that end later than in a year are as good as endless."""
    late = [name for name, one in config.grant.items() if one.until.timestamp() > now + YEAR]
    return [_stands(merged, ("grant", name), name) for name in late]


def _ownerless(config: Config, merged: Merged) -> list[Place]:
    owned = {name for name, one in config.component.items() if one.owner}
    free = [name for name, one in config.component.items() if name not in owned and one.host not in owned]
    return [_stands(merged, ("component", name), name) for name in free]
