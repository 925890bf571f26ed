"""The commands that list: nothing, something, and JSON for programs."""

from __future__ import annotations

import json
import time

import pytest

ALERT = {
    "id": "7",
    "component": "checkout",
    "verdict": "down",
    "reason": "its port refused",
    "state": "firing",
    "started": 1.0,
    "owner": "payments",
    "suppressed": "silenced by ann",
}
INCIDENT = {
    "id": "i1",
    "cause": "host db1 is down",
    "started": 1.0,
    "verdict": "down",
    "count": 1200,
    "owner": "ops",
}
LETTER = {
    "id": "3",
    "at": 1.0,
    "to": "https://hook.example.org/…",
    "subject": "checkout down",
    "attempts": 50,
}
TOKEN = {"id": 2, "name": "grafana", "scopes": ["read"], "created": 1.0, "expires": None}


@pytest.mark.parametrize(
    ("command", "path", "key", "one", "code", "nothing", "words"),
    [
        (
            ["alerts"],
            "alerts",
            "alerts",
            ALERT,
            2,
            "no alerts",
            ["checkout", "payments", "silenced by ann", "refused"],
        ),
        (
            ["incidents"],
            "incidents",
            "incidents",
            INCIDENT,
            2,
            "no open incidents",
            ["1,200", "host db1 is down"],
        ),
        (
            ["outbox"],
            "outbox",
            "dead_letters",
            LETTER,
            1,
            "no dead letters",
            ["hook.example.org", "50", "checkout down"],
        ),
        (["token", "list"], "tokens", "tokens", TOKEN, 0, "no tokens", ["grafana", "read", "never"]),
    ],
)
def test_lists(node, gadfly, command, path, key, one, code, nothing, words):
    node.gives(path, {key: []})
    assert gadfly(*command) == (0, nothing + "\n", "")
    node.gives(path, {key: [one]})
    found, out, _ = gadfly(*command)
    assert found == code
    for word in words:
        assert word in out
    found, out, _ = gadfly(*command, "--json")
    assert (found, json.loads(out)) == (code, {key: [one]})


def test_a_resolved_alert_is_no_reason_for_alarm(node, gadfly):
    node.gives("alerts", {"alerts": [{**ALERT, "state": "resolved"}]})
    code, out, _ = gadfly("alerts", "--state", "all")
    assert code == 0
    assert "resolved" in out
    assert node.asked[0][1] == "alerts?state=all&limit=10000"


@pytest.mark.parametrize(
    ("count", "options", "rows", "words"),
    [
        (500, [], 500, ""),
        (502, [], 500, "2 more; see `gadfly alerts --limit 10000`"),
        (502, ["--limit", "502"], 502, ""),
        (10_000, [], 500, "at least 9,500 more"),
        (10_000, ["--limit", "10000"], 10_000, "there may be more than these 10,000"),
    ],
)
def test_alerts_that_are_not_listed_are_counted(node, gadfly, count, options, rows, words):
    milder = {**ALERT, "verdict": "degraded"}
    node.gives("alerts", {"alerts": [*[milder] * (count - 1), ALERT]})
    code, out, _ = gadfly("alerts", *options)
    assert code == 2  # of the last one, listed or not
    assert out.count("checkout") == rows
    assert words in out
    assert (" more" in out) == bool(words)


def test_json_that_may_lack_some_says_so_beside_it(node, gadfly):
    node.gives("alerts", {"alerts": [ALERT] * 10_000})
    _, out, err = gadfly("alerts", "--json")
    assert len(json.loads(out)["alerts"]) == 10_000
    assert "there may be more" in err


def test_retry_takes_one_or_all(node, gadfly):
    node.gives("outbox", {"dead_letters": [LETTER, {**LETTER, "id": "4"}]})
    for id in "34":
        node.gives(f"outbox/{id}/retry", None, method="POST", status=202)
    assert gadfly("outbox", "retry", "4")[0] == 0
    assert gadfly("outbox", "retry", "--all")[1].count("will be tried again") == 2
    assert [path for method, path, _, _ in node.asked if method == "POST"] == [
        "outbox/4/retry",
        "outbox/3/retry",
        "outbox/4/retry",
    ]
    assert gadfly("outbox", "retry")[0] == 3


def test_a_token_is_the_only_thing_on_standard_output(node, gadfly):
    made = {"token": "gadfly_x", "id": 2, "name": "ci", "scopes": ["read"], "expires": time.time() + 86400}
    node.gives("tokens", made, method="POST", status=201)
    code, out, err = gadfly("token", "create", "ci", "--program", "--scope", "read", "--for", "1d")
    assert (code, out) == (0, "gadfly_x\n")
    assert "gadfly_x" not in err
    assert node.asked[-1][2] == {"name": "ci", "scopes": ["read"], "person": "", "lasts": 86400.0}


def test_a_token_is_revoked_by_its_id(node, gadfly):
    node.gives("tokens/2", None, method="DELETE", status=204)
    assert gadfly("token", "revoke", "2")[:2] == (0, "token 2: revoked\n")
