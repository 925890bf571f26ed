"""Fire drills on a running node: through the rule, the routes, the outbox and a real receiver."""

from __future__ import annotations

import asyncio
import contextlib
import json
import socket
import sqlite3
import time
import types
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from aiosmtpd.controller import Controller

from gadfly import drilling
from gadfly.app import Node
from gadfly.drilling_course import course
from gadfly.errors import LimitError, Refused
from gadfly.face import Face

pytestmark = pytest.mark.slow
Until = Callable[..., Awaitable[Any]]
MORE = """
            after = "15m"
            owner = "head"
            [owner.head]
            contact = ["receiver:file"]
            [owner.nobody]
            [component.shop]
            owner = "ops"
            [rule.shop-errors]
            when = 'rate(errors_total{component="shop"}[5m]) > 0.1'
            for = "5m"
            owner = "ops"
            because = "people cannot buy"
            labels = { component = "shop" }
            summary = "shop fails"
            [rule.never]
            when = "vector(0) > 1"
            owner = "ops"
            because = "it never can"
            [automation.revive]
            owner = "ops"
            purpose = "A worker that died is started again."
            on = 'alert for 1s, group = "workers"'
            run = "command /bin/false {component}"
            limits = { at_once = 1, group = "100%", fleet = "100%", per_hour = 6, tries_per_target = 3 }
            expect = "component restarted within 20s"
            undo = "command /bin/true {component}"
            level = "observe"
            expires = 2032-06-30
            review = 2031-06-30
"""


@pytest.fixture(autouse=True)
def _as_often_as_one_likes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(drilling, "APART", 0.0)


async def drilled(node: Node, until: Until, target: str, kind: str = "", **how: Any) -> dict[str, Any]:
    begun = await node.drilling.begin(target, kind, "person:anna", **{"shortened": True, **how})

    async def ended() -> dict[str, Any] | None:
        one = await node.drilling.drill(begun.name)
        return one if one["state"] != "running" else None

    return await until(ended, 60.0)  # type: ignore[no-any-return]


