"""What a node records, seals, serves and says of its ledger."""

from __future__ import annotations

import asyncio
import json
import sqlite3
import urllib.error
import urllib.request
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from gadfly.errors import LedgerError, Refused
from gadfly.ledger import anchor, receipt
from gadfly.ledger import checkpoint as checkpoints
from gadfly.ledger.audit import audit
from gadfly.ledger.log import read
from gadfly.ledger.tiles import unbundle

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from tests.node.conftest import Place

    from gadfly.app import Node

    Until = Callable[..., Awaitable[Any]]

pytestmark = pytest.mark.slow

MISSING = """
[component.shop]
owner = "ops"
probe.tcp = { address = "127.0.0.1:1", every = "200ms", retries = 0 }
"""


async def entries(node: Node) -> list[dict[str, Any]]:
    found = await node.db.read(lambda one: read(one, 0, 100_000))
    return [
        {"kind": one.kind, "who": one.who, "about": one.about, "event": one.body.get("event"), **one.body}
        for _, one, _ in found
    ]


def get(node: Node, path: str) -> tuple[int, bytes, dict[str, str]]:
    try:
        with urllib.request.urlopen(node.server.url.rstrip("/") + path) as answer:
            return answer.status, answer.read(), dict(answer.headers)
    except urllib.error.HTTPError as error:
        return error.code, error.read(), dict(error.headers)


async def asked(node: Node, path: str) -> tuple[int, bytes, dict[str, str]]:
    return await asyncio.to_thread(get, node, path)


async def test_a_life_of_a_node_is_in_its_ledger(place: Place, until: Until) -> None:
    place.write(MISSING)
    async with place.node() as node:
        await until(place.notifications)
        await node.engine.acknowledge("shop", "local", "on it")
        silence = await node.engine.add_silence(
            {"component": "shop"}, node.clock.wall() + 60, "because", "local"
        )
        await node.engine.end_silence(silence.id, "local")
        token = await node.access.add("deploy", ["ack"], None, b"d" * 32, "local")
        await node.access.remove(token.id, "local")
        place.write("")
        await node.reload("person:olga")
        told = [f"{one['kind']} {one['event'] or ''}".strip() for one in await entries(node)]
        key = node.recorder.log.verifier
    for one in (
        "node started",
        "flip",
        "alert opened",
        "notification sent",
        "acknowledgement",
        "silence added",
        "silence ended",
        "token made",
        "token ended",
        "configuration read again",
    ):
        assert one in told, told
    connection = sqlite3.connect(place.folder / "state" / "gadfly.db")
    report = audit(connection, key)
    assert report.clean, report.problems
    # The stop is sealed with its own commit.
    assert report.covered == report.entries
    last = read(connection, report.entries - 1, report.entries)
    assert [(one.kind, one.body) for _, one, _ in last] == [("node", {"event": "stopped"})]
    connection.close()


async def test_nothing_new_is_nothing_written(node: Node, until: Until) -> None:
    await until(lambda: node.recorder.newest and not node.recorder.log.fresh)
    await until(lambda: node.components.slot("nobody") is None)

    def state(one: sqlite3.Connection) -> tuple[int, int]:
        (count,) = one.execute("SELECT count(*) FROM ledger_entry").fetchone()
        (heads,) = one.execute("SELECT count(*) FROM ledger_checkpoint").fetchone()
        return count, heads

    await asyncio.sleep(2.5)  # the host's first beat may still come
    before = await node.db.read(state)
    await asyncio.sleep(2.5)
    assert await node.db.read(state) == before


async def test_every_message_carries_a_checkpoint_that_covers_what_it_tells(
    place: Place, until: Until
) -> None:
    place.write(MISSING)
    async with place.node() as node:
        (told,) = await until(place.notifications)
        key = node.recorder.log.verifier
        head = checkpoints.verify(told["ledger"]["checkpoint"], key)
        assert (told["ledger"]["size"], told["ledger"]["root"]) == (head.size, head.root.hex())
        assert f"Ledger: {head.size} entries, root {head.root.hex()[:16]}" in told["text"]
        covered = (await entries(node))[: head.size]
        assert any(one["kind"] == "alert" and one["event"] == "opened" for one in covered)


