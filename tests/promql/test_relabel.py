"""Every action of Prometheus' relabelling does what it does there."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gadfly.config.scrape import Relabel
from gadfly.promql.relabel import objections, prepared, process

LABELS = {"__address__": "db1:9100", "job": "Node", "a": "foo", "b": "bar", "c": "foo"}


def changed(**rule):
    after = process(prepared([Relabel(**rule)]), LABELS)
    if after is None:
        return None
    return {name: after.get(name) for name in {*after, *LABELS} if after.get(name) != LABELS.get(name)}


@pytest.mark.parametrize(
    ("rule", "change"),
    [
        ({"source_labels": ("a",), "target_label": "d"}, {"d": "foo"}),
        ({"source_labels": ("a", "b"), "regex": "f(.*);(b)ar", "target_label": "d", "replacement": "${2}-$1"},
         {"d": "b-oo"}),
        ({"source_labels": ("a",), "regex": "oo", "target_label": "d", "replacement": "x"}, {}),
        ({"source_labels": ("a",), "target_label": "b", "replacement": ""}, {"b": None}),
        ({"source_labels": ("a",), "target_label": "${1}_x", "replacement": "y"}, {"foo_x": "y"}),
        ({"source_labels": ("__address__",), "target_label": "${1}", "replacement": "y"}, {}),
        ({"target_label": "fixed", "replacement": "v"}, {"fixed": "v"}),
        ({"source_labels": ("none",), "target_label": "d"}, {}),
        ({"source_labels": ("a", "b"), "separator": "-", "target_label": "d"}, {"d": "foo-bar"}),
        ({"source_labels": ("a",), "target_label": "d", "replacement": "$$1$2"}, {"d": "$1"}),
        ({"action": "keep", "source_labels": ("a",), "regex": "fo+"}, {}),
        ({"action": "keep", "source_labels": ("a",), "regex": "fo"}, None),
        ({"action": "drop", "source_labels": ("a",), "regex": "f.*"}, None),
        ({"action": "drop", "source_labels": ("a",), "regex": "b.*"}, {}),
        ({"action": "keepequal", "source_labels": ("a",), "target_label": "c"}, {}),
        ({"action": "keepequal", "source_labels": ("a",), "target_label": "b"}, None),
        ({"action": "dropequal", "source_labels": ("a",), "target_label": "c"}, None),
        ({"action": "dropequal", "source_labels": ("a",), "target_label": "b"}, {}),
        ({"action": "lowercase", "source_labels": ("job",), "target_label": "job"}, {"job": "node"}),
        ({"action": "uppercase", "source_labels": ("a", "b"), "target_label": "d"}, {"d": "FOO;BAR"}),
        ({"action": "labelmap", "regex": "([ab])", "replacement": "m_$1"}, {"m_a": "foo", "m_b": "bar"}),
        ({"action": "labeldrop", "regex": "a|b|__.*"}, {"a": None, "b": None, "__address__": None}),
        ({"action": "labelkeep", "regex": "a|job"}, {"b": None, "c": None, "__address__": None}),
    ],
)  # fmt: skip
def test_action(rule, change):
    before = dict(LABELS)
    assert changed(**rule) == change
    assert before == LABELS


def test_hashmod_is_that_of_prometheus():
    rule = Relabel(action="hashmod", source_labels=("c",), target_label="d", modulus=1000)
    assert process(prepared([rule]), {"a": "foo", "b": "bar", "c": "baz"})["d"] == "976"


def test_rules_follow_each_other_until_one_drops():
    rules = [
        Relabel(source_labels=("a",), target_label="b"),
        Relabel(source_labels=("b",), regex="foo", action="drop"),
        Relabel(target_label="never", replacement="x"),
    ]
    assert process(prepared(rules), LABELS) is None
    assert process(prepared(rules[:1]), LABELS)["b"] == "foo"


@pytest.mark.parametrize(
    ("rule", "field"),
    [
        ({"regex": "("}, "regex"),
        ({"regex": "(?!x)", "target_label": "a"}, "regex"),
        ({"source_labels": ("a",)}, "target_label"),
        ({"target_label": "a-b"}, "target_label"),
        ({"action": "hashmod", "target_label": "a"}, "modulus"),
        ({"action": "hashmod", "target_label": "$1", "modulus": 2}, "target_label"),
        ({"action": "keepequal", "source_labels": ("a",)}, "target_label"),
        ({"action": "labelmap", "replacement": "a b"}, "replacement"),
        ({"action": "labeldrop", "source_labels": ("a",)}, "action"),
    ],
)
def test_a_rule_that_cannot_work_is_objected_to(rule, field):
    assert field in [where for where, _ in objections(Relabel(**rule))]


PROMETHEUS = re.compile(r"(?:(?:[a-zA-Z_]|\$(?:\{\w+\}|\w+))+\w*)+", re.ASCII)
"""As it stands there. It is for RE2: Python's `re` takes exponential time over it."""


@given(st.text("aZ_09${}-é", max_size=9))
def test_a_target_is_a_template_where_prometheus_takes_it_for_one(target):
    objected = bool(objections(Relabel(target_label=target, source_labels=("a",))))
    assert objected is (PROMETHEUS.fullmatch(target) is None)


@pytest.mark.parametrize("piece", ["a", "$a", "${a}", "$"])
def test_a_long_target_is_judged_at_once(piece):
    target = piece * 20_000 + "-"
    assert objections(Relabel(target_label=target))[0][0] == "target_label"