async def test_what_is_told_and_what_is_not(
    place: Any, until: Until, monkeypatch: pytest.MonkeyPatch
) -> None:
    place.write(MORE)
    async with place.node() as node:
        face = Face(node)
        one = await drilled(node, until, "shop-errors")
        assert one["state"] == "told", one
        assert one["letters"][0]["what"] == "firing"
        assert one["letters"][0]["state"] == "taken"
        assert one["steps"][0].skipped
        assert 300 <= one["steps"][0].seconds <= 420
        # What was told is told to be over, as the same group and the same alert.
        told, over = await until(lambda: len(place.notifications()) == 2 and place.notifications(), 30.0)
        assert [one["status"] for one in (told, over)] == ["firing", "resolved"]
        assert over["drill"] is True
        assert over["groupKey"] == told["groupKey"]
        assert "/drill1/" in told["groupKey"]
        assert told["incident"] == told["groupLabels"]["incident"] == over["incident"] == "drill1"
        assert over["alerts"][0]["fingerprint"] == told["alerts"][0]["fingerprint"]
        assert over["alerts"][0]["status"] == "resolved"
        assert over["alerts"][0]["endsAt"] > told["alerts"][0]["startsAt"]
        assert over["title"].startswith("[DRILL] over: shop-errors")
        assert over["idempotencyKey"] != told["idempotencyKey"]
        assert told["drill"] is True
        assert told["title"].startswith("[DRILL] ")
        assert told["text"].startswith("[DRILL] This is fire drill drill1 of rule shop-errors")
        assert "gadfly ack drill1" in told["text"]
        assert told["alerts"][0]["labels"]["drill"] == "1"
        assert told["alerts"][0]["annotations"]["summary"] == "[DRILL] shop fails"

        # Nothing of it stays.
        assert await node.engine.incidents() == []
        assert await node.engine.alerts("all") == []
        rows = await node.db.read(
            lambda c: [
                c.execute(f"SELECT COUNT(*) FROM {t}").fetchone()[0] for t in ("alert", "incident", "thread")
            ]
        )
        assert rows == [0, 0, 0]

        # The ledger says in which drill somebody was told.
        async def both() -> list[str]:
            entries = (await face.ledger.entries("", "", "", None, 20)).entries
            said = [entry["sentence"] for entry in entries if entry["kind"] == "notification"]
            return said if len(said) == 2 else []

        said = await until(both, 30.0)
        assert all("in the fire drill drill1: “[DRILL] " in one and "i0" not in one for one in said)

        # The alert of a component that is called so goes first.
        with monkeypatch.context() as patch:
            alert = types.SimpleNamespace(component="drill1")

            async def alerts(state: str) -> list[Any]:
                return [alert]

            patch.setattr(node, "subject", lambda name: alert)
            patch.setattr(node.engine, "alerts", alerts)
            assert await node.drilling.acknowledge("drill1", "local") is None
        assert (await node.drilling.drill("drill1"))["acknowledged"] is None

        # The ordinary acknowledgement.
        taken: Any = await face.acknowledge("drill1", "local", "")
        assert taken["id"] == "drill1"
        assert (await node.drilling.drill("drill1"))["acknowledged"] is not None
        with pytest.raises(Refused):
            await face.acknowledge("drill1", "local", "")

        # A silence that would hush it is the finding.
        await node.engine.add_silence({"alertname": "shop-errors"}, time.time() + 3600, "holidays", "anna")
        hushed = await drilled(node, until, "shop-errors")
        assert hushed["state"] == "not told"
        assert "silence 1" in hushed["missed"][0].words
        assert "holidays" in hushed["missed"][0].words
        assert len(place.notifications()) == 2

        # What cannot fire cannot be drilled.
        never = await drilled(node, until, "never")
        assert (never["state"], never["missed"][0].why) == ("not run", "not run")

        # A component's verdict, and the chain to its end.
        check = await drilled(node, until, "shop", escalate=True)
        assert check["state"] == "told"
        assert [letter["what"] for letter in check["letters"]] == ["firing"]  # both owners have one contact
        with pytest.raises(Refused):
            await node.drilling.begin("no such thing", "", "person:anna")
        with pytest.raises(Refused):
            await face.acknowledge("drill9", "local", "")
        with pytest.raises(Refused):
            await face.acknowledge("drill\N{SUPERSCRIPT ONE}", "local", "")


async def test_an_automation_is_stopped_and_the_guards_deny(place: Any, until: Until) -> None:
    place.write(MORE)
    async with place.node() as node:
        await until(lambda: node.acting.board.own.until is not None, 30.0)
        one = await drilled(node, until, "revive")
        assert one["state"] == "told", one
        assert one["took"] < 30
        assert "guards denied" in one["steps"][-1].what
        await until(lambda: not node.acting.board.stops, 30.0)
        facts = await node.db.read(lambda c: c.execute("SELECT scope, lifted FROM stop").fetchall())
        assert [(scope, lifted is not None) for scope, lifted in facts] == [("target", True)]
        assert place.notifications() == []
        # What the gate keeps and what the ledger says of it are one.
        assert await node.db.write(node.acting.belief.look) == ""


