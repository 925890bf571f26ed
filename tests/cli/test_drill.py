from __future__ import annotations

import pytest

from gadfly.cli import drill

TOLD = {
    "id": "drill3",
    "kind": "rule",
    "target": "slow",
    "at": 0.0,
    "state": "told",
    "steps": [{"what": "the rule fires", "seconds": 320.0, "skipped": True}],
    "letters": [
        {
            "owner": "ops",
            "to": "a…@x",
            "what": "firing",
            "due": 320.0,
            "state": "taken",
            "after": 0.5,
            "error": "",
        }
    ],
    "missed": [],
    "acknowledged": None,
    "acknowledged_by": "",
    "wait": 0.0,
    "result": "ops told after 320.5 s",
}
HUSHED = {
    **TOLD,
    "state": "not told",
    "letters": [],
    "missed": [{"why": "silence", "words": "By silence 3."}],
}
RUNNING = {**TOLD, "state": "running"}


@pytest.fixture(autouse=True)
def _at_once(monkeypatch):
    monkeypatch.setattr(drill, "LOOK", 0.0)


@pytest.mark.parametrize(
    ("ended", "code"),
    [
        (TOLD, 0),
        (HUSHED, 1),
        ({**HUSHED, "state": "not run"}, 2),
        ({**TOLD, "wait": 60.0}, 1),
        ({**TOLD, "wait": 60.0, "acknowledged": 12.0, "acknowledged_by": "anna"}, 0),
    ],
    ids=["told", "not told", "not run", "not taken on", "taken on"],
)
def test_the_exit_code_says_what_came_of_it(node, gadfly, ended, code):
    node.gives("drills", RUNNING, method="POST")
    node.gives("drills/drill3", ended)
    found, out, _ = gadfly("drill", "slow", "--now", "--wait", "1m", "--kind", "rule", "--sample", "x 1")
    assert found == code
    assert out.startswith(f"drill3  rule slow: {ended['state']}\n")
    assert node.asked[0][2] == {
        "target": "slow",
        "kind": "rule",
        "shortened": True,
        "ring": False,
        "escalate": False,
        "wait": 60.0,
        "samples": ["x 1"],
    }


def test_what_came_of_it_is_printed(node, gadfly):
    node.gives("drills", {**TOLD, "missed": HUSHED["missed"], "acknowledged": 330.0}, method="POST")
    _, out, _ = gadfly("drill", "run", "slow")
    assert out.splitlines() == [
        "drill3  rule slow: told",
        "   320.0 s  the rule fires, reckoned",
        "   320.0 s  firing to ops at a…@x: taken within 0.5 s",
        "   330.0 s  taken on by ",
        "  BUT       By silence 3.",
    ]


def test_drills_are_listed(node, gadfly):
    node.gives("drills", {"drills": [TOLD]})
    code, out, _ = gadfly("drill", "list", "--limit", "5")
    assert code == 0
    assert out.startswith("drill3 ")
    assert out.endswith("rule slow: ops told after 320.5 s\n")
    assert node.asked[0][1] == "drills?limit=5"
    node.gives("drills", {"drills": []})
    assert gadfly("drill", "list")[1] == "nothing was drilled yet\n"


def test_what_is_refused_could_not_be_run(node, gadfly):
    assert gadfly("drill", "slow") == (2, "", "gadfly: no such thing\n")
