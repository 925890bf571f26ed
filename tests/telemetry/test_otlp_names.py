"""OpenTelemetry's names as Prometheus' translation of OTLP writes them."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gadfly.telemetry import otlp_names


@pytest.mark.parametrize(
    ("name", "unit", "kind", "expected"),
    [
        ("system.io", "foo/bar", "gauge", "system_io_foo_per_bar"),
        ("http.server.duration", "ms", "", "http_server_duration_milliseconds"),
        ("http.server.request.duration", "s", "", "http_server_request_duration_seconds"),
        ("system.filesystem.usage", "By", "", "system_filesystem_usage_bytes"),
        ("system.network.dropped", "{packets}", "counter", "system_network_dropped_total"),
        ("system.network.dropped", "packets", "counter", "system_network_dropped_packets_total"),
        ("network.transmitted.bytes.total", "By", "counter", "network_transmitted_bytes_total"),
        ("a.total.b", "", "counter", "a_b_total"),
        ("system.cpu.utilization", "1", "gauge", "system_cpu_utilization_ratio"),
        ("system.cpu.utilization", "1", "counter", "system_cpu_utilization_total"),
        ("nginx.connections_current", "connections", "gauge", "nginx_connections_current"),
        ("nginx.requests", "requests", "counter", "nginx_requests_total"),
        ("redis.latest_fork", "us", "counter", "redis_latest_fork_microseconds_total"),
        ("nsxt.node.cpu.utilization", "%", "gauge", "nsxt_node_cpu_utilization_percent"),
        ("elasticsearch.cluster.shards", "{shards}", "gauge", "elasticsearch_cluster_shards"),
        ("speed", "km/h", "gauge", "speed_km_per_hour"),
        ("speed", "m/s", "gauge", "speed_meters_per_second"),
        ("rate", "/s", "gauge", "rate_per_second"),
        ("rate", "{request}/s", "gauge", "rate_per_second"),
        ("rate", "By/{request}", "gauge", "rate_bytes"),
        ("unit.with.spaces", " s ", "gauge", "unit_with_spaces_seconds"),
        ("2fast", "", "gauge", "_2fast"),
        ("job:sum", "", "gauge", "job:sum"),
        ("ünï cödé", "", "gauge", "n_c_d"),
        ("", "s", "gauge", ""),
        ("…", "s", "gauge", "__seconds"),
        ("é日本", "", "gauge", "___"),
        ("電圧", "V", "counter", "___volts_total"),
    ],
)
def test_metrics(name: str, unit: str, kind: str, expected: str) -> None:
    found = otlp_names.metric_name(name, unit, counter=kind == "counter", gauge=kind == "gauge")
    assert found == expected


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("http.route", "http_route"),
        ("plain", "plain"),
        ("2xx", "key_2xx"),
        ("_private", "key_private"),
        ("__own", "__own"),
        ("a-b.c", "a_b_c"),
        ("", ""),
    ],
)
def test_labels(name: str, expected: str) -> None:
    assert otlp_names.label_name(name) == expected


def test_attributes_that_become_one_label_stand_together() -> None:
    assert otlp_names.labels({"b.c": "2", "a": "1", "b_c": "3"}) == {"a": "1", "b_c": "2;3"}


def test_attributes_without_a_letter_of_ours_are_kept() -> None:
    assert otlp_names.labels({"電圧": "1", "温度": "2", "é日本": "3"}) == {"__": "2;1", "___": "3"}


def test_labels_of_prometheus_own_are_not_to_be_had() -> None:
    assert otlp_names.labels({"__name__": "x", "__own": "y"}) == {"__own": "y"}


@pytest.mark.parametrize(
    ("resource", "expected"),
    [
        ({}, {}),
        ({"service.name": "cart"}, {"job": "cart"}),
        ({"service.name": "cart", "service.namespace": "shop"}, {"job": "shop/cart"}),
        ({"service.namespace": "shop"}, {}),
        ({"service.name": "c", "service.instance.id": "1"}, {"job": "c", "instance": "1"}),
    ],
)
def test_job_and_instance(resource: dict[str, str], expected: dict[str, str]) -> None:
    assert otlp_names.target(resource) == expected


def test_target_info_has_the_other_attributes() -> None:
    resource = {"service.name": "cart", "service.version": "2", "job": "x"}
    assert otlp_names.target_info(resource) == {
        "__name__": "target_info",
        "job": "cart",
        "service_version": "2",
    }
    assert otlp_names.target_info({"service.name": "cart"}) is None
    assert otlp_names.target_info({"host.name": "a"}) is None


@given(st.text(), st.text(), st.booleans(), st.booleans())
def test_whatever_they_are_the_names_are_valid(name: str, unit: str, counter: bool, gauge: bool) -> None:
    found = otlp_names.metric_name(name, unit, counter=counter, gauge=gauge)
    assert found == "" or re.fullmatch(r"[a-zA-Z_:][a-zA-Z0-9_:]*", found)
    label = otlp_names.label_name(name)
    assert label == "" or re.fullmatch(r"[a-zA-Z_][a-zA-Z0-9_]*", label)
