"""A configuration that changed without an entry, or on disk only, is named once."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from gadfly.act.doubt.disk_watch import (
    PATIENCE,
    Difference,
    Stand,
    files,
    recorded,
)
from gadfly.ledger.entry import Entry
from gadfly.ledger.log import Log

GOOD = Stand("r", True, "f")


def said(*looks: tuple[Stand, float]) -> list[list[str]]:
    difference = Difference()
    difference.reloaded("f")
    return [difference.look(stand, now) for stand, now in looks]


@pytest.mark.parametrize(
    ("stand", "words"),
    [
        (GOOD, None),
        (Stand("r", False, "f"), "stands in no entry"),
        (Stand("r", True, "g"), "was changed and not read"),
        (Stand("r", True, ""), "is gone or cannot be read"),
    ],
)
def test_a_difference_that_stands_is_said_once(stand: Stand, words: str | None) -> None:
    first, before, due, again = said(
        (stand, 0.0), (stand, PATIENCE - 1), (stand, PATIENCE), (stand, PATIENCE + 100)
    )
    assert (first, before, again) == ([], [], [])
    assert len(due) == (words is not None)
    assert all(words and words in one for one in due)


def test_an_edit_that_is_read_soon_is_no_news() -> None:
    difference = Difference()
    difference.reloaded("f")
    assert difference.look(Stand("r", True, "g"), 0.0) == []
    difference.reloaded("g")
    assert difference.look(Stand("s", True, "g"), PATIENCE) == []


def test_the_same_difference_later_is_news_again() -> None:
    bad = Stand("r", True, "g")
    looks = said((bad, 0.0), (bad, PATIENCE), (GOOD, 100.0), (bad, 200.0), (bad, 200.0 + PATIENCE))
    assert [len(found) for found in looks] == [0, 1, 0, 0, 1]


def test_another_edit_begins_anew() -> None:
    looks = said((Stand("r", True, "g"), 0.0), (Stand("r", True, "h"), PATIENCE))
    assert looks == [[], []]


def test_the_entry_of_a_configuration_is_found(connection: sqlite3.Connection, log: Log) -> None:
    assert not recorded(connection, "abc")
    log.append(connection, [Entry(kind="node", who="node", body={"configuration": "abc"}, at=1.0)])
    log.append(connection, [Entry(kind="node", who="node", body={"event": "stopped"}, at=2.0)])
    assert recorded(connection, "abc")
    assert not recorded(connection, "abd")


def test_files_are_told_apart_by_what_is_in_them(tmp_path: Path) -> None:
    file = tmp_path / "gadfly.toml"
    assert files(file) == files(None) == ""
    file.write_text("[node]\n")
    first = files(file)
    assert first
    assert files(tmp_path) not in ("",)
    (tmp_path / ".hidden.toml").write_text("x")
    (tmp_path / "notes.txt").write_text("x")
    folder = files(tmp_path)
    (tmp_path / "more.toml").write_text("[owner.a]\n")
    assert files(tmp_path) != folder
    file.write_text("[node]\nname = 'x'\n")
    assert files(file) != first
