"""Effects that no intent explains: what was seen, what explains it, and how it is said. Pure.

An effect is explained by an intent that was written before it, that disturbs its component (or the host it
runs on, or scales its group), and that was not long over when it was seen. Whatever else
restarted, stopped or changed something went past the gate: that is written down, many at once as one entry.
"""

from __future__ import annotations

import datetime as dt
import sqlite3
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Literal

import msgspec

from gadfly.act.calling.trigger import parse as parse_trigger
from gadfly.act.grants import selector
from gadfly.config import Config
from gadfly.ledger.entry import Entry
from gadfly.monitor.subject import Subject

Kind = Literal["restarted", "stopped", "configuration"]

SKEW = 5.0
"""Seconds that an intent may be younger than what it explains: clocks of two machines."""
SETTLE = 30.0
"""Seconds after the end of an act in which its effects may still be seen: a first beat, a late goodbye."""
RECENT = 20_000
"""The newest intents that are looked at: more than are open or just over at any time."""
NAMED = 20
"""Effects that an entry and a letter name; of more they say how many."""
SUBJECTS = 100


class Effect(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """Something that somebody or something did. `at`: wall seconds."""

    kind: Kind
    component: str = ""
    """Empty for a configuration."""
    owner: str = ""
    group: str = ""
    host: str = ""
    at: float
    words: str = ""
    """What exactly, where the kind does not say it."""
    covered: bool = False
    """An automation or a grant speaks of it, so its owner wants to know."""

    @property
    def told(self) -> bool:
        """Whether somebody is to look: it should have gone through the gate. What nobody declared an act for
        is restarted by hand every day."""
        return self.covered or self.kind == "configuration"


class Act(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """What an intent does to one target. Times are wall seconds; `ends`: when it was over, or will be."""

    intent: int
    target: str
    group: str = ""
    scales: bool = False
    """It starts and stops members of the group, which no plan could name."""
    at: float
    ends: float


class Intents:
    """Those that may explain something, ready to be asked."""

    def __init__(self, acts: Iterable[Act]) -> None:
        self._targets: dict[str, list[Act]] = {}
        self._groups: dict[str, list[Act]] = {}
        for act in acts:
            self._targets.setdefault(act.target, []).append(act)
            if act.scales and act.group:
                self._groups.setdefault(act.group, []).append(act)

    def explains(self, effect: Effect) -> int | None:
        """The intent, or None. A configuration is explained by its entry, never by an intent."""
        if effect.kind == "configuration":
            return None
        for acts in (
            self._targets.get(effect.component, ()),
            self._targets.get(effect.host, ()),
            self._groups.get(effect.group, ()),
        ):
            for act in acts:
                if act.at - SKEW <= effect.at <= act.ends + SETTLE:
                    return act.intent
        return None


def around(connection: sqlite3.Connection, first: float, last: float) -> Intents:
    """The intents that may explain effects between these moments (wall seconds)."""
    rows = connection.execute(
        "SELECT intent.id, target, grp, intent.action, intent.at, COALESCE(finished, ends)"
        " FROM intent JOIN reservation ON reservation.intent = intent.id"
        " WHERE intent.id > (SELECT COALESCE(MAX(id), 0) FROM intent) - ? AND intent.at <= ?"
        " AND COALESCE(finished, ends) >= ? AND (disturbs OR intent.action GLOB 'scale*')",
        (RECENT, last + SKEW, first - SETTLE),
    )
    return Intents(
        Act(intent=number, target=target, group=group, scales=action.startswith("scale"), at=at, ends=ends)
        for number, target, group, action, at, ends in rows
    )


def coverage(config: Config) -> Callable[[Subject], bool]:
    """Whether an automation or a grant of this configuration speaks of a component."""
    matches = []
    for automation in config.automation.values():
        chosen = automation.targets or parse_trigger(automation.on).selector
        matches.append(selector.parse(chosen))
    owners = {grant.owner for grant in config.grant.values() if grant.may and not grant.on}
    matches += [selector.parse(grant.on) for grant in config.grant.values() if grant.may and grant.on]

    def covered(subject: Subject) -> bool:
        return subject.owner in owners or any(match(subject) for match in matches)

    return covered


def one_each(effects: Iterable[Effect]) -> list[Effect]:
    """The first of each kind for each component, in order: a component that restarts all the time is one."""
    found: dict[tuple[str, str, str], Effect] = {}
    for effect in effects:
        found.setdefault((effect.kind, effect.component, effect.words), effect)
    return list(found.values())


def entry(effects: Sequence[Effect], now: float, uncounted: int = 0) -> Entry:
    """One entry for all of them, those that somebody is to look at first; `covered` says how many these are.
    `uncounted`: so many more were seen than are held here, and whoever does not know looks."""
    effects = sorted(effects, key=lambda one: not one.told)
    kinds = Counter(effect.kind for effect in effects)
    body: dict[str, Any] = {
        "count": len(effects) + uncounted,
        "covered": sum(effect.told for effect in effects) + uncounted,
        "kinds": dict(kinds),
        "effects": [
            {
                "what": said(effect),
                "at": dt.datetime.fromtimestamp(effect.at, dt.UTC).isoformat(),
                "covered": effect.told,
            }
            for effect in effects[:NAMED]
        ],
    }
    names = dict.fromkeys(f"component:{effect.component}" for effect in effects if effect.component)
    owners = dict.fromkeys(f"owner:{effect.owner}" for effect in effects if effect.owner)
    about = (*list(names)[:SUBJECTS], *list(owners)[:SUBJECTS])
    return Entry(kind="unexplained", who="node", about=about, body=body, at=now)


def said(effect: Effect) -> str:
    """`checkout was restarted`."""
    if effect.kind == "configuration":
        return effect.words
    return f"{effect.component} was {effect.kind}"


def letters(effects: Iterable[Effect]) -> Mapping[str, list[Effect]]:
    """By owner: what it is told of. Only what an automation or a grant speaks of; a configuration always."""
    found: dict[str, list[Effect]] = {}
    for effect in effects:
        if effect.told:
            found.setdefault(effect.owner, []).append(effect)
    return found


def subject(effects: Sequence[Effect]) -> str:
    """One line."""
    rest = f" and {len(effects) - 1:,} more" if len(effects) > 1 else ""
    return f"No intent explains it: {said(effects[0])}{rest}"


def text(effects: Sequence[Effect], url: str) -> str:
    """Plain text for whoever answers."""
    lines = [
        "This was seen, and nothing in the ledger explains it: somebody or something acted past the gate.",
        "If it was you, say so there, and next time use an automation or a grant; if it was not, look now.",
        "",
    ]
    for effect in effects[:NAMED]:
        clock = dt.datetime.fromtimestamp(effect.at, dt.UTC).strftime("%H:%M:%S UTC")
        lines.append(f"- {clock} {said(effect)}")
    if len(effects) > NAMED:
        lines.append(f"- and {len(effects) - NAMED:,} more")
    return "\n".join([*lines, "", f"See: {url}", ""])
