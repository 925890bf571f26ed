"""The tokens that are let in, and as whom: the local one is the user of the operating system."""

from __future__ import annotations

import getpass
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from gadfly import access
from gadfly.access import Access
from gadfly.clock import VirtualClock
from gadfly.errors import Refused
from gadfly.ledger.entry import Entry
from gadfly.ledger.journal import Journal
from gadfly.store.sqlite import Database
from gadfly.store.tokens import is_person


class Kept:
    """A ledger that is a list."""

    def __init__(self) -> None:
        self.entries: list[Entry] = []

    def append(self, connection: object, entries: list[Entry]) -> range:
        self.entries += entries
        return range(len(entries))


@pytest.fixture
async def db(tmp_path: Path) -> AsyncIterator[Database]:
    made = Database(tmp_path / "gadfly.db")
    yield made
    made.close()


async def test_the_local_token_is_the_user_that_the_node_runs_as(db: Database) -> None:
    [local] = Access(db, VirtualClock()).all()
    assert local.principal == f"person:{getpass.getuser().casefold()}"
    assert (local.name, local.scopes) == ("local", ("admin",))


@pytest.mark.parametrize(
    ("name", "person"),
    [
        ("root", "root"),
        ("Anna", "anna"),
        ("EXAMPLE\\Anna B", "exampleannab"),
        ("_apt-user_", "apt-user"),
        ("$$", "operator"),
        (None, "uid4711"),
    ],
)
def test_a_user_has_a_name_as_persons_have(
    monkeypatch: pytest.MonkeyPatch, name: str | None, person: str
) -> None:
    class Line:
        pw_name = name

    def line(uid: int) -> Line:
        if name is None:
            raise KeyError(uid)
        return Line()

    monkeypatch.setattr(access.pwd, "getpwuid", line)
    monkeypatch.setattr(access.os, "geteuid", lambda: 4711)
    assert access.operator() == person
    assert is_person(person)


async def test_what_a_person_does_stands_under_the_person(db: Database) -> None:
    kept = Kept()
    journal = Journal(kept)  # type: ignore[arg-type]
    doors = Access(db, VirtualClock(), journal, user="olga")
    await doors.load()
    await doors.add("anna-phone", ["ack"], None, b"1", "local", "anna")
    await doors.add("deploy", ["act"], None, b"2", "anna-phone")
    assert [journal.token(name) for name in ("local", "anna-phone", "deploy", "")] == [
        "person:olga",
        "person:anna",
        "program:deploy",
        "nobody",
    ]
    assert [(entry.who, entry.about) for entry in kept.entries] == [
        ("person:olga", ("token:1", "person:anna")),
        ("person:anna", ("token:deploy",)),
    ]
    again = Access(db, VirtualClock(), Journal(), user="olga")
    await again.load()
    assert [one.principal for one in again.all()] == ["person:olga", "person:anna", "program:deploy"]


async def test_nobody_takes_the_name_of_the_local_token(db: Database) -> None:
    with pytest.raises(Refused, match="the node's own"):
        await Access(db, VirtualClock()).add("local", ["act"], None, b"1", "x", "anna")
