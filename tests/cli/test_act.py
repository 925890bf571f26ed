"""`gadfly act`: what is shown, what is sent, and what the exit codes say."""

from __future__ import annotations

import json
import re

import pytest
from told_acts import DAY, NOW, approval, automation, board, plan, stop

PROOF = {"guard": "freeze", "denied": True, "at": NOW, "due": NOW + DAY, "words": ""}
BRAKE = {
    "id": "f1",
    "what": "automation x",
    "why": "2 failures",
    "who": "node",
    "since": NOW,
    "ends": None,
    "automation": "",
    "releasable": True,
}
REVIEW = {"id": "r1", "what": "break-glass", "owner": "platform", "due": NOW - 60, "why": ""}
ODD = {"at": NOW - 30, "component": "billing", "effect": "restarted", "owner": ""}


@pytest.mark.parametrize(
    ("told", "code", "says"),
    [
        ({}, 0, "no automation is declared"),
        ({"automations": [automation()]}, 0, "41 of 41, ≥ 92 %"),
        ({"automations": [automation(runs=0, verified=0, bound=0.0)]}, 0, "no run yet"),
        ({"automations": [automation()]}, 0, "2/6 an hour, 8/25 % of group workers"),
        ({"automations": [automation(overdue=True)]}, 1, ", overdue"),
        ({"automations": [automation(state="frozen", level="suggest")]}, 0, "suggest, frozen"),
        ({"stops": [stop()]}, 2, "STOPPED s1: every automation, by person:anna since"),
        ({"stops": [stop(scope="owner", name="payments")]}, 1, "owner payments"),
        ({"approvals": [approval()]}, 1, "1 plan waits for an approval: gadfly act approvals"),
        ({"freezes": [BRAKE]}, 1, "until released: gadfly act release f1"),
        (
            {"freezes": [{**BRAKE, "releasable": False, "ends": NOW + 60}]},
            0,
            "frozen: automation x, 2 failures",
        ),
        ({"reviews": [REVIEW]}, 1, "review r1 (platform): break-glass, overdue"),
        ({"proofs": [PROOF]}, 0, "no automation"),
        ({"proofs": [{**PROOF, "denied": False}]}, 2, "guard freeze is not proven: it did not deny"),
        ({"proofs": [{**PROOF, "at": None, "denied": False}]}, 0, "guard freeze is not proven: never asked"),
        ({"unexplained": [ODD]}, 1, "unexplained: billing restarted, "),
    ],
)
def test_list(node, gadfly, told, code, says):
    node.gives("act", board(**told))
    got, out, _ = gadfly("act", "list")
    assert says in out
    assert got == code
    assert gadfly("act", "list", "--json")[0] == code


def test_show(node, gadfly):
    run = {
        "intent": "412",
        "at": NOW - 420,
        "who": "automation:restart-stuck-worker",
        "count": 1,
        "targets": ["w7"],
        "state": "verified",
        "words": "alive after 6 s",
        "approved": "person:bea",
        "measured_by": "node",
        "ended": NOW,
    }
    told = {
        "automation": automation(),
        "limits": [["an hour", "6"]],
        "expect": "component alive within 30s",
        "undo": "irreversible",
        "answers": ["payments", "platform"],
        "runs": [run],
        "approvals": [],
    }
    node.gives("act/automations/restart-stuck-worker", told)
    code, out, _ = gadfly("act", "show", "restart-stuck-worker")
    assert code == 0
    for words in (
        "It never recovers by itself.",
        "approve, declared act; its record allows act-small",
        "41 of 41, at least 92 % (95 %)",
        "payments → platform",
        "alive after 6 s, measured by node; asked by automation:restart-stuck-worker, approved by person:bea",
        "gadfly ledger tail --about automation:restart-stuck-worker",
    ):
        assert words in out


@pytest.mark.parametrize("refusals", [[], [{"guard": "freeze", "reason": "bea must end it"}]])
def test_plan_shows_what_would_happen_and_does_nothing(node, gadfly, refusals):
    node.gives("act/automations/x y/plan", plan(refusals=refusals, count=25))
    code, out, _ = gadfly("act", "plan", "x y", "w3", "w7")
    assert node.asked[-1][:2] == ("GET", "act/automations/x%20y/plan?targets=w3%2Cw7")
    for words in (
        "on 25 targets",
        "3 of 12 in group workers",
        "- systemctl restart orders-worker@w3, with env:KEY",
        "- and 22 more",
        "in stages: eu-north, then eu-west",
        "it cannot be undone",
    ):
        assert words in out
    assert code == len(refusals)
    assert ("freeze: bea must end it" in out) == bool(refusals)


def test_plan_that_lacks_only_a_yes_says_so(node, gadfly):
    lacks = [{"guard": "autonomy", "reason": "somebody must approve"}]
    node.gives("act/automations/x/plan", plan(refusals=lacks, waits=True))
    code, out, _ = gadfly("act", "plan", "x")
    assert (code, out.splitlines()[-1]) == (1, "it would wait for somebody's approval")


