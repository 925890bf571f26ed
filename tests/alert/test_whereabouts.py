"""An alert's `instance` is often an address: it is about the one component whose probes ask that."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from gadfly import catalogue
from gadfly.alert.reported import Reported
from gadfly.alert.whereabouts import by_address

CONFIG = catalogue.loads(
    """
    [owner.ops]
    contact = ["https://ops.example/hook"]
    [component.shop]
    owner = "ops"
    probe.http = [{ url = "https://shop.example/readyz" }, { name = "two", url = "http://[::1]:81/" }]
    [component.db]
    probe.tcp = { address = "10.0.0.5:5432" }
    [component.db-exporter]
    probe.tcp = { address = "10.0.0.5:9187" }
    [component.router]
    probe.icmp = { address = "10.0.0.1" }
    """
)


def test_the_component_at_an_address() -> None:
    assert by_address(CONFIG) == {
        "shop.example:443": "shop",
        "shop.example": "shop",
        "[::1]:81": "shop",
        "::1": "shop",
        "10.0.0.5:5432": "db",
        "10.0.0.5:9187": "db-exporter",  # the host alone could be either
        "10.0.0.1": "router",
    }


async def test_an_alert_about_an_address(fleet_of: Callable[..., Any]) -> None:
    fleet = await fleet_of(component=CONFIG.component)
    fleet.add("shop")
    labels = {"alertname": "Slow", "instance": "shop.example:443"}
    await fleet.engine.report([Reported(labels, {}, fleet.clock.wall())])
    (alert,) = await fleet.engine.alerts()
    assert (alert.about, alert.owner) == ("shop", "ops")
