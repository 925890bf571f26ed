"""The systems that detection is compared with, as Debian packages them: Prometheus with Alertmanager, and serf.

Each runs in a namespace and is configured by files in a folder of its own. Their notifications go to the
same sink as gadfly's.
"""

from __future__ import annotations

import http.client
import json
import shutil
import stat
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import usage
from namespaces import Host

SERF_PORT = 7946


@dataclass(frozen=True)
class Pace:
    """How a Prometheus and its Alertmanager are set."""

    name: str
    scrape: str
    timeout: str
    wait: str
    interval: str


# Debian's prometheus.yml scrapes and evaluates each 15 s (the program's own default is 1 m, four times slower);
# the time-out of 10 s, group_wait and group_interval are the programs' defaults.
DEFAULT = Pace("prometheus default", "15s", "10s", "30s", "5m")
# The shortest interval in practice; a time-out may not be longer than the interval.
FASTEST = Pace("prometheus fastest", "1s", "1s", "0s", "1s")


def missing() -> list[str]:
    """Programs that are not installed."""
    return [name for name in ("prometheus", "prometheus-alertmanager", "serf") if not shutil.which(name)]


class Prometheus:
    """A Prometheus and an Alertmanager; `targets` are component names with their `address:port`."""

    def __init__(
        self, host: Host, folder: Path, pace: Pace, port: int, targets: Mapping[str, str], webhook: str
    ) -> None:
        folder.mkdir(parents=True)
        self._host, self._port = host, port
        alerting = port + 1
        # JSON is YAML. Every target is a service of its own, so that no alert waits for another one's group.
        (folder / "prometheus.yml").write_text(
            json.dumps(
                {
                    "global": {
                        "scrape_interval": pace.scrape,
                        "scrape_timeout": pace.timeout,
                        "evaluation_interval": pace.scrape,
                    },
                    "rule_files": ["rules.yml"],
                    "alerting": {
                        "alertmanagers": [{"static_configs": [{"targets": [f"127.0.0.1:{alerting}"]}]}]
                    },
                    "scrape_configs": [
                        {
                            "job_name": "targets",
                            "static_configs": [
                                {"targets": [address], "labels": {"component": name, "service": name}}
                                for name, address in targets.items()
                            ],
                        }
                    ],
                }
            )
        )
        rule = {"alert": "InstanceDown", "expr": "up == 0"}
        (folder / "rules.yml").write_text(json.dumps({"groups": [{"name": "up", "rules": [rule]}]}))
        (folder / "alertmanager.yml").write_text(
            json.dumps(
                {
                    "route": {
                        "receiver": "sink",
                        "group_by": ["alertname", "cluster", "service"],
                        "group_wait": pace.wait,
                        "group_interval": pace.interval,
                    },
                    "receivers": [{"name": "sink", "webhook_configs": [{"url": webhook}]}],
                }
            )
        )
        self.log = (folder / "log").open("wb")
        quiet: dict[str, Any] = {
            "stdout": self.log,
            "stderr": self.log,
            "stdin": subprocess.DEVNULL,
            "cwd": folder,
        }
        self.processes = [
            host.start(
                [
                    *(
                        "prometheus-alertmanager",
                        "--config.file=alertmanager.yml",
                        "--cluster.listen-address=",
                    ),
                    *(f"--storage.path={folder}/alerts", f"--web.listen-address=127.0.0.1:{alerting}"),
                ],
                **quiet,
            ),
            host.start(
                [
                    *("prometheus", "--config.file=prometheus.yml", f"--storage.tsdb.path={folder}/series"),
                    f"--web.listen-address=127.0.0.1:{port}",
                ],
                **quiet,
            ),
        ]

    def watching(self) -> int:
        """How many targets it has scraped with success, once it knows its Alertmanager; 0 while it starts."""
        try:
            if not self._ask("/api/v1/alertmanagers")["activeAlertmanagers"]:
                return 0
            found = self._ask("/api/v1/query?query=count(up==1)")["result"]
            return int(found[0]["value"][1]) if found else 0
        except (OSError, ValueError, KeyError):
            return 0

    def _ask(self, path: str) -> Any:
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=5)
        try:
            self._host.inside(connection.connect)
            connection.request("GET", path)
            return json.loads(connection.getresponse().read())["data"]
        finally:
            connection.close()

    def cpu(self) -> float:
        """CPU seconds so far, both programs."""
        return usage.cpu_seconds(process.pid for process in self.processes)

    def close(self) -> None:
        """The processes end with their host; the log is closed here."""
        self.log.close()


HANDLER = """#!/bin/bash
# Serf gives the event's name in the environment and a member a line on standard input.
exec 3<>/dev/tcp/{host}/{port} || exit 1
body="$SERF_EVENT"$'\\n'"$(cat)"
printf 'POST /serf HTTP/1.1\\r\\nHost: sink\\r\\nConnection: close\\r\\nContent-Length: %d\\r\\n\\r\\n%s' "${{#body}}" "$body" >&3
read -r -t 2 _ <&3
"""


class Serf:
    """A cluster with the LAN profile: one observer beside the sink, agents on hosts of their own."""

    def __init__(self, observer: Host, folder: Path, sink: tuple[str, int]) -> None:
        folder.mkdir(parents=True)
        handler = folder / "handler"
        handler.write_text(HANDLER.format(host=sink[0], port=sink[1]))
        handler.chmod(handler.stat().st_mode | stat.S_IXUSR)
        self._meeting = observer.address
        self.observer = self._agent(observer, f"-event-handler=member-failed,member-join={handler}")

    def join(self, host: Host) -> subprocess.Popen[bytes]:
        """Start the agent of a host; the member's name is the host's."""
        return self._agent(host, f"-join={self._meeting}")

    def _agent(self, host: Host, extra: str) -> subprocess.Popen[bytes]:
        return host.start(
            [
                *("serf", "agent", f"-node={host.name}", f"-bind={host.address}:{SERF_PORT}", "-profile=lan"),
                *("-rpc-addr=127.0.0.1:7373", "-log-level=err", extra),
            ],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            stdin=subprocess.DEVNULL,
        )
