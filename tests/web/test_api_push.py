"""Pushing over HTTP: the paths of the Pushgateway, and what a pusher is told."""

from __future__ import annotations

from typing import Any

import pytest

from gadfly.errors import FormatError, LimitError, StoreError
from gadfly.web.scraped import Page, Shown

TEXT = {"content-type": "text/plain; version=0.0.4"}


class Pushes:
    def __init__(self) -> None:
        self.took: list[tuple[str, str, bytes]] = []
        self.outcome: Exception | None = None

    async def push(self, path: str, body: bytes, *, replace: bool) -> None:
        self._take("put" if replace else "post", path, body)

    async def delete(self, path: str) -> None:
        self._take("delete", path, b"")

    def _take(self, what: str, path: str, body: bytes) -> None:
        self.took.append((what, path, body))
        if self.outcome is not None:
            raise self.outcome


@pytest.fixture
def pushes(node: Any) -> Pushes:
    node.pushes = Pushes()
    return node.pushes  # type: ignore[no-any-return]


@pytest.mark.parametrize("prefix", ["", "/push"])
@pytest.mark.parametrize(("method", "status"), [("PUT", 200), ("POST", 200), ("DELETE", 202)])
async def test_the_paths_of_a_pushgateway(
    ask: Any, pushes: Pushes, prefix: str, method: str, status: int
) -> None:
    body = b"" if method == "DELETE" else b"a 1\n"
    for path, group in (("job/j/a/b", "j/a/b"), ("job@base64/ag/a/b", "@base64/ag/a/b")):
        answer = await ask(method, f"{prefix}/metrics/{path}", body=body, headers=TEXT)
        assert (answer.status, answer.body) == (status, b"")
        assert pushes.took.pop() == (method.lower(), group, body)


@pytest.mark.parametrize(
    ("error", "status"),
    [(FormatError("Line 2: x"), 400), (LimitError("many"), 429), (StoreError("soon"), 503)],
)
async def test_what_is_not_taken_is_said(ask: Any, pushes: Pushes, error: Exception, status: int) -> None:
    pushes.outcome = error
    answer = await ask("POST", "/metrics/job/j", body=b"a 1\n", headers=TEXT)
    assert answer.status == status
    assert str(error) in answer.body.decode()
    assert ("retry-after" in answer.headers) == (status == 503)


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"content-type": "application/x-www-form-urlencoded"}, 200),
        ({"content-type": "application/vnd.google.protobuf"}, 415),
        ({"content-encoding": "gzip", **TEXT}, 415),
    ],
)
async def test_only_text_is_taken(ask: Any, pushes: Pushes, headers: dict[str, str], status: int) -> None:
    answer = await ask("PUT", "/metrics/job/j", body=b"a 1\n", headers=headers)
    assert answer.status == status


async def test_a_long_push_is_taken_and_a_longer_one_is_not(ask: Any, pushes: Pushes) -> None:
    for size, status in ((3_000_000, 200), (4_000_001, 413)):
        answer = await ask("PUT", "/metrics/job/j", body=b"#" * size, headers=TEXT)
        assert answer.status == status


async def test_targets_are_told_as_prometheus_tells_them(ask: Any, node: Any) -> None:
    class Scraping:
        def shown(self) -> list[Page]:
            up = Shown(
                {"job": "j"}, {"__address__": "h:1"}, "http://h:1/m", "up", "", 1.5, 0.25, 3, 15.0, 10.0
            )
            new = up._replace(health="unknown", asked_at=0.0)
            return [Page("j", [up, new], [{"__address__": "d:1"}], []), Page("k", [], [], [])]

    node.scraping = Scraping()
    found = (await ask("GET", "/prometheus/api/v1/targets")).json()["data"]
    assert found["activeTargets"][0] == {
        "discoveredLabels": {"__address__": "h:1"},
        "labels": {"job": "j"},
        "scrapePool": "j",
        "scrapeUrl": "http://h:1/m",
        "globalUrl": "http://h:1/m",
        "lastError": "",
        "lastScrape": "1970-01-01T00:00:01.500000Z",
        "lastScrapeDuration": 0.25,
        "health": "up",
        "scrapeInterval": "15s",
        "scrapeTimeout": "10s",
    }
    assert found["activeTargets"][1]["lastScrape"] == "0001-01-01T00:00:00Z"
    assert found["droppedTargets"] == [{"discoveredLabels": {"__address__": "d:1"}}]
    for query, active, dropped in (("state=active", 2, 0), ("state=dropped", 0, 1), ("scrapePool=k", 0, 0)):
        found = (await ask("GET", f"/api/v1/targets?{query}")).json()["data"]
        assert (len(found["activeTargets"]), len(found["droppedTargets"])) == (active, dropped)
    answer = await ask("GET", "/api/v1/targets?state=x")
    assert (answer.status, answer.json()["errorType"]) == (400, "bad_data")
