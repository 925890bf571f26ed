"""Letters that put questions to owners: at most one a day, with a link for each question.

They go the way of all notifications, through the outbox, written in the transaction in which it is noted that
they were sent.
"""

from __future__ import annotations

import hashlib
import secrets
import sqlite3
import urllib.parse
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import NamedTuple

from gadfly.act.mail import notice
from gadfly.alert.escalate import Step, chain, find
from gadfly.ask import letter
from gadfly.ask import link as links
from gadfly.ask.exhibit import figures
from gadfly.ask.kind import Kind
from gadfly.ask.life.steps import Told
from gadfly.ask.life.team import Teams, quiet, team
from gadfly.ask.link import LASTS, Link
from gadfly.ask.question import Evidence, Question
from gadfly.config import Config
from gadfly.errors import Refused
from gadfly.ledger.key import kept
from gadfly.store import question_letters as store
from gadfly.store.question_letters import Due
from gadfly.store.tokens import PERSON, is_person

KEY = "links.key"
"""In the state folder: what links are signed with. Whoever takes it away ends every link that there is."""
APART = 20 * 3600.0
"""Seconds between two letters to a team. Less than a day, so that a turn that comes a little sooner than the
day before is not put off for a day."""
ANSWERABLE = ("asked", "escalated", "referred", "returned", "inherited")


class Asked(NamedTuple):
    """What a letter says of a question."""

    question: Question
    evidence: Evidence
    kind: Kind | None
    """None: it is not asked any more."""


class QuestionLetters:
    """One for a node. `config` is that in force; `url` is where people reach the node."""

    def __init__(
        self, state: Path, config: Callable[[], Config], *, url: Callable[[], str], node: str
    ) -> None:
        self._state = state
        self._config = config
        self._url = url
        self._node = node
        self._signing: bytes | None = None

    def note(self, connection: sqlite3.Connection, told: Iterable[Told], now: float) -> None:
        """Teams are to be told of these; in the transaction in which they came to be."""
        store.note(connection, [Due(one.team, one.question, one.why) for one in told], now)

    def send(
        self, connection: sqlite3.Connection, asked: Callable[[int], Asked | None], teams: Teams, now: float
    ) -> tuple[str, ...]:
        """Write the letters that are due; to whom they go, as may be shown.

        `asked` finds a question; None: there is none any more. Who had a letter of late, or is not to be
        disturbed now, gets it later: call this again.
        """
        labels: tuple[str, ...] = ()
        for name in store.teams(connection, now, APART):
            if quiet(team(teams, name), now):
                continue
            steps = chain(self._config().owner, name, now)[:1]
            items = _items(store.take(connection, name), asked)
            for step in steps if items else ():
                labels += notice.post(connection, [step], self._letter(name, step, items, now))
                store.sent(connection, name, now)
        return labels

    def _letter(self, name: str, step: Step, items: list[tuple[Due, Asked]], now: float) -> notice.Notice:
        shown = [self._item(due, one, step, now) for due, one in items]
        base = self._url().rstrip("/")
        page = f"{base}/questions#{urllib.parse.urlencode({'team': name})}"
        return notice.Notice(
            subject=letter.subject(name, shown),
            text=letter.text(name, shown, page, alone=self._person(step.contact) != ""),
            at=now,
            url=page,
            node=self._node,
        )

    def _item(self, due: Due, one: Asked, step: Step, now: float) -> letter.Item:
        question, evidence = one.question, one.evidence
        link, ends = "", int(now + LASTS)
        if due.why in ANSWERABLE:
            said = Link(question.id, ends, step.owner, step.contact)
            link = f"{self._url().rstrip('/')}/q/{links.sign(self._key(), said)}"
        return letter.Item(
            name=question.name,
            text=question.text,
            assumed=one.kind.assumed if one.kind else "",
            figures=figures(evidence.rows, evidence.count, one.kind, question.text),
            subjects=[name for _, name in question.own] if len(question.own) > 1 else (),
            minutes=question.minutes,
            safety=question.safety,
            why=due.why,  # type: ignore[arg-type]  # as it was told
            warning="" if question.warning in question.text else question.warning,
            owner=question.owner,
            was=_was(due, question),
            link=link,
            ends=ends,
        )

    def read(
        self, text: str, now: float, asked: Callable[[int], Question | None] = lambda id: None
    ) -> tuple[Link, str]:
        """What a link says, and in whose name it answers: of the person to whose mailbox it went, else of the
        owner. `asked` finds its question. Refused: 404 where it is none of ours; 410 where it has ended, the
        question passed to another owner since, or that contact is no more."""
        link = links.read(self._key(), text, now)
        config, question = self._config(), asked(link.question)
        if question is not None and _passed(question, link):
            raise Refused(
                f"Since this letter {question.name} passed to {question.owner}, where it is answered: "
                f"{question.was[-1]} is declared no longer.",
                410,
            )
        if link.owner not in config.owner:
            raise Refused(_GONE, 410)
        if link.contact.startswith("receiver:"):
            if link.contact not in config.owner[link.owner].contact:
                raise Refused(_GONE, 410)
            return link, f"owner:{link.owner}"
        if find(config.owner, link.contact) is None:
            raise Refused(_GONE, 410)
        person = self._person(link.contact)
        return link, f"{PERSON}{person}" if person else f"owner:{link.owner}"

    def _person(self, label: str) -> str:
        """To whose mailbox a contact leads; empty: it leads to several people, a channel or a program."""
        contact = find(self._config().owner, label) or ""
        person = contact.removeprefix("mailto:").casefold()
        return person if contact.startswith("mailto:") and is_person(person) else ""

    def _key(self) -> bytes:
        """Made at the first letter, and kept. LedgerError where it cannot be."""
        if self._signing is None:
            text = kept(self._state / KEY, lambda: secrets.token_hex(32))
            self._signing = hashlib.sha256(text.encode()).digest()
        return self._signing


_GONE = "This link went to a contact that does not answer for the owner any more."


def _passed(question: Question, link: Link) -> bool:
    """Whether it passed to another owner after the letter with this link, and did not come back.

    A team that could know keeps it meanwhile, and may answer by the letter that it had when it was asked."""
    if not question.was:
        return False
    known = bool(question.moves) and not question.heading and question.moves[-1].why == "referred"
    if link.owner == question.owner or (known and link.owner == question.holder):
        return False
    since = int((question.moves[-1].at if known else question.passed) + LASTS)
    return link.ends < since or (link.ends == since and link.owner in question.was)


def _was(due: Due, question: Question) -> str:
    """Where it was before."""
    if due.why == "inherited" and question.was:
        return question.was[-1]
    return question.moves[-2].team if len(question.moves) > 1 else ""


def _items(due: list[Due], asked: Callable[[int], Asked | None]) -> list[tuple[Due, Asked]]:
    """What is still worth telling, each question once: as it was told last."""
    newest = {one.question: one for one in due}
    fresh = {one.question for one in due if one.why in ANSWERABLE}
    found = []
    for one in newest.values():
        there = asked(one.question)
        if there is None:
            continue
        question = there.question
        if one.why in ANSWERABLE:
            if question.state != "open" or question.holder != one.team or question.heading:
                continue
        elif one.why == "withdrawn" and one.question in fresh:
            continue  # it came and went, and nobody was told
        found.append((one, there))
    return sorted(found, key=lambda pair: (pair[0].why not in ANSWERABLE, not pair[1].question.safety))