def test_run_says_whether_it_runs_or_waits(node, gadfly):
    path = "act/automations/x/run"
    node.gives(path, {"state": "allowed", "intent": "9", "approval": "", "plan": plan()}, method="POST")
    code, out, _ = gadfly("act", "run", "x", "w3", "--reason", "ten o'clock")
    assert node.asked[-1][2] == {"targets": ["w3"], "reason": "ten o'clock"}
    assert (code, "intent 9: it runs" in out) == (0, True)
    node.gives(path, {"state": "waiting", "intent": "", "approval": "8", "plan": plan()}, method="POST")
    code, out, _ = gadfly("act", "run", "x", "--reason", "r")
    assert (code, "by another than you: gadfly act approve 8" in out) == (1, True)


def test_run_refused_names_every_guard(node, gadfly):
    problem = {"detail": "The gate refused it.", "problems": ["freeze: bea must end it", "rate: wait 3 min"]}
    node.gives("act/automations/x/run", problem, method="POST", status=409)
    assert gadfly("act", "run", "x", "--reason", "r") == (
        2,
        "",
        "freeze: bea must end it\nrate: wait 3 min\n",
    )


def test_run_needs_a_reason(node, gadfly):
    assert gadfly("act", "run", "x")[0] == 3
    assert node.asked == []


def test_approvals(node, gadfly):
    node.gives(
        "act/approvals", {"version": 1, "approvals": [approval(), approval(id="8", state="denied", by="b")]}
    )
    code, out, _ = gadfly("act", "approvals", "--all")
    assert node.asked[-1][1] == "act/approvals?state=all"
    assert code == 1
    assert re.search(r"^7  restart-stuck-worker: ends in \d+ min$", out, re.MULTILINE)
    assert "asked by automation:restart-stuck-worker" in out
    assert "may answer: payments, then platform" in out
    assert "8  restart-stuck-worker: denied by b" in out
    node.gives("act/approvals", {"version": 1, "approvals": []})
    assert gadfly("act", "approvals")[:2] == (0, "nothing waits for an approval\n")


def test_approve_and_deny(node, gadfly):
    node.gives(
        "act/approvals/7/approve",
        approval(state="approved", by="person:bea", then="it runs as intent 9"),
        method="POST",
    )
    node.gives("act/approvals/7/deny", approval(state="denied", by="person:bea"), method="POST")
    out = gadfly("act", "approve", "7", "--note", "go")[1]
    assert out == "7: approved by person:bea: restart-stuck-worker on 3 targets\nit runs as intent 9\n"
    assert node.asked[-1][2] == {"note": "go"}
    assert gadfly("act", "deny", "7")[0] == 3
    assert "7: denied by person:bea" in gadfly("act", "deny", "7", "--reason", "no")[1]
    assert node.asked[-1][2] == {"reason": "no"}


def test_who_asked_is_refused_in_the_node_s_words(node, gadfly):
    words = "person:anna asked for this and cannot answer it: payments must."
    node.gives("act/approvals/7/approve", {"detail": words}, method="POST", status=403)
    assert gadfly("act", "approve", "7") == (3, "", f"gadfly: {words}\n")


def test_brakes_and_reviews(node, gadfly):
    node.gives("act/freezes/f1/release", None, method="POST", status=204)
    node.gives("act/reviews/r1", None, method="POST", status=204)
    assert gadfly("act", "release", "f1", "--reason", "disk changed")[1].startswith("f1: released")
    assert node.asked[-1][2] == {"reason": "disk changed"}
    assert gadfly("act", "review", "r1", "--found", "needed")[1] == "r1: closed\n"
    assert node.asked[-1][2] == {"words": "needed"}


def test_raise_and_consent(node, gadfly):
    node.gives("act/automations/x/raise", None, method="POST", status=204)
    assert gadfly("act", "raise", "x", "--reason", "41 of 41")[1].startswith("x: raised by one level")
    assert node.asked[-1][2] == {"reason": "41 of 41"}
    made = {"id": "1", "owner": "payments", "principal": "automation:x", "action": "systemd:restart"}
    node.gives("act/consents", {**made, "who": "person:bea", "target": "", "ends": NOW + 60}, method="POST")
    words = ("payments", "automation:x", "systemd:restart")
    assert gadfly("act", "consent", *words)[0] == 3, "a consent has an end"
    out = gadfly("act", "consent", *words, "--for", "30d")[1]
    assert out.startswith("automation:x may systemd:restart all that payments owns until")
    assert node.asked[-1][2]["lasts"] == 30 * DAY
    assert out.endswith("(consent 1)\n")
    node.gives("act/consents/1/withdraw", None, method="POST", status=204)
    assert gadfly("act", "withdraw", "1")[0] == 3, "it needs a reason"
    assert gadfly("act", "withdraw", "1", "--reason", "over")[1] == "consent 1 is withdrawn\n"
    assert node.asked[-1][2] == {"reason": "over"}


