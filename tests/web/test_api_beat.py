"""Heartbeats over HTTP: who may send them, and what is handed on."""

from __future__ import annotations

from typing import Any

import pytest

FRAME = {"content-type": "application/octet-stream"}


@pytest.mark.parametrize(
    ("keys", "client", "with_token", "status"),
    [
        ((), "127.0.0.1", False, 204),
        ((), "192.0.2.1", False, 401),
        ((), "192.0.2.1", True, 204),
        (("env:K",), "192.0.2.1", False, 204),
    ],
)
async def test_who_may_beat(
    make_node: Any, asker: Any, token: str, keys: tuple[str, ...], client: str, with_token: bool, status: int
) -> None:
    node = make_node(300, keys=keys)
    ask = asker(node)
    answer = await ask(
        "POST",
        "/api/v1/beat",
        body=b"Gf" * 32,
        headers=FRAME,
        client=client,
        token=token if with_token else "",
    )
    assert answer.status == status
    assert node.done == ([("beat", b"Gf" * 32, client)] if status == 204 else [])


@pytest.mark.parametrize(
    ("url", "headers"),
    [
        ("https://gadfly.example.org", {}),
        ("", {"forwarded": "for=192.0.2.1"}),
        ("", {"X-Forwarded-For": "192.0.2.1"}),
        ("", {"x-forwarded-proto": "https"}),
    ],
)
@pytest.mark.parametrize(
    ("keys", "with_token", "status"), [((), False, 401), ((), True, 204), (("env:K",), False, 204)]
)
async def test_behind_a_proxy_loopback_is_everybody(
    make_node: Any,
    asker: Any,
    token: str,
    url: str,
    headers: dict[str, str],
    keys: tuple[str, ...],
    with_token: bool,
    status: int,
) -> None:
    node = make_node(300, keys=keys, url=url)
    answer = await asker(node)(
        "POST",
        "/api/v1/beat",
        body=b"Gf" * 32,
        headers={**FRAME, **headers},
        token=token if with_token else "",
    )
    assert answer.status == status
    assert len(node.done) == (status == 204)


@pytest.mark.parametrize(
    ("body", "headers", "status"),
    [
        (b"x" * 1200, FRAME, 204),
        (b"x" * 1201, FRAME, 413),
        (b"", FRAME, 400),
        (b"x", {"content-type": "text/plain"}, 415),
        (b"x", {}, 415),
    ],
)
async def test_one_frame_at_most(ask: Any, body: bytes, headers: dict[str, str], status: int) -> None:
    assert (await ask("POST", "/api/v1/beat", body=body, headers=headers)).status == status
