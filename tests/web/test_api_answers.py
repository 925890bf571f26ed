"""What each endpoint answers when all is well."""

from __future__ import annotations

import gzip
import json
import struct
from typing import Any
from urllib.parse import quote

import numpy as np
import pytest


async def test_summary_is_one_glance(ask: Any, node: Any) -> None:
    told = (await ask("GET", "/api/v1/summary")).json()
    assert told["node"] == "north"
    assert told["total"] == 400
    assert sum(told["counts"].values()) == 400
    assert next(iter(told["counts"])) == "down"
    assert told["alerts"]["incidents"] == 3
    assert told["version"] == node.picture.version
    assert told["ready"] is True


async def test_grid_is_one_byte_a_slot(ask: Any, node: Any) -> None:
    answer = await ask("GET", "/api/v1/grid")
    assert answer.body == node.picture.verdicts[:400].tobytes()
    assert answer.headers["gadfly-version"] == str(node.picture.version)


async def test_grid_is_compressed_where_asked(ask: Any, node: Any) -> None:
    answer = await ask("GET", "/api/v1/grid", headers={"accept-encoding": "gzip"})
    assert answer.headers["content-encoding"] == "gzip"
    assert gzip.decompress(answer.body) == node.picture.verdicts[:400].tobytes()


async def test_grid_is_not_sent_again_until_it_changes(ask: Any, node: Any) -> None:
    tag = (await ask("GET", "/api/v1/grid")).headers["etag"]
    same = await ask("GET", "/api/v1/grid", headers={"if-none-match": tag})
    assert (same.status, same.body) == (304, b"")
    node.breathe()
    assert (await ask("GET", "/api/v1/grid", headers={"if-none-match": tag})).status == 200


async def test_order_puts_slots_together(ask: Any, node: Any) -> None:
    body = (await ask("GET", "/api/v1/grid/order?by=group")).body
    (length,) = struct.unpack_from("<I", body)
    head = json.loads(body[4 : 4 + length])
    slots = np.frombuffer(body[4 + length :], "<u4")
    assert length % 4 == 0
    assert sum(count for _, count in head["labels"]) == 400
    assert sorted(slots.tolist()) == list(range(400))
    assert head["labels"][0][0] == "api"


@pytest.mark.parametrize(
    ("query", "check"),
    [
        ("verdict=down,degraded", lambda row: row["verdict"] in ("down", "degraded")),
        ("q=AUTH", lambda row: "auth" in row["name"]),
        ("owner=team-db", lambda row: row["owner"] == "team-db"),
        ("group=edge", lambda row: row["group"] == "edge"),
        ("host=node-0003", lambda row: row["host"] == "node-0003"),
        ("kind=job", lambda row: row["kind"] == "job"),
    ],
)
async def test_list_is_filtered(ask: Any, query: str, check: Any) -> None:
    told = (await ask("GET", f"/api/v1/components?{query}")).json()
    assert 0 < told["total"] < 400
    assert told["components"]
    assert all(check(row) for row in told["components"])


async def test_list_is_paged(ask: Any) -> None:
    first = (await ask("GET", "/api/v1/components?limit=10&order=name")).json()
    second = (await ask("GET", "/api/v1/components?limit=10&offset=10&order=name")).json()
    assert first["total"] == second["total"] == 400
    assert not {row["name"] for row in first["components"]} & {row["name"] for row in second["components"]}


async def test_one_component_by_name_and_by_slot(ask: Any) -> None:
    by_name = (await ask("GET", "/api/v1/components/api-00003")).json()
    assert by_name == (await ask("GET", "/api/v1/slots/3")).json()
    assert by_name["slot"] == 3


@pytest.mark.parametrize("name", ["a/b/story", "..", "<img src=x onerror=alert(1)>", "ünï/çode", "a?b&c=d"])
async def test_story_by_any_name(ask: Any, node: Any, name: str) -> None:
    node.picture.rename(5, name)
    told = await ask("GET", f"/api/v1/story?name={quote(name, safe='')}")
    assert told.status == 200
    assert told.json()["name"] == name
    assert (await ask("GET", f"/api/v1/components/{quote(name)}/story")).json()["name"] == name


