"""From what discovery found to targets: Prometheus' default labels, relabelling, the address. Pure.

Source of the rules: Prometheus 2.42, scrape/target.go.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from typing import NamedTuple
from urllib.parse import urlencode

from gadfly import duration
from gadfly.config.scrape import Scrape
from gadfly.monitor.probe.request import Target as Place
from gadfly.monitor.probe.request import parse
from gadfly.promql.relabel import Rule, process

PORTS = {"http": 80, "https": 443}
PARAM = "__param_"
TEN = 10.0
"""Seconds that a target may take where nothing else is said; as Prometheus."""
SHORTEST = 0.1


class Target(NamedTuple):
    """What is asked, how often, and which labels its series get. Two that are equal are one."""

    job: str
    labels: tuple[tuple[str, str], ...]
    """Those that begin with no `__`, by name."""
    url: str
    every: float
    timeout: float

    def place(self) -> Place:
        """ValueError where the URL is none."""
        return parse(self.url)

    def offset(self, seed: str) -> float:
        """Seconds into its interval at which its turn is: the same after a restart, spread over all."""
        digest = hashlib.blake2b(repr((seed, self.labels, self.url)).encode(), digest_size=8).digest()
        return int.from_bytes(digest, "big") / 2**64 * self.every


class Found(NamedTuple):
    """What became of everything that discovery knows of one job."""

    targets: dict[Target, dict[str, str]]
    """With their labels before relabelling; without repetitions."""
    dropped: list[dict[str, str]]
    """The labels, before relabelling, of those that a rule dropped."""
    refused: list[str]
    """Why others are no targets."""


def timeout_of(scrape: Scrape) -> float:
    """Seconds; never more than the interval."""
    return min(scrape.timeout or TEN, scrape.every)


def targets(job: str, scrape: Scrape, rules: Sequence[Rule], found: Sequence[Mapping[str, str]]) -> Found:
    """Targets of a job; each element of `found` has `__address__` and other labels."""
    made: dict[Target, dict[str, str]] = {}
    dropped: list[dict[str, str]] = []
    refused: list[str] = []
    for labels in found:
        before = _completed(job, scrape, labels)
        try:
            _check_text(before)
            after = process(rules, before)
            if after is None:
                dropped.append(before)
            else:
                made[_target(job, scrape, after)] = before
        except ValueError as error:
            address = before.get("__address__", "")[:120].encode(errors="replace").decode()
            refused.append(f"{address}: {error}")
    return Found(made, dropped, refused)


def _check_text(labels: Mapping[str, str]) -> None:
    """JSON and YAML can write half of a surrogate pair, which no expression, no page and no store takes."""
    try:
        "".join(labels.values()).encode()
    except UnicodeEncodeError:
        raise ValueError("the value of a label is not text") from None


def _completed(job: str, scrape: Scrape, labels: Mapping[str, str]) -> dict[str, str]:
    defaults = {
        "job": job,
        "__scrape_interval__": duration.format(scrape.every),
        "__scrape_timeout__": duration.format(timeout_of(scrape)),
        "__metrics_path__": scrape.path,
        "__scheme__": scrape.scheme,
    }
    found = {name: value for name, value in labels.items() if value}
    parameters = {f"{PARAM}{name}": values[0] for name, values in scrape.params.items() if values}
    return {**defaults, **found, **parameters}


def _target(job: str, scrape: Scrape, labels: Mapping[str, str]) -> Target:
    address, scheme = labels.get("__address__", ""), labels.get("__scheme__", "")
    if not address:
        raise ValueError("no address is left after relabelling")
    if "/" in address:
        raise ValueError("an address is host:port; the path belongs into __metrics_path__")
    if scheme not in PORTS:
        raise ValueError(f'"{scheme[:20]}" is no scheme; write http or https')
    if not _has_port(address):
        address = f"{address}:{PORTS[scheme]}"
    every = duration.parse(labels.get("__scrape_interval__", ""))
    timeout = duration.parse(labels.get("__scrape_timeout__", ""))
    if every < SHORTEST or not 0 < timeout <= every:
        raise ValueError("the interval must be 100ms or more, and the timeout no longer than it")
    path = labels.get("__metrics_path__", "")
    parameters = {name: list(values) for name, values in scrape.params.items()}
    for name, value in labels.items():
        if name.startswith(PARAM):
            parameters[name[len(PARAM) :]] = [value, *parameters.get(name[len(PARAM) :], [])[1:]]
    query = urlencode(sorted(parameters.items()), doseq=True)
    url = f"{scheme}://{address}{'' if path.startswith('/') else '/'}{path}{'?' if query else ''}{query}"
    parse(url)
    own = {name: value for name, value in labels.items() if not name.startswith("__")}
    own.setdefault("instance", address)
    for name, value in own.items():
        if not value.isprintable() and "\ufffd" in value:
            raise ValueError(f'the value of "{name[:80]}" is not text')
    return Target(job, tuple(sorted(own.items())), url, every, timeout)


def _has_port(address: str) -> bool:
    if address.startswith("["):
        return "]:" in address
    return address.count(":") == 1