async def test_an_owner_has_one_drill_a_minute(
    place: Any, until: Until, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(drilling, "APART", 60.0)
    other = time.strftime("%a", time.gmtime(time.time() + 3 * 86_400))
    place.write(f'hours = "{other} 08:00-09:00"' + MORE)
    async with place.node() as node:
        # One that came to nothing at once has told nobody.
        for _ in range(2):
            assert (await drilled(node, until, "never"))["state"] == "not run"
        kept = await drilled(node, until, "ops")
        assert kept["missed"][0].why == "hours"
        assert kept["state"] == "not told"
        with pytest.raises(LimitError, match="one a minute"):
            await node.drilling.begin("ops", "", "person:anna")
        assert place.notifications() == []


class Box:
    """A mail server's: b@example.org is not there."""

    def __init__(self) -> None:
        self.got: list[tuple[list[str], str]] = []

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:
        if address == "b@example.org":
            return "550 nobody of this name"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        self.got.append((envelope.rcpt_tos, envelope.content.decode()))
        return "250 OK"


async def test_by_mail_along_the_chain_and_taken_on_in_time(place: Any, until: Until) -> None:
    box = Box()
    server = Controller(box, hostname="127.0.0.1", port=free_port())
    server.start()
    try:
        place.write(
            f"""
            [mail]
            server = "127.0.0.1:{server.port}"
            tls = "none"
            [owner.shop]
            contact = ["mailto:a@example.org", "mailto:b@example.org"]
            [rule.shop-slow]
            when = "latency_seconds > 1"
            for = "1s"
            every = "1s"
            owner = "shop"
            because = "people wait"
            """
        )
        async with place.node() as node:
            chain = await drilled(node, until, "shop", escalate=True)
            assert [one["state"] for one in chain["letters"]] == ["taken", "refused"]
            assert [one["due"] for one in chain["letters"]] == pytest.approx([0.0, 900.0], abs=1.0)
            assert "550" in chain["missed"][0].words
            ended = await node.db.read(
                lambda c: "".join(row[0].decode() for row in c.execute("SELECT body FROM ledger_entry"))
            )
            assert "550" in ended
            assert "b@example.org" not in ended
            assert await node.engine.dead_letters() == []
            ((to, mail),) = box.got  # and none that it is over: nothing stays open in a mailbox
            assert to == ["a@example.org"]
            assert "Subject: [DRILL] " in mail

            begun = await node.drilling.begin("shop-slow", "", "person:anna", wait=60.0)
            await until(lambda: len(box.got) == 2, 30.0)
            await Face(node).acknowledge(begun.name, "local", "")

            async def ended() -> bool:
                one = await node.drilling.drill(begun.name)
                return bool(one["state"] != "running")

            await until(ended, 30.0)
            one = await node.drilling.drill(begun.name)
            assert (one["state"], one["missed"]) == ("told", ())
            assert one["acknowledged"] >= 1.0  # `for` was waited for
            assert not one["steps"][0].skipped
    finally:
        server.stop()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


async def test_who_does_not_take_it_gets_nothing_later(
    place: Any, until: Until, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(course, "PATIENCE", 1.0)
    port = free_port()
    place.write(f"""
            [owner.shop]
            contact = ["http://127.0.0.1:{port}/"]
            after = "15m"
            owner = "ops"
    """)
    async with place.node() as node:
        # In earnest the next contact is told a quarter of an hour later; this letter is not tried until then.
        begun = await node.drilling.begin("shop", "", "person:anna", escalate=True)

        async def lies(there: bool) -> bool:
            rows = await node.db.read(lambda c: c.execute("SELECT kind FROM outbox").fetchall())
            return bool(rows) is there

        await until(lambda: lies(True), 30.0)
        await until(lambda: lies(False), 30.0)
        assert (await node.drilling.drill(begun.name))["state"] == "running"
        await Face(node).acknowledge(begun.name, "local", "")

        async def ended() -> bool:
            return bool((await node.drilling.drill(begun.name))["state"] != "running")

        await until(ended, 30.0)
        assert [one["state"] for one in (await node.drilling.drill(begun.name))["letters"]] == ["unanswered"]
        one = await drilled(node, until, "shop")
        assert one["state"] == "not told"
        assert one["letters"][0]["state"] == "unanswered"
        assert "did not take it within 1 s" in one["missed"][0].words
        rows = await node.db.read(lambda c: c.execute("SELECT state FROM outbox").fetchall())
        assert rows == []
        assert node.courier.dead == 0


async def test_what_a_process_left_that_was_killed_goes_to_nobody(place: Any, until: Until) -> None:
    port = free_port()
    place.write(
        MORE
        + f"""
            [owner.shut]
            contact = ["http://127.0.0.1:{port}/"]
            [component.drill2]
    """
    )
    async with place.node() as node:
        assert (await drilled(node, until, "ops"))["state"] == "told"
        await until(lambda: len(place.notifications()) == 2, 30.0)
        begun = await node.drilling.begin("shut", "", "person:anna", shortened=True)
        assert begun.name == "drill3"  # a component is called drill2

        async def waits() -> bool:
            rows = await node.db.read(lambda c: c.execute("SELECT kind FROM outbox").fetchall())
            return bool(rows[2:] == [("drill",)])

        await until(waits, 30.0)
        name = "[DRILL] drill1 of revive"
        await node.acting.board.stop(
            node.recorder.log, scope="target", name=name, owner="ops", who="person:anna", because="[DRILL]"
        )
        left = await node.db.read(lambda c: c.execute("SELECT * FROM outbox ORDER BY id DESC").fetchall())
        drill = await node.db.read(lambda c: c.execute("SELECT body FROM drill WHERE id = 3").fetchone())
    # As a killed process leaves it: the letter waits, the drill runs, the stop holds.
    with contextlib.closing(sqlite3.connect(place.folder / "state" / "gadfly.db")) as there, there:
        assert there.execute("SELECT state FROM outbox").fetchall() == [("sent",), ("sent",)]  # in order
        there.execute(f"INSERT INTO outbox VALUES ({', '.join('?' * len(left[0]))})", tuple(left[0]))
        there.execute(
            "UPDATE outbox SET state = 'claimed', attempts = 1, error = '' WHERE id = ?", (left[0][0],)
        )
        there.execute("UPDATE drill SET state = 'running', body = ? WHERE id = 3", tuple(drill))
        # The other one's letter had been taken, which was not on record yet.
        there.execute(
            "UPDATE drill SET state = 'running', body = json_set(body, '$.state', 'running',"
            " '$.letters[0].state', 'waiting', '$.letters[0].after', NULL) WHERE id = 1"
        )
    async with place.node() as node:
        rows = await node.db.read(lambda c: c.execute("SELECT kind FROM outbox").fetchall())
        assert rows == [("drill",), *[("drill over",)] * 3]  # also to whom it was just on its way
        one = await node.drilling.drill(begun.name)
        assert (one["state"], "told is not known (The node was rest" in one["result"]) == ("not run", True)
        one = await node.drilling.drill("drill1")
        assert (one["state"], one["letters"][0]["state"]) == ("told", "taken")
        assert one["result"].endswith("(The node was restarted meanwhile)")
        over = await until(lambda: len(place.notifications()) == 3 and place.notifications()[-1], 30.0)
        assert (over["status"], "/drill1/" in over["groupKey"]) == ("resolved", True)
        assert not node.acting.board.stops
        assert await node.db.write(node.acting.belief.look) == ""


async def test_who_took_it_and_did_not_say_so_is_told_that_it_is_over(
    place: Any, until: Until, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(course, "PATIENCE", 1.0)
    told: list[dict[str, Any]] = []

    async def take(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).lower()
            length = int(head.partition(b"content-length:")[2].split(b"\r\n")[0])
            told.append(json.loads(await reader.readexactly(length)))
            await reader.read()  # until the node waits no longer
        finally:
            writer.close()

    server = await asyncio.start_server(take, "127.0.0.1", 0)
    place.write(
        f"""
            [receiver.slow]
            webhook = "http://127.0.0.1:{server.sockets[0].getsockname()[1]}/"
            timeout = "500ms"
            [owner.shop]
            contact = ["receiver:slow"]
        """
    )
    async with server, place.node() as node:
        one = await drilled(node, until, "shop")
        assert one["state"] == "not told"
        assert one["result"].startswith("whether anybody was told is not known")
        await until(lambda: told and told[-1]["status"] == "resolved", 30.0)
        assert told[0]["status"] == "firing"
        assert told[-1]["groupKey"] == told[0]["groupKey"]
