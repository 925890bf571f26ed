"""A page of the ledger costs what is on it, however long the story of its subject is."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from gadfly import ledger_view
from gadfly.act_view import duties
from gadfly.ledger.entry import Entry, decode
from gadfly.ledger.log import Log
from gadfly.store import flips
from gadfly.store.flips import Flip
from gadfly.store.schema import migrate

AT = 1_800_000_000.0
MANY = 5_000


def entry(kind: str, number: int, **body: object) -> Entry:
    return Entry(
        kind=kind, who="node", about=("component:a",), body={"number": number, **body}, at=AT + number
    )


@pytest.fixture
def log() -> Log:
    return Log("gadfly/test/1", Ed25519PrivateKey.from_private_bytes(bytes(32)))


@pytest.fixture
def story(log: Log) -> Iterator[sqlite3.Connection]:
    """Entry 0 is a silence, entry 1 tells of an effect; all others are changes of the same component."""
    made = sqlite3.connect(":memory:", isolation_level=None)
    migrate(made)
    made.execute("BEGIN")
    log.append(made, [entry("silence", 0), entry("unexplained", 1, count=1, why="restarted")])
    log.append(made, [entry("flip", number) for number in range(2, MANY)])
    made.execute("COMMIT")
    yield made
    made.close()


class Work:
    """How many entries were parsed, and how many thousand steps the store took."""

    def __init__(self, connection: sqlite3.Connection, monkeypatch: pytest.MonkeyPatch) -> None:
        self.parsed = self.steps = 0
        connection.set_progress_handler(self._step, 1000)
        for module in (ledger_view, duties):
            monkeypatch.setattr(module, "decode", self._decode)

    def _step(self) -> int:
        self.steps += 1
        return 0

    def _decode(self, body: bytes) -> Entry:
        self.parsed += 1
        return decode(body)


@pytest.fixture
def work(story: sqlite3.Connection, monkeypatch: pytest.MonkeyPatch) -> Work:
    return Work(story, monkeypatch)


def page(
    connection: sqlite3.Connection, *, about: str = "", kind: str = "", who: str = "", **given: int
) -> tuple[list[int], int | None]:
    rows, further = ledger_view._find(
        connection, about, kind, who, given.get("before"), given.get("limit", 10)
    )
    return [index for index, *_ in rows], further


@pytest.mark.parametrize("about", ["", "component:a"])
def test_a_page_reads_no_more_than_itself(story: sqlite3.Connection, work: Work, about: str) -> None:
    assert page(story, about=about) == (list(range(MANY - 1, MANY - 11, -1)), MANY - 10)
    assert (work.parsed, work.steps) == (10, 0)
    assert page(story, about=about, before=5) == ([4, 3, 2, 1, 0], None)


def test_what_is_not_asked_for_is_not_parsed(story: sqlite3.Connection, work: Work) -> None:
    assert page(story, about="component:a", kind="silence") == ([0], None)
    assert work.parsed == 1
    assert page(story, about="component:a", who="person:anna") == ([], None)
    assert work.parsed == 1


def test_a_question_that_finds_nothing_goes_on_with_the_next(
    story: sqlite3.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ledger_view, "SCANNED", 100)
    assert page(story, kind="silence") == ([], MANY - 100)


def test_what_a_component_did_in_a_burst_is_on_its_pages(story: sqlite3.Connection, log: Log) -> None:
    flips.add(story, [Flip(AT, "b", 0, 8, "", entry=index) for index in (7, 3, 7)])
    assert page(story, about="component:b") == ([7, 3], None)
    assert page(story, about="component:b", limit=1) == ([7], 7)
    assert page(story, about="component:b", before=7) == ([3], None)
    flips.add(story, [Flip(AT, "a", 0, 8, "", entry=9)])
    assert page(story, about="component:a", before=11, limit=3) == ([10, 9, 8], 8)


def test_the_few_effects_nobody_explains_are_found_among_all_others(
    story: sqlite3.Connection, work: Work
) -> None:
    (found,) = duties.unexplained(story, AT)
    assert (found["component"], found["effect"]) == ("a", "restarted")
    assert (work.parsed, work.steps) == (1, 0)


def test_words_that_only_look_like_one_are_none(story: sqlite3.Connection, log: Log) -> None:
    story.execute("BEGIN")
    log.append(story, [entry("silence", MANY, inner={"kind": "unexplained"})])
    assert len(duties.unexplained(story, AT)) == 1
    assert page(story, kind="unexplained") == ([1], None)
