"""What automations do, ask and may, and how they are stopped, through the API."""

from __future__ import annotations

from typing import Any

import pytest

from gadfly.web.table.acts import ENDPOINTS

ACT = "/api/v1/act"


async def minted(ask: Any, token: str, name: str, *scopes: str) -> str:
    body = {"name": f"{name}-phone", "scopes": list(scopes), "person": name}
    made = await ask("POST", "/api/v1/tokens", token=token, body=body)
    return str(made.json()["token"])


async def test_the_board_shows_everything_at_once(ask: Any) -> None:
    told = (await ask("GET", ACT)).json()
    assert [one["id"] for one in told["approvals"]] == ["7", "8"]
    plan = told["approvals"][0]["plan"]
    assert (plan["count"], plan["shares"][0]) == (
        3,
        {"label": "group", "value": "workers", "count": 3, "of": 12},
    )
    assert told["automations"][0]["bound"] == pytest.approx(0.9296)
    assert {one["guard"]: one["denied"] for one in told["proofs"]} == {"targets": True, "freeze": False}
    assert told["stops"] == []


async def test_counts_of_the_picture_name_what_waits(ask: Any, token: str) -> None:
    alerts = (await ask("GET", "/api/v1/summary")).json()["alerts"]
    assert (alerts["approvals"], alerts["stops"], alerts["frozen"]) == (2, 0, 1)
    await ask("POST", f"{ACT}/stops", token=token)
    assert (await ask("GET", "/api/v1/summary")).json()["alerts"]["stops"] == 1


async def test_a_stop_needs_nothing_but_the_request(ask: Any, node: Any, token: str) -> None:
    made = await ask("POST", f"{ACT}/stops", token=token)
    assert made.status == 201
    assert made.json()["scope"] == "everything"
    assert node.acts.called == [("stop", "everything", "", "person:olga", "no reason given yet")]
    assert [one["id"] for one in (await ask("GET", ACT)).json()["stops"]] == [made.json()["id"]]


@pytest.mark.parametrize("scope", ["owner", "automation", "target"])
async def test_a_smaller_stop_names_what(ask: Any, node: Any, token: str, scope: str) -> None:
    body = {"scope": scope, "name": "payments", "reason": "it loops"}
    assert (await ask("POST", f"{ACT}/stops", token=token, body=body)).status == 201
    assert node.acts.called[-1] == ("stop", scope, "payments", "person:olga", "it loops")
    assert (await ask("POST", f"{ACT}/stops", token=token, body={"scope": scope})).status == 422


@pytest.mark.parametrize("body", [{"name": "payments"}, {"scope": "everyone"}, {"because": "x"}])
async def test_a_stop_that_is_not_clear_is_refused(
    ask: Any, node: Any, token: str, body: dict[str, Any]
) -> None:
    assert (await ask("POST", f"{ACT}/stops", token=token, body=body)).status == 422
    assert node.acts.called == []


async def test_who_may_acknowledge_may_stop_but_not_resume(ask: Any, node: Any, token: str) -> None:
    on_call = await minted(ask, token, "anna", "ack")
    made = await ask("POST", f"{ACT}/stops", token=on_call)
    assert made.status == 201
    path = f"{ACT}/stops/{made.json()['id']}/resume"
    refused = await ask("POST", path, token=on_call, body={"reason": "over"})
    assert refused.status == 403
    assert "'stop'" in refused.json()["detail"]
    stopper = await minted(ask, token, "bea", "stop")
    assert (await ask("POST", path, token=stopper)).status == 422
    assert (await ask("POST", path, token=stopper, body={"reason": "over"})).status == 204
    assert node.acts.called[-1] == ("resume", made.json()["id"], "person:bea", "over")
    assert (await ask("POST", path, token=stopper, body={"reason": "over"})).status == 404


