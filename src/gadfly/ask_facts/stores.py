"""What facts are gathered from: the stores of a node, as they are at one moment."""

from __future__ import annotations

import functools
import sqlite3
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from gadfly.config import Config
from gadfly.ledger.entry import Entry, parse, seconds
from gadfly.ledger.personal import without_mail
from gadfly.monitor.check import Check
from gadfly.monitor.subject import Subject
from gadfly.promql.source import Selects
from gadfly.rules.rule import Group, Rule
from gadfly.store.facts import Daily

TOLD = ("decision", "approval", "proof", "configuration", "function", "stop")
"""The kinds of entries of which facts are made."""
SCANNED = 2_000_000
"""Entries that are looked at; a busy node writes so many in a year."""
READ = 200_000
"""Entries that are read of them, the newest."""


def _as_it_is(name: str) -> str:
    return name


def severity(rule: Rule) -> str:
    """That all its alerts have; empty: none, or each another."""
    template = dict(rule.labels).get("severity")
    constant = template is not None and all(isinstance(one, str) for one in template.nodes)
    return template.text if template is not None and constant else ""


@dataclass(frozen=True, kw_only=True)
class Stores:
    """Handed to every family; all of it is only read, in one thread that is not the loop's."""

    connection: sqlite3.Connection
    """Of the state, read only, within one transaction."""
    config: Config
    now: float
    """Seconds since the epoch."""
    node: str
    """What the node calls itself."""
    subjects: Sequence[Subject] = ()
    """Everybody who is known, declared or heard."""
    checks: Sequence[Check] = ()
    """Probes."""
    groups: Sequence[Group] = ()
    """Rules."""
    series: Selects | None = None
    """None: they are not kept, or not opened yet."""
    beats: Mapping[str, float] = field(default_factory=dict)
    """Seconds between the beats of each component that is declared to beat."""
    days: list[Daily] = field(default_factory=list)
    """Days that were summed up and are to be kept: families add to it."""
    pseudonym: Callable[[str], str] = _as_it_is
    """A person's name or address as facts may hold it."""
    stopping: Callable[[], bool] = bool
    """Whether nobody waits for the answer any more."""

    @functools.cached_property
    def probes(self) -> Mapping[str, Sequence[Check]]:
        """Those of each component."""
        found: dict[str, list[Check]] = {}
        for one in self.checks:
            found.setdefault(one.component, []).append(one)
        return found

    @functools.cached_property
    def names(self) -> frozenset[str]:
        """Of everybody who is known."""
        return frozenset(one.name for one in self.subjects)

    @functools.cached_property
    def shared(self) -> frozenset[str]:
        """Names that alerting rules of several severities have."""
        severities: dict[str, set[str]] = {}
        for group in self.groups:
            for rule in group.rules:
                if not rule.records:
                    severities.setdefault(rule.name, set()).add(severity(rule))
        return frozenset(name for name, known in severities.items() if len(known) > 1)

    @functools.cached_property
    def entries(self) -> Sequence[Entry]:
        """What the ledger says of decisions, words of people, proofs, configurations, functions and stops,
        oldest first; of its newest :data:`SCANNED` entries."""
        (last,) = self.connection.execute("SELECT COALESCE(MAX(id), 0) FROM ledger_entry").fetchone()
        rows = self.connection.execute(
            f"SELECT body FROM ledger_entry WHERE id > ? AND ({' OR '.join(['instr(body, ?)'] * len(TOLD))})"  # noqa: S608
            " ORDER BY id DESC LIMIT ?",
            (last - SCANNED, *(f'"kind":"{kind}"'.encode() for kind in TOLD), READ),
        )
        # Whether each is in its canonical form is the patrol's to know.
        wires = [parse(row[0]) for row in rows]
        wires.reverse()
        return [
            Entry(kind=one.kind, who=one.who, about=one.about, body=one.body, at=seconds(one.at))
            for one in wires
            if one.kind in TOLD
        ]

    def pseudonym_in(self, text: str) -> str:
        """Free text, with every mail address in it hashed."""
        return without_mail(text, self.pseudonym)

    def person(self, principal: str) -> str | None:
        """Who that is, without the name; None: nobody."""
        if not principal:
            return None
        name = principal.removeprefix("person:")
        return self.pseudonym(name)

    def principal(self, who: str) -> str:
        """A principal as facts may hold it: persons by their pseudonym."""
        if who.startswith("person:") and not who.endswith("*"):
            return f"person:{self.pseudonym(who.removeprefix('person:'))}"
        return who
