"""Which component a resource is: one whose name the next start has again."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gadfly.telemetry.otlp_resource import stays, who


@pytest.mark.parametrize(
    "instance",
    [
        "cart-1",
        "cart-0",
        "web-1:8080",
        "10.0.0.3:9090",
        "[::1]:80",
        "web-1",
        "12",
        "checkout-service-blue",
        "a",
    ],
)
def test_a_name_that_stays(instance: str) -> None:
    assert stays(instance)


@pytest.mark.parametrize(
    "instance",
    [
        "627cc493-f310-47de-96bd-71410b7dec09",
        "cart-627CC493-F310-47DE-96BD-71410B7DEC09",
        "cart-7d9f8b6c5d-x2x9z",
        "default.cart-7d9f8b6c5d-x2x9z.cart",
        "4f1c2d3e4a5b",
        "deadbeefcafe",
        "1234",
        "1234@web-1",
        "web-1/4711",
        "i-0abcd1234ef567890",
        "9" * 100_000,
    ],
)
def test_a_name_that_passes(instance: str) -> None:
    assert not stays(instance)


@pytest.mark.parametrize(
    ("resource", "name", "kind", "host", "group", "instance"),
    [
        ({"service.name": "cart"}, "cart", "service", "", "", ""),
        ({"service.name": "cart", "service.namespace": "shop"}, "shop/cart", "service", "", "shop", ""),
        ({"service.name": "cart", "host.name": "web-1"}, "cart", "service", "web-1", "", "web-1"),
        ({"service.name": "cart", "service.instance.id": "c-1"}, "cart@c-1", "service", "", "", "c-1"),
        ({"service.name": "cart", "service.instance.id": "4711"}, "cart", "service", "", "", "4711"),
        ({"service.name": "cart", "service.instance.id": "cart"}, "cart", "service", "", "", "cart"),
        ({"host.name": "web-1"}, "web-1", "host", "", "", ""),
    ],
)
def test_the_component(
    resource: dict[str, str], name: str, kind: str, host: str, group: str, instance: str
) -> None:
    found = who(resource)
    assert found is not None
    assert (found.name, found.kind, found.host, found.group, found.instance) == (
        name,
        kind,
        host,
        group,
        instance,
    )


def test_nobody_is_nobody() -> None:
    assert who({}) is None
    assert who({"service.instance.id": "a", "service.namespace": "b"}) is None


def test_its_labels_are_those_that_stay() -> None:
    found = who(
        {"service.name": "c", "service.version": "2", "deployment.environment": "test", "process.pid": "7"}
    )
    assert found is not None
    assert found.labels == {"version": "2", "environment": "test"}


@given(st.dictionaries(st.sampled_from(["service.name", "service.instance.id", "host.name"]), st.text()))
def test_any_resource(resource: dict[str, str]) -> None:
    who(resource)
