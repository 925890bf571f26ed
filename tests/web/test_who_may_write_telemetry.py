"""The scope `ingest`: by bearer or Basic, and without a token from this machine only."""

from __future__ import annotations

import base64
from typing import Any

import pytest
from starlette.requests import Request
from starlette.responses import Response

from gadfly.web import auth
from gadfly.web.auth import Gatekeeper
from gadfly.web.problem import Trouble
from gadfly.web.route import Endpoint, body_limit


def basic(user: str, password: str) -> str:
    return "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()


@pytest.mark.parametrize(
    ("header", "token"),
    [
        ("Bearer gadfly_x", "gadfly_x"),
        ("bearer  gadfly_x ", "gadfly_x"),
        (basic("prometheus", "gadfly_x"), "gadfly_x"),
        (basic("", "gadfly_x"), "gadfly_x"),
        (basic("a", "b:c"), "b:c"),
        ("Basic !!!", ""),
        ("Basic " + base64.b64encode(b"\xff\xfe:x").decode(), ""),
        ("Basic " + base64.b64encode(b"no colon").decode(), ""),
        (basic("a", "x" * 513), ""),
        ("Basic " + "A" * 2000, ""),
        ("Digest gadfly_x", ""),
        ("Bearer " + "x" * 513, ""),
        ("", ""),
    ],
)
def test_where_a_token_stands(header: str, token: str) -> None:
    assert auth.presented(header) == token


def request(client: str, headers: dict[str, str], version: str = "1.1") -> Request:
    given = {"host": "127.0.0.1:7171", **headers}
    sent = [(key.encode(), value.encode()) for key, value in given.items()]
    return Request({"type": "http", "http_version": version, "headers": sent, "client": (client, 5)})


@pytest.mark.parametrize(
    ("client", "url", "headers", "status"),
    [
        ("127.0.0.1", "", {}, 0),
        ("::1", "", {}, 0),
        ("192.0.2.1", "", {}, 401),
        ("127.0.0.1", "https://gadfly.example", {}, 401),
        ("127.0.0.1", "", {"forwarded": "for=192.0.2.1"}, 401),
        ("127.0.0.1", "", {"x-forwarded-for": "192.0.2.1"}, 401),
        ("127.0.0.1", "", {"origin": "https://evil.example"}, 401),
        ("127.0.0.1", "", {"host": "gadfly.example"}, 401),
        ("127.0.0.1", "", {"host": ""}, 401),
        ("::1", "", {"host": "localhost:7171"}, 0),
        ("::1", "", {"host": "[::1]:7171"}, 0),
        ("127.0.0.1", "", {"authorization": "Bearer wrong"}, 401),
    ],
)
def test_who_needs_no_token(
    make_node: Any, client: str, url: str, headers: dict[str, str], status: int
) -> None:
    gatekeeper = Gatekeeper(make_node(1, url=url))
    if status:
        with pytest.raises(Trouble) as caught:
            gatekeeper.admit(request(client, headers), "ingest")
        assert caught.value.status == status
    else:
        assert gatekeeper.admit(request(client, headers), "ingest").name == ""
    # Nothing else is given away by where somebody is.
    with pytest.raises(Trouble):
        gatekeeper.admit(request(client, headers), "admin")


def test_a_proxy_that_says_nothing_of_itself_is_known_by_its_old_http(make_node: Any) -> None:
    gatekeeper = Gatekeeper(make_node(1))
    with pytest.raises(Trouble) as caught:
        gatekeeper.admit(request("127.0.0.1", {}, "1.0"), "ingest")
    assert caught.value.status == 401


async def test_a_token_for_telemetry(ask: Any, node: Any, token: str) -> None:
    made = await ask("POST", "/api/v1/tokens", token=token, body={"name": "prometheus", "scopes": ["ingest"]})
    secret = made.json()["token"]
    gatekeeper = Gatekeeper(node)
    for header in (f"Bearer {secret}", basic("any", secret)):
        who = gatekeeper.admit(request("192.0.2.1", {"authorization": header}), "ingest")
        assert who.name == "prometheus"
        with pytest.raises(Trouble) as caught:
            gatekeeper.admit(request("192.0.2.1", {"authorization": header}), "admin")
        assert caught.value.status == 403


async def nothing(_call: object) -> Response:
    return Response()


def test_how_long_a_body_may_be() -> None:
    def row(path: str, **more: Any) -> Endpoint:
        return Endpoint(method="POST", path=path, handler=nothing, summary="", **more)

    limit = body_limit([row("/a"), row("/b", limit=100_000), row("/c/{name}/d", limit=200_000), row("/b")])
    asked = ["/a", "/b", "/c/x/d", "/c/x/e", "/nowhere"]
    assert [limit(path) for path in asked] == [65_536, 100_000, 200_000, 65_536, 65_536]
