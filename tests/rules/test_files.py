"""Rule files: what is taken, what is refused, and where the mistake stands; as Debian's promtool has it."""

from __future__ import annotations

import contextlib
import shutil
import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gadfly.errors import ConfigError
from gadfly.rules import files

GOOD = Path(__file__).parent / "files" / "rules.yml"


def group(rule: str, extra: str = "") -> str:
    return f"groups:\n- name: g\n{extra}  rules:\n  - {rule}\n"


BAD = {
    "no yaml": "groups: [",
    "a tab": "groups:\n\t- name: g",
    "a list": "- a",
    "an unknown field": "group: []",
    "an unknown field of a group": "groups: [{name: g, query_offset: 1m}]",
    "an unknown field of a rule": group("{record: a, expr: b, fro: 5m}"),
    "no name": "groups: [{rules: []}]",
    "a name twice": "groups: [{name: g}, {name: g}]",
    "a key twice": "groups: [{name: g, name: h}]",
    "both": group("{record: a, alert: b, expr: c}"),
    "neither": group("{expr: c}"),
    "no expression": group("{record: a}"),
    "a broken expression": group("{record: a, expr: 'sum('}"),
    "a wrong type": group("{record: a, expr: 'rate(b)'}"),
    "for of a recording": group("{record: a, expr: b, for: 5m}"),
    "keep_firing_for of a recording": group("{record: a, expr: b, keep_firing_for: 5m}"),
    "annotations of a recording": group("{record: a, expr: b, annotations: {a: b}}"),
    "no metric's name": group("{record: 'a b', expr: b}"),
    "no label's name": group("{alert: a, expr: b, labels: {'a-b': c}}"),
    "__name__": group("{alert: a, expr: b, labels: {__name__: c}}"),
    "no annotation's name": group("{alert: a, expr: b, annotations: {'1': c}}"),
    "a broken template": group("{alert: a, expr: b, annotations: {c: '{{ .Labels'}}"),
    "an unknown function": group("{alert: a, expr: b, labels: {c: '{{ foo }}'}}"),
    "no end": group("{alert: a, expr: b, labels: {c: '{{ if true }}'}}"),
    "no duration": group("{alert: a, expr: b, for: 5}"),
    "a broken interval": group("{record: a, expr: b}", "  interval: 5 minutes\n"),
    "a broken limit": group("{record: a, expr: b}", "  limit: many\n"),
    "a duration of 400 digits": group(f"{{alert: a, expr: b, for: {'9' * 400}s}}"),
    "a duration of 5,000 digits": group(f"{{alert: a, expr: b, for: {'9' * 5000}s}}"),
    "a text is merged": group("{alert: a, expr: b, labels: {<<: text}}"),
    "a text for a list": "groups: text",
    "a list for a text": group("{record: [a], expr: b}"),
}
FINE = {
    "nothing": "",
    "no groups": "groups: []",
    "null": "groups:",
    "no rules": "groups: [{name: g}]",
    "numbers for texts": group("{alert: 5, expr: 1, labels: {a: 1, b: true, c: null}}"),
    "anchors": "x: &x {a: b}\n".replace("x: &x {a: b}\n", "")
    + group("{alert: a, expr: b, labels: &l {a: b}}")
    + "  - {alert: c, expr: d, labels: *l}\n",
    "a string": group("{alert: a, expr: '\"text\"'}"),
    "a range": group("{record: a, expr: 'b[5m]'}"),
    "durations": group(
        "{alert: a, expr: b, for: 1d2h, keep_firing_for: 0}", "  interval: 1m30s\n  limit: 3\n"
    ),
    "not ASCII": group("{alert: 'Füße zu kalt', expr: b}"),
}


@pytest.mark.parametrize("what", BAD)
def test_refused_and_where(what: str) -> None:
    with pytest.raises(ConfigError) as caught:
        files.loads(BAD[what], "rules.yml")
    assert all(one.startswith("rules.yml:") for one in caught.value.problems)


@pytest.mark.parametrize("what", FINE)
def test_taken(what: str) -> None:
    files.loads(FINE[what], "rules.yml")


def test_it_says_file_position_group_and_rule() -> None:
    with pytest.raises(ConfigError) as caught:
        files.loads(BAD["a broken expression"], "/etc/rules.yml")
    assert caught.value.problems[0].startswith(
        '/etc/rules.yml:4:23: group "g", rule 1, "a": could not parse expression: '
    )


def test_every_problem_of_every_file(tmp_path: Path) -> None:
    (tmp_path / "a.yml").write_text(group("{expr: 1}") + "  - {record: a}\n")
    (tmp_path / "b.yml").write_bytes(b"\xff")
    (tmp_path / "c.yml").write_text(GOOD.read_text())
    with pytest.raises(ConfigError) as caught:
        files.load([str(tmp_path / "*.yml"), str(tmp_path / "none.yml")])
    assert [one.partition(":")[0].rpartition("/")[2] for one in caught.value.problems] == [
        "a.yml",
        "a.yml",
        "b.yml",
        "none.yml",
    ]
    assert files.load([str(tmp_path / "missing-*.yml")]) == []


def test_a_file_without_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "LARGEST", 1 << 20)
    with pytest.raises(ConfigError, match="/dev/zero: larger than 1 MB; split it"):
        files.load(["/dev/zero"])


def test_what_a_file_says() -> None:
    web, up = files.load([str(GOOD)])
    assert (web.name, web.interval, web.limit, len(web.rules)) == ("web", 30.0, 100, 3)
    assert (up.interval, up.limit) == (None, 0)
    high = web.rules[1]
    assert (high.name, high.hold, high.keep, high.records) == ("HighErrors", 600.0, 300.0, False)
    assert [name for name, _ in high.labels] == ["severity", "value", "upper"]


def test_a_bomb_of_aliases() -> None:
    text = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n"
    for number in range(1, 9):
        text += f"a{number}: &a{number} [{', '.join([f'*a{number - 1}'] * 10)}]\n"
    with pytest.raises(ConfigError, match="nodes"):
        files.loads(text, "bomb.yml")


def test_what_stands_twice() -> None:
    text = group("{record: a, expr: b, labels: {x: y}}") + "  - {record: a, expr: c, labels: {x: y}}\n"
    assert files.repeated(files.loads(text, "f")) == ["a{x: y}"]
    assert files.repeated(files.load([str(GOOD)])) == []


@given(st.text(alphabet="groups:[]{}&*a<>!| \n\"'-0,namerulxp", max_size=60))
def test_any_rule_file(text: str) -> None:
    with contextlib.suppress(ConfigError):  # and nothing else
        files.loads(text, "f.yml")


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("promtool") is None, reason="promtool is not installed")
def test_promtool_thinks_the_same(tmp_path: Path) -> None:
    for number, (what, text) in enumerate((BAD | FINE).items()):
        path = tmp_path / f"{number}.yml"
        path.write_text(text)
        code = subprocess.run(["promtool", "check", "rules", path], capture_output=True).returncode
        assert (code == 0) is (what in FINE), what


@pytest.mark.parametrize("text", ["[" * 100_000, "{a: " * 100_000, "- " * 100_000])
def test_a_file_nested_without_end_is_refused_before_a_tree_is_built(text: str) -> None:
    with pytest.raises(ConfigError, match=r"nested more than 32|not YAML"):
        files.loads(text, "deep.yml")
