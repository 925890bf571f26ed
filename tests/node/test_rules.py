"""Rules on a real node; and Debian's Prometheus with a rule that fires, which sends its alerts to one."""

from __future__ import annotations

import asyncio
import contextlib
import json
import shutil
import socket
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from gadfly.errors import ConfigError
from gadfly.promql import instant

pytestmark = pytest.mark.slow

RULES = """
groups:
- name: own
  interval: 1s
  rules:
  - record: rules:sum
    expr: sum(gadfly_rules)
  - alert: Ruled
    expr: rules:sum > 0
    for: {hold}
    labels: {{severity: warning, team: "{{{{ $value }}}}"}}
    annotations: {{summary: "{{{{ $value | humanize }}}} rules"}}
"""


def fetch(url: str) -> Any:
    with urllib.request.urlopen(url, timeout=5) as answer:
        return json.loads(answer.read())


async def until(seen: Any, seconds: float = 15.0) -> Any:
    deadline = time.monotonic() + seconds
    while not (found := seen()):
        assert time.monotonic() < deadline, "never seen"
        await asyncio.sleep(0.1)
    return found


def told(place: Any, status: str) -> list[dict[str, Any]]:
    return [one for one in place.notifications() if one["status"] == status]


async def test_rules_fire_are_told_and_go_with_a_reload(place: Any) -> None:
    path = place.folder / "rules.yml"
    path.write_text(RULES.format(hold="1s"))
    place.write(
        f"""
        [rules]
        files = ["{path}"]
        [alerting]
        settle = "0s"
        """
    )
    async with place.node() as node:
        (first,) = await until(lambda: told(place, "firing"), 30)
        (alert,) = first["alerts"]
        assert alert["labels"] == {"alertname": "Ruled", "severity": "warning", "team": "2"}
        assert alert["annotations"] == {"summary": "2 rules"}
        assert "/query#q=rules%3Asum" in alert["generatorURL"]
        url = f"http://127.0.0.1:{place.tcp}"
        (group,) = (await asyncio.to_thread(fetch, f"{url}/prometheus/api/v1/rules"))["data"]["groups"]
        assert [one["health"] for one in group["rules"]] == ["ok", "ok"]
        assert (group["rules"][1]["state"], group["rules"][1]["alerts"][0]["value"]) == ("firing", "2e+00")
        firing = (await asyncio.to_thread(fetch, f"{url}/prometheus/api/v1/alerts"))["data"]["alerts"]
        assert [one["labels"]["alertname"] for one in firing] == ["Ruled"]
        path.write_text("groups: [{name: broken, rules: [{record: a, expr: 'sum('}]}]")
        with pytest.raises(ConfigError, match=r'group "broken", rule 1, "a": could not parse expression'):
            await node.reload()
        assert node.engine.counts()["firing"] == 1
        path.write_text("groups: []")
        await node.reload()
        await until(lambda: told(place, "resolved"))
        source = node.series.source

        def gone() -> bool:
            at = round(time.time() * 1000)
            return not instant(source, 'ALERTS{alertname="Ruled"} or rules:sum', at).samples

        await until(gone)


async def test_a_restart_goes_on_where_the_rule_was(place: Any) -> None:
    path = place.folder / "rules.yml"
    path.write_text(RULES.format(hold="1h"))
    place.write(f'[rules]\nfiles = ["{path}"]')
    async with place.node() as node:

        def pending() -> float:
            return next((one.since for one in node.rules.groups()[0].rules[1].alerts.standing()), 0.0)

        began = await until(pending, 30)
        await asyncio.sleep(2)
    assert told(place, "firing") == []
    async with place.node() as node:
        again = await until(pending, 30)
        assert again - began < 30
        assert time.time() - again > 1.5  # it held for so long before


@contextlib.contextmanager
def prometheus(folder: Path, target: int, ends: float) -> Iterator[None]:
    folder.mkdir()
    (folder / "rules.yml").write_text(
        json.dumps(
            {
                "groups": [
                    {
                        "name": "g",
                        "rules": [
                            {
                                "alert": "Busy",
                                "expr": f"vector(time()) < {ends:.0f}",
                                "labels": {"severity": "critical", "instance": "db-1:9100"},
                                "annotations": {"summary": "It is {{ $value | humanizeTimestamp }}."},
                            }
                        ],
                    }
                ]
            }
        )
    )
    (folder / "prometheus.yml").write_text(
        json.dumps(
            {
                "global": {"evaluation_interval": "1s"},
                "rule_files": ["rules.yml"],
                "alerting": {
                    "alertmanagers": [
                        {
                            "path_prefix": "/alertmanager",
                            "static_configs": [{"targets": [f"127.0.0.1:{target}"]}],
                        }
                    ]
                },
            }
        )
    )
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            [
                "prometheus",
                f"--config.file={folder / 'prometheus.yml'}",
                f"--storage.tsdb.path={folder / 'data'}",
                f"--web.listen-address=127.0.0.1:{port}",
                "--rules.alert.resend-delay=1s",
            ],
            stdout=log,
            stderr=log,
        )
    try:
        yield
    finally:
        process.kill()
        process.wait()


@pytest.mark.skipif(shutil.which("prometheus") is None, reason="prometheus is not installed")
async def test_a_prometheus_sends_its_alerts_here(place: Any) -> None:
    ends = time.time() + 9
    place.write('[alerting]\nsettle = "0s"\n[component.db-1]\nowner = "ops"\nbeats = "1h"')
    with prometheus(place.folder / "prometheus", place.tcp, ends):
        async with place.node():
            (first,) = await until(lambda: told(place, "firing"))
        async with place.node() as node:  # a restart forgets nothing, and tells nothing twice
            assert node.engine.counts()["firing"] == 1
            (last,) = await until(lambda: told(place, "resolved"), 25)
            assert node.engine.counts()["firing"] == 0
    (alert,) = first["alerts"]
    assert alert["labels"] == {"alertname": "Busy", "severity": "critical", "instance": "db-1:9100"}
    assert alert["annotations"]["summary"].startswith("It is 20")
    assert "g0.expr=vector" in alert["generatorURL"]
    assert len(told(place, "firing")) == 1
    assert last["alerts"][0]["fingerprint"] == alert["fingerprint"]
