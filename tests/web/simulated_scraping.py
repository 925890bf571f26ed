"""Targets as a node shows them, for the tests of the page."""

from __future__ import annotations

from gadfly.web.scraped import Page, Shown


class SimulatedScraping:
    """Two jobs: a few exporters with labels that are anything, and many that are alike."""

    def __init__(self, now: float) -> None:
        self.pages = [
            Page("many", [_shown(f"host-{number}:9100", now) for number in range(600)], [], []),
            Page(
                "node<b>",
                [
                    _shown("db1:9100", now, zone="<img src=x onerror=alert(1)>"),
                    _shown("db2:9100", now)._replace(health="down", error="line 3: '<b>' is not a number"),
                    _shown("db3:9100", 0.0)._replace(health="unknown"),
                ],
                [{"__address__": "db9:9100", "env": "test"}],
                [],
            ),
        ]

    def shown(self) -> list[Page]:
        return self.pages


def _shown(instance: str, at: float, **labels: str) -> Shown:
    own = {"job": "j", "instance": instance, **labels}
    url = f"http://{instance}/metrics"
    return Shown(own, {"__address__": instance}, url, "up", "", at, 0.012, 100, 15.0, 10.0)