async def test_approve_hands_on_who_and_which_plan(ask: Any, node: Any, token: str) -> None:
    approver = await minted(ask, token, "bea", "approve")
    path = f"{ACT}/approvals/7/approve"
    assert (await ask("POST", path, token=approver, body={"hash": "other"})).status == 409
    known = (await ask("GET", f"{ACT}/approvals")).json()["approvals"][0]["plan"]["hash"]
    done = await ask("POST", path, token=approver, body={"note": "go", "hash": known})
    assert (done.status, done.json()["state"], done.json()["by"]) == (200, "approved", "person:bea")
    assert node.acts.called == [("approved", "7", "person:bea", "go")]
    assert (await ask("POST", path, token=approver)).status == 404


async def test_nobody_approves_their_own(ask: Any, node: Any, token: str) -> None:
    anna = await minted(ask, token, "anna", "act", "approve")
    refused = await ask("POST", f"{ACT}/approvals/8/approve", token=anna)
    assert refused.status == 403
    assert "person:anna asked for this and cannot answer it" in refused.json()["detail"]
    assert node.acts.called == []


async def test_a_denial_says_why(ask: Any, node: Any, token: str) -> None:
    assert (await ask("POST", f"{ACT}/approvals/7/deny", token=token)).status == 422
    done = await ask("POST", f"{ACT}/approvals/7/deny", token=token, body={"reason": "not in the sale"})
    assert done.json()["state"] == "denied"
    waiting = (await ask("GET", f"{ACT}/approvals")).json()["approvals"]
    everything = (await ask("GET", f"{ACT}/approvals?state=all")).json()["approvals"]
    assert ([one["id"] for one in waiting], len(everything)) == (["8"], 2)
    assert (await ask("GET", f"{ACT}/approvals?state=old")).status == 422


async def test_a_plan_is_read_and_has_no_effect(ask: Any, node: Any) -> None:
    told = await ask("GET", f"{ACT}/automations/scale-search/plan?targets=a,b")
    assert (told.status, told.json()["count"]) == (200, 2)
    assert node.acts.asked == [("plan", "scale-search", ("a", "b"), "nobody")]
    assert (await ask("GET", f"{ACT}/automations/nonsense/plan")).status == 404
    many = ",".join("ab"[n % 2] for n in range(1001))
    assert (await ask("GET", f"{ACT}/automations/scale-search/plan?targets={many}")).status == 422


async def test_run_says_what_the_gate_said(ask: Any, node: Any, token: str) -> None:
    path, body = f"{ACT}/automations/scale-search/run", {"targets": ["a"], "reason": "ten in the morning"}
    done = await ask("POST", path, token=token, body=body)
    assert (done.status, done.json()["approval"]) == (202, "9")
    assert node.acts.called == [("run", "scale-search", ("a",), "person:olga", "ten in the morning")]
    node.acts.refusals = [{"guard": "freeze", "reason": "bea must end the freeze"}]
    refused = await ask("POST", path, token=token, body=body)
    assert refused.status == 409
    assert refused.headers["content-type"] == "application/problem+json"
    assert refused.json()["problems"] == ["freeze: bea must end the freeze"]


async def test_brakes_and_reviews_are_closed_with_words(ask: Any, node: Any, token: str) -> None:
    assert (await ask("POST", f"{ACT}/freezes/f1/release", token=token)).status == 422
    assert (
        await ask("POST", f"{ACT}/freezes/f1/release", token=token, body={"reason": "disk changed"})
    ).status == 204
    assert (await ask("POST", f"{ACT}/freezes/f2/release", token=token, body={"reason": "x"})).status == 404
    assert (await ask("POST", f"{ACT}/reviews/r1", token=token, body={"words": "was needed"})).status == 204
    assert node.acts.called == [
        ("release", "f1", "person:olga", "disk changed"),
        ("review", "r1", "person:olga", "was needed"),
    ]


