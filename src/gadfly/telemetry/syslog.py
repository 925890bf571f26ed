"""Messages of syslog as they are met: RFC 5424, and RFC 3164 in its many variants.

No I/O. What does not fit either RFC is still a line: nothing that was sent is thrown away, at worst the whole
message is the text. Who sent it, and when it came, is the caller's knowledge and stands where a message does
not say it.
"""

from __future__ import annotations

import calendar
import contextlib
import datetime as dt
import functools
import re
from collections.abc import Mapping
from typing import NamedTuple

NO_PRIORITY = 13
"""user.notice, where none is given (RFC 3164, 4.3.3)."""
BOM = b"\xef\xbb\xbf"
ELEMENTS = 64
"""Parameters of structured data that are kept."""
DAY = 86_400.0

FACILITIES = (
    "kern", "user", "mail", "daemon", "auth", "syslog", "lpr", "news", "uucp", "cron", "authpriv", "ftp",
    "ntp", "audit", "alert", "clock", "local0", "local1", "local2", "local3", "local4", "local5", "local6",
    "local7",
)  # fmt: skip

_PRIORITY = re.compile(rb"<(\d{1,3})>")
_HEADER = re.compile(
    # VERSION TIMESTAMP HOSTNAME APP-NAME PROCID MSGID, then structured data
    r"1 (\S{1,40}) (\S{1,255}) (\S{1,255}) (\S{1,128}) (\S{1,64}) (?=[\[-])",
    re.ASCII,
)
_ELEMENT = re.compile(r'\[([^\s="\]]{1,128})((?: [^\s="\]]{1,128}="(?:[^"\\\]]|\\.)*")*) ?\]', re.DOTALL)
_PARAMETER = re.compile(r' ([^\s="\]]{1,128})="((?:[^"\\\]]|\\.)*)"', re.DOTALL)
_ESCAPED = re.compile(r'\\(["\\\]])')
_ISO = re.compile(
    r"(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d:\d\d)(?:[.,](\d{1,9}))?(Z|z|[+-]\d\d:?\d\d)?(?=[ :]|$)", re.ASCII
)
_BSD = re.compile(
    # `*Mar  1 2026 18:46:11.123 CET:` — a star, a year, a fraction and a zone are what Cisco and others add
    r"[*.]?(?:(\d{4}) )?(Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) {1,2}(\d{1,2})(?: (\d{4}))?"
    r" (\d\d):(\d\d):(\d\d)(?:[.,](\d{1,9}))?(?: (UTC|GMT|Z))?(?: (\d{4}))?(?=[ :]|$)",
    re.ASCII,
)
_TAG = re.compile(r"(?!\d+[:\[])([A-Za-z0-9_./@()-]{1,128}?)(?:\[([^\]\s]{1,64})\])?:(?= |$|\t)", re.ASCII)
_BARE_TAG = re.compile(r"(?!\d+[:\[])([A-Za-z0-9_./@-]{1,128})\[(\d{1,10})\](?= )", re.ASCII)
_SEQUENCE = re.compile(r"\d{1,12}: ", re.ASCII)
_NAMED = re.compile(r"([A-Za-z0-9_.-]{1,255}): (?=[*.\dA-Z])", re.ASCII)
_HOST = re.compile(r"([A-Za-z0-9_.:-]{1,255})\Z", re.ASCII)
_MONTHS = {name: number for number, name in enumerate(calendar.month_abbr) if name}


class Message(NamedTuple):
    """What one message says; empty or None where it does not."""

    facility: int
    severity: int
    at: float | None
    """Seconds since the epoch."""
    host: str
    unit: str
    text: str
    fields: Mapping[str, str]


def parse(data: bytes, now: float) -> Message:
    """One message without its framing. `now` (seconds since the epoch) tells the year where none is given."""
    data = data.strip(b"\0\r\n \t")
    priority = NO_PRIORITY
    if found := _PRIORITY.match(data):
        if int(found[1]) <= 191:
            priority = int(found[1])
        data = data[found.end() :]
    facility, severity = divmod(priority, 8)
    if found is not None and data[:2] == b"1 " and (modern := _modern(data)) is not None:
        return modern._replace(facility=facility, severity=severity)
    return _legacy(_text(data), now)._replace(facility=facility, severity=severity)


def _text(data: bytes) -> str:
    """UTF-8, else what old programs mean; a byte order mark is none of the text."""
    try:
        return data.removeprefix(BOM).decode()
    except UnicodeDecodeError:
        return data.decode("latin-1")


