"""`gadfly ask lint`: what is printed, and with which exit code."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from gadfly.cli.root import run

RULES = """
groups:
- name: g
  rules:
  - alert: A
    expr: errors > 5
    for: 5m
    labels: {severity: warning}
"""
OWNED = RULES.replace("{severity: warning}", "{severity: warning, team: shop}")


@pytest.mark.parametrize(
    ("text", "more", "code"),
    [
        pytest.param(RULES, [], 1, id="something to ask"),
        pytest.param(OWNED, [], 0, id="nothing to ask"),
        pytest.param(RULES, ["--fail-on", "never"], 0, id="never"),
        pytest.param(RULES, ["--fail-on", "safety"], 1, id="safety"),
        pytest.param(
            OWNED.replace("warning", "critical"), ["--fail-on", "safety"], 0, id="none is about safety"
        ),
        pytest.param("groups:\n- rules: 3\n", [], 2, id="a broken file"),
    ],
)
def test_the_exit_code(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], text: str, more: list[str], code: int
) -> None:
    file = tmp_path / "rules.yml"
    file.write_text(text)
    assert run(["ask", "lint", str(file), *more]) == code
    out, err = capsys.readouterr()
    assert bool(err) is (code == 2)
    assert (f"{file}:5 A" in out) is (text in (RULES, OWNED.replace("warning", "critical")))


def test_json_says_all(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "rules.yml"
    file.write_text(RULES)
    run(["ask", "lint", str(file), "--format", "json"])
    said = json.loads(capsys.readouterr().out)
    (one,) = said["asked"]
    assert (said["files"], said["rules"], said["problems"]) == (1, 1, [])
    assert (one["kind"], one["number"], one["safety"]) == ("nobody-home", 30, True)
    assert one["places"] == [{"file": str(file), "line": 5, "name": "A"}]


def test_annotations_stand_at_the_first_place_of_a_file(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "a,b.yml"
    file.write_text(
        RULES + RULES.replace("groups:\n- name: g\n  rules:\n", "").replace("alert: A", "alert: B")
    )
    run(["ask", "lint", str(file), "--format", "github"])
    (line,) = capsys.readouterr().out.splitlines()
    name = str(file).replace(",", "%2C")
    assert line.startswith(
        f"::warning file={name},line=5,title=nobody-home::Rules that name no owner: 2 of 2."
    )


def test_many_places_are_counted(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "rules.yml"
    body = RULES.replace("groups:\n- name: g\n  rules:\n", "")
    file.write_text(RULES + "".join(body.replace("alert: A", f"alert: A{n}") for n in range(9)))
    run(["ask", "lint", str(file)])
    assert "and 5 more; --all prints them" in capsys.readouterr().out
    run(["ask", "lint", str(file), "--all"])
    assert "A8" in capsys.readouterr().out


def test_no_file_gives_orders_to_who_runs_the_lint(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "a\n::error::b.yml"
    file.write_text('groups:\n- "x\\n::add-mask::y\\e[31m": 3\n')
    assert run(["ask", "lint", str(file), "--format", "github"]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert not [line for line in err.splitlines() if line.startswith("::")]
    assert "\x1b" not in err


def test_a_file_that_is_not_there_cannot_be_read(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["ask", "lint", str(tmp_path / "nosuch.yml")]) == 2
    assert "nosuch.yml: neither" in capsys.readouterr().err
