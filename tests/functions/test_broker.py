"""What a function asks for is checked, done, counted, and struck clean; nothing that is asked can raise."""

from __future__ import annotations

import base64
import datetime as dt
import json
from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gadfly.clock import VirtualClock
from gadfly.errors import ConfigError, GadflyError, Refused
from gadfly.functions import broker as broker_module
from gadfly.functions.broker import Broker
from gadfly.functions.function import Function
from gadfly.functions.grant import parse
from gadfly.functions.pace import Pace
from gadfly.functions.world import Request, Response

SECRET = b"correct-horse+battery/staple"


class World:
    """Answers, and remembers what it was asked."""

    def __init__(self) -> None:
        self.requests: list[Request] = []
        self.did: list[tuple[Any, ...]] = []
        self.answers: dict[str, Response] = {}
        self.error: Exception | None = None

    async def http(self, request: Request) -> Response:
        self.requests.append(request)
        if self.error is not None:
            raise self.error
        found = self.answers.get(f"{request.scheme}://{request.host}{request.path}")
        return found or Response(200, {"x-a": "b"}, b"hello")

    def secret(self, name: str) -> bytes:
        if name == "short":
            return b"abc"
        if name == "odd":
            return "schlüssel-lang".encode()
        if name == "absent":
            raise ConfigError("env:ABSENT: the environment has no ABSENT")
        return SECRET

    async def metric(self, by: str, query: str) -> Any:
        self.did.append(("metric", by, query))
        return [{"value": 1}]

    async def components(self, by: str, chosen: Mapping[str, str]) -> list[Any]:
        self.did.append(("components", by, dict(chosen)))
        return [{"name": "w1"}]

    async def silence(self, by: str, chosen: Mapping[str, str], seconds: float, because: str) -> Any:
        self.did.append(("silence", by, dict(chosen), seconds, because))
        return {"id": 7}

    async def act(self, by: str, name: str, inputs: Mapping[str, str]) -> Any:
        if self.error is not None:
            raise self.error
        self.did.append(("act", by, name, dict(inputs)))
        return {"state": "approved"}

    async def invoke(self, by: str, name: str, event: Any, depth: int) -> Any:
        self.did.append(("invoke", by, name, event, depth))
        return {"ok": True}


def function(*grants: str) -> Function:
    return Function(
        name="tidy",
        path="/f/tidy.py",
        module="tidy",
        handler="handler",
        owner="platform",
        purpose="Tidies unfinished uploads each night.",
        grants=tuple(parse(one) for one in grants),
        review=dt.date(2030, 1, 1),
    )


def made(*grants: str, **more: Any) -> tuple[Broker, World]:
    world = World()
    return Broker(function(*grants), world, clock=VirtualClock(), **more), world


def http(url: str, method: str = "GET", **args: Any) -> dict[str, Any]:
    return {"verb": f"http:{method}", "text": url, "args": args}


@pytest.mark.parametrize(
    ("grant", "ask", "did"),
    [
        (
            "metric:read up",
            {"verb": "metric:read", "text": "sum(up{a='b'})", "args": {}},
            ("metric", "tidy", "sum(up{a='b'})"),
        ),
        (
            "component:read group=web",
            {"verb": "component:read", "text": "group=web"},
            ("components", "tidy", {"group": "web"}),
        ),
        (
            "component:read group=web",
            {"verb": "component:read", "text": "kind=service, group=web", "args": {}},
            ("components", "tidy", {"kind": "service", "group": "web"}),
        ),
        (
            "alert:silence group=web",
            {
                "verb": "alert:silence",
                "text": "group=web",
                "args": {"seconds": 900, "comment": "the hosts reboot"},
            },
            ("silence", "tidy", {"group": "web"}, 900.0, "the hosts reboot"),
        ),
        (
            "act:request restart",
            {"verb": "act:request", "text": "restart", "args": {"inputs": {"n": 3}}},
            ("act", "tidy", "restart", {"n": "3"}),
        ),
        (
            "function:invoke other",
            {"verb": "function:invoke", "text": "other", "args": {"event": [1]}},
            ("invoke", "tidy", "other", [1], 1),
        ),
    ],
    ids=lambda one: str(one)[:30],
)
async def test_each_verb_is_done_where_it_is_granted_and_only_there(
    grant: str, ask: dict[str, Any], did: tuple[Any, ...]
) -> None:
    broker, world = made(grant)
    assert "ok" in await broker.asked(ask)
    assert world.did == [did]
    assert broker.used == {grant: 1}
    bare, untouched = made()
    answer = await bare.asked(ask)
    assert "not granted to tidy" in answer["denied"]
    assert untouched.did == []
    assert bare.denied
    assert not bare.used


