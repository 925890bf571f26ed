"""A drill goes the way of a real failure, and leaves nothing in the store that it copied."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from typing import Any

import pytest

from gadfly import catalogue
from gadfly.alert.notification import alertmanager
from gadfly.alert.outbox import Letter
from gadfly.alert.reported import Reported
from gadfly.ask.drill.mark import marked
from gadfly.ask.drill.shadow import Shadow
from gadfly.monitor.change import Change
from gadfly.monitor.subject import Subject
from gadfly.monitor.verdict import Verdict
from gadfly.store.schema import migrate

NOW = 1_800_000_000.0  # a Friday, 08:00 UTC
DB, SHOP = Subject(name="db", owner="ops"), Subject(name="shop", owner="ops", needs=("db",))
CONFIG = """
[owner.ops]
contact = ["mailto:a@example.org", "mailto:b@example.org"]
after = "10m"
owner = "head"
hours = "Mon-Thu 08:00-17:00"
[owner.head]
contact = ["mailto:c@example.org"]
[[route]]
match = { team = "slow" }
wait = "2m"
"""


@pytest.fixture
def store() -> Iterator[sqlite3.Connection]:
    connection = sqlite3.connect(":memory:", isolation_level=None)
    migrate(connection)
    yield connection
    connection.close()


def shadow(store: sqlite3.Connection, more: str = "") -> Shadow:
    known = {one.name: one for one in (DB, SHOP)}
    return Shadow(store, catalogue.loads(CONFIG + more, "test"), "here", known.get, NOW)


def rule(**labels: str) -> Reported:
    return Reported(
        labels={"alertname": "A", "drill": "1", **labels}, annotations={"summary": "s"}, starts=NOW
    )


def change(subject: Subject, after: Verdict = Verdict.down) -> Change:
    return Change(
        at=NOW,
        component=subject.name,
        slot=-1,
        before=Verdict.healthy,
        after=after,
        reason="r",
        subject=subject,
    )


def told(one: Shadow, seconds: float) -> list[tuple[str, str]]:
    """Kinds and contacts of the letters within so long."""
    found: list[Letter] = one.letters()
    while (step := one.wait()) is not None and step <= seconds:
        one.tick(max(step, 0.001))
        seconds -= max(step, 0.001)
        found += one.letters()
    return [(letter.notification.kind, letter.label) for letter in found]


def test_a_component_is_told_and_escalated(store: sqlite3.Connection) -> None:
    one = shadow(store)
    one.change(change(SHOP))
    outlook = one.outlook()
    assert outlook is not None
    assert outlook.targets == ("owner:ops",)
    assert [len(own) for own in one.steps(outlook.targets).values()] == [3]
    assert [kind for kind, _ in told(one, 3000.0)] == ["firing", "escalation", "escalation"]
    rows = [
        store.execute(f"SELECT COUNT(*) FROM {name}").fetchone()[0] for name in ("alert", "outbox", "flip")
    ]
    assert rows == [0, 0, 0]
    one.close()


def test_a_route_waits(store: sqlite3.Connection) -> None:
    one = shadow(store)
    one.report(rule(owner="ops", team="slow"))
    assert one.letters() == []
    assert one.wait() == pytest.approx(120.0, abs=0.01)


def test_what_can_wait_waits_for_the_hours(store: sqlite3.Connection) -> None:
    one = shadow(store)
    one.report(rule(owner="ops", severity="warning"))
    assert told(one, 3600.0) == []


def test_a_verdict_that_is_not_told_is_no_alert(store: sqlite3.Connection) -> None:
    one = shadow(store)
    one.change(change(SHOP, Verdict.undeclared))
    assert one.outlook() is None


def test_a_silence_is_named(store: sqlite3.Connection) -> None:
    store.execute(
        "INSERT INTO silence (matchers, starts, ends, reason, who) VALUES (?, ?, ?, 'why', 'anna')",
        ('{"alertname":"A"}', NOW - 1, NOW + 3600),
    )
    one = shadow(store)
    one.report(rule(owner="ops"))
    outlook = one.outlook()
    assert outlook is not None
    assert (outlook.silence, outlook.muted) == (1, "silenced by anna: why")
    assert told(one, 60.0) == []


def test_what_lies_above_and_is_down_inhibits_but_shares_no_incident(store: sqlite3.Connection) -> None:
    first = shadow(store)
    first.change(change(DB))
    real = first._store  # as a store in which the database really is down
    one = shadow(real)
    one.change(change(SHOP))
    outlook = one.outlook()
    assert outlook is not None
    assert outlook.muted == "inhibited: db is down"
    assert told(one, 60.0) == []


def test_what_fires_already_is_drilled_all_the_same(store: sqlite3.Connection) -> None:
    first = shadow(store)
    first.change(change(SHOP))
    one = shadow(first._store)
    one.change(change(SHOP))
    ((letter),) = one.letters()
    assert letter.notification.total == 1


def test_every_part_of_a_letter_is_marked(store: sqlite3.Connection) -> None:
    one = shadow(store)
    one.report(rule(owner="ops"))
    (letter,) = one.letters()
    fresh = marked(letter.notification, "drill7", "This is fire drill drill7 of rule A, by anna.")
    body: dict[str, Any] = alertmanager(fresh, "x")
    assert body["drill"] is True
    assert body["incident"] == "drill7"
    for text in (body["title"], body["text"], body["groupLabels"]["cause"]):
        assert text.startswith("[DRILL] ")
    assert "gadfly ack drill7" in body["text"]
    assert "gadfly ack i" not in body["text"]
    assert body["alerts"][0]["annotations"]["summary"] == "[DRILL] s"
    assert "drill" not in alertmanager(letter.notification, "x")
    assert fresh.key != letter.notification.key
    assert marked(fresh, "drill7", "Again.").subject == fresh.subject
