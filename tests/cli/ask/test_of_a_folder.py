"""`gadfly ask now`, `kinds` and `replay` over files, without a node."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from gadfly.cli.ask.now import left_out

MINE = """\
number = 901
name = "mine"
family = "checks"
type = "assumptions"
minutes = 5
subject = "check"
assumed = "It is well."
ask = "{check} pages above {threshold} since {since:date}. Is it well?"
many = "{count} checks page above {threshold.max}. Are they well?"
change = "Mend it."
again = 60
observe = 30
query = '''
SELECT name AS subject, threshold AS worse, name AS "check", threshold, since FROM "check"
WHERE threshold > $most
'''
[threshold]
most = 10
"""


@pytest.fixture
def facts(tmp_path: Path) -> Path:
    folder = tmp_path / "facts"
    folder.mkdir()
    (folder / "check.csv").write_text(
        "name,component,threshold,since\na,db,20,2026-01-01\nb,db,30,2026-01-01\nc,db,5,2026-01-01\n".replace(
            "2026-01-01", "2026-01-01T00:00:00Z"
        )
    )
    (folder / "component.jsonl").write_text('{"name": "db", "owner": "storage"}\n')
    return folder


@pytest.fixture
def mine(tmp_path: Path) -> Path:
    folder = tmp_path / "mine"
    folder.mkdir()
    (folder / "mine.toml").write_text(MINE)
    return folder


def test_now_prints_all_that_is_found(gadfly: Any, facts: Path, mine: Path) -> None:
    words = ("--facts", str(facts), "--folder", str(mine), "--kind", "mine", "--at", "2026-03-01T00:00:00Z")
    code, out, _ = gadfly("ask", "now", *words)
    assert code == 1
    assert out == (
        "storage  mine\n    b pages above 30 since 2026-01-01. Is it well?\n"
        "storage  mine\n    a pages above 20 since 2026-01-01. Is it well?\n"
    )
    code, out, _ = gadfly("ask", "now", *words, "--json")
    told = json.loads(out)
    assert [one["subject"] for one in told["findings"]] == ["b", "a"]
    assert told["findings"][0]["text"].startswith("b pages above 30")
    assert told["trouble"] == {}


def test_now_of_a_time_before_finds_nothing(gadfly: Any, facts: Path, mine: Path) -> None:
    words = ("--facts", str(facts), "--folder", str(mine), "--kind", "mine", "--at", "1700000000")
    assert gadfly("ask", "now", *words) == (0, "", "")


def test_a_kind_that_could_not_be_asked_is_told(gadfly: Any, facts: Path, mine: Path) -> None:
    (mine / "mine.toml").write_text(MINE.replace("threshold AS worse", "nothing AS worse"))
    code, out, _ = gadfly("ask", "now", "--facts", str(facts), "--folder", str(mine), "--kind", "mine")
    assert code == 3
    assert out.startswith("mine could not be asked: Binder Error")


@pytest.fixture
def guess(tmp_path: Path, facts: Path) -> tuple[str, ...]:
    """A kind that would be found, and that cannot do without hosts, of which these facts know nothing."""
    folder = tmp_path / "guess"
    folder.mkdir()
    text = MINE.replace('"mine"', '"shared-identity"').replace("number = 901", "number = 56")
    (folder / "shared-identity.toml").write_text(
        text.replace("WHERE", 'WHERE (SELECT count(*) FROM "use") > 0 AND')
    )
    (facts / "use.jsonl").write_text('{"principal": "ci", "at": "2026-01-01T00:00:00Z"}\n')
    return ("--folder", str(folder))


def test_a_kind_that_facts_are_lacking_for_is_not_asked(
    gadfly: Any, facts: Path, guess: tuple[str, ...]
) -> None:
    now = ("ask", "now", "--facts", str(facts), *guess, "--at", "2026-03-01T00:00:00Z")
    past = ("ask", "replay", str(facts), *guess, "--from", "2026-02-01", "--to", "2026-02-03")
    for words in (now, past):
        code, out, _ = gadfly(*words, "--kind", "shared-identity")
        assert code == 0
        assert out.startswith("shared-identity was not asked: needs use.host: from which host ")
        code, out, _ = gadfly(*words, "--kind", "shared-identity", "--json")
        told = json.loads(out)
        assert told["lacking"]["shared-identity"].startswith("needs use.host: ")
        assert told.get("findings", told.get("questions")) == []
    (line,) = left_out({"shared-identity": "needs use.host", "loop": "needs edge"})
    assert line == (
        "2 kinds were not asked, as these facts lack what they need (--json says what): shared-identity, loop"
    )
    with (facts / "use.jsonl").open("a") as file:
        file.write('{"principal": "ci", "at": "2026-01-01T00:00:00Z", "host": "a"}\n')
    code, out, _ = gadfly(*now, "--kind", "shared-identity")
    assert (code, out.splitlines()[0]) == (1, "storage  shared-identity")


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("now", "--kind", "mien"), 3, "there is no kind 'mien'; did you mean 'mine'?"),
        (("now", "--at", "yesterday"), 3, "'yesterday'; expected is a time"),
        (("replay", "--from", "2026-01-02", "--to", "2026-01-01"), 3, "--to must lie after --from"),
        (("replay", "--from", "soon", "--to", "2026-01-01"), 3, "'soon'; expected is a day"),
    ],
    ids=["kind", "time", "order", "day"],
)
def test_what_cannot_be_meant(
    gadfly: Any, facts: Path, mine: Path, words: tuple[str, ...], code: int, said: str
) -> None:
    command, *rest = words
    where = ("--facts", str(facts)) if command == "now" else (str(facts),)
    got, _, error = gadfly("ask", command, *where, "--folder", str(mine), *rest)
    assert got == code
    assert said in error


def test_a_wrong_file_is_told_with_its_line(gadfly: Any, facts: Path) -> None:
    (facts / "check.csv").write_text("name,threshold\na,much\n")
    code, _, error = gadfly("ask", "now", "--facts", str(facts))
    assert code == 3
    assert "check.csv:2: threshold: 'much'; expected is a number" in error


def test_replay_asks_after_two_sightings(gadfly: Any, facts: Path, mine: Path) -> None:
    words = (
        str(facts),
        "--from",
        "2026-02-01",
        "--to",
        "2026-02-03",
        "--folder",
        str(mine),
        "--kind",
        "mine",
    )
    code, out, _ = gadfly("ask", "replay", *words)
    assert (code, out) == (0, "2026-02-02  storage  mine\n    2 checks page above 30. Are they well?\n")
    code, out, _ = gadfly("ask", "replay", *words, "--json")
    told = json.loads(out)
    assert [(one["kind"], one["subjects"]) for one in told["questions"]] == [("mine", ["b", "a"])]


def test_kinds_are_listed_and_printed(gadfly: Any, mine: Path) -> None:
    _, out, _ = gadfly("ask", "kinds", "--folder", str(mine))
    assert "901  mine " in out
    assert " 14  unacted " in out
    _, out, _ = gadfly("ask", "kinds", "mine", "--folder", str(mine))
    assert "It is well." in out
    assert "most = 10" in out
    assert "threshold > $most" in out
    _, out, _ = gadfly("ask", "kinds", "mine", "--folder", str(mine), "--json")
    assert json.loads(out)[0]["threshold"] == {"most": 10}
    code, _, error = gadfly("ask", "kinds", "minx", "--folder", str(mine))
    assert code == 3
    assert "did you mean 'mine'" in error