async def test_break_glass_is_for_the_node_s_own_user_on_its_own_machine(
    ask: Any, node: Any, token: str
) -> None:
    body = {"reason": "the approver's phone is off"}
    for headers in ({"token": token}, {"token": token, "client": "192.0.2.7"}):
        refused = await ask("POST", f"{ACT}/breakglass", body=body, **headers)
        assert refused.status == 403
        assert "gadfly breakglass" in refused.json()["detail"]
    node.tokens.kept[0]["name"] = "local"
    assert (await ask("POST", f"{ACT}/breakglass", token=token, body=body, client="192.0.2.7")).status == 403
    made = await ask("POST", f"{ACT}/breakglass", token=token, body=body)
    assert (made.status, made.json()["who"]) == (201, "person:olga")
    too_long = await ask("POST", f"{ACT}/breakglass", token=token, body={**body, "lasts": 3601})
    assert too_long.status == 422
    assert node.acts.called == [("breakglass", "person:olga", "the approver's phone is off", 900.0)]


async def test_break_glass_is_given_back_where_it_was_taken(ask: Any, node: Any, token: str) -> None:
    assert (await ask("DELETE", f"{ACT}/breakglass", token=token)).status == 403
    node.tokens.kept[0]["name"] = "local"
    assert (await ask("DELETE", f"{ACT}/breakglass", token=token)).status == 204
    assert node.acts.called == [("give back", "person:olga")]


async def test_an_automation_is_raised_for_a_reason(ask: Any, node: Any, token: str) -> None:
    path = f"{ACT}/automations/restart-stuck-worker/raise"
    assert (await ask("POST", path, token=token)).status == 422
    assert (await ask("POST", path, token=token, body={"reason": "41 of 41"})).status == 204
    assert node.acts.called == [("raise", "restart-stuck-worker", "person:olga", "41 of 41")]


async def test_a_consent_is_withdrawn_with_a_reason(ask: Any, node: Any, token: str) -> None:
    path = f"{ACT}/consents/3/withdraw"
    assert (await ask("POST", path, token=token, body={})).status == 422
    assert (await ask("POST", path, token=token, body={"reason": "the contract ended"})).status == 204
    assert node.acts.called[-1] == ("withdraw", "3", "person:olga", "the contract ended")


async def test_an_owner_consents_for_a_time(ask: Any, node: Any, token: str) -> None:
    body = {"owner": "payments", "principal": "automation:x", "action": "systemd:restart"}
    assert (await ask("POST", f"{ACT}/consents", token=token, body=body)).status == 422
    made = await ask("POST", f"{ACT}/consents", token=token, body={**body, "lasts": 60})
    assert (made.status, made.json()["who"]) == (201, "person:olga")
    called = ("consent", "payments", "automation:x", "systemd:restart", "", 60.0, "person:olga")
    assert node.acts.called == [called]


async def test_reports_and_load(ask: Any, node: Any) -> None:
    told = (await ask("GET", f"{ACT}/report?owner=payments&days=1")).json()
    assert told["reports"][0]["woken"][0].startswith("anna was woken")
    assert node.acts.asked == [("report", "payments", 86400)]
    assert (await ask("GET", f"{ACT}/report?days=0")).status == 422
    assert (await ask("GET", f"{ACT}/load")).json()["load"][0]["words"].startswith("4 pages")
    assert (await ask("GET", f"{ACT}/grants")).json()["grants"][0]["effect"] == "permit"


@pytest.mark.parametrize("id", ["..%2f7", "7'", "x" * 41])
async def test_what_is_no_id_is_not_there(ask: Any, token: str, id: str) -> None:
    assert (await ask("POST", f"{ACT}/approvals/{id}/approve", token=token)).status == 404


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
async def test_another_site_s_page_cannot_press(ask: Any, node: Any, token: str, site: str) -> None:
    for one in ENDPOINTS:
        if one.method == "POST":
            path = one.path.replace("{id}", "7").replace("{name}", "scale-search")
            answer = await ask(one.method, path, token=token, headers={"sec-fetch-site": site}, body={})
            assert answer.status == 403
    assert node.acts.called == []


async def test_a_form_cannot_press(ask: Any, node: Any, token: str) -> None:
    """What a foreign form can send without asking first is no JSON."""
    headers = {"content-type": "text/plain"}
    answer = await ask("POST", f"{ACT}/stops", token=token, body=b'{"scope":"everything"}', headers=headers)
    assert answer.status == 415
    assert node.acts.called == []
