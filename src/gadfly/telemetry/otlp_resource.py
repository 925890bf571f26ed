"""Which component a resource of OpenTelemetry's is.

A service is a component: `service.namespace/service.name`, or the name alone. An instance is one of its own
where its `service.instance.id` is a name that stays (`cart-1`, `web-1:8080`). One that is made anew at every
start (a UUID, the id of a container, the name of a Deployment's pod, a process id) would leave a dead
component behind with every deployment; such instances are told apart, and the service is there while one of
them is.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import NamedTuple

_PASSING = re.compile(
    r"""
      .*[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}.*  # a UUID
    | .*(?<![0-9a-z])[0-9a-f]{12,}(?![0-9a-z]).*                        # a container's id, a hash
    | .*-[0-9a-z]{6,10}-[bcdfghjklmnpqrstvwxz2456789]{5}(?![0-9a-z-]).*  # a pod of a Deployment
    | (.*[@:/-])?[0-9]{3,}(@.*)?                                        # a process id, a random number
    """,
    re.VERBOSE | re.IGNORECASE | re.DOTALL,
)
_PORT = re.compile(r".*[^0-9].*:[0-9]{1,5}|\[?[0-9a-f:.]+\]?:[0-9]{1,5}", re.IGNORECASE | re.DOTALL)
LONGEST = 200
"""Characters of an instance's id that are looked at."""
_LABELS = {
    "service.version": "version",
    "deployment.environment.name": "environment",
    "deployment.environment": "environment",
    "k8s.namespace.name": "k8s_namespace",
    "k8s.cluster.name": "k8s_cluster",
    "cloud.region": "region",
    "telemetry.sdk.language": "language",
}
"""Attributes that the component bears as labels: those that are the same for as long as it runs."""


class Who(NamedTuple):
    """As :meth:`gadfly.intake.discovered.Discovered.seen` asks."""

    name: str
    kind: str
    host: str
    group: str
    labels: dict[str, str]
    instance: str


def stays(instance: str) -> bool:
    """Whether an instance's id is a name that the next start has again."""
    instance = instance[:LONGEST]
    return bool(_PORT.fullmatch(instance)) or not _PASSING.fullmatch(instance)


def who(resource: Mapping[str, str]) -> Who | None:
    """The component, None where the resource does not say which."""
    host = resource.get("host.name", "") or resource.get("k8s.node.name", "")
    service, namespace = resource.get("service.name", ""), resource.get("service.namespace", "")
    instance = resource.get("service.instance.id", "")
    labels = {label: resource[name] for name, label in reversed(_LABELS.items()) if resource.get(name)}
    if not service:
        return Who(host, "host", "", "", labels, "") if host else None
    name = f"{namespace}/{service}" if namespace else service
    if instance and stays(instance) and instance not in (service, name, host):
        name = f"{name}@{instance}"
    return Who(name, "service", host, namespace, labels, instance or host)
