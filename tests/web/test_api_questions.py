"""Questions over HTTP: who may read and answer, and what is said where an answer cannot be taken."""

from __future__ import annotations

from typing import Any

import pytest

URL = "/api/v1/questions"
REASON = "The checkout sale needs it loud until spring."


@pytest.mark.parametrize(
    ("query", "ids"),
    [
        ("", [f"q{n}" for n in range(1, 10)]),
        ("owner=search", ["q2", "q5"]),
        ("kind=stop-button-cold", ["q2"]),
        ("state=accepted", ["q6"]),
        ("subject=disk-03", ["q3"]),
        ("owner=payments&state=open&limit=2", ["q1", "q3"]),
    ],
    ids=["all", "owner", "kind", "state", "subject", "limit"],
)
async def test_what_was_asked(ask: Any, query: str, ids: list[str]) -> None:
    told = (await ask("GET", f"{URL}?{query}")).json()
    assert [one["id"] for one in told["questions"]] == ids
    assert told["owners"] == ["payments", "search"]


async def test_one_with_its_evidence(ask: Any) -> None:
    told = (await ask("GET", f"{URL}/q3")).json()
    assert len(told["evidence"]["rows"]) == 14
    assert told["evidence"]["sha256"] == "ab" * 32
    assert told["history"][0]["words"] == "payments was asked q3"


async def test_a_review(ask: Any) -> None:
    told = (await ask("GET", f"{URL}/review?owner=payments&days=30")).json()
    found = {key: [one["id"] for one in told[key]] for key in ("open", "accepted", "learnt", "closed")}
    assert found == {
        "open": ["q1", "q3", "q4"],
        "accepted": ["q6"],
        "learnt": ["q7"],
        "closed": ["q8", "q9"],
    }
    assert told["at"] - told["since"] == pytest.approx(30 * 86_400, abs=60)


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("?state=answered", 422),
        ("?limit=0", 422),
        ("?limit=1001", 422),
        ("?owners=a", 422),
        ("/review", 422),
        ("/review?owner=a&days=0", 422),
        ("/review?owner=a&days=367", 422),
        ("/q99", 404),
        ("/q-1", 404),
        ("/q1%2fx", 404),
        (f"/{'9' * 30}", 404),
    ],
    ids=str,
)
async def test_what_is_asked_wrongly(ask: Any, path: str, status: int) -> None:
    assert (await ask("GET", URL + path)).status == status


async def test_an_answer_is_its_persons(ask: Any, node: Any, token: str) -> None:
    given = {"answer": "accept", "reason": REASON, "until": "2027-03-31", "took": 41}
    told = await ask("POST", f"{URL}/q1/answer", token=token, body=given)
    assert (told.status, told.json()["state"]) == (200, "accepted")
    assert told.json()["then"]
    ((id, taken, who),) = node.questioning.answered
    assert (id, taken.reason, taken.until, taken.took, who) == ("q1", REASON, "2027-03-31", 41, "person:olga")
    again = await ask("POST", f"{URL}/q1/answer", token=token, body=given)
    assert again.status == 409


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"answer": "accept", "reason": "ok"}, "reason"),
        ({"answer": "accept", "reason": REASON}, "until"),
        ({"answer": "wrong"}, "reason"),
    ],
    ids=["short", "no-day", "no-what"],
)
async def test_the_field_with_the_mistake_is_named(
    ask: Any, node: Any, token: str, given: dict[str, Any], field: str
) -> None:
    told = await ask("POST", f"{URL}/q1/answer", token=token, body=given)
    assert (told.status, told.json()["field"]) == (422, field)
    assert told.headers["content-type"] == "application/problem+json"
    assert told.json()["detail"].endswith(".")
    assert node.questioning.answered == []


@pytest.mark.parametrize(
    "given",
    [{}, {"answer": "maybe"}, {"answer": "change", "wants": 1}, {"answer": "change", "change": "x" * 2001}],
    ids=["nothing", "another", "unknown-key", "too-long"],
)
async def test_what_is_no_answer(ask: Any, token: str, given: dict[str, Any]) -> None:
    assert (await ask("POST", f"{URL}/q1/answer", token=token, body=given)).status == 422


@pytest.mark.parametrize(
    ("scopes", "person", "status"),
    [
        (["ack"], "anna", 200),
        (["approve"], "anna", 200),
        (["approve:payments"], "anna", 200),
        (["approve:search"], "anna", 403),
        (["read"], "anna", 403),
        (["ingest"], "anna", 403),
        (["ack"], "", 403),
        (["admin"], "", 403),
    ],
    ids=["ack", "approve", "own", "other", "read", "ingest", "program", "admin-program"],
)
async def test_who_may_answer(ask: Any, node: Any, scopes: list[str], person: str, status: int) -> None:
    node.tokens.kept.append(node.tokens._one(7, "t", scopes, "gadfly_another-token", person))
    told = await ask(
        "POST", f"{URL}/q1/answer", token="gadfly_another-token", body={"answer": "change", "change": "abc"}
    )
    assert told.status == status, told.body
    assert len(node.questioning.answered) == (status == 200)


async def test_nobody_answers_without_a_token(ask: Any) -> None:
    assert (await ask("POST", f"{URL}/q1/answer", body={"answer": "change"})).status == 401
