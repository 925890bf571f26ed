"""Alerts as Alertmanager's API takes them (its version 2, `postableAlerts`), read and checked. Pure."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

import msgspec

from gadfly.errors import FormatError

RESOLVE = 300.0
"""Seconds after which an alert without an end is over if it is not sent again; Alertmanager's
`resolve_timeout`."""
MOST = 10_000
"""Alerts in one request; Prometheus sends 64."""
LABELS, BYTES, TEXT = 64, 2048, 65_536
"""Labels or annotations of one alert; bytes of a label; characters of an annotation."""
_NAME = re.compile(r"[a-zA-Z_][a-zA-Z0-9_]*")


class Postable(msgspec.Struct):
    """One alert as it is sent. Other fields are passed over, as there."""

    labels: dict[str, str]
    annotations: dict[str, str] | None = None
    startsAt: dt.datetime | None = None
    endsAt: dt.datetime | None = None
    generatorURL: str = ""


class Received(msgspec.Struct, frozen=True):
    """One alert as it is meant. Times are seconds since the epoch."""

    labels: dict[str, str]
    annotations: dict[str, str]
    starts: float
    ends: float
    generator: str


_split = msgspec.json.Decoder(list[msgspec.Raw]).decode
_decode = msgspec.json.Decoder(Postable).decode


def read(body: bytes, now: float) -> tuple[list[Received], list[str]]:
    """The alerts that can be taken, and what is wrong with the others. FormatError: it is no such list."""
    try:
        posted = _split(body)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError) as error:
        raise FormatError(f"this is no list of alerts: {error}") from None
    if len(posted) > MOST:
        raise FormatError(f"{len(posted):,} alerts in one request; at most {MOST:,} are taken")
    taken: list[Received] = []
    wrong: list[str] = []
    for number, one in enumerate(posted):
        try:
            taken.append(_meant(_decode(one), now))
        except (FormatError, msgspec.DecodeError, RecursionError, UnicodeDecodeError) as error:
            wrong.append(f"alert {number}: {error}")
    return taken, wrong


def _meant(one: Postable, now: float) -> Received:
    starts, ends = _seconds(one.startsAt), _seconds(one.endsAt)
    if starts is None:
        starts = now if ends is None else ends
    if ends is None:
        ends = now + RESOLVE
    if ends < starts:
        raise FormatError("start time must be before end time")
    labels = {name: value for name, value in one.labels.items() if value}
    annotations = {name: value for name, value in (one.annotations or {}).items() if value}
    if not labels:
        raise FormatError("at least one label pair required")
    if max(len(labels), len(annotations)) > LABELS:
        raise FormatError(f"more than {LABELS} labels or annotations")
    for what, pairs, most in (("label", labels, BYTES), ("annotation", annotations, TEXT)):
        for name, value in pairs.items():
            if not _NAME.fullmatch(name):
                raise FormatError(f'invalid {what} set: invalid name "{name[:80]}"')
            if len(name) + len(value) > most:
                raise FormatError(f"the {what} {name[:80]} is longer than {most}")
    return Received(labels, annotations, starts, ends, one.generatorURL[:BYTES])


def _seconds(at: dt.datetime | None) -> float | None:
    """None for no time, and for the year 1, which is how Go writes none."""
    if at is None or at.year == 1:
        return None
    return (at if at.tzinfo else at.replace(tzinfo=dt.UTC)).timestamp()


def gettable(
    labels: dict[str, str],
    annotations: dict[str, str],
    *,
    starts: str,
    ends: str,
    fingerprint: str,
    generator: str,
    receivers: list[str],
    suppressed: str,
) -> dict[str, Any]:
    """One alert as `GET /api/v2/alerts` tells it; times are RFC 3339."""
    silenced = suppressed if suppressed and not suppressed.startswith("inhibited") else ""
    return {
        "labels": labels,
        "annotations": annotations,
        "startsAt": starts,
        "endsAt": ends,
        "updatedAt": starts,
        "fingerprint": fingerprint,
        "generatorURL": generator,
        "receivers": [{"name": name} for name in receivers],
        "status": {
            "state": "suppressed" if suppressed else "active",
            "silencedBy": [silenced] if silenced else [],
            "inhibitedBy": [suppressed] if suppressed and not silenced else [],
        },
    }
