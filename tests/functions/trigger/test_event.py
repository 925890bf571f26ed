"""Events have the shapes that AWS gives them, and are the same for the same."""

from __future__ import annotations

import base64
import gzip
import json
from typing import Any

import pytest

from gadfly.functions.trigger import event
from gadfly.functions.trigger.event import Reply, Request
from gadfly.store.logs import Kept

AT = 1_700_000_000.0


def test_a_time_of_a_schedule() -> None:
    one = event.scheduled("tidy", "schedule: 0 2 * * *", AT)
    assert one.pop("id") == event.scheduled("tidy", "schedule: 0 2 * * *", AT)["id"]
    assert one == {
        "version": "0",
        "detail-type": "Scheduled Event",
        "source": "aws.events",
        "account": "000000000000",
        "time": "2023-11-14T22:13:20Z",
        "region": "local",
        "resources": ["arn:aws:events:local:000000000000:rule/tidy"],
        "detail": {},
    }
    assert event.scheduled("tidy", "x", AT)["id"] != event.scheduled("tidy", "x", AT + 60)["id"]


def test_something_that_gadfly_tells() -> None:
    one = event.told("Alert", "17", AT, {"component": "web"})
    assert (one["source"], one["detail-type"], one["detail"]) == ("gadfly", "Alert", {"component": "web"})


def test_lines_of_logs() -> None:
    lines = [
        Kept(1_700_000_000_000_001, AT + 0.25, "syslog", "a", "nginx", 3, "häh?", ""),
        Kept(1_700_000_000_000_002, AT + 0.5, "syslog", "b", "nginx", 6, "x", ""),
    ]
    one = event.logs("f", "logs: unit=nginx", lines)
    assert one == event.logs("f", "logs: unit=nginx", lines)
    found = json.loads(gzip.decompress(base64.b64decode(one["awslogs"]["data"])))
    events = found.pop("logEvents")
    assert found == {
        "messageType": "DATA_MESSAGE",
        "owner": "000000000000",
        "logGroup": "/gadfly/syslog",
        "logStream": "several",
        "subscriptionFilters": ["logs: unit=nginx"],
    }
    assert events[0] == {
        "id": "0" * 40 + "1700000000000001",
        "timestamp": 1_700_000_000_250,
        "message": "häh?",
        "extractedFields": {"host": "a", "unit": "nginx", "source": "syslog", "severity": "error"},
    }
    assert [one["message"] for one in events] == ["häh?", "x"]


def request(body: bytes = b"", query: str = "", **headers: str) -> dict[str, Any]:
    sent = [(name.replace("_", "-"), value) for name, value in headers.items()]
    return event.url("f", Request("POST", "/fn/f", query, sent, body, "127.0.0.1"), "key", AT)


def test_a_request() -> None:
    one = request(
        b'{"a":1}', "a=1&b=%20&a=2&c", Host="n.example:8", Content_Type="application/json", User_Agent="curl"
    )
    identity = one["requestContext"].pop("requestId")
    assert len(identity) == 36
    assert one == {
        "version": "2.0",
        "routeKey": "$default",
        "rawPath": "/fn/f",
        "rawQueryString": "a=1&b=%20&a=2&c",
        "headers": {"host": "n.example:8", "content-type": "application/json", "user-agent": "curl"},
        "queryStringParameters": {"a": "1,2", "b": " ", "c": ""},
        "requestContext": {
            "accountId": "anonymous",
            "apiId": "f",
            "domainName": "n.example:8",
            "domainPrefix": "n",
            "http": {
                "method": "POST",
                "path": "/fn/f",
                "protocol": "HTTP/1.1",
                "sourceIp": "127.0.0.1",
                "userAgent": "curl",
            },
            "routeKey": "$default",
            "stage": "$default",
            "time": "14/Nov/2023:22:13:20 +0000",
            "timeEpoch": 1_700_000_000_000,
        },
        "body": '{"a":1}',
        "isBase64Encoded": False,
    }


def test_headers_that_come_twice_and_cookies() -> None:
    sent = [("X-A", "1"), ("x-a", "2"), ("Cookie", "a=1; b=2")]
    one = event.url("f", Request("POST", "/", "", sent, b"", "::1"), "k", AT)
    assert one["headers"] == {"x-a": "1,2"}
    assert one["cookies"] == ["a=1", "b=2"]


@pytest.mark.parametrize(
    ("content", "body", "wanted"),
    [
        ("text/plain", b"a", ("a", False)),
        ("application/json; charset=utf-8", b"{}", ("{}", False)),
        ("application/vnd.x+json", b"{}", ("{}", False)),
        ("application/json", b"\xff", ("/w==", True)),
        ("application/x-www-form-urlencoded", b"a=1", ("YT0x", True)),
        ("", b"a", ("YQ==", True)),
    ],
)
def test_bodies(content: str, body: bytes, wanted: tuple[str, bool]) -> None:
    one = request(body, content_type=content)
    assert (one["body"], one["isBase64Encoded"]) == wanted


@pytest.mark.parametrize(
    ("value", "wanted"),
    [
        ({"a": 1}, Reply(200, [("content-type", "application/json")], b'{"a":1}')),
        (None, Reply(200, [("content-type", "application/json")], b"null")),
        ({"statusCode": 204}, Reply(204, [("content-type", "application/json")], b"")),
        ({"statusCode": 204, "body": "HTTP/1.1"}, Reply(204, [("content-type", "application/json")], b"")),
        ({"statusCode": 304, "body": "xyz"}, Reply(304, [("content-type", "application/json")], b"")),
        (
            {"statusCode": 201, "headers": {"Content-Type": "text/plain"}, "body": "x", "cookies": ["a=1"]},
            Reply(201, [("content-type", "text/plain"), ("set-cookie", "a=1")], b"x"),
        ),
        (
            {"statusCode": 200, "body": "AAE=", "isBase64Encoded": True},
            Reply(200, [("content-type", "application/json")], b"\0\1"),
        ),
        ({"statusCode": 200, "body": [1]}, Reply(200, [("content-type", "application/json")], b"[1]")),
    ],
    ids=["value", "nothing", "status", "none", "unchanged", "whole", "base64", "json"],
)
def test_answers(value: object, wanted: Reply) -> None:
    assert event.reply(value) == wanted


@pytest.mark.parametrize(
    "value",
    [
        {"statusCode": "ok"},
        {"statusCode": True},
        {"statusCode": 99},
        {"statusCode": 200, "headers": {"a": "b\r\nset-cookie: c"}},
        {"statusCode": 200, "headers": {"a:b": "c"}},
        {"statusCode": 200, "headers": {"a b": "c"}},
        {"statusCode": 200, "headers": {"": "c"}},
        {"statusCode": 200, "body": "!", "isBase64Encoded": True},
        {"statusCode": 200, "headers": [["a", "b"]]},
        {"statusCode": 200, "headers": "a: b"},
        {"statusCode": 200, "cookies": 3},
        {"statusCode": 200, "cookies": "a=1"},
    ],
    ids=[
        "word",
        "bool",
        "small",
        "split",
        "name",
        "blank",
        "nameless",
        "base64",
        "pairs",
        "line",
        "count",
        "one-cookie",
    ],
)
def test_answers_that_cannot_be_sent(value: object) -> None:
    with pytest.raises(ValueError, match="the handler"):
        event.reply(value)
