"""Unit tests of rules, and that promtool thinks the same of the same files."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from gadfly.cli import main
from gadfly.errors import ConfigError
from gadfly.rules import trial

RULES = Path(__file__).parent / "files" / "rules.yml"

HEAD = """
rule_files: [rules.yml]
evaluation_interval: 1m
tests:
- interval: 1m
  input_series:
  - {series: 'up{instance="a"}', values: '1x5 0x10'}
  - {series: 'up{instance="b"}', values: '0 1 stale _x3 0 0 _ 1+0x5'}
  - {series: 'requests_total{job="x"}', values: '0+60x40'}
  - {series: 'errors_total{job="x"}', values: '0+6x20 120x20'}
"""
GOOD = (
    HEAD
    + """
  alert_rule_test:
  - {eval_time: 9m, alertname: HighErrors}
  - eval_time: 12m
    alertname: HighErrors
    exp_alerts:
    - exp_labels: {job: x, severity: page, upper: X, value: 10%}
      exp_annotations: {many: a=0 b=1 1, summary: 'x fails 0.1 (0.1), .'}
  - eval_time: 24m
    alertname: HighErrors
    exp_alerts:
    - exp_labels: {job: x, severity: page, upper: X, value: 10%}
      exp_annotations: {many: 'a=0 ', summary: 'x fails 0.1 (0.1), .'}
  - {eval_time: 35m, alertname: HighErrors}
  - eval_time: 3m
    alertname: Gone
    exp_alerts: [{exp_labels: {instance: z}}]
  - {eval_time: 5m, alertname: Late}
  - eval_time: 6m30s
    alertname: Late
    exp_alerts: [{}]
  promql_expr_test:
  - expr: job:requests:rate5m
    eval_time: 10m
    exp_samples: [{labels: 'job:requests:rate5m{build="7", job="x", team="web"}', value: 1}]
  - expr: ALERTS_FOR_STATE{alertname="HighErrors"}
    eval_time: 16m
    exp_samples:
    - labels: 'ALERTS_FOR_STATE{alertname="HighErrors", job="x", severity="page", upper="X", value="10%"}'
      value: 120
  - {expr: 'ALERTS{alertname="Gone"}', eval_time: 16m,
     exp_samples: [{labels: 'ALERTS{alertname="Gone", alertstate="firing", instance="z"}', value: 1}]}
  - {expr: 'up', eval_time: 2m, exp_samples: [{labels: 'up{instance="a"}', value: 1}]}
  - {expr: '1 + 1', eval_time: 2m, exp_samples: [{labels: '{}', value: 2}]}
  - {expr: 'none', eval_time: 2m}
  - {expr: 'count(up) / 0', eval_time: 1m, exp_samples: [{value: .Inf}]}
