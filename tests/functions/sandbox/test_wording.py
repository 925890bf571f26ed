"""Answers and errors are written as AWS Lambda's runtime writes them."""

from __future__ import annotations

import collections
import json
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from gadfly.functions.sandbox import frames, wording
from gadfly.functions.sandbox.context import LambdaContext
from gadfly.functions.sandbox.supervisor import Answer

Point = collections.namedtuple("Point", "x y")
TWICE = [1]


class Dated:
    def _asdict(self) -> dict[str, int]:
        return {"at": 1}


def read(frame: bytes) -> Any:
    rest = memoryview(frame)

    def receive(count: int) -> bytes:
        nonlocal rest
        part, rest = bytes(rest[:count]), rest[count:]
        return part

    return frames.read(receive)


@pytest.mark.parametrize(
    ("found", "value"),
    [
        pytest.param(None, None, id="none"),
        pytest.param("ü€😀", "ü€😀", id="text"),
        pytest.param({"b": 1, "a": [1.5, True]}, {"b": 1, "a": [1.5, True]}, id="nested"),
        pytest.param((1, 2), [1, 2], id="tuple"),
        pytest.param({1: "a"}, {"1": "a"}, id="number-as-key"),
        pytest.param(Decimal("1.5"), 1.5, id="decimal"),
        pytest.param(Decimal("10"), 10, id="whole-decimal"),
        pytest.param([b"abc"], ["abc"], id="bytes"),
        pytest.param({b"k": 1}, {"k": 1}, id="bytes-as-key"),
        pytest.param({"p": Dated()}, {"p": {"at": 1}}, id="has-asdict"),
        pytest.param([TWICE, TWICE], [[1], [1]], id="the-same-list-twice"),
        pytest.param(
            {"at": Point(1, Point(2, 3))}, {"at": {"x": 1, "y": {"x": 2, "y": 3}}}, id="named-tuple"
        ),
    ],
)
def test_what_is_given(found: Any, value: Any) -> None:
    assert read(wording.value(found, "r")) == {"value": value}


def test_the_order_of_keys_stays() -> None:
    assert json.dumps(read(wording.value({"b": 1, "a": 2}, "r"))["value"]) == '{"b": 1, "a": 2}'


@pytest.mark.parametrize(
    ("found", "words"),
    [
        pytest.param({1, 2}, "Object of type set is not JSON serializable", id="set"),
        pytest.param(object(), "Object of type object is not JSON serializable", id="object"),
        pytest.param(float("nan"), "Out of range float values", id="nan"),
        pytest.param([float("inf")], "Out of range float values", id="infinity"),
        pytest.param(b"\xff", "utf-8", id="bytes-of-no-text"),
        pytest.param({(1, 2): 3}, "keys must be", id="key"),
    ],
)
def test_what_cannot_be_given(found: Any, words: str) -> None:
    error = read(wording.value(found, "r"))["error"]
    assert error["errorType"] == "Runtime.MarshalError"
    assert error["errorMessage"].startswith("Unable to marshal response: ")
    assert words in error["errorMessage"]
    assert (error["requestId"], error["stackTrace"]) == ("r", [])


def test_what_refers_to_itself_cannot_be_given() -> None:
    found: list[Any] = []
    found.append(found)
    error = read(wording.value(found, "r"))["error"]
    assert error["errorType"] == "Runtime.MarshalError"
    assert error["errorMessage"] == "Unable to marshal response: Circular reference detected"


def test_an_error_has_the_handlers_frames_only() -> None:
    def inner() -> None:
        raise ValueError("no")

    try:
        inner()
    except ValueError as raised:
        error = read(wording.error(raised, "r-1", "/nowhere"))["error"]
        ours = read(wording.error(raised, "r-1", str(Path(__file__).parent)))["error"]
    assert list(error) == ["errorMessage", "errorType", "requestId", "stackTrace"]
    assert (error["errorMessage"], error["errorType"], error["requestId"]) == ("no", "ValueError", "r-1")
    assert len(error["stackTrace"]) == 2
    assert error["stackTrace"][1].endswith('in inner\n    raise ValueError("no")\n')
    assert ours["stackTrace"] == []


def test_a_message_that_raises_is_no_way_out() -> None:
    class Bad(Exception):
        def __str__(self) -> str:
            raise RuntimeError

    assert read(wording.error(Bad(), "r", "/"))["error"]["errorType"] == "Bad"


def test_the_context_is_lambdas(capsys: pytest.CaptureFixture[str]) -> None:
    names = ("function_name", "function_version", "invoked_function_arn", "aws_request_id")
    fields = {name: name for name in (*names, "log_group_name", "log_stream_name")}
    context = LambdaContext({**fields, "memory_limit_in_mb": 128, "seconds": 3.0})
    assert {name: getattr(context, name) for name in fields} == fields
    assert (context.memory_limit_in_mb, context.client_context, context.tenant_id) == ("128", None, None)
    assert (context.identity.cognito_identity_id, context.identity.cognito_identity_pool_id) == (None, None)
    assert 2000 < context.get_remaining_time_in_millis() <= 3000
    assert (type(context).__name__, context.w3c()) == ("LambdaContext", {})
    context.log("here")
    assert capsys.readouterr().out == "here"


@pytest.mark.slow
def test_the_trace_of_a_real_call(called: Callable[..., list[Answer]]) -> None:
    source = "def inner(x):\n    return 1 / x\n\n\ndef handler(event, context):\n    return inner(0)\n"
    (answer,) = called(source)
    assert answer.error is not None
    assert answer.error["stackTrace"] == [
        '  File "/code/f.py", line 6, in handler\n    return inner(0)\n',
        '  File "/code/f.py", line 2, in inner\n    return 1 / x\n',
    ]
    assert answer.error["requestId"] == "r"
