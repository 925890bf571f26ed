from __future__ import annotations

import json

import pytest


@pytest.mark.parametrize(
    ("counts", "code"),
    [
        ({"healthy": 3}, 0),
        ({"healthy": 3, "left": 1, "undeclared": 2}, 0),
        ({"healthy": 3, "degraded": 1}, 1),
        ({"degraded": 1, "down": 1}, 2),
        ({"gray": 1}, 2),
        ({"zombie": 1}, 2),
        ({"missing": 1, "unknown": 4}, 2),
        ({"unknown": 1, "healthy": 9}, 3),
        ({"unknown": 1, "degraded": 1}, 1),
        ({"healthy": 0}, 3),
    ],
)
def test_the_exit_code_is_that_of_the_gravest(node, gadfly, counts, code):
    node.has(**counts)
    node.shows()
    assert gadfly("status")[0] == code


def test_what_is_not_well_is_listed_with_owner_and_reason(node, gadfly):
    node.has(down=1, healthy=4)
    node.shows({"name": "checkout", "verdict": "down", "owner": "payments", "reason": "its port refused"})
    code, out, err = gadfly("status")
    assert code == 2
    assert err == ""
    assert "1 down  4 healthy" in out
    line = next(line for line in out.splitlines() if "checkout" in line)
    assert line.split() == ["down", "checkout", "payments", "60", "s", "its", "port", "refused"]


def test_only_what_is_not_well_is_asked_for(node, gadfly):
    node.has(down=1)
    node.shows()
    gadfly("status", "--limit", "7")
    path = node.asked[-1][1]
    assert "limit=7" in path
    assert "down" in path
    assert "healthy" not in path


def test_a_fleet_that_is_well_takes_one_request(node, gadfly):
    node.has(healthy=5)
    gadfly("status")
    assert [path for _, path, _, _ in node.asked] == ["summary"]


def test_json_has_the_counts_the_state_and_the_rows(node, gadfly):
    node.has(degraded=1)
    node.shows({"name": "a", "verdict": "degraded", "reason": "slow"})
    code, out, _ = gadfly("status", "--json")
    found = json.loads(out)
    assert code == 1
    assert found["state"] == "warning"
    assert found["counts"] == {"degraded": 1}
    assert found["not_well"][0]["name"] == "a"


def test_perfdata_is_one_line_as_plugins_write_it(node, gadfly):
    node.has(down=2, healthy=40)
    code, out, _ = gadfly("status", "--perfdata")
    assert code == 2
    assert out.startswith("GADFLY CRITICAL - 2 down, 40 healthy | 'down'=2 ")
    assert "'healthy'=40" in out
    assert out.count("\n") == 1


STORY = {
    "slot": 0,
    "name": "checkout",
    "kind": "service",
    "verdict": "gray",
    "reason": "beats arrive, but GET /healthz answered 503",
    "since": 1.0,
    "owner": "payments",
    "owners": [
        {"name": "payments", "contact": ["mailto:p@example.org"]},
        {"name": "platform", "contact": []},
    ],
    "beats": {"liveness": "alive", "interval": 1.0, "last": 1.0, "received": 9, "lost": 1},
    "probes": [
        {"kind": "http", "target": "http://x/healthz", "outcome": "fail", "reason": "503", "seconds": 0.02}
    ],
    "flips": [{"at": 1.0, "before": "healthy", "after": "gray", "reason": "503"}],
    "notices": [{"at": 1.0, "to": "mailto:p@example.org", "what": "firing", "state": "sent"}],
    "needs": [{"name": "postgres", "verdict": "down"}],
}


def test_one_component_tells_its_story(node, gadfly):
    node.gives("story", STORY)
    code, out, _ = gadfly("status", "checkout")
    assert code == 2
    for words in (
        "beats arrive, but GET /healthz answered 503",
        "payments (mailto:p@example.org) → platform (no contact)",
        "alive, every 1 s",
        "1 lost of 10",
        "postgres (down)",
        "healthy → gray",
        "firing",
    ):
        assert words in out


def test_a_host_that_may_not_be_its_own_is_shown_as_such(node, gadfly):
    node.gives("story", {**STORY, "host": "db1", "group": "shop", "host_doubt": "as it says itself"})
    assert "runs on  db1 (as it says itself), group shop" in " ".join(
        gadfly("status", "checkout")[1].split("\n")
    )
    node.gives("story", {**STORY, "host": "db1"})
    assert "db1 (" not in gadfly("status", "checkout")[1]


def test_a_name_may_hold_anything(node, gadfly):
    node.gives("story", {**STORY, "name": "a/b?c"})
    gadfly("status", "a/b?c")
    assert node.asked[-1][1] == "story?name=a%2Fb%3Fc"


def test_a_component_nobody_knows_is_unknown(node, gadfly):
    node.gives("story", {"title": "Not Found", "detail": "No component is called 'x'."}, status=404)
    assert gadfly("status", "x") == (3, "", "gadfly: No component is called 'x'.\n")


def test_what_the_network_says_cannot_steer_the_terminal(node, gadfly):
    node.has(down=1)
    node.shows({"name": "evil\x1b[2J\u202e", "verdict": "down", "reason": "a\nb\x07"})
    out = gadfly("status")[1]
    assert "\x1b" not in out
    assert "\x07" not in out
    assert "\u202e" not in out
    assert "a b�" in out


def test_what_acts_is_hinted_at(node, gadfly):
    node.has(healthy=2)
    node.answers[("GET", "summary")][1]["alerts"] |= {"stops": 1, "approvals": 2, "frozen": 3}
    out = gadfly("status")[1]
    assert "stops that hold: 1; see `gadfly act list`" in out
    assert "plans that wait for an approval: 2" in out
    assert "brakes that are on: 3" in out
