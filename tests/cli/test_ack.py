from __future__ import annotations

ALERT = {"id": "7", "component": "checkout", "verdict": "down", "reason": "", "state": "firing", "started": 0}
DONE = {"id": "7", "who": "local", "count": 1}


def test_a_component_name_means_its_open_alerts(node, gadfly):
    node.gives(
        "alerts", {"alerts": [ALERT, {**ALERT, "id": "8"}, {**ALERT, "id": "9", "component": "search"}]}
    )
    node.gives("alerts/7/ack", DONE, method="POST")
    node.gives("alerts/8/ack", {**DONE, "id": "8"}, method="POST")
    code, out, _ = gadfly("ack", "checkout", "--note", "on it")
    assert code == 0
    assert [(path, body) for method, path, body, _ in node.asked if method == "POST"] == [
        ("alerts/7/ack", {"note": "on it"}),
        ("alerts/8/ack", {"note": "on it"}),
    ]
    assert out.splitlines()[0] == "7: 1 alert taken on by local"
    assert node.asked[0][1] == "alerts?state=firing&limit=10000"  # all of them, not the first 500


def test_anything_else_is_an_id(node, gadfly):
    node.gives("alerts", {"alerts": []})
    node.gives("alerts/i-3/ack", {"id": "i-3", "who": "ann", "count": 12}, method="POST")
    assert gadfly("ack", "i-3")[1] == "i-3: 12 alerts taken on by ann\n"


def test_what_is_taken_on_already_says_by_whom(node, gadfly):
    node.gives("alerts", {"alerts": [{**ALERT, "acknowledged": "bob"}]})
    assert gadfly("ack", "checkout") == (3, "", "gadfly: checkout has been taken on already, by bob\n")


def test_an_unknown_target_is_refused_in_the_node_s_words(node, gadfly):
    node.gives("alerts", {"alerts": []})
    assert gadfly("ack", "nonsense") == (3, "", "gadfly: no such thing\n")