@pytest.mark.parametrize(
    ("ask", "key"),
    [
        ("text", "denied"),
        (None, "denied"),
        ({}, "denied"),
        ({"verb": "http:GET", "text": 7}, "denied"),
        ({"verb": "http:GET", "text": "https://h.example/a", "args": []}, "ok"),
        ({"verb": "http:TRACE", "text": "https://h.example/a"}, "denied"),
        ({"verb": "scratch", "text": "1GiB"}, "denied"),
        ({"verb": "secret:use", "text": "slack"}, "denied"),
        ({"verb": "shell:run", "text": "true"}, "denied"),
        ({"verb": "metric:read", "text": '{job="a"}'}, "failed"),
        ({"verb": "metric:read", "text": '{__name__=~"up|down"}'}, "failed"),
        ({"verb": "metric:read", "text": "up +"}, "failed"),
        ({"verb": "metric:read", "text": "up + secret_total"}, "denied"),
        ({"verb": "component:read", "text": "group=*"}, "denied"),
        ({"verb": "component:read", "text": ""}, "denied"),
        ({"verb": "component:read", "text": "group=web,group=db"}, "denied"),
        ({"verb": "component:read", "text": "kind=service"}, "denied"),
        (
            {"verb": "alert:silence", "text": "group=web", "args": {"seconds": 1e9, "comment": "x" * 20}},
            "failed",
        ),
        (
            {"verb": "alert:silence", "text": "group=web", "args": {"seconds": True, "comment": "x" * 20}},
            "failed",
        ),
        (
            {"verb": "alert:silence", "text": "group=web", "args": {"seconds": 60, "comment": "short"}},
            "failed",
        ),
        ({"verb": "function:invoke", "text": "tidy", "args": {"event": 1}}, "denied"),
        ({"verb": "function:invoke", "text": "other", "args": {"event": "x" * (1 << 20)}}, "failed"),
        ({"verb": "act:request", "text": "restart", "args": {"inputs": [1]}}, "failed"),
        ({"verb": "act:request", "text": "restart", "args": {"inputs": {"a": "x" * 2000}}}, "failed"),
    ],
    ids=str,
)
async def test_what_is_no_ask_or_not_granted(ask: Any, key: str) -> None:
    broker, world = made(
        "http:GET https://h.example/a",
        "metric:read up",
        "component:read group=web",
        "alert:silence group=web",
        "act:request restart",
        "function:invoke other",
        "function:invoke tidy",
    )
    answer = await broker.asked(ask)
    assert list(answer) == [key]
    assert key == "ok" or world.did == []


async def test_a_request_is_made_of_what_was_checked() -> None:
    broker, world = made("http:POST https://h.example/a/*")
    body = base64.b64encode(b"\0\xff").decode()
    answer = await broker.asked(
        http("https://H.Example:443/a/b?c=d&e=%20", "POST", headers={"X-A": "1"}, body=body)
    )
    (request,) = world.requests
    assert (request.scheme, request.host, request.port, request.path) == (
        "https",
        "h.example",
        443,
        "/a/b?c=d&e=%20",
    )
    assert request.headers == {"user-agent": "gadfly-fn", "accept": "*/*", "x-a": "1"}
    assert request.body == b"\0\xff"
    assert answer["ok"] == {
        "status": 200,
        "headers": {"x-a": "b"},
        "body": base64.b64encode(b"hello").decode(),
    }


