"""What holds for every request and every answer: hosts, other sites, sizes, headers."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gadfly.web import guard


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("127.0.0.1:7171", 200),
        ("127.8.9.1", 200),
        ("localhost:7171", 200),
        ("LOCALHOST", 200),
        ("app.localhost", 200),
        ("[::1]:7171", 200),
        ("evil.example", 421),
        ("127.0.0.1.evil.example", 421),
        ("localhost.evil.example:7171", 421),
        ("", 421),
        ("[", 421),
        ("10.0.0.1", 421),
    ],
)
async def test_on_loopback_only_loopback_s_names(ask: Any, host: str, status: int) -> None:
    assert (await ask("GET", "/api/v1/summary", headers={"host": host})).status == status


def test_elsewhere_any_name() -> None:
    assert guard.names("0.0.0.0:7171", "") is None
    assert guard.names("[::1]:7171", "https://Gadfly.example.org:8443/x") == {"gadfly.example.org"}
    assert guard.names("127.0.0.1:7171", "") == frozenset()


@given(st.text(max_size=80))
def test_no_host_header_breaks_the_check(text: str) -> None:
    guard.is_loopback(guard.host_only(text))


@pytest.mark.parametrize(
    ("site", "mode", "path", "status"),
    [
        ("same-origin", "cors", "/api/v1/summary", 200),
        ("none", "navigate", "/", 200),
        ("cross-site", "navigate", "/", 200),
        ("cross-site", "no-cors", "/api/v1/summary", 403),
        ("cross-site", "cors", "/api/v1/stream", 403),
        ("same-site", "cors", "/api/v1/summary", 403),
    ],
)
async def test_other_sites_are_not_answered(ask: Any, site: str, mode: str, path: str, status: int) -> None:
    headers = {"sec-fetch-site": site, "sec-fetch-mode": mode}
    assert (await ask("GET", path, headers=headers)).status == status


@pytest.mark.parametrize("path", ["/", "/page/main.js", "/api/v1/summary", "/nope", "/livez"])
async def test_every_answer_has_the_headers(ask: Any, path: str) -> None:
    answer = await ask("GET", path)
    for key, value in guard.HEADERS.items():
        assert answer.headers[key] == value
    assert "access-control-allow-origin" not in answer.headers
    assert "cache-control" in answer.headers


def test_the_policy_allows_own_scripts_only() -> None:
    rules = dict(rule.strip().split(" ", 1) for rule in guard.POLICY.split(";"))
    assert rules["default-src"] == "'none'"
    assert rules["script-src"] == "'self'"
    assert rules["frame-ancestors"] == "'none'"
    assert "unsafe" not in guard.POLICY


async def test_long_targets_and_heads_are_refused(ask: Any) -> None:
    assert (await ask("GET", "/api/v1/components?q=" + "x" * 5000)).status == 414
    assert (await ask("GET", "/api/v1/summary", headers={"x": "y" * 17_000})).status == 431
    assert (await ask("GET", "/api/v1/summary", headers={"content-length": "-1"})).status == 413
