"""`gadfly stop`, `resume` and `breakglass`."""

from __future__ import annotations

import pytest
from told_acts import NOW, board, stop


def test_stop_asks_nothing_back(node, gadfly):
    node.gives("act/stops", stop(), method="POST", status=201)
    code, out, _ = gadfly("stop")
    assert code == 0
    assert node.asked[-1][:3] == ("POST", "act/stops", {"scope": "everything", "name": "", "reason": ""})
    assert out.startswith("STOPPED s1: every automation, by person:anna since")
    assert "gadfly resume s1 --reason" in out


@pytest.mark.parametrize("scope", ["owner", "automation", "target"])
def test_stop_one(node, gadfly, scope):
    node.gives("act/stops", stop(scope=scope, name="x"), method="POST", status=201)
    out = gadfly("stop", f"--{scope}", "x", "--reason", "it loops")[1]
    assert node.asked[-1][2] == {"scope": scope, "name": "x", "reason": "it loops"}
    assert f"STOPPED s1: {scope} x" in out


def test_two_scopes_at_once_are_not_clear(node, gadfly):
    code, _, err = gadfly("stop", "--owner", "a", "--target", "b")
    assert (code, node.asked) == (3, [])
    assert "one of --owner, --automation and --target" in err


def test_resume_lifts_the_only_stop(node, gadfly):
    node.gives("act", board(stops=[stop()]))
    node.gives("act/stops/s1/resume", None, method="POST", status=204)
    assert gadfly("resume")[0] == 3, "it needs a reason"
    assert gadfly("resume", "--reason", "mended")[1].startswith("s1: lifted")
    assert node.asked[-1][2] == {"reason": "mended"}


def test_resume_does_not_choose_among_several(node, gadfly):
    node.gives("act", board(stops=[stop(), stop(id="s2", scope="owner", name="payments")]))
    code, _, err = gadfly("resume", "--reason", "mended")
    assert code == 3
    assert "STOPPED s2: owner payments" in err
    assert [method for method, *_ in node.asked] == ["GET"]
    node.gives("act/stops/s2/resume", None, method="POST", status=204)
    assert gadfly("resume", "s2", "--reason", "mended")[0] == 0


def test_nothing_to_resume(node, gadfly):
    node.gives("act", board())
    assert "no stop holds" in gadfly("resume", "--reason", "x")[2]


def test_breakglass_is_local_and_says_what_follows(node, gadfly, monkeypatch):
    monkeypatch.setattr("gadfly.instrument.runfile.read", lambda: {"url": node.url, "token": "gadfly_local"})
    made = {"id": "b1", "who": "person:olga", "reason": "r", "since": NOW, "ends": NOW + 900}
    node.gives("act/breakglass", made, method="POST", status=201)
    code, out, _ = gadfly("breakglass", "--reason", "the approver's phone is off")
    assert code == 0
    assert node.asked[-1][2:] == ({"reason": "the approver's phone is off", "lasts": 900.0}, "gadfly_local")
    assert "Every owner is told." in out
    assert "A review is owed" in out
    assert gadfly("breakglass")[0] == 3
    node.gives("act/breakglass", None, method="DELETE", status=204)
    assert gadfly("breakglass", "--end")[1].startswith("Given back.")
