"""OTLP's ExportLogsServiceRequest, from Protocol Buffers and JSON; and its severities as those of syslog.

Source: opentelemetry-proto, logs/v1/logs.proto; the OpenTelemetry specification, "Logs data model", whose
table of severities is read here from right to left.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import msgspec

from gadfly.errors import FormatError
from gadfly.telemetry import protobuf
from gadfly.telemetry.otlp_value import (
    AnyJson,
    Tally,
    any_value,
    attribute,
    attributes,
    expect,
    few_objects,
    integer,
    json_attributes,
    json_value,
    shown,
)
from gadfly.telemetry.protobuf import DELIMITED, FIXED64, VARINT, Field, fields, text

WORDS = {
    "emergency": 0,
    "emerg": 0,
    "alert": 1,
    "critical": 2,
    "crit": 2,
    "fatal": 2,
    "error": 3,
    "err": 3,
    "warning": 4,
    "warn": 4,
    "notice": 5,
    "information": 6,
    "informational": 6,
    "info": 6,
    "debug": 7,
    "trace": 7,
}
"""Syslog's severities by the words that loggers use for theirs."""
INFO = 6


class Record(NamedTuple):
    """A record of a log. Times in ns since the epoch; 0: not said."""

    time: int
    severity: int
    """As syslog has it: 0 the worst, 7 debug."""
    text: str
    fields: dict[str, str]


class Source(NamedTuple):
    """What one resource logged."""

    resource: dict[str, str]
    records: list[Record]


def severity(number: int, word: str) -> int:
    """Syslog's severity for OpenTelemetry's number (1 to 24; 0: not said) and the logger's own word."""
    said = WORDS.get(word.strip().lower())
    if said is not None and (number == 0 or said <= 2):
        return said
    if number <= 0:
        return INFO
    if number <= 8:
        return 7
    if number <= 16:
        return 6 if number == 9 else 5 if number <= 12 else 4
    return {17: 3, 18: 2, 19: 1, 20: 1}.get(number, 2)  # FATAL: a program's end is not the system's


def _record(
    time: int, number: int, word: str, body: str, fields: dict[str, str], extra: dict[str, str]
) -> Record:
    if word:
        extra["severity"] = word
    return Record(
        time, severity(number, word), body, {**fields, **{name: one for name, one in extra.items() if one}}
    )


# Protocol Buffers.


def decode(data: bytes) -> list[Source]:
    """All of a request. FormatError where it is none."""
    found, tally = [], Tally()
    for one in _inner(data, 0, len(data), tally, 1):
        tally.take()
        resource: dict[str, str] = {}
        records: list[Record] = []
        for group in _inner(data, one.value, one.end, tally, 1, 2):
            if group.number == 1:
                resource = attributes(data, 1, group.value, group.end, tally.fields)
            else:
                tally.take()
                records += _records(data, group, tally)
        found.append(Source(resource, records))
    return found


def _records(data: bytes, group: Field, tally: Tally) -> list[Record]:
    """Those of a ScopeLogs; counted before they are read."""
    scope, records = "", []
    for field in _inner(data, group.value, group.end, tally, 1, 2):
        if field.number == 2:
            tally.take()
            records.append(field)
        else:
            for name in _inner(data, field.value, field.end, tally, 1):
                scope = text(data, name.value, name.end)
    return [_from_wire(data, field, scope, tally.fields) for field in records]


def _inner(data: bytes, at: int, end: int, tally: Tally, *numbers: int) -> Iterator[Field]:
    for field in fields(data, at, end, tally.fields):
        if field.number in numbers:
            expect(field, DELIMITED)
            yield field


def _from_wire(data: bytes, record: Field, scope: str, left: protobuf.Tally) -> Record:
    time = observed = number = count = 0
    word = body = event = trace = span = ""
    said: dict[str, str] = {}
    for field in fields(data, record.value, record.end, left):
        which = field.number
        if which in (1, 11):
            expect(field, FIXED64)
            if which == 1:
                time = field.value
            else:
                observed = field.value
        elif which == 2:
            expect(field, VARINT)
            number = min(field.value, 24)
        elif which == 6:
            count += 1
            name, value = attribute(data, field, left, count)
            said[name] = value
        elif which in (3, 5, 9, 10, 12):
            expect(field, DELIMITED)
            if which == 3:
                word = text(data, field.value, field.end)
            elif which == 5:
                body = shown(any_value(data, field, left))
            elif which == 12:
                event = text(data, field.value, field.end)
            elif which == 9:
                trace = data[field.value : field.end].hex()
            else:
                span = data[field.value : field.end].hex()
    extra = {"scope": scope, "event": event, "trace_id": trace, "span_id": span}
    return _record(time or observed, number, word, body, said, extra)


# JSON.


class _Camel(msgspec.Struct, rename="camel"):
    pass


class _Record(_Camel):
    time_unix_nano: int | str | None = None
    observed_time_unix_nano: int | str | None = None
    severity_number: int | None = None
    severity_text: str | None = None
    body: AnyJson | None = None
    attributes: msgspec.Raw = msgspec.Raw(b"[]")
    trace_id: str | None = None
    span_id: str | None = None
    event_name: str | None = None


class _ScopeName(_Camel):
    name: str | None = None


class _Scope(_Camel):
    scope: _ScopeName | None = None
    log_records: list[_Record] | None = None


class _Resource(_Camel):
    attributes: msgspec.Raw = msgspec.Raw(b"[]")


class _ResourceLogs(_Camel):
    resource: _Resource | None = None
    scope_logs: list[_Scope] | None = None


class _Request(_Camel):
    resource_logs: list[_ResourceLogs] | None = None


_decode = msgspec.json.Decoder(_Request).decode


def decode_json(data: bytes) -> list[Source]:
    """The same from JSON."""
    few_objects(data)
    tally = Tally()
    try:
        request = _decode(data)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise FormatError(f"OTLP: this is no request in JSON: {error}") from None
    for one in request.resource_logs or ():
        tally.take(1 + sum(1 + len(group.log_records or ()) for group in one.scope_logs or ()))
    return [
        Source(
            json_attributes(bytes(one.resource.attributes)) if one.resource else {},
            [
                _from_json(record, (group.scope and group.scope.name) or "")
                for group in one.scope_logs or ()
                for record in group.log_records or ()
            ],
        )
        for one in request.resource_logs or ()
    ]


def _from_json(said: _Record, scope: str) -> Record:
    time = integer(said.time_unix_nano) or integer(said.observed_time_unix_nano)
    if time < 0:
        raise FormatError("OTLP: a time lies before 1970")
    extra = {
        "scope": scope,
        "event": said.event_name or "",
        "trace_id": (said.trace_id or "").lower(),
        "span_id": (said.span_id or "").lower(),
    }
    return _record(
        time,
        min(said.severity_number or 0, 24),
        said.severity_text or "",
        shown(json_value(said.body)),
        json_attributes(bytes(said.attributes)),
        extra,
    )