async def test_the_tree_is_served_for_any_verifier(node: Node, until: Until) -> None:
    for number in range(260):
        await node.engine.add_silence({"component": f"c{number}"}, node.clock.wall() + 60, "because", "local")
    head = await node.recorder.seal()
    assert head is not None
    status, body, headers = await asked(node, "/ledger/checkpoint")
    assert (status, headers["content-type"]) == (200, "text/plain; charset=utf-8")
    served = checkpoints.verify(body.decode(), node.recorder.log.verifier)
    status, tile, headers = await asked(node, "/ledger/tile/0/000")
    assert (status, len(tile), headers["content-type"]) == (200, 8192, "application/octet-stream")
    assert headers["cache-control"] == "public, max-age=31536000, immutable"
    rest = served.size % 256
    status, bundle, headers = await asked(node, f"/ledger/tile/entries/001.p/{rest}")
    assert (status, len(unbundle(bundle))) == (200, rest)
    assert headers["cache-control"].startswith("public")
    assert (await asked(node, "/ledger/tile/1/000.p/1"))[0] == 200
    for path in ("0/0", "0/000.p/0", "0/000.p/256", "8/000", "0/009", "x", "entries/009", "0/001.p/255"):
        assert (await asked(node, f"/ledger/tile/{path}"))[0] == 404, path


async def test_an_entry_is_found_by_its_subject_kind_and_principal(node: Node) -> None:
    engine, ends = node.engine, node.clock.wall() + 60
    for number in range(3):
        await engine.add_silence({"component": f"c{number}"}, ends, "because", "deploy")
    made = await engine.add_silence({"component": "c1"}, ends, "again", "boss")

    async def found(query: str) -> list[dict[str, Any]]:
        status, body, _ = await asked(node, f"/api/v1/ledger?{query}")
        assert status == 200, body
        return list(json.loads(body)["entries"])

    assert [one["body"]["reason"] for one in await found("about=component:c1")] == ["again", "because"]
    assert [one["body"]["silence"] for one in await found("who=program:boss")] == [str(made.id)]
    assert len(await found("kind=silence&limit=2")) == 2
    first, *others = [one["index"] for one in await found("kind=silence")]
    assert len(others) == 3
    assert [one["index"] for one in await found(f"kind=silence&before={first}")] == others
    assert await found("kind=silence&about=component:c1&who=program:nobody") == []
    for query in ("kind=x", "limit=0", "limit=1001", "before=-1", "colour=red"):
        assert (await asked(node, f"/api/v1/ledger?{query}"))[0] == 422, query


async def test_the_story_of_a_component_has_the_bursts_it_was_in(node: Node) -> None:
    from gadfly.monitor.change import Change
    from gadfly.monitor.subject import Subject
    from gadfly.monitor.verdict import Verdict

    changes = [
        Change(
            at=node.clock.wall(),
            component=f"c{number:03d}",
            slot=0,
            before=Verdict.healthy,
            after=Verdict.left,
            reason="said goodbye",
            subject=Subject(name=f"c{number:03d}"),
        )
        for number in range(200)
    ]
    await node.engine.take(changes)
    _, body, _ = await asked(node, "/api/v1/ledger?about=component:c150")
    (entry,) = json.loads(body)["entries"]
    assert entry["body"]["count"] == 200
    assert entry["sentence"].startswith("200 components (c000, c001, ")
    _, body, _ = await asked(node, f"/api/v1/ledger/{entry['index']}")
    assert json.loads(body)["components"] == [f"c{number:03d}" for number in range(200)]


async def test_a_receipt_holds_offline(node: Node) -> None:
    await node.recorder.seal()
    status, text, headers = await asked(node, "/api/v1/ledger/0/receipt")
    assert status == 200
    assert headers["content-disposition"] == 'attachment; filename="entry-0.tlog-proof"'
    proven = receipt.verify(text.decode(), node.recorder.log.verifier)
    assert (proven.entry.kind, proven.entry.body["event"]) == ("node", "started")
    for path in ("9999", "-1", "x", "1" * 30):
        assert (await asked(node, f"/api/v1/ledger/{path}"))[0] == 404
        assert (await asked(node, f"/api/v1/ledger/{path}/receipt"))[0] == 404


