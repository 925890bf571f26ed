"""What is shown of an event: all of it, but what would let one send in its sender's name."""

from __future__ import annotations

import json

import pytest

from gadfly.functions import showing


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"null",
        b'{"a": 1}',
        b"[1]",
        b'{"headers": "x"}',
        b'{"headers": {"host": "h"}}',
        b'{"headers": {}, "rawQueryString": "a=1&token", "queryStringParameters": {"a": "1", "b": ""}}',
        b"no JSON",
        b"\xff",
    ],
    ids=str,
)
def test_an_event_is_shown_as_it_was(data: bytes) -> None:
    assert showing.event(data) == data.decode("utf-8", "replace")


def test_what_its_sender_is_known_by_is_not() -> None:
    headers = {"host": "h", "Authorization": "Bearer hunter2", "x-hub-signature-256": "sha256=hunter2"}
    event = {"headers": headers, "cookies": ["session=hunter2"], "body": "b"}
    shown = showing.event(json.dumps(event).encode())
    assert "hunter2" not in shown
    assert json.loads(shown)["headers"]["host"] == "h"
    assert json.loads(shown)["body"] == "b"


def test_nor_are_parameters_that_let_one_in() -> None:
    event = {
        "headers": {"host": "h"},
        "rawQueryString": "a=1&api%5Fkey=hunter2&b=%20&access_token=hunter2",
        "queryStringParameters": {"a": "1", "api_key": "hunter2", "b": " ", "access_token": "hunter2"},
    }
    shown = showing.event(json.dumps(event).encode())
    assert "hunter2" not in shown
    assert json.loads(shown)["rawQueryString"].startswith("a=1&")
    assert json.loads(shown)["queryStringParameters"]["b"] == " "
