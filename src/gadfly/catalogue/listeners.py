"""What must hold of pings."""

from __future__ import annotations

from gadfly import secret
from gadfly.catalogue.report import Report
from gadfly.config import Config
from gadfly.telemetry.ping import ID


def check(report: Report, config: Config) -> None:
    """Append what is wrong."""
    for index, key in enumerate(config.ping.keys):
        report.test(("ping", "keys", index), _reference, key)
    report.within(("ping", "create"), config.ping.create, 0, 100_000)
    report.within(("ping", "rate"), config.ping.rate, 1, 1_000_000)
    report.within(("ping", "strangers"), config.ping.strangers, 0, 1_000_000)
    report.within(("ping", "output_mb"), config.ping.output_mb, 0, 1_000_000)
    whose: dict[str, str] = {}
    for name, component in config.component.items():
        if not component.ping:
            continue
        path = ("component", name, "ping")
        if not secret.is_reference(component.ping) and not ID.fullmatch(component.ping):
            report.say(path, "an id is a UUID, or 16 to 100 letters, digits, - and _; or write env:NAME")
        first = whose.setdefault(component.ping, name)
        if first != name:
            report.say(path, f'"{first}" has the same; each job needs its own')


def _reference(text: str) -> None:
    if not secret.is_reference(text):
        raise ValueError("a ping key does not belong into this file; write env:NAME or file:PATH")
