from __future__ import annotations

import json

import pytest

ASKED = {
    "kind": "http",
    "name": "",
    "target": "http://x/",
    "outcome": "fail",
    "reason": "503",
    "at": 5.0,
    "seconds": 0.0,
}


@pytest.mark.parametrize(("outcome", "code"), [("passing", 0), ("warn", 1), ("fail", 2), ("unknown", 3)])
def test_the_exit_code_is_the_answer_s(node, gadfly, monkeypatch, outcome, code):
    answers = iter([5.0, 5.0, 6.0])
    monkeypatch.setattr("gadfly.cli.probe.PAUSE", 0.0)
    node.gives("probe/checkout", {"component": "checkout", "probes": 1}, method="POST", status=202)

    def story(self, path, **query):
        return {"probes": [{**ASKED, "outcome": outcome, "at": next(answers)}]}

    monkeypatch.setattr("gadfly.cli.node.Node.get", story)
    found, out, _ = gadfly("probe", "checkout", "--json")
    assert (found, json.loads(out)["unanswered"]) == (code, 0)


def test_no_newer_answer_is_unknown(node, gadfly):
    node.gives("story", {"probes": [ASKED]})
    node.gives("probe/checkout", {"component": "checkout", "probes": 1}, method="POST", status=202)
    code, out, _ = gadfly("probe", "checkout", "--wait", "0")
    assert code == 3
    assert "no answer" in out
    assert "1 of 1 have not answered within 0 s" in out


def test_a_component_without_probes_says_so(node, gadfly):
    node.gives("story", {"probes": []})
    node.gives("probe/a", {"component": "a", "probes": 0}, method="POST", status=202)
    code, _, err = gadfly("probe", "a")
    assert code == 3
    assert "a has no probe; declare one" in err
