"""For rules as people write them, a synthetic series is found that makes them fire."""

from __future__ import annotations

import pytest

from gadfly.ask.drill import firing
from gadfly.ask.drill.firing import Found, fire
from gadfly.errors import QueryError
from gadfly.promql import parse
from gadfly.rules.rule import Group, Rule


def fed(text: str, hold: float = 0.0, **how: object) -> Found | None:
    rule = Rule("A", text, parse(text), False, hold=hold)
    group = Group("g", "f", (rule,))
    return fire(group, rule, interval=60.0, failed=1e9, first=1e9 + 20, url="", **how)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(text, id=name)
        for name, text in {
            "target down": "up == 0",
            "error rate": 'rate(http_requests_total{code=~"5.."}[5m]) > 0.1',
            "error share": 'sum(rate(r{code=~"5.."}[5m])) by (job) / sum(rate(r[5m])) by (job) > 0.05',
            "disk will be full": "predict_linear(node_filesystem_free_bytes[6h], 4 * 3600) < 0",
            "nothing there": 'absent(up{job="x"})',
            "always": "vector(1)",
            "percentile": "histogram_quantile(0.99, sum(rate(lat_bucket[5m])) by (le)) > 0.5",
            "restarts": "changes(process_start_time_seconds[1h]) > 3",
            "old backup": "time() - backup_last > 86400",
            "full and writable": "(avail / size) * 100 < 10 and readonly == 0",
            "busy": '100 - (avg by(instance) (rate(cpu{mode="idle"}[2m])) * 100) > 80',
            "unless": "x > 5 unless on(job) y == 1",
            "between": "x > 50 and x < 60",
            "twice yesterday": "x > 2 * x offset 1d",
            "slow and seldom": "increase(errs[10m]) > 0 and rate(errs[10m]) < 5",
            "joined with a name": "(sum by (instance) (rate(rx[2m])) / 1024 / 1024 > 100)"
            ' * on(instance) group_left (name) info{name=~".+"}',
            "two sides of a pair": "(a == 1) or (b == 1)",
            "burnt too fast": "(sum(rate(e[1h])) / sum(rate(t[1h])) > 0.0144)"
            " and (sum(rate(e[5m])) / sum(rate(t[5m])) > 0.0144)",
            "will be full and is writable": "((avail * 100) / size < 10 and ON (device)"
            " predict_linear(avail[1h], 24 * 3600) < 0 and ON (device) readonly == 0)"
            ' * on(instance) group_left (name) info{name=~".+"}',
            "mostly down": 'count(up{job="x"} == 0) / count(up{job="x"}) > 0.5',
            "certificate": "expiry - time() < 86400 * 20",
            "a name by expression": '{__name__=~"node_.*", job="a"} > 3',
        }.items()
    ],
)
def test_it_is_found(text: str) -> None:
    found = fed(text, 120.0)
    assert found is not None
    assert found.alert.labels["alertname"] == "A"
    assert found.after == 140.0  # to the group's first turn, and two minutes of `for`


def test_without_for_it_fires_at_the_first_turn() -> None:
    found = fed("up == 0")
    assert found is not None
    assert found.after == 20.0
    assert found.series == ("up: 0",)
    assert found.alert.labels["drill"] == "1"


def test_a_long_for_is_counted_in_few_turns(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(firing, "TURNS", 10)
    found = fed("up == 0", 7 * 86_400.0)
    assert found is not None
    assert found.after >= 7 * 86_400.0


def test_what_was_there_until_now_is_found() -> None:
    found = fed("x offset 5m unless x")
    assert found is not None
    assert found.series == ("x: just gone",)


def test_what_may_be_below_nothing_falls_first() -> None:
    found = fed("predict_linear(free[6h], 4 * 3600) < 0")
    assert found is not None
    assert found.series == ("free: falling by 1 a second",)


@pytest.mark.parametrize("text", ["vector(0) > 1", "x > 1 and x < 1"], ids=["never", "a contradiction"])
def test_what_cannot_fire_is_not_fired(text: str) -> None:
    assert fed(text) is None


def test_labels_are_those_of_a_real_series() -> None:
    real = {"__name__": "up", "job": "shop", "instance": "a:9100"}
    found = fed("up == 0", real=lambda matchers: real)
    assert found is not None
    assert (found.alert.labels["job"], found.alert.labels["instance"]) == ("shop", "a:9100")


@pytest.mark.parametrize(("sample", "fires"), [('x{a="b"} 97', True), ("x 12", False)], ids=["97", "12"])
def test_samples_in_words_take_the_place_of_what_is_tried(sample: str, fires: bool) -> None:
    found = fed("x > 90", given=[sample])
    assert (found is not None) is fires
    assert not found or found.series == (sample,)


@pytest.mark.parametrize(
    ("sample", "fires"), [("x_total 5/s", True), ("x_total 3/s", False), ("x_total 5", False)], ids=str
)
def test_a_sample_may_rise(sample: str, fires: bool) -> None:
    for when in ("rate(x_total[5m]) > 4", "increase(x_total[10m]) > 2500"):
        assert (fed(when, given=[sample]) is not None) is fires


@pytest.mark.parametrize(
    "sample", ["x", "x{ 3", "x y", "x inf/s"], ids=["no value", "no series", "no number", "endless"]
)
def test_what_is_no_sample_is_refused(sample: str) -> None:
    with pytest.raises(QueryError):
        fed("x > 90", given=[sample])


def test_trying_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    now = iter(range(10_000))
    assert fed("vector(0) > 1", now=lambda: float(next(now)) * 10) is None