@pytest.mark.parametrize(
    "url",
    [
        "https://h.example/b",
        "https://h.example/a/../b",
        "https://h.example/a/..;/b",
        "https://h.example/a/%2e%2e/b",
        "https://h.example/a/..%3b/b",
        "https://h.example/a/%252e%252e/b",
        "https://h.example/a//b",
        "https://h.example/a/b#c",
        "https://h.example/a/*",
        "https://h.example:8443/a/b",
        "https://u@h.example/a/b",
        "https://h.example@evil.example/a/b",
        "https://h.example.evil.example/a/b",
        "https://h.example\\@evil.example/a/b",
        "http://h.example/a/b",
        "https://h.example/a/b c",
        "https://h.example/a/b\r\nX: y",
        "https://h.example/a/\u00e4",
        "https://h.example/a/b?c=\u00e4",
        "https://h.example/a/b?c=<d>",
        " https://h.example/a/b",
        "//h.example/a/b",
        "",
    ],
    ids=repr,
)
async def test_addresses_that_are_not_granted(url: str) -> None:
    broker, world = made("http:GET https://h.example/a/*")
    assert "denied" in await broker.asked(http(url))
    assert world.requests == []


@pytest.mark.parametrize(
    "args",
    [
        {"headers": {"Host": "evil.example"}},
        {"headers": {"Content-Length": "5"}},
        {"headers": {"accept-encoding": "gzip"}},
        {"headers": {"x": "a\r\nb: c"}},
        {"headers": {"x y": "a"}},
        {"headers": {"x": "y" * 9000}},
        {"headers": {f"x{number}": "y" for number in range(40)}},
        {"headers": ["x"]},
        {"headers": {"x": 1}},
        {"body": "not base64!"},
        {"body": 7},
        {"body": "A" * (2 << 20)},
        {"secret": 7},
        {"proxy": "http://evil.example"},
        {"headers": {"range": "bytes=0-3"}, "secret": "slack"},
    ],
    ids=lambda one: str(one)[:40],
)
async def test_what_a_request_cannot_have(args: dict[str, Any]) -> None:
    broker, world = made("http:GET https://h.example/a", "secret:use slack")
    assert "failed" in await broker.asked(http("https://h.example/a", **args))
    assert world.requests == []


async def test_a_secret_is_put_in_and_struck_out_of_what_comes_back() -> None:
    broker, world = made("http:POST https://h.example/a", "secret:use slack")
    echo = b"you sent Bearer " + SECRET + b" and " + base64.b64encode(b"user:" + SECRET)
    world.answers["https://h.example/a"] = Response(
        200,
        {"x-echo": SECRET.decode(), "content-length": "999"},
        echo + json.dumps({"s": SECRET.decode()}).encode(),
    )
    answer = (await broker.asked(http("https://h.example/a", "POST", secret="slack")))["ok"]
    assert world.requests[0].headers["authorization"] == f"Bearer {SECRET.decode()}"
    seen = base64.b64decode(answer["body"]) + json.dumps(answer["headers"]).encode()
    assert SECRET not in seen
    assert base64.b64encode(SECRET)[4:-4] not in seen
    assert b"[secret]" in seen
    assert "content-length" not in answer["headers"]
    assert broker.used == {"http:POST https://h.example/a": 1, "secret:use slack": 1}


async def test_a_secret_in_a_header_and_in_the_address() -> None:
    broker, world = made("http:GET https://h.example/hooks/*", "secret:use slack")
    ask = http(
        "https://h.example/hooks/{secret:slack}?k={secret:slack}", headers={"x-key": "key {secret:slack}"}
    )
    world.error = GadflyError(f"cannot reach /hooks/{SECRET.decode()}")
    answer = await broker.asked(ask)
    (request,) = world.requests
    assert request.path == f"/hooks/{SECRET.decode()}?k={SECRET.decode()}"
    assert request.headers["x-key"] == f"key {SECRET.decode()}"
    assert answer == {"failed": "cannot reach /hooks/[secret]"}