async def test_addresses_and_secrets_stand_nowhere_in_it(place: Place) -> None:
    async with place.node() as node:
        place.write(
            """
            [owner.anna]
            contact = ["mailto:anna@example.org", "https://hooks.example.org/T0/secret"]
            [receiver.pager]
            webhook = "https://hooks.example.org/T1/hidden?key=hidden"
            headers = { Authorization = "env:TOP" }
            """
        )
        await node.reload("person:olga")
        await node.access.add("bob@example.org", ["ack"], None, b"secret-digest-of-32-bytes-length", "local")
        (changed,) = [one for one in await entries(node) if one["kind"] == "configuration"]
    assert changed["changes"] == 2
    assert any(line == "owner anna added" for line in changed["lines"])
    text = json.dumps(changed)
    whole = b"".join(path.read_bytes() for path in (place.folder / "state").glob("gadfly.db*"))
    bodies = [
        row[0]
        for row in sqlite3.connect(place.folder / "state/gadfly.db").execute("SELECT body FROM ledger_entry")
    ]
    assert whole
    for word in ("anna@example.org", "bob@example.org", "secret", "hidden", "Bearer"):
        assert word not in text
        assert not any(word.encode() in body for body in bodies), word


async def test_a_database_from_an_older_copy_is_known_at_the_start(place: Place, until: Until) -> None:
    state = place.folder / "state"
    async with place.node() as node:
        pass
    older = (state / "gadfly.db").read_bytes()
    async with place.node() as node:
        await node.engine.add_silence({"component": "x"}, node.clock.wall() + 60, "because", "local")
    (state / "gadfly.db").write_bytes(older)
    async with place.node() as node:
        assert "The ledger was cut" in node.recorder.trouble
        status, body, _ = await asked(node, "/readyz")
        assert status == 503
        assert b"The ledger was cut" in body
        with pytest.raises(LedgerError, match="ledger was cut"):
            await node.engine.add_silence({"component": "x"}, node.clock.wall() + 60, "because", "local")
        # People are told of what happens all the same.
        place.write(MISSING)
        with pytest.raises(LedgerError):
            await node.reload()
    place.write(MISSING)
    async with place.node() as node:
        (told,) = await until(place.notifications)
        assert told["status"] == "firing"
    (state / anchor.NAME).unlink()
    async with place.node() as node:
        assert node.recorder.trouble == ""
        assert await node.engine.add_silence({"component": "x"}, node.clock.wall() + 60, "because", "local")


async def test_another_key_does_not_sign_this_ledger(place: Place) -> None:
    async with place.node():
        pass
    (place.folder / "state" / "ledger.key").unlink()
    (place.folder / "state" / anchor.NAME).unlink()
    async with place.node() as node:
        assert "another key" in node.recorder.trouble
        with pytest.raises(LedgerError):
            await node.reload()


async def test_who_forgets_and_asks_is_recorded(place: Place, until: Until) -> None:
    place.write(MISSING)
    async with place.node() as node:
        from gadfly.face import Face

        face = Face(node)
        await face.ask_now("shop", "deploy")
        used = [one for one in await entries(node) if one["kind"] == "token"]
        assert [(one["who"], one["did"], one["about"]) for one in used] == [
            ("program:deploy", "probe", ("component:shop",))
        ]
        with pytest.raises(Refused):
            await face.forget("shop", "deploy")
        await until(lambda: node.engine.counts()["firing"])
        place.write("")
        await face.reload("deploy")
        (last,) = [one for one in await entries(node) if one["kind"] == "configuration"]
        assert (last["who"], last["lines"]) == ("program:deploy", ["component shop removed"])
        assert "component:shop" in last["about"]


def test_the_key_is_its_owners_alone(tmp_path: Path) -> None:
    from gadfly.ledger.key import identity

    identity(tmp_path, "north")
    assert {oct(path.stat().st_mode & 0o777) for path in tmp_path.iterdir()} == {"0o600"}
