"""The ledger over HTTP: for verifiers as C2SP has it, for other ledgers, and for people."""

from __future__ import annotations

from typing import Any

import pytest

from gadfly.ledger import checkpoint as checkpoints
from gadfly.ledger import receipt
from gadfly.ledger.tiles import unbundle


async def test_checkpoint_and_tiles_are_as_c2sp_says(node: Any, ask: Any) -> None:
    answer = await ask("GET", "/ledger/checkpoint")
    assert answer.headers["content-type"] == "text/plain; charset=utf-8"
    assert answer.headers["cache-control"] == "no-cache"
    head = checkpoints.verify(answer.body.decode(), node.ledger.log.verifier)
    bundle = await ask("GET", f"/ledger/tile/entries/000.p/{head.size}")
    assert bundle.headers["content-type"] == "application/octet-stream"
    assert len(unbundle(bundle.body)) == head.size
    assert "immutable" in bundle.headers["cache-control"]
    tile = await ask("GET", f"/ledger/tile/0/000.p/{head.size}")
    assert len(tile.body) == 32 * head.size


@pytest.mark.parametrize(
    "path", ["0/000", "0/0", "64/000", "entries/x", "0/000.p/256", "../../etc/passwd", ""]
)
async def test_what_is_no_tile_is_not_there(ask: Any, path: str) -> None:
    answer = await ask("GET", f"/ledger/tile/{path}")
    assert answer.status == 404
    assert answer.headers["content-type"] == "application/problem+json"


async def test_a_full_tile_may_be_kept_for_ever(node: Any, ask: Any) -> None:
    for number in range(256):
        node.ledger.add("flip", (f"component:c{number}",), component=f"c{number}")
    answer = await ask("GET", "/ledger/tile/0/000")
    assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert len(answer.body) == 8192


async def test_entries_are_sentences_newest_first(ask: Any) -> None:
    answer = (await ask("GET", "/api/v1/ledger")).json()
    assert [one["index"] for one in answer["entries"]] == [2, 1, 0]
    assert answer["entries"][1]["sentence"] == "checkout went from healthy to down: its process ended."
    assert answer["before"] is None


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("about=component:checkout", [2, 1]),
        ("kind=flip", [1]),
        ("who=program:deploy", [2]),
        ("limit=1", [2]),
        ("before=2", [1, 0]),
        ("about=component:nobody", []),
    ],
)
async def test_entries_are_filtered(ask: Any, query: str, found: list[int]) -> None:
    answer = (await ask("GET", f"/api/v1/ledger?{query}")).json()
    assert [one["index"] for one in answer["entries"]] == found


@pytest.mark.parametrize("query", ["kind=x", "limit=0", "limit=1001", "before=-1", "before=x", "what=x"])
async def test_a_question_that_makes_no_sense_is_refused(ask: Any, query: str) -> None:
    assert (await ask("GET", f"/api/v1/ledger?{query}")).status == 422


async def test_an_entry_and_its_proof(node: Any, ask: Any) -> None:
    whole = (await ask("GET", "/api/v1/ledger/1")).json()
    assert whole["canonical"].startswith('{"about":["component:checkout","owner:payments"]')
    answer = await ask("GET", "/api/v1/ledger/1/receipt")
    assert answer.headers["content-disposition"] == 'attachment; filename="entry-1.tlog-proof"'
    assert receipt.verify(answer.body.decode(), node.ledger.log.verifier).index == 1
    for path in ("99", "x", "-1", "1" * 30):
        assert (await ask("GET", f"/api/v1/ledger/{path}")).status == 404
        assert (await ask("GET", f"/api/v1/ledger/{path}/receipt")).status == 404


async def test_the_witness_answers_in_its_protocol_and_without_a_token(ask: Any) -> None:
    answer = await ask("POST", "/ledger/witness/add-checkpoint", body=b"anything")
    assert (answer.status, answer.body) == (200, "— witness AAAA\n".encode())
    answer = await ask("POST", "/ledger/witness/add-checkpoint", body=b"old 0")
    assert (answer.status, answer.body) == (409, b"5\n")
    assert answer.headers["content-type"] == "text/x.tlog.size"
    answer = await ask("POST", "/ledger/witness/add-checkpoint", body=b"x" * 70_000)
    assert answer.status == 413


async def test_asking_the_witnesses_needs_a_token(node: Any, ask: Any, token: str, reader: str) -> None:
    assert (await ask("POST", "/api/v1/ledger/ask")).status == 401
    assert (await ask("POST", "/api/v1/ledger/ask", token=reader)).status == 403
    answer = await ask("POST", "/api/v1/ledger/ask", token=token)
    assert (answer.status, node.ledger.asked) == (200, 1)
    standing = (await ask("GET", "/api/v1/ledger/standing")).json()
    assert standing == answer.json()
    assert (standing["origin"], standing["size"]) == ("gadfly/north/00000001", 3)


async def test_reading_with_a_token_covers_the_ledger(make_node: Any, asker: Any, reader: str) -> None:
    from gadfly.config import Config
    from gadfly.config.node import Node as NodeConfig

    node = make_node(10)
    node.config = Config(node=NodeConfig(reading="token"))
    ask = asker(node)
    for path in (
        "/ledger/checkpoint",
        "/api/v1/ledger",
        "/api/v1/ledger/0/receipt",
        "/ledger/tile/0/000.p/3",
    ):
        assert (await ask("GET", path)).status == 401, path
        assert (await ask("GET", path, token=reader)).status == 200, path
