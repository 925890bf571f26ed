"""What the gate keeps, changed by another hand than the gate's, is a doubt at the next decision."""

from __future__ import annotations

import sqlite3
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from gadfly.act.approvals import approval, consenting
from gadfly.act.books import book
from gadfly.act.doubt.belief import NOT_YET, Belief
from gadfly.act.guard import GUARDS
from gadfly.act.halt import breakglass, freezing, stop_book
from gadfly.act.ladder import standing_book
from gadfly.act.proof import proving
from gadfly.act.proof.sound import sound
from gadfly.act.situation import Standing
from gadfly.clock import VirtualClock
from gadfly.config.owner import Owner
from gadfly.ledger.log import Log
from gadfly.ledger.personal import Mask
from gadfly.store.sqlite import Database

CLOCK = VirtualClock()
NOW = CLOCK.wall()
PLAN, SEEN = sound(NOW)
NAME = PLAN.owner
OWNERS = {NAME: Owner(contact=("mailto:a@example.org",), owner="top"), "top": Owner()}
MASK = Mask(bytes(32))
LOG = Log("gadfly/test/1", Ed25519PrivateKey.from_private_bytes(bytes(32)), MASK)
WAITS = msgspec.structs.replace(PLAN, asked_by="person:ben")
ANNA: dict[str, Any] = {"who": "person:anna", "now": NOW}
SAYS: dict[str, Any] = {**ANNA, "speaks_for": [NAME, "top"], "owners": OWNERS}


def lived(c: sqlite3.Connection) -> None:
    """Everything that the gate keeps, each made as it is made."""
    proving.record(c, LOG, proving.prove(NOW), NOW)
    for scope, name in (("target", "w9"), ("target", "w8"), ("owner", "others")):
        stop_book.put(c, LOG, scope=scope, name=name, because="", **ANNA)  # type: ignore[arg-type]
    stop_book.lift(c, LOG, 2, because="it is well", **SAYS)
    for name, ends in (("sale", None), ("move", NOW + 600), ("old", NOW + 600)):
        freezing.order(c, LOG, name, on='group = "x"', because="so", ends=ends, **ANNA)
    freezing.lift(c, LOG, 3, because="over", **ANNA)
    about = {"owner": NAME, "principal": "automation:x", "action": "systemd:restart", "lasts": 600.0}
    consenting.consent(c, LOG, **about, **SAYS)
    consenting.consent(c, LOG, **about, target="w1", **SAYS)
    consenting.withdraw(c, LOG, 2, because="no more", **SAYS)
    first = book.propose(c, LOG, WAITS, msgspec.structs.replace(SEEN, standing=Standing()))
    approval.approve(c, LOG, first.request or 0, note="yes", **SAYS)
    breakglass.take(
        c, LOG, because="nobody can be asked", lasts=600.0, owners=OWNERS, url="", node="n", **ANNA
    )
    c.execute("INSERT INTO standing VALUES ('x', 'approve', 0, 1, '', '', '')")
    failed = msgspec.structs.replace(PLAN, automation="x", principal="automation:x")
    for number in (1, 2):
        standing_book.record(c, LOG, failed, number, "failed", NOW)
    done = msgspec.structs.replace(PLAN, targets=PLAN.targets[:1])
    c.execute("UPDATE standing SET level = 'act' WHERE automation = ?", (NAME,))
    for plan, state in ((done, "verified"), (PLAN, "")):
        decision = book.propose(c, LOG, plan, SEEN, guards={"level": GUARDS["level"]})
        assert decision.intent is not None, decision.words
        if state:
            outcome = book.Outcome(state="verified", by="node", at=NOW)
            book.finish(c, LOG, decision.intent.id, outcome)
    c.execute("UPDATE standing SET level = 'approve' WHERE automation = ?", (NAME,))


@pytest.fixture
async def db(tmp_path: Path) -> AsyncIterator[Database]:
    made = Database(tmp_path / "gadfly.db")
    await made.write(lived)
    yield made
    made.close()


async def compared(db: Database) -> Belief:
    belief = Belief(db, CLOCK, MASK.subject)
    assert belief.words == NOT_YET
    assert belief.trouble == ""
    belief._whole = await db.read(belief._piece)
    await db.write(belief._compare)
    return belief


def by_hand(db: Database, sql: str) -> None:
    """As somebody would with a shell: another process, past the node."""
    other = sqlite3.connect(db.path, isolation_level=None, timeout=5.0)
    assert other.execute(sql).rowcount > 0
    other.close()


async def test_what_was_done_through_the_gate_agrees(db: Database) -> None:
    belief = await compared(db)
    assert belief.words == ""
    await db.write(lambda c: stop_book.put(c, LOG, scope="everything", name="", because="", **ANNA))
    assert await db.write(belief.look) == ""


