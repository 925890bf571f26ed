"""What came to each owner is counted by weeks, from what the store keeps; and what is heavy is told."""

from __future__ import annotations

import asyncio
import sqlite3
from pathlib import Path

import msgspec

from gadfly.act.mail import notice
from gadfly.act.owner_load import load_watch
from gadfly.act.owner_load.load import WEEKS, State
from gadfly.act.owner_load.load_book import coming, pages
from gadfly.act.owner_load.load_watch import LoadWatch
from gadfly.alert import outbox
from gadfly.alert.escalate import chain
from gadfly.alert.notification import Notification
from gadfly.alert.outbox import Letter
from gadfly.clock import VirtualClock
from gadfly.config import Config
from gadfly.config.alerting import Receiver
from gadfly.config.owner import Load, Owner
from gadfly.ledger.entry import Entry
from gadfly.ledger.log import Log
from gadfly.rate import WEEK
from gadfly.store.sqlite import Database

NOON = 1_795_435_200.0  # a Monday at 12 o'clock UTC
NIGHT = NOON - 10 * 3600
CONFIG = Config(
    owner={
        "a": Owner(contact=("mailto:a@b",), owner="top", load=Load(pages="3 a week")),
        "r": Owner(contact=("receiver:chat",), owner="top"),
        "top": Owner(contact=("mailto:top@b",)),
    },
    receiver={"chat": Receiver(email="x@b")},
)


def page(connection: sqlite3.Connection, owner: str, at: float, kind: str = "firing", step: int = 0) -> None:
    to = chain(CONFIG.owner, owner)[step]
    number = connection.execute("SELECT COUNT(*) FROM outbox").fetchone()[0] + 1
    letter = Notification(
        key=str(number),
        kind=kind,
        status="firing",
        incident="i1",
        sequence=1,
        target=f"owner:{owner}",
        at=at,
        opened=at,
        subject=f"{owner} {number}",
        text="",
        cause="",
        items=(),
        total=1,
        url="",
        node="",
    )
    outbox.put(connection, [Letter(contact=to.contact, label=to.label, notification=letter)], at)


def test_pages_are_those_that_call_somebody(connection: sqlite3.Connection) -> None:
    for kind in ("firing", "update", "reminder", "escalation", "resolved", "acknowledged"):
        page(connection, "a", NOON, kind)
    note = notice.Notice(subject="s", text="t", at=NOON, url="", node="")
    notice.put(connection, CONFIG.owner, ["a"], note)
    assert coming(connection, CONFIG, NOON + 1)["a"]["pages"] == [0, 0, 0, 3]


def test_they_count_for_who_was_called(connection: sqlite3.Connection) -> None:
    page(connection, "a", NOON)
    page(connection, "a", NOON, "escalation", step=1)  # the owner's owner is called
    page(connection, "r", NOON)  # a receiver is nobody's own: whom the letter was meant for
    found = coming(connection, CONFIG, NOON + 1)
    assert {owner: counts["pages"][-1] for owner, counts in found.items()} == {"a": 1, "r": 1, "top": 1}
    assert [(one.owner, one.to, one.incident) for one in pages(connection, 0.0, NOON)] == [
        ("a", "mailto:a@b", "i1"),
        ("top", "mailto:top@b", "i1"),
        ("r", "receiver:chat", "i1"),
    ]


def test_weeks_and_nights(connection: sqlite3.Connection) -> None:
    for weeks in range(WEEKS + 2):
        page(connection, "a", NOON - weeks * WEEK)
    page(connection, "a", NIGHT)
    found = coming(connection, CONFIG, NOON + 1)["a"]
    assert found["pages"] == [1, 1, 1, 2]
    assert found["night"] == [0, 0, 0, 1]


def test_approvals_and_questions(connection: sqlite3.Connection, log: Log) -> None:
    for at in (NOON, NOON - WEEK, NOON - 10 * WEEK):
        connection.execute(
            "INSERT INTO request (plan, body, principal, automation, owner, asked_by, lacks, at, ends)"
            " VALUES ('', '', '', '', 'a', '', '', ?, ?)",
            (at, at + 60),
        )
        log.append(connection, [Entry(kind="question", who="node", about=("owner:a",), at=at)])
        log.append(connection, [Entry(kind="answer", who="node", about=("owner:a",), at=at)])
    found = coming(connection, CONFIG, NOON + 1)["a"]
    assert found["approvals"] == found["questions"] == [0, 0, 1, 1]


async def test_what_is_heavy_is_told_to_the_owner_and_the_one_above(tmp_path: Path) -> None:
    db = Database(tmp_path / "gadfly.db")
    clock = VirtualClock(NOON)
    watch = LoadWatch(db, clock, lambda: CONFIG, url="http://north/", node="north")
    assert await watch.look() == 0

    def work(connection: sqlite3.Connection) -> None:
        for _ in range(4):
            page(connection, "a", NOON - 60)

    await db.write(work)
    (first, *_) = await watch.loads()
    assert (first.owner, first.state) == ("a", State.over)
    running = asyncio.create_task(watch.run())
    await clock.advance(load_watch.FIRST)
    for _ in range(5):
        await asyncio.sleep(0.02)
        await clock.advance(load_watch.DAY)
    await asyncio.sleep(0.02)
    running.cancel()

    def letters(connection: sqlite3.Connection) -> list[tuple[str, str]]:
        rows = connection.execute("SELECT label, body FROM outbox WHERE kind = 'notice' ORDER BY id")
        return [(label, msgspec.json.decode(body)["subject"]) for label, body in rows]

    assert await db.read(letters) == [
        ("mailto:a@b", "The load of a is too much"),
        ("mailto:top@b", "The load of a is too much"),
    ]
    db.close()
