"""What must hold of scraping besides its types."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from gadfly import secret
from gadfly.catalogue import prometheus_file, values
from gadfly.catalogue.positions import Path
from gadfly.config.scrape import Relabel, Scrape
from gadfly.errors import ConfigError
from gadfly.promql import relabel
from gadfly.promql.labels import is_label_name

if TYPE_CHECKING:
    from gadfly.catalogue.report import Report
    from gadfly.config import Config


def check(report: Report, config: Config) -> None:
    """Report what is wrong with `[scrape.NAME]` and `[scraping]`."""
    report.within(("scraping", "at_once"), config.scraping.at_once, 1, 100_000)
    report.within(("push", "groups"), config.push.groups, 1, 1_000_000)
    report.within(("push", "every"), config.push.every, 1, 240, seconds=True)
    for name, scrape in config.scrape.items():
        _scrape(report, ("scrape", name), scrape)
    first = dict.fromkeys(config.scrape, "[scrape]")
    for index, path in enumerate(config.scraping.files):
        try:
            jobs = prometheus_file.read(path)
        except ConfigError as error:
            for problem in error.problems:
                report.say(("scraping", "files", index), problem)
            continue
        for name in jobs:
            if (known := first.setdefault(name, path)) != path:
                report.say(
                    ("scraping", "files", index), f'{path}: the job "{name}" is declared in {known} too'
                )


def _scrape(report: Report, path: Path, scrape: Scrape) -> None:
    report.within((*path, "every"), scrape.every, 0.1, 86_400, seconds=True)
    if scrape.timeout > scrape.every:
        report.say((*path, "timeout"), "longer than `every`; a scrape ends before the next one begins")
    report.within((*path, "redirects"), scrape.redirects, 0, 20)
    report.within((*path, "body_mb"), scrape.body_mb, 1, 4096)
    for field in ("samples", "target_limit", "label_limit", "label_name_bytes", "label_value_bytes"):
        report.within((*path, field), getattr(scrape, field), 0, 100_000_000)
    if not (scrape.targets or scrape.groups or scrape.files or scrape.dns or scrape.http):
        report.say(path, 'there is nothing to scrape; write targets = ["host:9100"], files, dns or http')
    _labels(report, (*path, "labels"), scrape.labels)
    for index, group in enumerate(scrape.groups):
        _labels(report, (*path, "groups", index, "labels"), group.labels)
    for index, listing in enumerate(scrape.http):
        report.test((*path, "http", index, "url"), values.url, listing.url)
        _headers(report, (*path, "http", index), listing.headers)
        report.within((*path, "http", index, "every"), listing.every, 1, 86_400, seconds=True)
    for index, names in enumerate(scrape.dns):
        report.within((*path, "dns", index, "every"), names.every, 1, 86_400, seconds=True)
        if names.type != "SRV" and not 0 < names.port < 65_536:
            report.say((*path, "dns", index, "port"), f"{names.type} records say no port; write it here")
    _headers(report, path, scrape.headers)
    for field in ("password", "bearer"):
        if text := getattr(scrape, field):
            report.test((*path, field), values.secret_reference, text)
    if scrape.bearer and (scrape.user or scrape.password):
        report.say((*path, "bearer"), "a target is let in by one: a token, or user and password")
    for field in ("relabel", "metric_relabel"):
        _rules(report, (*path, field), getattr(scrape, field))


def _rules(report: Report, path: Path, rules: Sequence[Relabel]) -> None:
    for index, rule in enumerate(rules):
        for field, why in relabel.objections(rule):
            report.say((*path, index, field), why)


def _labels(report: Report, path: Path, labels: dict[str, str]) -> None:
    for name in labels:
        if not is_label_name(name):
            report.say((*path, name), f'"{name[:80]}" is not a label; write letters, digits and _')


def _headers(report: Report, path: Path, headers: dict[str, str]) -> None:
    for header, value in headers.items():
        report.test((*path, "headers", header), values.header, header)
        report.test((*path, "headers", header), values.header_value, value)
        if header.lower() in secret.HEADERS and not secret.is_reference(value):
            report.test((*path, "headers", header), values.secret_reference, value)