@pytest.mark.parametrize(
    ("sql", "said"),
    [
        ("UPDATE stop SET lifted = 1 WHERE id = 1", "stop s1 was put and not lifted"),
        ("DELETE FROM stop WHERE id = 3", "stop s3 was put and not lifted"),
        ("UPDATE stop SET name = 'w7' WHERE id = 1", "stop s1 covers something else"),
        ("UPDATE stop SET lifted = NULL WHERE id = 2", "stop s2 is in force, and no entry"),
        ("UPDATE freeze SET lifted = 1 WHERE id = 1", "the freeze sale was ordered and not lifted"),
        ("UPDATE freeze SET ends = ends - 500 WHERE id = 2", "the freeze move was ordered"),
        ("UPDATE freeze SET selector = 'group = \"y\"' WHERE id = 2", "the freeze move was ordered"),
        ("UPDATE freeze SET lifted = NULL WHERE id = 3", "the freeze old is in force, and no entry"),
        ("UPDATE standing SET level = 'act' WHERE automation = 'x'", "x stands at act"),
        ("UPDATE standing SET frozen = '' WHERE automation = 'x'", "x is not frozen"),
        ("DELETE FROM standing WHERE automation = 'x'", "the record of x is gone"),
        ("INSERT INTO standing VALUES ('y', 'act', 0, 0, '', '', '')", "y stands at act"),
        ("UPDATE approval SET ends = ends + 3600", "approval 1 stands to be used"),
        ("UPDATE approval SET plan = 'another'", "approval 1 stands to be used"),
        ("UPDATE consent SET ends = ends + 9e6 WHERE id = 1", "consent 1 is in force"),
        ("UPDATE consent SET ends = ends + 9e6 WHERE id = 2", "consent 2 is in force"),
        ("UPDATE consent SET target = 'w5' WHERE id = 1", "consent 1 is in force"),
        ("DELETE FROM breakglass", "break-glass b1 owes a review"),
        ("UPDATE breakglass SET ends = ends + 9000", "break-glass b1 ends at another time"),
        ("UPDATE breakglass SET reviewed = 1", "break-glass b1 owes a review"),
        ("UPDATE proof SET at = at + 9000", "stands as proven, and no entry"),
        ("DELETE FROM intent WHERE id = 2", "intent 2 has no outcome, and the state"),
        ("UPDATE intent SET state = 'verified' WHERE id = 2", "intent 2 has no outcome, and the state"),
        ("DELETE FROM intent WHERE id = 1", "intent 1 is over, and the state"),
        ("UPDATE intent SET at = at - 3000 WHERE id = 1", "intent 1 is another"),
        ("UPDATE intent SET cost = -5 WHERE id = 1", "intent 1 is another"),
        ("DELETE FROM reservation WHERE intent = 2 AND target LIKE '%1'", "intent 2 is another"),
    ],
)
async def test_what_another_hand_changed_is_found_at_the_next_decision(
    db: Database, sql: str, said: str
) -> None:
    belief = await compared(db)
    by_hand(db, sql)
    words = await db.write(belief.look)
    assert said in words
    refusal = GUARDS["belief"](PLAN, msgspec.structs.replace(SEEN, doubt=words))
    assert refusal is not None
    assert said in refusal


async def test_what_is_put_back_is_believed_again(db: Database) -> None:
    belief = await compared(db)
    by_hand(db, "UPDATE stop SET lifted = 1 WHERE id = 1")
    assert await db.write(belief.look) != ""
    by_hand(db, "UPDATE stop SET lifted = NULL WHERE id = 1")
    assert await db.write(belief.look) == ""


async def test_where_nobody_else_wrote_nothing_is_compared(db: Database, monkeypatch: Any) -> None:
    belief = await compared(db)
    calls: list[int] = []
    monkeypatch.setattr(belief, "_compare", lambda connection: calls.append(1))
    await db.write(lambda c: c.execute("UPDATE stop SET because = 'x'"))
    await db.write(belief.look)
    assert calls == []


async def test_entries_that_were_taken_back_are_read_anew(db: Database) -> None:
    """What a transaction wrote that was not committed must not be remembered as said."""
    belief = await compared(db)

    def lost(connection: sqlite3.Connection) -> None:
        stop_book.put(connection, LOG, scope="everything", name="", because="", **ANNA)
        belief._compare(connection)
        raise ValueError

    with pytest.raises(ValueError):
        await db.write(lost)
    await db.write(belief._compare)
    assert belief.words == NOT_YET
    belief._whole = await db.read(belief._piece)
    await db.write(belief._compare)
    assert belief.words == ""
