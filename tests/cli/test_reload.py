from __future__ import annotations


def test_what_changed_is_told(node, gadfly):
    node.gives("reload", {"changes": ["component.checkout: new"]}, method="POST")
    assert gadfly("reload") == (0, "component.checkout: new\n", "")


def test_nothing_changed(node, gadfly):
    node.gives("reload", {"changes": []}, method="POST")
    assert gadfly("reload") == (0, "nothing has changed\n", "")


def test_a_bad_configuration_is_refused_whole_with_every_problem(node, gadfly):
    problem = {
        "title": "Not taken",
        "status": 422,
        "detail": "2 problems",
        "problems": ['g.toml:3: "15x" is not a duration', "g.toml:9: no such owner"],
    }
    node.gives("reload", problem, method="POST", status=422)
    code, out, err = gadfly("reload")
    assert (code, out) == (2, "")
    assert err.splitlines() == problem["problems"]
