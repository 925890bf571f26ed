"""What a handler imports at AWS: the same calls, checked by the grants that were exported."""

from __future__ import annotations

import base64
import hashlib
import hmac
import http.server
import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from gadfly.functions.export import on_lambda
from gadfly.functions.trigger import webhook

SECRET = "correct-horse-battery"


class Client:
    """boto3's, as far as it is used."""

    invoked: list[tuple[str, Any]] = []  # noqa: RUF012

    def get_secret_value(self, SecretId: str) -> dict[str, str]:
        return {"SecretString": f"{SECRET}\n" if SecretId == "gadfly/slack" else f"of {SecretId}"}

    def invoke(self, FunctionName: str, Payload: bytes) -> dict[str, Any]:
        self.invoked.append((FunctionName, json.loads(Payload)))
        return {"Payload": SimpleNamespace(read=lambda: b'{"a": 1}')}


@pytest.fixture(autouse=True)
def aws(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(on_lambda, "_client", lambda _service: Client())
    on_lambda._kept.clear()


@pytest.fixture
def server() -> Iterator[tuple[str, list[tuple[str, str, dict[str, str]]]]]:
    """Its address, and what it was asked: method, path, headers."""
    heard: list[tuple[str, str, dict[str, str]]] = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            heard.append(
                (self.command, self.path, {key.lower(): value for key, value in self.headers.items()})
            )
            moved = {"/moved": "/a", "/away": "/secret"}.get(self.path)
            body = (
                b"x" * (2 << 20)
                if self.path == "/large"
                else json.dumps({"components": [], "at": self.path}).encode()
            )
            self.send_response(302 if moved else 404 if self.path == "/none" else 200)
            if moved:
                self.send_header("location", moved)
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_POST = do_GET

        def log_message(self, *_: Any) -> None:
            pass

    made = http.server.HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=made.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield f"http://127.0.0.1:{made.server_address[1]}", heard
    made.shutdown()
    thread.join()
    made.server_close()


def grant(monkeypatch: pytest.MonkeyPatch, *lines: str) -> None:
    monkeypatch.setenv("GADFLY_GRANTS", json.dumps(lines))


def test_what_is_granted_is_done_with_its_secret(server: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    address, heard = server
    grant(monkeypatch, f"http:POST {address}/a", f"http:GET {address}/hooks/*", "secret:use slack")
    answer = on_lambda.http("POST", f"{address}/a?b=c", body={"x": 1}, secret="slack")
    assert answer.status == 200
    assert answer.json()["at"] == "/a?b=c"
    assert heard[0][2]["authorization"] == f"Bearer {SECRET}"
    assert heard[0][2]["content-type"] == "application/json"
    on_lambda.http("GET", f"{address}/hooks/{{secret:slack}}", headers={"x-key": "k {secret:slack}"})
    assert heard[1][1] == f"/hooks/{SECRET}"
    assert heard[1][2]["x-key"] == f"k {SECRET}"


@pytest.mark.parametrize(
    "path",
    ["/b", "/a/../b", "/a/%2e%2e/b", "/a/..;/b", "/a//b", "/a/*", "/a/b#c", "/a/b c", "/a\\b"],
)
def test_what_is_not_granted_is_denied(path: str, monkeypatch: pytest.MonkeyPatch) -> None:
    grant(monkeypatch, "http:GET https://h.example/a/*")
    with pytest.raises(on_lambda.Denied, match="not granted"):
        on_lambda.http("GET", f"https://h.example{path}")
    with pytest.raises(on_lambda.Denied, match="secret:use slack"):
        on_lambda.http("GET", "https://h.example/a/{secret:slack}")


def test_redirects_large_answers_and_errors(server: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    address, heard = server
    grant(monkeypatch, *(f"http:GET {address}/{path}" for path in ("a", "moved", "away", "large", "none")))
    assert on_lambda.http("GET", f"{address}/moved").json()["at"] == "/a"
    assert [path for _, path, _ in heard] == ["/moved", "/a"]
    with pytest.raises(on_lambda.Denied, match="/secret"):
        on_lambda.http("GET", f"{address}/away")
    with pytest.raises(on_lambda.Failed, match="more than"):
        on_lambda.http("GET", f"{address}/large")
    assert on_lambda.http("GET", f"{address}/none").status == 404


def test_the_node_and_other_functions(server: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    address, heard = server
    grant(monkeypatch, "component:read group=web", "function:invoke other")
    monkeypatch.setenv("GADFLY_NODE", address)
    assert on_lambda.components(group="web") == []
    assert heard[0][1] == "/api/v1/components?group=web"
    assert heard[0][2]["authorization"] == "Bearer of gadfly/node-token"
    assert on_lambda.invoke("other", {"b": 2}) == {"a": 1}
    assert Client.invoked[-1] == ("other", {"b": 2})
    for call in (
        lambda: on_lambda.components(group="db"),
        lambda: on_lambda.metric("up"),
        lambda: on_lambda.invoke("third", None),
        lambda: on_lambda.silence("group=web", 60, "for a test of it"),
        lambda: on_lambda.act("restart"),
    ):
        with pytest.raises(on_lambda.Denied):
            call()


@pytest.mark.parametrize(
    ("query", "good"),
    [
        ("up", True),
        ('sum by (a) (rate(up{b="x,{}",c=~"}"}[5m] offset 5m)) / on (z) group_left (q) other:x', True),
        ("sum(up) by (instance) > bool 1e3 # salaries", True),
        ('label_replace(up, "a", "$1", "b", "(.*)")', True),
        ("up[5m:1m] @ start()", True),
        ("topk(5, up) # of them\n or salaries", False),
        ("salaries", False),
        ('{__name__=~".+"}', False),
        ('up{__name__="salaries"}', False),
        ('{"salaries"}', False),
        ('up and {job="pay"}', False),
        ("up{a='salaries'} * on(a) salaries", False),
        ("up{", False),
        ("1", False),
    ],
    ids=str,
)
def test_a_query_reads_only_metrics_that_are_granted(
    query: str, good: bool, server: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    grant(monkeypatch, "metric:read up", "metric:read other:x")
    asked: list[str] = []
    monkeypatch.setattr(on_lambda, "_node", lambda path: asked.append(path) or {"data": {"result": []}})
    if good:
        assert on_lambda.metric(query) == []
    else:
        with pytest.raises(on_lambda.Denied):
            on_lambda.metric(query)
    assert len(asked) == good


NOW = 1_800_000_000
KEY = b"whsec_" + base64.b64encode(b"0123456789abcdef0123")


def signatures(kind: str, body: bytes, now: float) -> dict[str, str]:
    if kind == "github":
        return {"x-hub-signature-256": "sha256=" + hmac.new(b"hook-secret", body, hashlib.sha256).hexdigest()}
    content = f"msg_1.{int(now)}.".encode() + body
    signed = base64.b64encode(hmac.new(b"0123456789abcdef0123", content, hashlib.sha256).digest()).decode()
    return {
        "webhook-id": "msg_1",
        "webhook-timestamp": str(int(now)),
        "webhook-signature": f"v1,AAAA v1,{signed}",
    }


@pytest.mark.parametrize("kind", ["github", "standard"])
@pytest.mark.parametrize(
    ("change", "good"),
    [({}, True), ({"body": b"other"}, False), ({"headers": {}}, False), ({"late": 400.0}, False)],
    ids=["as signed", "another body", "no headers", "late"],
)
def test_signatures_are_as_here(kind: Any, change: dict[str, Any], good: bool) -> None:
    now, body = 1_800_000_000.0, b'{"a": 1}'
    headers = change.get("headers", signatures(kind, body, now))
    sent, at = change.get("body", body), now + change.get("late", 0.0)
    secrets = [b"hook-secret"] if kind == "github" else [KEY]
    good = good or (kind == "github" and "late" in change)
    assert (
        on_lambda.verified(
            kind, [b"another-secret-0000" if kind == "github" else KEY, *secrets], headers, sent, at
        )
        is good
    )
    ours = webhook.verify(kind, [webhook.key(kind, one) for one in secrets], headers, sent, at)
    assert isinstance(ours, webhook.Accepted) is good


def signed_as(name: str, at: float, body: bytes) -> str:
    content = f"{name}.{int(at)}.".encode() + body
    made = hmac.new(b"0123456789abcdef0123", content, hashlib.sha256)
    return "v1," + base64.b64encode(made.digest()).decode()


@pytest.mark.parametrize(
    ("signature", "name", "at", "body", "good"),
    [
        (signed_as(f"evt.{NOW + 100}", NOW, b"{}"), "evt", NOW + 100, f"{NOW}.{{}}".encode(), False),
        (signed_as("evt", NOW - 90, b"1800000000.{}"), f"evt.{NOW - 90}", NOW, b"{}", False),
        (signed_as("evt", NOW, b"1800000000.{}"), "evt", NOW, b"1800000000.{}", False),
        (signed_as("", NOW, b"{}"), "", NOW, b"{}", False),
        (signed_as("evt", NOW, b"{}"), "evt", NOW, b"{}", True),
        (signed_as("evt", NOW, b"1.x"), "evt", NOW, b"{}", False),
    ],
    ids=["id into time", "time into id", "as it was", "nameless", "right", "another body"],
)
def test_what_comes_apart_otherwise_opens_neither_here_nor_there(
    signature: str, name: str, at: int, body: bytes, good: bool
) -> None:
    headers = {"webhook-id": name, "webhook-timestamp": str(at), "webhook-signature": signature}
    assert on_lambda.verified("standard", [KEY], headers, body, NOW) is good
    ours = webhook.verify("standard", [webhook.key("standard", KEY)], headers, body, NOW)
    assert isinstance(ours, webhook.Accepted) is good


def test_a_signed_handler_calls_the_functions_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "own_handler_of_test.py").write_text("def handler(event, context):\n    return 'called'\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    for name, value in {
        "GADFLY_SIGNED": "github 1",
        "GADFLY_HANDLER": "own_handler_of_test.handler",
        "AWS_LAMBDA_FUNCTION_NAME": "tidy",
    }.items():
        monkeypatch.setenv(name, value)
    body = b"{}"
    mac = hmac.new(b"of gadfly/tidy-webhook-1", body, hashlib.sha256).hexdigest()
    event = {
        "requestContext": {"http": {"method": "POST"}},
        "headers": {"x-hub-signature-256": f"sha256={mac}"},
        "body": base64.b64encode(body).decode(),
        "isBase64Encoded": True,
    }
    assert on_lambda.signed(event, None) == "called"
    assert on_lambda.signed({**event, "headers": {}}, None)["statusCode"] == 401
    assert on_lambda.signed({"detail-type": "Scheduled Event"}, None) == "called"


def test_it_stands_alone() -> None:
    code = (
        f"import runpy, sys; runpy.run_path({on_lambda.__file__!r}); "
        f"print(any(m.startswith('gadfly') for m in sys.modules))"
    )
    ran = subprocess.run(
        [sys.executable, "-I", "-S", "-c", code], capture_output=True, text=True, check=True, timeout=60
    )
    assert ran.stdout.strip() == "False"
