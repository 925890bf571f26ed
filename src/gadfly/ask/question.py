"""A question that was put to somebody: what was asked of whom on which evidence, and what came of it."""

from __future__ import annotations

from typing import Any, Literal

import msgspec

from gadfly.ask.answers import Answered

Key = tuple[str, str]
"""A kind and a subject."""
State = Literal["open", "resting", "answered", "withdrawn", "replaced"]
"""`resting`: nobody answered, and it stands as an open assumption on its subject; it can still be answered.
`replaced`: it rested, and was asked again as another one."""


class Move(msgspec.Struct, frozen=True, gc=False):
    """It came to a team."""

    team: str
    at: float
    why: Literal["asked", "escalated", "referred", "returned", "inherited"] = "asked"
    extra: bool = False
    """Beyond the budget, as one on safety a day may be."""


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """What somebody answers."""

    answer: Answered
    by: str
    """Principal: `person:anna`."""
    change: str = ""
    """Of `change`: what was changed (a commit, an edit, an act)."""
    reason: str = ""
    """Of `accept`: why, in a person's own words. Of `wrong`: one of :data:`~gadfly.ask.answers.WRONG`."""
    until: float | None = None
    """Of `accept`: wall seconds."""
    knows: str = ""
    """Of `unknown`: the team that could know."""
    subjects: tuple[str, ...] = ()
    """Of a question about several: which of them; empty: all. The others stay open."""
    took: float | None = None
    """Seconds that answering took; None: not measured."""


LOCAL = "token:local"
"""The node's own token, which whoever runs the node uses."""


class Teller(msgspec.Struct, frozen=True):
    """Who told facts over the API."""

    table: str
    who: str
    """Principal: `program:ci`; a person by the pseudonym, earlier no more than that it is one; or
    :data:`LOCAL`."""
    rows: int
    """Of those that are there, how many."""


class Evidence(msgspec.Struct, frozen=True, kw_only=True):
    """What was known when a question was asked. `sha256` is over the canonical JSON of all the rest."""

    kind: str
    digest: str
    """Of the kind, as it was."""
    query: str
    params: dict[str, Any]
    rows: tuple[dict[str, Any], ...]
    """The worst first; numbers, flags and short texts, without names of persons."""
    count: int
    """Rows that there were."""
    window: tuple[float | None, float]
    """From (None: not limited) and until when it looked, wall seconds."""
    told: tuple[Teller, ...] = ()
    """Who told what its query reads and no node knows by itself: their word counts as that of the node. Where
    nobody did, the hash is over the others only."""
    sha256: str = ""


class Question(msgspec.Struct, frozen=True, kw_only=True):
    """One question and what became of it. Times are wall seconds, `again` and `observe` days."""

    id: int
    kind: str
    digest: str
    """Of the kind as it was when it was asked; see :func:`~gadfly.ask.life.rules.digest`."""
    sort: str
    """Of its subjects: check, component, automation, …"""
    safety: bool = False
    again: float
    observe: float
    minutes: float
    """That a person is thought to need."""
    subjects: tuple[str, ...]
    """The worst first."""
    component: str = ""
    """Of the first of them, where it is one and the same for all."""
    owner: str
    """The team that answers for it."""
    line: tuple[str, ...] = ()
    """That team, who stands in for it and who stands above it, while it is declared; empty: it never was."""
    was: tuple[str, ...] = ()
    """The teams that answered for it before, and are declared no longer."""
    passed: float = 0.0
    """When it passed to the one that does now."""
    text: str
    warning: str = ""
    """What happens where nobody answers; where there was room for it, the text begins with it."""
    asked: float
    since: float
    """When it was asked first, where it rested and was asked again."""
    priority: float = 0.0
    sha256: str = ""
    """Of its evidence."""
    before: float = 0.0
    """How bad the evidence was, over all its subjects."""
    origins: tuple[Key, ...] = ()
    """What it is about in truth, where it asks about an earlier question or decision."""
    renewals: int = 0
    """How often what was accepted was accepted before."""
    part: int = 0
    """The question of which this one holds the subjects that were answered apart; 0: of none."""
    moves: tuple[Move, ...] = ()
    """Where it was, the last one where it is."""
    heading: str = ""
    """The team to which it goes as soon as that one has room; it then waits nowhere."""
    heading_why: Literal["escalated", "referred", "returned", "inherited", ""] = ""
    heading_since: float = 0.0
    state: State = "open"
    gone: tuple[str, ...] = ()
    """Subjects of which it is no longer true."""
    closed: float | None = None
    """When it was withdrawn, replaced, or began to rest."""
    answer: Answered | Literal[""] = ""
    answered: float | None = None
    by: str = ""
    change: str = ""
    reason: str = ""
    until: float | None = None
    knows: str = ""
    took: float | None = None
    ended: float | None = None
    """When its answer ceased to hold: asked again, answered anew, or nothing left to be decided."""
    looked: int = 0
    """Days after a change on which its evidence could be looked at."""
    looked_at: float = 0.0
    measured: float | None = None
    """When the evidence was looked at again after a change."""
    after: float | None = None
    """How bad it is then."""
    complete: bool | None = None
    """The data since the change is complete enough to say so."""
    lowered: float | None = None
    """When its automations were lowered because nobody answered."""

    @property
    def holder(self) -> str:
        """The team at which it is."""
        return self.moves[-1].team if self.moves else self.owner

    @property
    def own(self) -> tuple[Key, ...]:
        """Its kind on each of its subjects, without those of which it is no longer true."""
        gone = frozenset(self.gone)
        return tuple((self.kind, subject) for subject in self.subjects if subject not in gone)

    @property
    def keys(self) -> tuple[Key, ...]:
        """What it is about in truth, and what its answer is about."""
        return self.origins or self.own

    @property
    def name(self) -> str:
        """As people write it: `q12`."""
        return f"q{self.id}"


def number(name: str) -> int:
    """The id of `q12`, or of `12`. ValueError where it is neither."""
    digits = name.strip().removeprefix("q")
    if not digits.isascii() or not digits.isdigit() or len(digits) > 15:
        raise ValueError(f"{name[:40]!r} is no question; they are called q1, q2, …")
    return int(digits)
