"""What discovery found becomes targets by Prometheus' rules."""

import pytest

from gadfly.config.scrape import Relabel, Scrape
from gadfly.config.section import Duration
from gadfly.intake.targets import targets
from gadfly.promql.relabel import prepared


def made(found, rules=(), **scrape):
    return targets("j", Scrape(**scrape), prepared(rules), found)


def one(found, rules=(), **scrape):
    result = made([found], rules, **scrape)
    assert not result.refused
    (target,) = result.targets
    return target


def test_defaults_are_those_of_prometheus():
    target = one({"__address__": "h:9100", "__meta_x": "y", "env": "prod", "none": ""})
    assert dict(target.labels) == {"env": "prod", "instance": "h:9100", "job": "j"}
    assert (target.url, target.every, target.timeout) == ("http://h:9100/metrics", 15.0, 10.0)


@pytest.mark.parametrize(
    ("address", "scheme", "url"),
    [
        ("h", "http", "http://h:80/metrics"),
        ("h", "https", "https://h:443/metrics"),
        ("[::1]:9100", "http", "http://[::1]:9100/metrics"),
        ("[::1]", "http", "http://[::1]:80/metrics"),
    ],
)
def test_an_address_without_a_port_gets_the_scheme_s(address, scheme, url):
    target = one({"__address__": address}, scheme=scheme)
    assert target.url == url
    assert dict(target.labels)["instance"] == url.split("/")[2]


def test_parameters_come_from_the_job_and_from_labels():
    rules = [
        Relabel(source_labels=("__address__",), target_label="__param_target"),
        Relabel(source_labels=("__param_target",), target_label="instance"),
        Relabel(target_label="__address__", replacement="prober:9115"),
    ]
    target = one(
        {"__address__": "https://a b/?x"}, rules, params={"module": ("http_2xx", "2nd")}, path="/probe"
    )
    assert target.url == "http://prober:9115/probe?module=http_2xx&module=2nd&target=https%3A%2F%2Fa+b%2F%3Fx"
    assert dict(target.labels)["instance"] == "https://a b/?x"


def test_labels_may_say_how_and_how_often():
    labels = {
        "__address__": "h:1",
        "__scheme__": "https",
        "__metrics_path__": "m",
        "__scrape_interval__": "30s",
        "__scrape_timeout__": "3s",
    }
    target = one(labels)
    assert (target.url, target.every, target.timeout) == ("https://h:1/m", 30.0, 3.0)


def test_what_rules_drop_is_shown_as_it_was():
    rules = [Relabel(source_labels=("env",), regex="test", action="drop")]
    result = made([{"__address__": "h:1", "env": "test"}, {"__address__": "h:2"}], rules)
    assert [one["__address__"] for one in result.dropped] == ["h:1"]
    assert [dict(one.labels)["instance"] for one in result.targets] == ["h:2"]


def test_two_that_become_alike_are_one():
    rules = [Relabel(target_label="__address__", replacement="h:1")]
    assert len(made([{"__address__": "a"}, {"__address__": "b"}], rules).targets) == 1


@pytest.mark.parametrize(
    "labels",
    [
        {"__address__": ""},
        {"__address__": "h/metrics"},
        {"__address__": "h:1", "__scheme__": "ftp"},
        {"__address__": "h:1", "__scrape_interval__": "x"},
        {"__address__": "h:1", "__scrape_interval__": "0s"},
        {"__address__": "h:1", "__scrape_timeout__": "16s"},
        {"__address__": "h:99999"},
        {"__address__": "a b:1"},
    ],
)
def test_what_is_no_target_is_said(labels):
    result = made([labels, {"__address__": "good:1"}])
    assert len(result.targets) == len(result.refused) == 1


def test_the_moment_is_the_same_after_a_restart_and_spread_over_the_interval():
    every = [one({"__address__": f"h{n}:1"}, every=Duration(10.0)) for n in range(200)]
    offsets = [target.offset("node") for target in every]
    assert offsets == [target.offset("node") for target in every]
    assert offsets != [target.offset("other") for target in every]
    assert all(sum(low <= offset < low + 2.5 for offset in offsets) > 25 for low in (0, 2.5, 5, 7.5))


@pytest.mark.parametrize("name", ["a", "__address__"])
def test_half_a_surrogate_pair_is_refused_and_the_others_are_taken(name):
    rules = [Relabel(action="hashmod", source_labels=("a",), target_label="b", modulus=2)]
    result = made([{"__address__": "h:1", name: "\ud800"}, {"__address__": "i:1", "a": "x"}], rules)
    assert [target.url for target in result.targets] == ["http://i:1/metrics"]
    (words,) = result.refused
    assert words.encode().endswith(b": the value of a label is not text")