def _modern(data: bytes) -> Message | None:
    """RFC 5424 behind its priority; None where it is not."""
    header = _HEADER.match(data[:900].decode("latin-1"))
    if header is None:
        return None
    at = _iso(header[1])
    if at is None and header[1] != "-":
        return None
    host, unit, process, kind = (_said(word) for word in header.groups()[1:])
    fields: dict[str, str] = {}
    if process:
        fields["pid"] = process
    if kind:
        fields["msgid"] = kind
    body = data[header.end() :]
    if body[:1] == b"-":
        rest = body[1:]
        if rest and rest[:1] != b" ":
            return None
        text = _text(rest[1:])
    else:
        text = _text(body)
        end = 0
        while found := _ELEMENT.match(text, end):
            for name, value in _PARAMETER.findall(found[2]):
                if len(fields) < ELEMENTS:
                    fields[f"{found[1]}.{name}"] = _ESCAPED.sub(r"\1", value)
            end = found.end()
        if not end or text[end : end + 1] not in ("", " "):
            return None  # damaged structured data: the whole is shown as it is
        text = text[end + 1 :].removeprefix("\ufeff")
    return Message(0, 0, at, host, unit, text, fields)


def _said(word: str) -> str:
    return "" if word == "-" else word


def _legacy(text: str, now: float) -> Message:
    """RFC 3164 behind its priority, and what is sent in its name."""
    fields: dict[str, str] = {}
    text = text.lstrip()
    if sequence := _SEQUENCE.match(text):  # Cisco numbers its messages
        text = text[sequence.end() :]
    at, end = _time(text, now)
    host = ""
    if not end and (named := _NAMED.match(text)):  # and may say who it is before it says when
        at, end = _time(text[named.end() :], now)
        if end:
            host, end = named[1], end + named.end()
    if end:
        text = text[end:].removeprefix(":").lstrip(" ")
    if end and not host and not _TAG.match(text):
        word, blank, behind = text.partition(" ")
        if blank and _HOST.match(word.rstrip(":")) and not _BARE_TAG.match(text):
            host, text = word.rstrip(":"), behind.lstrip(" ")
    unit = ""
    if (tag := _TAG.match(text) or _BARE_TAG.match(text)) is not None:
        unit = tag[1]
        if tag[2]:
            fields["pid"] = tag[2]
        text = text[tag.end() :].removeprefix(" ")
    return Message(0, 0, at, host, unit, text, fields)


def _time(text: str, now: float) -> tuple[float | None, int]:
    """The time at the beginning of the text, and where it ends; (None, 0) where there is none."""
    if found := _ISO.match(text):
        return _iso(found[0]), found.end()
    found = _BSD.match(text)
    if found is None:
        return None, 0
    before, month, day, between, hour, minute, second, fraction, zone, behind = found.groups()
    year = before or between or behind
    try:
        if year:
            at = _hour(int(year), _MONTHS[month], int(day), int(hour), zone)
        else:
            at = _latest_hour(_MONTHS[month], int(day), int(hour), zone, int(now // DAY))
    except (ValueError, OverflowError, OSError):
        return None, found.end()
    at += min(int(minute), 59) * 60 + min(int(second), 59)
    return at + (float(f"0.{fraction}") if fraction else 0.0), found.end()


@functools.lru_cache(1024)
def _hour(year: int, month: int, day: int, hour: int, zone: str | None) -> float:
    """Its beginning, in the zone of this machine where none is named, as RFC 3164 does not know zones."""
    naive = dt.datetime(year, month, day, hour)  # noqa: DTZ001
    return (naive.replace(tzinfo=dt.UTC) if zone else naive.astimezone()).timestamp()


@functools.lru_cache(1024)
def _latest_hour(month: int, day: int, hour: int, zone: str | None, today: int) -> float:
    """Without a year it is the last such hour that is not (by more than clocks may differ) to come."""
    year = dt.datetime.fromtimestamp(today * DAY, dt.UTC).year
    found = []
    for one in range(year - 8, year + 2):  # eight years without a 29th of February are the most
        with contextlib.suppress(ValueError):
            found.append(_hour(one, month, day, hour, zone))
    return max(at for at in found if at < (today + 3) * DAY)


def _iso(text: str) -> float | None:
    found = _ISO.match(text)
    if found is None:
        return None
    day, clock, fraction, zone = found.groups()
    # A leap second is taken for the one before it.
    clock = clock[:6] + "59" if clock.endswith("60") else clock
    try:
        at = dt.datetime.fromisoformat(f"{day}T{clock}{(zone or '').upper()}")
        if zone is None:
            at = at.astimezone()
        return at.timestamp() + (float(f"0.{fraction}") if fraction else 0.0)
    except (ValueError, OverflowError, OSError):
        return None
