"""Who may do what, and what becomes of those who guess."""

from __future__ import annotations

from typing import Any

import pytest

from gadfly.clock import VirtualClock
from gadfly.web import auth
from gadfly.web.answers.tokens import StoredToken
from gadfly.web.table import ENDPOINTS

WRITES = [
    ("POST", "/api/v1/alerts/a1/ack", "ack"),
    ("POST", "/api/v1/incidents/i1/ack", "ack"),
    ("POST", "/api/v1/silences", "silence"),
    ("DELETE", "/api/v1/silences/s1", "silence"),
    ("POST", "/api/v1/outbox/17/retry", "ack"),
    ("POST", "/api/v1/probe/api-00002", "probe"),
    ("DELETE", "/api/v1/components/api-00002", "admin"),
    ("POST", "/api/v1/reload", "reload"),
    ("POST", "/api/v1/act/automations/scale-search/run", "act"),
    ("POST", "/api/v1/act/automations/scale-search/plan", "act"),
    ("POST", "/api/v1/act/freezes", "stop"),
    ("POST", "/api/v1/act/clock", "admin"),
    ("POST", "/api/v1/act/approvals/7/approve", "approve"),
    ("POST", "/api/v1/act/approvals/7/deny", "approve"),
    ("POST", "/api/v1/act/stops", "stop"),
    ("POST", "/api/v1/act/stops/s1/resume", "stop"),
    ("POST", "/api/v1/act/freezes/f1/release", "approve"),
    ("POST", "/api/v1/act/reviews/r1", "approve"),
    ("POST", "/api/v1/act/automations/scale-search/raise", "approve"),
    ("POST", "/api/v1/act/consents", "approve"),
    ("POST", "/api/v1/act/consents/3/withdraw", "approve"),
    ("POST", "/api/v1/act/breakglass", "admin"),
    ("DELETE", "/api/v1/act/breakglass", "admin"),
    ("POST", "/api/v1/ledger/ask", "reload"),
    ("POST", "/api/v1/functions/tidy/deploy", "admin"),
    ("POST", "/api/v1/functions/tidy/invoke", "act"),
    ("POST", "/api/v1/invocations/7/replay", "act"),
    ("POST", "/api/v1/questions/q1/answer", "ack"),
    ("POST", "/api/v1/questions/now", "reload"),
    ("POST", "/api/v1/drills", "act"),
    ("DELETE", "/api/v1/facts/rota", "reload"),
    ("GET", "/api/v1/tokens", "tokens"),
    ("POST", "/api/v1/tokens", "tokens"),
    ("DELETE", "/api/v1/tokens/1", "tokens"),
]


@pytest.mark.parametrize(("method", "target", "scope"), WRITES)
async def test_no_write_without_its_scope(
    ask: Any, reader: str, method: str, target: str, scope: str
) -> None:
    nobody = await ask(method, target)
    assert nobody.status == 401
    assert nobody.headers["www-authenticate"] == f'Bearer scope="{scope}"'
    assert scope in nobody.json()["detail"]
    other = await ask(method, target, token=reader)
    assert other.status == 403
    assert other.headers["www-authenticate"] == f'Bearer error="insufficient_scope", scope="{scope}"'
    assert scope in other.json()["detail"]


def test_the_table_of_writes_is_complete() -> None:
    # What writes telemetry has its own test, as it needs no token from this machine.
    open_ = ("", "read", auth.INGEST)
    guarded = {(one.method, one.path.split("{")[0]) for one in ENDPOINTS if one.scope not in open_}
    tested = {(method, target) for method, target, _ in WRITES}
    assert all(any(m == method and t.startswith(path) for m, t in tested) for method, path in guarded)
    # These say by their own signature who sent them.
    free = {"/api/v1/beat", "/ledger/witness/add-checkpoint", "/fn/{name}", "/q/{link}"}
    open_to_all = {one.path for one in ENDPOINTS if one.method != "GET" and not one.scope}
    # Traces are not kept: whoever sends them is told so, and nothing is written.
    assert {path for path in open_to_all if not path.endswith("/v1/traces")} == free


@pytest.mark.parametrize("path", ["summary", "grid", "components", "incidents", "config", "stream"])
async def test_reading_may_need_a_token(make_node: Any, asker: Any, reader: str, path: str) -> None:
    ask = asker(make_node(400, reading="token"))
    assert (await ask("GET", f"/api/v1/{path}")).status == 401
    if path != "stream":
        assert (await ask("GET", f"/api/v1/{path}", token=reader)).status == 200


async def test_who_may_write_may_read_but_a_beating_one_may_not(
    make_node: Any, asker: Any, token: str
) -> None:
    ask = asker(make_node(400, reading="token"))
    for scopes, status in ((["ack"], 200), (["beat"], 403)):
        made = await ask("POST", "/api/v1/tokens", token=token, body={"name": "n", "scopes": scopes})
        assert (await ask("GET", "/api/v1/summary", token=made.json()["token"])).status == status


async def test_page_and_health_need_none(make_node: Any, asker: Any) -> None:
    ask = asker(make_node(400, reading="token"))
    for path in ("/", "/page/main.js", "/livez", "/readyz", "/openapi.json"):
        assert (await ask("GET", path)).status == 200


