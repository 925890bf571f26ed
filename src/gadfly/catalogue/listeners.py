"""What must hold of pings, and of what is listened to beside HTTP."""

from __future__ import annotations

import ipaddress

from gadfly import address, secret
from gadfly.catalogue import values
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
    _statsd(report, config)
    _collectd(report, config)
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


def _statsd(report: Report, config: Config) -> None:
    for field in ("listen", "tcp"):
        for index, where in enumerate(getattr(config.statsd, field)):
            report.test(("statsd", field, index), _listening, where)
    report.within(("statsd", "flush"), config.statsd.flush, 1, 3_600, seconds=True)
    report.within(("statsd", "metrics"), config.statsd.metrics, 1, 1_000_000)
    report.within(("statsd", "idle"), config.statsd.idle, 10, 30 * 86_400, seconds=True)


def _collectd(report: Report, config: Config) -> None:
    collectd = config.collectd
    for index, where in enumerate(collectd.listen):
        report.test(("collectd", "listen", index), _listening, where)
    for index, interface in enumerate(collectd.interfaces):
        report.test(("collectd", "interfaces", index), values.interface, interface)
    for user, passwords in collectd.users.items():
        for index, password in enumerate(passwords):
            report.test(("collectd", "users", user, index), values.secret_reference, password)
    if collectd.listen and collectd.security != "none" and not collectd.users and not collectd.auth_file:
        report.say(
            ("collectd", "security"),
            "nobody could prove who they are: name the senders in `users`, or write `auth_file`",
        )


def _listening(text: str) -> None:
    host, _ = address.split(text)
    try:
        ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        raise ValueError(f'"{text[:80]}" is no address; 0.0.0.0 is for all') from None


def _reference(text: str) -> None:
    if not secret.is_reference(text):
        raise ValueError("a ping key does not belong into this file; write env:NAME or file:PATH")