@pytest.mark.parametrize(
    ("grants", "ask", "key"),
    [
        (["http:GET https://h.example/a"], http("https://h.example/a", secret="slack"), "denied"),
        (
            ["http:GET https://h.example/a"],
            http("https://h.example/a", headers={"x": "{secret:slack}"}),
            "denied",
        ),
        (["http:GET https://h.example/a/*"], http("https://h.example/a/{secret:slack}"), "denied"),
        (["secret:use slack"], http("https://h.example/a/{secret:slack}"), "denied"),
        (
            ["secret:use slack", "http:GET https://h.example/*"],
            http("https://{secret:slack}.example/"),
            "denied",
        ),
        (
            ["http:GET https://h.example/a", "secret:use short"],
            http("https://h.example/a", secret="short"),
            "failed",
        ),
        (
            ["http:GET https://h.example/a", "secret:use odd"],
            http("https://h.example/a", secret="odd"),
            "failed",
        ),
        (
            ["http:GET https://h.example/a", "secret:use absent"],
            http("https://h.example/a", secret="absent"),
            "failed",
        ),
    ],
    ids=lambda one: str(one)[:60],
)
async def test_secrets_that_do_not_go(grants: list[str], ask: dict[str, Any], key: str) -> None:
    broker, world = made(*grants)
    answer = await broker.asked(ask)
    assert list(answer) == [key]
    assert world.requests == []
    assert SECRET.decode() not in str(answer)


async def test_a_packed_answer_beside_a_secret_is_not_handed_on() -> None:
    packed = Response(200, {"content-encoding": "gzip"}, b"\x1f\x8b")
    broker, world = made("http:GET https://h.example/a")
    world.answers["https://h.example/a"] = packed
    assert "ok" in await broker.asked(http("https://h.example/a"))
    broker, world = made("http:GET https://h.example/a", "secret:use slack")
    world.answers["https://h.example/a"] = packed
    assert "packed" in (await broker.asked(http("https://h.example/a")))["failed"]


async def test_a_secret_that_a_server_kept_from_another_call_is_struck_out() -> None:
    broker, world = made("http:GET https://h.example/a", "secret:use slack", "secret:use absent")
    world.answers["https://h.example/a"] = Response(200, {}, b"kept: " + SECRET)
    answer = (await broker.asked(http("https://h.example/a")))["ok"]
    assert base64.b64decode(answer["body"]) == b"kept: [secret]"
    assert "secret:use slack" not in broker.used


async def test_what_is_denied_is_kept_in_bounds() -> None:
    broker, _ = made(pace=Pace(burst=1e9))
    for number in range(60):
        await broker.asked({"verb": "act:request", "text": f"a{number}"})
    assert len(broker.denied) == 50


@pytest.mark.parametrize(
    ("method", "location", "end"),
    [
        ("GET", "/b", "followed"),
        ("HEAD", "https://h.example/b", "followed"),
        ("GET", "https://other.example/c", "followed"),
        ("GET", "/c/../b", "followed"),
        ("GET", "/elsewhere", "denied"),
        ("GET", "https://evil.example/b", "denied"),
        ("GET", "https://169.254.169.254/b", "denied"),
        ("GET", "https://h.example:8443/b", "denied"),
        ("GET", "http://h.example/b", "answer"),
        ("GET", "https://h.example:99999/b", "answer"),
        ("GET", "https://[::1/b", "answer"),
        ("GET", "/%2e%2e/b", "answer"),
        ("POST", "/b", "answer"),
    ],
)
async def test_a_redirect_is_followed_only_to_what_is_granted(method: str, location: str, end: str) -> None:
    places = ("https://h.example/a", "https://h.example/b", "https://other.example/c")
    lines = [f"http:{one} {place}" for place in places for one in ("GET", "HEAD", "POST")]
    broker, world = made(*lines, "secret:use slack")
    world.answers["https://h.example/a"] = Response(302, {"location": location}, b"")
    headers = {"x-key": "{secret:slack}", "x-plain": "1"}
    answer = await broker.asked(http("https://h.example/a", method, secret="slack", headers=headers))
    assert len(world.requests) == (2 if end == "followed" else 1)
    if end == "denied":
        assert "not granted" in answer["denied"]
    else:
        assert answer["ok"]["status"] == (200 if end == "followed" else 302)
    if "other" in location:
        assert set(world.requests[1].headers) == {"user-agent", "accept", "x-plain"}
    elif end == "followed":
        assert "authorization" in world.requests[1].headers