async def test_a_token_is_shown_once_and_kept_as_a_digest(ask: Any, node: Any, token: str) -> None:
    made = await ask(
        "POST", "/api/v1/tokens", token=token, body={"name": "deploy", "scopes": ["ack"], "lasts": 60}
    )
    assert made.status == 201
    secret = made.json()["token"]
    assert secret.startswith("gadfly_")
    assert len(secret) > 40
    listed = await ask("GET", "/api/v1/tokens", token=token)
    assert secret.encode() not in listed.body
    assert b"digest" not in listed.body
    assert node.tokens.kept[-1]["digest"] == auth.digest(secret)
    assert (await ask("GET", "/api/v1/whoami", token=secret)).json() == {
        "name": "deploy",
        "scopes": ["ack"],
        "principal": "program:deploy",
    }
    assert (await ask("DELETE", f"/api/v1/tokens/{made.json()['id']}", token=token)).status == 204
    assert (await ask("GET", "/api/v1/whoami", token=secret)).status == 401


async def test_a_token_gives_no_more_than_it_has(ask: Any, token: str) -> None:
    made = await ask(
        "POST", "/api/v1/tokens", token=token, body={"name": "minter", "scopes": ["tokens", "ack"]}
    )
    minter = made.json()["token"]
    body = {"name": "x", "scopes": ["admin"]}
    assert (await ask("POST", "/api/v1/tokens", token=minter, body=body)).status == 403
    body = {"name": "x", "scopes": ["ack"]}
    assert (await ask("POST", "/api/v1/tokens", token=minter, body=body)).status == 201


async def test_a_token_ends(make_node: Any, asker: Any, token: str) -> None:
    clock = VirtualClock()
    ask = asker(make_node(400, clock=clock))
    body = {"name": "x", "scopes": ["read"], "lasts": 60}
    secret = (await ask("POST", "/api/v1/tokens", token=token, body=body)).json()["token"]
    assert (await ask("GET", "/api/v1/whoami", token=secret)).status == 200
    await clock.advance(61)
    assert (await ask("GET", "/api/v1/whoami", token=secret)).status == 401


@pytest.mark.parametrize(
    "header", ["Bearer wrong", "Basic dXNlcjpwYXNz", "Bearer ", "Bearer " + "x" * 1000, "x"]
)
async def test_what_is_no_good_token(ask: Any, header: str) -> None:
    answer = await ask("GET", "/api/v1/summary", headers={"authorization": header})
    assert answer.status == 401
    assert "invalid_token" in answer.headers["www-authenticate"]


async def test_guessing_is_slowed_down_but_good_tokens_pass(make_node: Any, asker: Any, token: str) -> None:
    clock = VirtualClock()
    ask = asker(make_node(400, clock=clock))
    statuses = [(await ask("GET", "/api/v1/summary", token="bad")).status for _ in range(auth.FAILURES + 1)]
    assert statuses == [401] * auth.FAILURES + [429]
    refused = await ask("GET", "/api/v1/summary", token="bad")
    assert 0 < int(refused.headers["retry-after"]) <= 61
    assert (await ask("GET", "/api/v1/summary", token=token)).status == 200
    assert (await ask("GET", "/api/v1/summary", token="bad", client="127.0.0.2")).status == 401
    await clock.advance(auth.WINDOW)
    assert (await ask("GET", "/api/v1/summary", token="bad")).status == 401


def test_failures_are_bounded_in_addresses() -> None:
    failures = auth.Failures()
    for n in range(auth.ADDRESSES + 100):
        failures.add(f"10.0.{n // 256}.{n % 256}", 0.0)
    assert len(failures._seen) == auth.ADDRESSES


def test_every_stored_token_is_compared(monkeypatch: pytest.MonkeyPatch) -> None:
    """Time must not tell which token fits: no comparison is left out, and each is constant in time."""
    compared = []

    def compare(a: bytes, b: bytes) -> bool:
        compared.append(b)
        return a == b

    monkeypatch.setattr("gadfly.web.auth.hmac.compare_digest", compare)
    stored = [StoredToken(id=n, name=str(n), scopes=["read"], digest=auth.digest(f"t{n}")) for n in range(5)]
    found = auth.recognise("t0", stored, 0.0)
    assert found is not None
    assert found.name == "0"
    assert len(compared) == 5


async def test_a_token_says_whose_it_is(ask: Any, token: str) -> None:
    body = {"name": "phone", "scopes": ["approve"], "person": "anna"}
    made = await ask("POST", "/api/v1/tokens", token=token, body=body)
    assert (made.status, made.json()["person"]) == (201, "anna")
    told = (await ask("GET", "/api/v1/whoami", token=made.json()["token"])).json()
    assert told == {"name": "phone", "scopes": ["approve"], "principal": "person:anna"}
    assert (await ask("GET", "/api/v1/whoami")).json()["principal"] == "nobody"
    kept = (await ask("GET", "/api/v1/tokens", token=token)).json()["tokens"]
    assert {one["name"]: one.get("person", "") for one in kept}["phone"] == "anna"


async def test_a_program_makes_no_person(ask: Any, token: str) -> None:
    body = {"name": "bot", "scopes": ["tokens", "ack"]}
    bot = (await ask("POST", "/api/v1/tokens", token=token, body=body)).json()["token"]
    for person, status in (("anna", 403), ("", 201)):
        body = {"name": f"n{person}", "scopes": ["ack"], "person": person}
        assert (await ask("POST", "/api/v1/tokens", token=bot, body=body)).status == status
