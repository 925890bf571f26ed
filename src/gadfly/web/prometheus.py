"""The form of Prometheus' HTTP API: its answers and errors, and the times and durations that it takes.

Source: prometheus.io/docs/prometheus/latest/querying/api. How an expression's value is written is
:mod:`gadfly.promql.format`'s work.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence

import msgspec
from starlette.responses import Response

STATUS = {
    "bad_data": 400,
    "execution": 422,
    "canceled": 503,
    "timeout": 503,
    "unavailable": 503,
    "internal": 500,
    "not_found": 404,
}
"""HTTP status by error type."""

_UNITS = {
    "ms": 1,
    "s": 1000,
    "m": 60_000,
    "h": 3_600_000,
    "d": 86_400_000,
    "w": 604_800_000,
    "y": 31_536_000_000,
}
_DURATION = re.compile(
    r"(?:(\d+)y)?(?:(\d+)w)?(?:(\d+)d)?(?:(\d+)h)?(?:(\d+)m(?!s))?(?:(\d+)s)?(?:(\d+)ms)?", re.ASCII
)
_NUMBER = re.compile(r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?", re.ASCII)
_TIME = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)[Tt](\d\d):(\d\d):(\d\d)(?:\.(\d+))?(?:[Zz]|([-+])(\d\d):(\d\d))", re.ASCII
)
_EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
FAR = 1 << 53
"""Milliseconds; no time is farther from the epoch."""


class BadData(Exception):
    """A parameter that cannot be understood; the message is for the caller."""


def moment(seconds: float) -> str:
    """A time as RFC 3339 in UTC, as Go writes it."""
    return dt.datetime.fromtimestamp(seconds, dt.UTC).isoformat().replace("+00:00", "Z")


def success(data: bytes, warnings: Sequence[str] = ()) -> bytes:
    """The whole answer around its data, which is JSON; and what it does not know."""
    told = b',"warnings":%s' % msgspec.json.encode(warnings) if warnings else b""
    return b'{"status":"success","data":%s%s}' % (data, told)


def failure(
    kind: str, message: str, status: int | None = None, headers: dict[str, str] | None = None
) -> Response:
    """An error; `kind` is one of :data:`STATUS`."""
    body = msgspec.json.encode({"status": "error", "errorType": kind, "error": message})
    return Response(body, status or STATUS.get(kind, 422), headers, "application/json")


def refusal(status: int, detail: str, headers: dict[str, str] | None) -> Response:
    """What :class:`gadfly.web.problem.Trouble` says, in this form."""
    kind = {400: "bad_data", 404: "not_found", 503: "unavailable"}.get(status, "bad_data")
    return failure(kind, detail, status, headers)


def parse_time(text: str) -> int:
    """Milliseconds since the epoch of Unix seconds or an RFC 3339 time. BadData where it is neither."""
    if _NUMBER.fullmatch(text):
        ms = round(float(text) * 1000) if abs(float(text)) < FAR / 1000 else FAR
        if abs(ms) < FAR:
            return ms
    if found := _TIME.fullmatch(text):
        year, month, day, hour, minute, second = map(int, found.groups()[:6])
        part = int((found[7] or "0").ljust(3, "0")[:3])
        away = int(f"{found[8]}1") * (int(found[9]) * 60 + int(found[10])) if found[8] else 0
        try:
            then = dt.datetime(year, month, day, hour, minute, second, tzinfo=dt.UTC)
        except ValueError:
            pass
        else:
            return ((then - _EPOCH) // dt.timedelta(milliseconds=1)) + part - away * 60_000
    raise BadData(f'cannot parse "{text[:100]}" to a valid timestamp')


def parse_duration(text: str) -> int:
    """Milliseconds of a number of seconds or of ``1h30m``. BadData where it is neither."""
    if _NUMBER.fullmatch(text):
        ms = round(float(text) * 1000) if abs(float(text)) < FAR / 1000 else FAR
        if abs(ms) < FAR:
            return ms
    elif text and (found := _DURATION.fullmatch(text)):
        order = ("y", "w", "d", "h", "m", "s", "ms")
        ms = sum(int(part or 0) * _UNITS[unit] for part, unit in zip(found.groups(), order, strict=True))
        if ms < FAR:
            return ms
    raise BadData(f'cannot parse "{text[:100]}" to a valid duration')
