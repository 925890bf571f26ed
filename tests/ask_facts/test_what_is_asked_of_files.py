"""Rules and catalogues as they stand in files: what is asked of them, where, and of what nothing is."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from gadfly.ask import kinds
from gadfly.ask.lint.asked import Asked
from gadfly.ask.text import lint as faults
from gadfly.ask_facts.static import QUERIED, SENTENCES, lint

NOW = dt.datetime(2026, 11, 23, tzinfo=dt.UTC).timestamp()
GOOD = """
groups:
- name: g
  rules:
  - record: job:errors:rate5m
    expr: sum by (job) (rate(errors_total[5m]))
  - alert: Errors
    expr: job:errors:rate5m > 7
    for: 5m
    labels: {severity: critical, team: shop}
    annotations: {runbook_url: "https://w.example/errors"}
  - alert: ErrorsGone
    expr: absent(job:errors:rate5m)
    for: 5m
    labels: {severity: critical, team: shop}
    annotations: {runbook_url: "https://w.example/errors"}
"""


def asked(path: Path, text: str, name: str = "rules.yml") -> dict[str, Asked]:
    file = path / name
    file.write_text(text)
    found = lint([file], NOW)
    assert found.problems == []
    return {one.kind: one for one in found.asked}


def test_good_rules_raise_no_question(tmp_path: Path) -> None:
    assert asked(tmp_path, GOOD) == {}


@pytest.mark.parametrize(
    ("before", "after", "kind", "line"),
    [
        pytest.param(
            "  - record: job:errors:rate5m", "  - record: job:other:rate5m", "dead-metric", 7, id="recorded"
        ),
        pytest.param(", team: shop}", "}", "nobody-home", 7, id="owner"),
        pytest.param("https://w.example/errors", "TODO", "runbook-unread", 7, id="runbook"),
        pytest.param(
            "absent(job:errors:rate5m)", "job:errors:rate5m > 9", "missing-is-green", 7, id="absent"
        ),
        pytest.param("> 7\n    for: 5m", "> 7", "hair-trigger", 7, id="for"),
        pytest.param("job:errors:rate5m > 7", "avg(latency_seconds) > 7", "average-hides", 7, id="mean"),
        pytest.param(
            "job:errors:rate5m > 7",
            "rate(latency_seconds_sum[5m]) / rate(latency_seconds_count[5m]) > 7",
            "average-hides",
            7,
            id="sum by count",
        ),
        pytest.param(
            "job:errors:rate5m > 7",
            "node_memory_MemAvailable_bytes / node_memory_MemTotal_bytes * 100 < 10",
            "borrowed-default",
            7,
            id="published",
        ),
        pytest.param(
            "job:errors:rate5m > 7",
            "(sum by (instance) (rate(node_cpu_seconds_total[2m])) > 0.8) * on(instance) node_uname_info",
            "borrowed-default",
            7,
            id="published and joined",
        ),
        pytest.param(
            "> 7\n    for: 5m\n    labels: {",
            "> 7\n    for: 1h\n    labels: {slo: 99.99%, ",
            "for-longer-than-harm",
            7,
            id="budget",
        ),
    ],
)
def test_what_is_asked_of_rules(tmp_path: Path, before: str, after: str, kind: str, line: int) -> None:
    assert before in GOOD
    found = asked(tmp_path, GOOD.replace(before, after, 1))
    assert kind in found
    assert (found[kind].places[0].line, found[kind].places[0].name) == (line, "Errors")
    assert faults(found[kind].text, 2) == []


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param("severity: critical", "severity: warning", id="no page needs no runbook"),
        pytest.param("team: shop", "owner: shop", id="an owner is an owner"),
    ],
)
def test_what_is_not_asked(tmp_path: Path, before: str, after: str) -> None:
    text = GOOD.replace("https://w.example/errors", "TODO") if before == "severity: critical" else GOOD
    assert asked(tmp_path, text.replace(before, after)) == {}


def test_many_rules_are_one_question(tmp_path: Path) -> None:
    rule = "  - alert: R{n}\n    expr: x > {n}\n    for: 5m\n"
    text = "groups:\n- name: g\n  rules:\n" + "".join(rule.format(n=n) for n in range(30))
    found = asked(tmp_path, text)
    assert found["nobody-home"].text.startswith("Rules that name no owner: 30 of 30.")
    assert len(found["nobody-home"].places) == 30


CATALOGUE = """
[owner.ops]
contact = ["mailto:ops@example.org"]
[component.shop]
owner = "ops"
needs = ["db"]
labels = { tier = "1", slo = "99.99%" }
[component.db]
owner = "ops"
labels = { tier = "1", slo = "99.99%" }
[automation.wipe]
owner = "ops"
purpose = "Old workers are wiped."
on = 'alert for 1m, group = "workers"'
run = "command /bin/true {component}"
limits = { at_once = 1, group = "10%", fleet = "1%", per_hour = 1, tries_per_target = 1 }
expect = "component alive within 30s"
undo = "command /bin/true {component}"
level = "act"
expires = 2028-06-01
review = 2027-01-01
[grant.notes]
to = ["automation:wipe"]
may = ["notify"]
on = 'group = "workers"'
until = 2027-01-01T00:00:00Z
owner = "ops"
because = "It says what it does."
"""


def test_a_good_catalogue_raises_no_question(tmp_path: Path) -> None:
    assert asked(tmp_path, CATALOGUE, "gadfly.toml") == {}


@pytest.mark.parametrize(
    ("before", "after", "kind", "line"),
    [
        pytest.param('[component.db]\nowner = "ops"', "[component.db]", "nobody-home", 8, id="owner"),
        pytest.param(
            'undo = "command /bin/true {component}"', 'undo = "irreversible"', "no-way-back", 11, id="undo"
        ),
        pytest.param("until = 2027", "until = 2031", "timeless-grant", 22, id="end"),
        pytest.param(
            '["notify"]\non = \'group = "workers"\'', '["command:*"]', "wider-than-used", 22, id="star"
        ),
        pytest.param(
            '[component.db]\nowner = "ops"\nlabels = { tier = "1"',
            '[component.db]\nowner = "ops"\nlabels = { tier = "3"',
            "tier-inversion",
            4,
            id="tier",
        ),
        pytest.param("[component.db]", '[component.db]\nneeds = ["shop"]', "loop", 8, id="ring"),
    ],
)
def test_what_is_asked_of_a_catalogue(tmp_path: Path, before: str, after: str, kind: str, line: int) -> None:
    assert before in CATALOGUE
    found = asked(tmp_path, CATALOGUE.replace(before, after, 1), "gadfly.toml")
    assert list(found) == [kind]
    assert [place.line for place in found[kind].places] == [line]
    assert faults(found[kind].text, 2) == []


def test_rules_of_a_catalogue_stand_where_they_are_declared(tmp_path: Path) -> None:
    rule = (
        '[rule.slow]\nwhen = "avg(latency_seconds) > 1"\nfor = "5m"\nowner = "ops"\nbecause = "people wait"\n'
    )
    found = asked(tmp_path, CATALOGUE + rule, "gadfly.toml")
    line = CATALOGUE.count("\n") + 1
    assert {place.line for one in found.values() for place in one.places} == {line}
    assert "average-hides" in found


def test_every_file_of_a_folder_is_read_and_every_problem_told(tmp_path: Path) -> None:
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "good.yaml").write_text(GOOD)
    (tmp_path / "other.yaml").write_text("kind: of something else\n")
    (tmp_path / "broken.yml").write_text("groups:\n- name: g\n  rules:\n  - alert: A\n    expr: sum(\n")
    (tmp_path / "latin.yml").write_bytes(b"\xff")
    (tmp_path / "folder.yml").mkdir()
    found = lint([tmp_path], NOW)
    assert found.rules == 2
    assert found.files == 4
    assert [line.split(":")[0] for line in found.problems] == [
        str(tmp_path / "broken.yml"),
        str(tmp_path / "latin.yml"),
    ]


def test_a_catalogue_and_the_rules_beside_it_are_read_together(tmp_path: Path) -> None:
    (tmp_path / "gadfly.toml").write_text(CATALOGUE)
    (tmp_path / "rules.yml").write_text(GOOD.replace("for: 5m", "for: 0s"))
    found = lint([tmp_path], NOW)
    assert found.problems == []
    assert (found.files, found.rules) == (2, 2)
    assert [one.kind for one in found.asked] == ["hair-trigger"]


def test_every_sentence_is_of_a_kind() -> None:
    known = kinds.load()
    assert set(SENTENCES) <= set(known)
    assert set(QUERIED) <= set(SENTENCES)


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("a[1].yml", GOOD.replace(", team: shop", ""), ""),
        ("alert.rules", GOOD.replace(", team: shop", ""), ""),
        ("quoted.yml", GOOD.replace(", team: shop", "").replace("groups:", '"groups":'), ""),
        ("k8s.yml", "kind: PrometheusRule\nspec:\n  groups: []\n", "a PrometheusRule of Kubernetes"),
        ("readme.txt", "", "neither a rule file nor a catalogue is there"),
    ],
    ids=["a name like a pattern", "rules", "quoted", "wrapped", "nothing"],
)
def test_no_file_with_rules_is_passed_over(tmp_path: Path, name: str, text: str, said: str) -> None:
    (tmp_path / name).write_text(text)
    for path in (tmp_path, tmp_path / name) if name != "readme.txt" else (tmp_path,):
        found = lint([path], NOW)
        if said:
            assert [said in one for one in found.problems] == [True]
        else:
            assert found.problems == []
            assert [one.kind for one in found.asked] == ["nobody-home"]
