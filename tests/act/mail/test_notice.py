"""Notices go to who answers, once each, through the outbox."""

from __future__ import annotations

import sqlite3

import pytest

from gadfly.act.mail import notice
from gadfly.alert import outbox
from gadfly.alert.notification import alertmanager
from gadfly.config.owner import Owner

OWNERS = {
    "payments": Owner(contact=("mailto:pay@example.org", "https://chat.example.org/pay"), owner="platform"),
    "batch": Owner(owner="platform"),
    "platform": Owner(contact=("mailto:platform@example.org", "mailto:pay@example.org")),
}
NOTICE = notice.Notice(
    subject="Look\nhere " + "x" * 300, text="why", at=100.0, url="http://north/", node="north"
)


@pytest.mark.parametrize(
    ("names", "loud", "told"),
    [
        (["payments"], False, ["mailto:pay@example.org"]),
        (["payments"], True, ["mailto:pay@example.org", "https://chat.example.org/…"]),
        (["batch"], False, ["mailto:platform@example.org"]),  # the owner's owner
        (["unknown"], False, ["mailto:platform@example.org"]),  # the top
        (
            ["payments", "batch", "platform"],
            True,
            ["mailto:pay@example.org", "https://chat.example.org/…", "mailto:platform@example.org"],
        ),
        ([], False, []),
    ],
)
def test_to_whom(connection: sqlite3.Connection, names: list[str], loud: bool, told: list[str]) -> None:
    assert sorted(notice.put(connection, OWNERS, names, NOTICE, loud=loud)) == sorted(told)
    assert connection.execute("SELECT COUNT(*) FROM outbox").fetchone() == (len(told),)


def test_nobody_where_nobody_has_a_contact(connection: sqlite3.Connection) -> None:
    assert notice.put(connection, {"a": Owner()}, ["a"], NOTICE) == ()


def test_it_is_delivered_as_every_letter(connection: sqlite3.Connection) -> None:
    notice.put(connection, OWNERS, ["payments"], NOTICE)
    (letter,) = outbox.claim(connection, 101.0, 60.0, frozenset(), 10)
    one = letter.notification
    assert (one.kind, one.status, one.incident, one.target) == ("notice", "firing", "i0", "owner:payments")
    assert len(one.subject) == 200
    assert one.subject.startswith("Look here x")
    assert alertmanager(one, "x")["alerts"] == []
