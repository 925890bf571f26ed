"""What others' telemetry comes in by, beside HTTP: each part is made, run, reloaded and counted here.

A part is one way in: scraping, a protocol's socket, files of logs. To add one, write a class that fits
:class:`Part` and add a line in :meth:`Intake.__init__`.
"""

from __future__ import annotations

from collections.abc import Coroutine, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Protocol

from gadfly.config import Config
from gadfly.intake.collectd import Collectd
from gadfly.intake.discovered import Discovered
from gadfly.intake.job_series import JobSeries
from gadfly.intake.journald import Journald
from gadfly.intake.log_files import LogFiles
from gadfly.intake.logs import Logs
from gadfly.intake.otlp import Otlp
from gadfly.intake.pings import Pings
from gadfly.intake.push import Pushes
from gadfly.intake.remote_write import RemoteWrite
from gadfly.intake.scraping import Scraping
from gadfly.intake.statsd import Statsd
from gadfly.intake.syslog import Syslog

if TYPE_CHECKING:
    from gadfly.app import Node  # the node is handed in; importing it here would be a circle


class Part(Protocol):
    """One way in."""

    async def run(self) -> None:
        """Work until cancelled, then give back what is held. What is not configured waits at no cost."""

    def reconfigure(self, config: Config) -> None:
        """The configuration from now on; it was checked, so this does not refuse."""

    def counts(self) -> Mapping[str, int]:
        """What is told at `/metrics`: names that end in `_total` only grow, the others are as of now."""

    def warnings(self) -> Sequence[str]:
        """What the operator should know, and do; one sentence each."""


class Intake:
    """Made by the node when its parts are there; one for each node."""

    def __init__(self, node: Node) -> None:
        self.discovered = Discovered(node.hearing, node.clock, node.config)
        self.logs = Logs(
            node.config,
            node.clock,
            series=lambda: node.series.source,
            report=lambda reports: node.engine.report(reports),
            generator=f"{node.url()}/logs",
        )
        self.pings = Pings(node.db, node.clock, node.components, node.hearing, node.flow.put, node.config)
        self.scraping = Scraping(node.config, node.clock, name=node.name(), store=lambda: node.series.source)
        self.remote_write = RemoteWrite(node.clock, lambda: node.series.source)
        self.otlp = Otlp(node.series, node.clock, self.discovered, self.logs.keep)
        syslog = Syslog(self.logs, node.clock, node.config)
        log_files = LogFiles(self.logs, node.clock, node.config)
        journald = Journald(self.logs, node.clock, node.config)
        self.pushes = Pushes(node.config, node.clock, node.db, lambda: node.series.source)
        self.statsd = Statsd(node.config, node.clock, lambda: node.series.source, self.discovered)
        self.collectd = Collectd(
            node.config, node.clock, lambda: node.series.source, self.discovered, self.logs.take
        )
        self._parts: dict[str, Part] = {
            "jobs": JobSeries(node.clock, node.components, node.members, lambda: node.series.source),
            "statsd": self.statsd,
            "collectd": self.collectd,
            "push": self.pushes,
            "remote_write": self.remote_write,
            "scrape": self.scraping,
            "pings": self.pings,
            "logs": self.logs,
            "syslog": syslog,
            "log_files": log_files,
            "journald": journald,
            "discovered": self.discovered,
            "otlp": self.otlp,
        }

    def tasks(self) -> Iterator[tuple[str, Coroutine[Any, Any, None]]]:
        """What is to be run, by name."""
        for name, part in self._parts.items():
            yield name, part.run()

    def reconfigure(self, config: Config) -> None:
        """The configuration from now on."""
        for part in self._parts.values():
            part.reconfigure(config)

    def counts(self) -> dict[tuple[str, str], int]:
        """By part and what is counted."""
        return {
            (name, what): count for name, part in self._parts.items() for what, count in part.counts().items()
        }

    def warnings(self) -> list[str]:
        """Of all parts."""
        return [one for part in self._parts.values() for one in part.warnings()]
