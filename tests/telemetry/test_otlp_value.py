"""Attributes are the same in both encodings, and the same text as elsewhere."""

from __future__ import annotations

import pytest
from google.protobuf import json_format
from hypothesis import given
from hypothesis import strategies as st
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, ArrayValue, KeyValue, KeyValueList
from opentelemetry.proto.resource.v1.resource_pb2 import Resource

from gadfly.errors import FormatError
from gadfly.telemetry import otlp_value
from gadfly.telemetry.otlp_value import attributes, integer, json_attributes, number


def both(value: AnyValue) -> str:
    """What both encodings of an attribute are read as."""
    resource = Resource(attributes=[KeyValue(key="k", value=value)])
    said = attributes(resource.SerializeToString(), 1)
    json = json_format.MessageToJson(resource)
    raw = json.partition('"attributes":')[2].rpartition("}")[0]
    assert json_attributes(raw.encode()) == said
    return said["k"]


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (AnyValue(string_value="text"), "text"),
        (AnyValue(string_value=""), ""),
        (AnyValue(bool_value=True), "true"),
        (AnyValue(bool_value=False), "false"),
        (AnyValue(int_value=-5), "-5"),
        (AnyValue(int_value=2**63 - 1), "9223372036854775807"),
        (AnyValue(double_value=1.5), "1.5"),
        (AnyValue(double_value=3.0), "3"),
        (AnyValue(double_value=float("inf")), "+Inf"),
        (AnyValue(double_value=float("-inf")), "-Inf"),
        (AnyValue(double_value=float("nan")), "NaN"),
        (AnyValue(bytes_value=b"\x00\xff"), "AP8="),
        (AnyValue(), ""),
        (
            AnyValue(array_value=ArrayValue(values=[AnyValue(int_value=1), AnyValue(string_value="é")])),
            '[1,"é"]',
        ),
        (AnyValue(array_value=ArrayValue()), "[]"),
        (
            AnyValue(
                kvlist_value=KeyValueList(
                    values=[
                        KeyValue(key="b", value=AnyValue(double_value=float("inf"))),
                        KeyValue(key="a", value=AnyValue(bytes_value=b"x")),
                    ]
                )
            ),
            '{"a":"eA==","b":"+Inf"}',
        ),
    ],
)
def test_values(value: AnyValue, expected: str) -> None:
    assert both(value) == expected


@given(st.text(), st.one_of(st.text(), st.booleans(), st.integers(-(2**63), 2**63 - 1), st.binary()))
def test_any_attribute(key: str, value: object) -> None:
    field = {str: "string", bool: "bool", int: "int", bytes: "bytes"}[type(value)]
    both(AnyValue(**{f"{field}_value": value}))
    assert list(attributes(Resource(attributes=[KeyValue(key=key)]).SerializeToString(), 1)) == [key]


def test_nested_too_deep() -> None:
    value = AnyValue(int_value=1)
    for _ in range(otlp_value.DEPTH + 1):
        value = AnyValue(array_value=ArrayValue(values=[value]))
    with pytest.raises(FormatError, match="nested"):
        both(value)
    text = '{"intValue":1}'
    for _ in range(otlp_value.DEPTH + 1):
        text = f'{{"arrayValue":{{"values":[{text}]}}}}'
    with pytest.raises(FormatError, match="nested"):
        json_attributes(f'[{{"key":"k","value":{text}}}]'.encode())


def test_too_many() -> None:
    resource = Resource(attributes=[KeyValue(key=str(n)) for n in range(otlp_value.MOST + 1)])
    with pytest.raises(FormatError, match="more than"):
        attributes(resource.SerializeToString(), 1)
    with pytest.raises(FormatError, match="more than"):
        json_attributes(b"[" + b",".join([b"{}"] * (otlp_value.MOST + 1)) + b"]")


@pytest.mark.parametrize("raw", [b"[1]", b"{", b'[{"key":1}]', b'[{"value":{"intValue":"x"}}]', b"\xff"])
def test_what_is_no_attribute(raw: bytes) -> None:
    with pytest.raises(FormatError):
        json_attributes(raw)


def test_bytes_that_are_not_base64() -> None:
    with pytest.raises(FormatError, match="Base64"):
        json_attributes(b'[{"key":"k","value":{"bytesValue":"?"}}]')


@pytest.mark.parametrize(
    ("said", "expected"), [("7", 7), (7, 7), (None, 0), ("-1", -1), ("18446744073709551615", 2**64 - 1)]
)
def test_integers(said: int | str | None, expected: int) -> None:
    assert integer(said) == expected


@pytest.mark.parametrize("said", ["", "x", "1.5", " 1", "1_0", "9" * 40, 2**64, -(2**63) - 1, "²"])
def test_no_integers(said: int | str) -> None:
    with pytest.raises(FormatError):
        integer(said)


def test_numbers() -> None:
    assert number("Infinity") == float("inf")
    assert number("-Infinity") == float("-inf")
    assert number("NaN") != number("NaN")
    assert number("1.5") == number(1.5) == 1.5
    assert number(None) == 0
    with pytest.raises(FormatError):
        number("one")