def test_grants(node, gadfly):
    one = {
        "name": "g",
        "effect": "permit",
        "to": "automation:x",
        "may": "systemd:restart *",
        "on": "",
        "owner": "payments",
        "until": NOW + 3 * DAY,
        "because": "declared",
        "source": "",
    }
    never = {**one, "effect": "forbid", "to": "program:*", "until": None}
    node.gives("act/grants", {"grants": [one, never]})
    out = gadfly("act", "grants")[1]
    assert "never systemd:restart *" in out
    assert "automation:x" in out
    assert json.loads(gadfly("act", "grants", "program:*", "--json")[1]) == {"grants": [never]}
    assert "nothing is allowed" in gadfly("act", "grants", "person:zoe")[1]


def test_load(node, gadfly):
    fine = {"what": "night", "used": 1, "budget": 2.0, "state": "fine"}
    one = {"owner": "platform", "lines": [fine], "share": 0.5, "state": "fine", "words": ""}
    over = {**one, "owner": "payments", "lines": [{**fine, "used": 4}], "share": 2.0, "state": "over"}
    node.gives("act/load", {"load": [{**over, "words": "4 pages at night"}, one]})
    code, out, _ = gadfly("act", "load")
    assert code == 1
    assert out.splitlines()[0].split() == ["owner", "at", "night", "load"]
    assert "4/2" in out
    assert "200%" in out
    assert "too much for payments: 4 pages at night" in out
    assert "too much for platform" not in out
    node.gives("act/load", {"load": [one]})
    assert gadfly("act", "load")[0] == 0
    node.gives("act/load", {"load": []})
    assert gadfly("act", "load")[1] == "no owner is declared\n"


def test_report(node, gadfly):
    line = {
        "automation": "x",
        "runs": 12,
        "verified": 11,
        "failed": 1,
        "refused": 0,
        "targets": 14,
        "cost": 0.0,
    }
    told = {
        "owner": "payments",
        "since": 0.0,
        "until": NOW,
        "lines": [{**line, "words": ""}],
        "woken": ["anna was"],
    }
    node.gives("act/report", {"reports": [told]})
    out = gadfly("act", "report", "payments", "--days", "30")[1]
    assert node.asked[-1][1] == "act/report?owner=payments&days=30.0"
    assert [line.split() for line in out.splitlines()[1:3]] == [
        ["automation", "runs", "targets", "verified", "failed", "refused"],
        ["x", "12", "14", "11", "1", "0"],
    ]
    assert "anna was" in out
    node.gives("act/report", {"reports": []})
    assert gadfly("act", "report")[1] == "nothing acted, and nobody was woken\n"


def test_what_comes_from_outside_cannot_steer_the_terminal(node, gadfly):
    bad = "x\x1b[2Jy"
    node.gives(
        "act", board(stops=[stop(because=bad, who=bad)], freezes=[{**BRAKE, "what": bad, "automation": ""}])
    )
    node.gives("act/approvals", {"version": 1, "approvals": [approval(why=bad, plan=plan(lines=[bad]))]})
    assert "\x1b" not in gadfly("act", "list")[1]
    assert "\x1b" not in gadfly("act", "approvals")[1]


def test_what_is_given_with_an_act(node, gadfly):
    path = "act/automations/restart-stuck-worker/run"
    node.gives(
        path, {"state": "allowed", "intent": "7", "approval": "", "plan": plan()}, method="POST", status=202
    )
    given = ("--parameter", "term=1 y", "--input", 'registry={"at": 7, "quorum": false}')
    gadfly(
        "act", "run", "restart-stuck-worker", *given, "--data", '{"size": 2, "before": 1, "limit": 9}',
        "--reason", "x",
    )  # fmt: skip
    sent = node.asked[-1][2]
    assert sent["parameters"] == {"term": "1 y"}
    assert sent["inputs"] == [{"at": 7, "quorum": False, "name": "registry"}]
    assert sent["data"] == {"size": 2, "before": 1, "limit": 9}
    for wrong in (("--parameter", "term"), ("--input", "registry={"), ("--data", "[]")):
        assert gadfly("act", "run", "restart-stuck-worker", *wrong, "--reason", "x")[0] == 3


def test_a_freeze_and_the_clock(node, gadfly):
    made = {"id": "w3", "what": "everything", "why": "sale", "who": "person:bea", "since": 1.0, "ends": None}
    node.gives("act/freezes", made, method="POST", status=201)
    node.gives("act/clock", None, method="POST", status=204)
    out = gadfly("act", "freeze", "sale", "--reason", "the sale")[1]
    assert out == "w3: everything is frozen until it is released\n"
    assert gadfly("act", "clock", "--reason", "ntp was wrong")[0] == 0
