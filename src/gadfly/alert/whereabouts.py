"""Which declared component an address is of, by what its probes ask. Pure."""

from __future__ import annotations

from urllib.parse import urlsplit

from gadfly.config import Config
from gadfly.config.component import Component

PORTS = {"http": 80, "https": 443}


def by_address(config: Config) -> dict[str, str]:
    """The component at each `host:port`, and at each host that is one component's alone."""
    found: dict[str, set[str]] = {}
    for name, component in config.component.items():
        for address in _addresses(component):
            found.setdefault(address, set()).add(name)
    return {address: next(iter(names)) for address, names in found.items() if len(names) == 1}


def _addresses(component: Component) -> set[str]:
    probe = component.probe
    found = {one.address for one in probe.tcp}
    found |= {one.address for one in probe.tls} | {one.address for one in probe.grpc}
    for one in probe.http:
        parts = urlsplit(one.url)
        host = f"[{parts.hostname}]" if ":" in (parts.hostname or "") else parts.hostname
        found.add(f"{host}:{parts.port or PORTS.get(parts.scheme, 80)}")
    hosts = {address.rpartition(":")[0].strip("[]") for address in found}
    return found | hosts | {one.address for one in probe.icmp}