"""
)
WRONG = {
    "a value": HEAD
    + "  promql_expr_test: [{expr: '1', eval_time: 1m, exp_samples: [{labels: '{}', value: 2}]}]",
    "a label": HEAD
    + "  promql_expr_test: [{expr: 'up', eval_time: 2m, exp_samples: [{labels: 'up', value: 1}]}]",
    "nothing is there": HEAD + "  promql_expr_test: [{expr: none, exp_samples: [{labels: up, value: 1}]}]",
    "nothing was wanted": HEAD + "  promql_expr_test: [{expr: up, eval_time: 1m}]",
    "an alert too few": HEAD + "  alert_rule_test: [{eval_time: 1m, alertname: Gone}]",
    "an alert too many": HEAD + "  alert_rule_test: [{eval_time: 1m, alertname: Late, exp_alerts: [{}]}]",
    "an expression": HEAD + "  promql_expr_test: [{expr: 'sum('}]",
    "an expression that fails": HEAD + "  promql_expr_test: [{expr: 'up + on() up', eval_time: 1m}]",
}
BROKEN = {
    "no such file": "rule_files: [none.yml]\ntests: []",
    "an unknown field": "rule_files: [rules.yml]\ntest: []",
    "a series": "tests: [{input_series: [{series: 'up{', values: '1'}]}]",
    "values": "tests: [{input_series: [{series: 'up', values: '1 a'}]}]",
    "no alert's name": "tests: [{alert_rule_test: [{eval_time: 1m}]}]",
    "labels of a sample": "tests: [{promql_expr_test: [{expr: up, exp_samples: [{labels: '{'}]}]}]",
}


def put(folder: Path, text: str) -> str:
    shutil.copy(RULES, folder)
    path = folder / "test.yml"
    path.write_text(text)
    return str(path)


def test_all_is_as_it_says(tmp_path: Path) -> None:
    assert trial.run(put(tmp_path, GOOD)) == []


@pytest.mark.parametrize("what", WRONG)
def test_what_differs(what: str, tmp_path: Path) -> None:
    assert len(trial.run(put(tmp_path, WRONG[what]))) == 1


@pytest.mark.parametrize("what", BROKEN)
def test_what_cannot_be_tried(what: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigError):
        trial.run(put(tmp_path, BROKEN[what]))


def test_what_is_not_supported_says_so(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="external labels are not supported"):
        trial.run(put(tmp_path, "tests: [{external_labels: {a: b}}]"))
    text = "evaluation_interval: 1ms\ntests: [{promql_expr_test: [{expr: up, eval_time: 1d}]}]"
    with pytest.raises(ConfigError, match="evaluations"):
        trial.run(put(tmp_path, text))
    with pytest.raises(ConfigError, match="cannot be read"):
        trial.run(str(tmp_path / "none.yml"))
    assert trial.run(put(tmp_path, "")) == []


def test_a_rule_that_fails_is_told(tmp_path: Path) -> None:
    (tmp_path / "bad.yml").write_text("groups: [{name: g, rules: [{record: a, expr: up + on() up}]}]")
    text = HEAD.replace("rules.yml", "bad.yml") + "  promql_expr_test: [{expr: vector(1), eval_time: 1m}]"
    (found,) = trial.run(put(tmp_path, text))
    assert found.what == "test 1, rule a at 0s"


def test_groups_in_the_order_that_is_asked_for(tmp_path: Path) -> None:
    (tmp_path / "two.yml").write_text(
        "groups:\n- {name: b, rules: [{record: two, expr: one}]}\n"
        "- {name: a, rules: [{record: one, expr: '1'}]}\n"
    )
    text = "rule_files: [two.yml]\ngroup_eval_order: [a, b]\ntests:\n- name: order\n  promql_expr_test:\n"
    text += "  - {expr: two, exp_samples: [{labels: two, value: 1}]}\n"
    assert trial.run(put(tmp_path, text)) == []
    (found,) = trial.run(put(tmp_path, text.replace("[a, b]", "[b, a]")))
    assert found.what == "test 'order', expression two at 0s"


def test_the_commands(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    good, folder = put(tmp_path, GOOD), tmp_path / "wrong"
    folder.mkdir()
    wrong = put(folder, WRONG["a value"])

    def run(*words: str) -> int:
        return main(["rules", *words])

    assert run("test", good) == 0
    assert capsys.readouterr().out == f"{good}: as it says\n"
    assert run("test", good, wrong, str(tmp_path / "none.yml")) == 2
    printed = capsys.readouterr().out
    assert f"{wrong}: 1 differ\n  test 1, expression 1 at 60s:\n    - {{}} 2\n    + {{}} 1\n" in printed
    assert "cannot be tried" in printed
    assert run("check", str(tmp_path / "rules.yml")) == 0
    assert capsys.readouterr().out.endswith("rules.yml: good; 6 rules in 2 groups\n")
    assert run("check", good) == 2
    assert "unknown field rule_files" in capsys.readouterr().out


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("promtool") is None, reason="promtool is not installed")
def test_promtool_thinks_the_same(tmp_path: Path) -> None:
    for what, text in {"good": GOOD, **WRONG, **BROKEN}.items():
        if what == "no such file":
            continue  # promtool only warns, and calls it a success
        path = put(tmp_path, text)
        done = subprocess.run(["promtool", "test", "rules", path], capture_output=True, check=False)
        assert (done.returncode == 0) is (what == "good"), (what, done.stdout, done.stderr)