async def test_story_hides_what_would_let_one_send(ask: Any, node: Any) -> None:
    node.picture.set([1], [0], 0.0)
    answer = await ask("GET", "/api/v1/components/api-00001/story")
    assert b"s3cret" not in answer.body
    assert answer.json()["notices"][1]["to"] == "https://chat.example.org/…"
    assert answer.json()["owners"][0]["contact"] == ["mailto:pay@example.org", "https://chat.example.org/…"]
    assert answer.json()["owners"][1]["contact"] == ["exec:/usr/local/bin/page"]


@pytest.mark.parametrize("path", ["config", "incidents", "outbox", "alerts?state=all", "silences", "summary"])
async def test_no_secret_is_given(ask: Any, path: str, token: str) -> None:
    answer = await ask("GET", f"/api/v1/{path}", token=token)
    assert answer.status == 200
    assert b"s3cret" not in answer.body


async def test_alerts_are_acknowledged_by_name(ask: Any, token: str, node: Any) -> None:
    done = await ask("POST", "/api/v1/incidents/i1/ack", token=token, body={"note": "at it"})
    assert done.status == 200
    assert done.json()["who"] == "this machine"
    told = (await ask("GET", "/api/v1/incidents")).json()["incidents"][0]
    assert (told["acknowledged"], told["note"]) == ("this machine", "at it")


async def test_a_silence_begins_and_ends(ask: Any, token: str) -> None:
    body = {"match": {"host": "node-0007"}, "reason": "new disk", "lasts": 600}
    made = await ask("POST", "/api/v1/silences", token=token, body=body)
    assert made.status == 201
    assert made.json()["ends"] - made.json()["starts"] == pytest.approx(600, abs=5)
    assert len((await ask("GET", "/api/v1/silences")).json()["silences"]) == 1
    assert (await ask("DELETE", f"/api/v1/silences/{made.json()['id']}", token=token)).status == 204
    assert (await ask("GET", "/api/v1/silences")).json()["silences"] == []


async def test_a_dead_letter_is_tried_again(ask: Any, token: str) -> None:
    letter = (await ask("GET", "/api/v1/outbox")).json()["dead_letters"][0]
    assert letter["to"] == "https://chat.example.org/…"
    assert (await ask("POST", f"/api/v1/outbox/{letter['id']}/retry", token=token)).status == 202
    assert (await ask("GET", "/api/v1/outbox")).json()["dead_letters"] == []


async def test_a_component_is_asked_now(ask: Any, token: str, node: Any) -> None:
    answer = await ask("POST", "/api/v1/probe/api-00002", token=token)
    assert (answer.status, answer.json()["probes"]) == (202, 2)
    assert node.done == [("ask", "api-00002")]
    assert (await ask("POST", "/api/v1/probe/api-00003", token=token)).status == 409


async def test_a_component_is_forgotten(ask: Any, token: str, node: Any) -> None:
    assert (await ask("DELETE", "/api/v1/components/api-00002", token=token)).status == 204
    assert node.done == [("forget", "api-00002", "this machine")]
    assert (await ask("DELETE", "/api/v1/components/nobody", token=token)).status == 404


async def test_the_configuration_is_read_again(ask: Any, token: str, node: Any) -> None:
    assert (await ask("POST", "/api/v1/reload", token=token)).json() == {
        "changes": ["component.checkout: added"]
    }
    node.bad_configuration = True
    refused = await ask("POST", "/api/v1/reload", token=token)
    assert refused.status == 422
    assert refused.json()["problems"][0] == "gadfly.toml:3: node.listne: unknown key"


async def test_metrics_and_health(ask: Any, node: Any) -> None:
    assert (await ask("GET", "/metrics")).body.startswith(b"# TYPE gadfly_components")
    for path in ("/livez", "/readyz", "/healthz"):
        answer = await ask("GET", path)
        assert (answer.status, answer.json()["status"]) == (200, "pass")
        assert answer.headers["content-type"] == "application/health+json"
    node.problems = ["the ear does not answer"]
    answer = await ask("GET", "/readyz")
    assert (answer.status, answer.json()) == (503, {"status": "fail", "output": "the ear does not answer"})
    assert (await ask("GET", "/livez")).status == 200


async def test_head_is_understood(ask: Any) -> None:
    assert (await ask("HEAD", "/api/v1/summary")).status == 200


async def test_large_answers_are_compressed(ask: Any) -> None:
    answer = await ask("GET", "/api/v1/components", headers={"accept-encoding": "gzip"})
    assert answer.headers["content-encoding"] == "gzip"
    assert json.loads(gzip.decompress(answer.body))["total"] == 400
