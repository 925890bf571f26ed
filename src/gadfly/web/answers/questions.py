"""What the API gives and takes of questions. Times are wall seconds since the epoch, durations seconds."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
from msgspec import Meta

from gadfly.ask.answers import LONGEST, Answered, Shown
from gadfly.ask.cell import LONGEST as NAME
from gadfly.web.answers import Answer, Problem, Request, Word

Text = Annotated[str, Meta(max_length=LONGEST)]


class Given(Answer, frozen=True, kw_only=True):
    """An answer that somebody gave."""

    answer: Answered
    at: float
    by: str
    """Who; of an answer by a link of a letter, to whom that was sent"""
    words: str = ""
    """What was changed, why it is accepted, what is wrong with it, who could know"""
    until: float | None = None
    """Of what is accepted"""


class Question(Answer, frozen=True, kw_only=True):
    """One assumption, put to the one who answers for it."""

    id: str
    kind: str
    number: int
    """In the catalogue of kinds"""
    type: str
    safety: bool = False
    minutes: float
    """What an answer takes, as measured or guessed"""
    sort: str
    """Of its subjects: check, component, silence, owner …"""
    subjects: list[str]
    component: str = ""
    owner: str
    whom: str
    """The owner that is asked now: itself, one above it, or one who could know"""
    state: Shown
    """`resting`: nobody answered; it is an open assumption on its subject, and may be answered at any time.
    `replaced`: it rested, and was asked again as another one"""
    asked: float
    text: str
    assumed: str
    change: str = ""
    """What a change could be"""
    figures: dict[str, float | int | str] = msgspec.field(default_factory=dict)
    """The numbers of its evidence, by what they are called"""
    series: dict[str, list[float]] = msgspec.field(default_factory=dict)
    """Those that are more than one, in their order"""
    priority: float = 0.0
    latest: float
    """The latest time until which it may be accepted"""
    until: float | None = None
    """Until when it is accepted"""
    answer: Given | None = None
    then: str
    """What happens next"""


class Questions(Answer, frozen=True, kw_only=True):
    """Questions, the most is expected to be learnt from first."""

    at: float
    total: int
    owners: list[str]
    """Those who were ever asked"""
    questions: list[Question]


class Teller(Answer, frozen=True, kw_only=True):
    """Who told facts over the API that the query reads."""

    table: str
    who: str
    """`program:ci`, `token:local`; a person by the pseudonym, or `a person`"""
    by: str
    """The same in words, with the name of a person who is known here"""
    rows: int
    """Of those that there were, how many"""


class Evidence(Answer, frozen=True, kw_only=True):
    """What was known when it was asked, frozen."""

    query: str
    params: dict[str, Any]
    rows: list[dict[str, Any]]
    total: int
    """Rows; more than are here where there were very many"""
    sha256: str
    """As it stands in the ledger: of the canonical JSON (RFC 8785) of an object with `kind`, `digest`,
    `query`, `params`, `rows`, `count` (here `total`), `window` (here `[start, end]`) and `told`, which is
    left out where it is empty"""
    unchanged: bool | None = None
    """What is kept has this hash; null: it is not kept any more"""
    kind: str = ""
    digest: str = ""
    """Of the kind, as it was when it was asked"""
    start: float | None = None
    end: float
    told: list[Teller] = []
    """Who told what its query reads and no node knows by itself: their last word counts"""


class Happened(Answer, frozen=True, kw_only=True):
    """One thing in the life of a question."""

    at: float
    words: str
    who: str
    entry: int
    """Its place in the ledger"""


class QuestionStory(Question, frozen=True, kw_only=True):
    """Everything about one question."""

    evidence: Evidence
    history: list[Happened] = msgspec.field(default_factory=list)


class Review(Answer, frozen=True, kw_only=True):
    """A team's dialogue, to go through together."""

    at: float
    owner: str
    since: float
    open: list[Question]
    """Also those that rest as open assumptions; safety first"""
    accepted: list[Question]
    """The next to end first"""
    learnt: list[Question]
    """Changes since then, the newest first"""
    closed: list[Question]
    """Wrong questions and withdrawn ones since then"""


class Answering(Request, frozen=True, kw_only=True):
    """One of the four answers."""

    answer: Answered
    change: Text = ""
    """`change`: what is changed: a commit, a check, a grant, an action"""
    reason: Text = ""
    """`accept`: why, in your own words; `wrong`: data wrong, rule wrong, not mine or already known"""
    until: Annotated[str, Meta(max_length=10)] = ""
    """`accept`: a day, as 2027-03-31"""
    knows: Word = ""
    """`unknown`: the owner that could know"""
    subjects: list[Annotated[str, Meta(max_length=NAME)]] = msgspec.field(default_factory=list)
    """Of a question about several: of which of them; empty: all. The others stay open."""
    took: Annotated[float, Meta(ge=0, le=86_400)] | None = None
    """Seconds that answering took, where that was measured"""


class Unfit(Problem, frozen=True, kw_only=True):
    """An answer that cannot be taken, and in which field the reason lies."""

    field: str = ""
    """Its name; empty: the whole of it"""