@pytest.mark.parametrize("record", [False, True], ids=["asked", "recorded"])
async def test_a_secret_that_a_redirect_repeats_is_not_written_down(record: bool) -> None:
    broker, world = made("http:GET https://h.example/hook/*", "secret:use plain", record=record)
    world.secret = lambda name: b"SuperSecretToken123"  # type: ignore[method-assign]
    moved = {"location": "https://new.example/hook/SuperSecretToken123"}
    world.answers["https://h.example/hook/SuperSecretToken123"] = Response(301, moved, b"")
    answer = await broker.asked(http("https://h.example/hook/{secret:plain}"))
    assert "SuperSecret" not in f"{answer} {broker.denied} {broker.used}"
    assert "http:GET https://new.example/hook/*" in (broker.used if record else broker.denied)


async def test_redirects_end() -> None:
    broker, world = made("http:GET https://h.example/a")
    world.answers["https://h.example/a"] = Response(302, {"location": "/a"}, b"")
    assert (await broker.asked(http("https://h.example/a")))["ok"]["status"] == 302
    assert len(world.requests) == 4


@pytest.mark.parametrize(
    ("error", "key", "words"),
    [
        (Refused("The stop is in force."), "denied", "The stop is in force."),
        (GadflyError("it is away"), "failed", "it is away"),
        (OSError(111, "Connection refused"), "failed", "Connection refused"),
        (RuntimeError("inner details"), "failed", "the node could not answer"),
    ],
)
async def test_errors_of_the_world(error: Exception, key: str, words: str) -> None:
    broker, world = made("act:request restart")
    world.error = error
    answer = await broker.asked({"verb": "act:request", "text": "restart"})
    assert words in answer[key]
    assert "inner details" not in str(answer)


async def test_what_is_no_ask_is_paced_as_one() -> None:
    pace = Pace(burst=3.0)
    broker, _ = made(pace=pace)
    for _ in range(3):
        assert "denied" in await broker.asked([])
    assert pace.wait(VirtualClock().monotonic()) > 0


async def test_bytes_are_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    broker, _ = made("http:GET https://h.example/a")
    monkeypatch.setattr(broker_module, "BYTES", 100)
    answers = [await broker.asked(http("https://h.example/a")) for _ in range(3)]
    assert "failed" in answers[-1]


async def test_functions_do_not_call_one_another_for_ever() -> None:
    broker, world = made("function:invoke other", depth=5)
    assert "circle" in (await broker.asked({"verb": "function:invoke", "text": "other"}))["failed"]
    assert world.did == []


async def test_recording_allows_everything_and_writes_down_what_it_was() -> None:
    broker, _ = made(record=True)
    for ask in (
        http("https://h.example/a?b=c", "POST", secret="slack"),
        http("https://h.example/hooks/{secret:slack}/x", "POST"),
        {"verb": "metric:read", "text": "up / queue_depth"},
        {"verb": "component:read", "text": "kind=service,group=web"},
    ):
        assert "ok" in await broker.asked(ask)
    assert set(broker.used) == {
        "http:POST https://h.example/a",
        "http:POST https://h.example/hooks/*",
        "secret:use slack",
        "metric:read up",
        "metric:read queue_depth",
        "component:read group=web",
    }


async def test_the_narrowest_grant_counts_as_used() -> None:
    broker, _ = made(
        "http:GET https://h.example/*", "http:GET https://h.example/a/*", "http:GET https://h.example/a/b"
    )
    for path in ("a/b", "a/c", "d"):
        await broker.asked(http(f"https://h.example/{path}"))
    assert set(broker.used.values()) == {1}
    assert len(broker.used) == 3


plain = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=40),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=10), inner, max_size=4),
    max_leaves=12,
)


@given(
    st.sampled_from(
        ["http:GET", "http:POST", "metric:read", "component:read", "alert:silence", "act:request", "x"]
    ),
    st.text(max_size=60) | st.sampled_from(["https://h.example/a", "group=web", "up"]),
    plain
    | st.fixed_dictionaries({}, optional={"headers": plain, "body": plain, "secret": plain, "inputs": plain}),
)
async def test_whatever_is_asked_is_answered(verb: str, text: str, args: Any) -> None:
    broker, _ = made("http:GET https://h.example/a", "act:request restart", "secret:use slack")
    answer = await broker.asked({"verb": verb, "text": text, "args": args})
    assert len(answer) == 1
    assert set(answer) <= {"ok", "denied", "failed"}
    json.dumps(answer)
