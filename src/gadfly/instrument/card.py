"""The card: who a component is, as the JSON object that an announce carries, made to fit one datagram."""

from __future__ import annotations

import json
import os
import socket
from collections.abc import Iterable, Mapping

from gadfly.telemetry.frame import PAYLOAD

OUTPUT_LIMIT = 2048
"""Bytes of a job's last output that are kept at all."""
_EXPENDABLE = ("reason", "labels", "needs", "health", "group", "version", "owner", "host", "job")


def card(
    name: str,
    *,
    kind: str,
    owner: str = "",
    group: str = "",
    host: str = "",
    needs: Iterable[str] = (),
    health: str = "",
    labels: Mapping[str, str] | None = None,
    version: str = "",
    started: float,
    pid: int | None = None,
) -> dict[str, object]:
    """The announce's fields, those that are empty left out. `started` is seconds since the epoch.

    `host` is the component that it runs on; empty: what the machine calls itself. `pid` 0 is not told: for a
    process that ends at once and is not what lives.
    """
    fields: dict[str, object] = {
        "name": name,
        "kind": kind,
        "host": host or socket.gethostname(),
        "pid": os.getpid() if pid is None else pid,
        "version": version,
        "owner": owner,
        "group": group,
        "needs": list(needs),
        "health": health,
        "labels": {str(key): str(value) for key, value in (labels or {}).items()},
        "started": round(started, 3),
    }
    return {key: value for key, value in fields.items() if value not in ("", [], {}, 0)}


def fit(fields: Mapping[str, object]) -> bytes:
    """The fields as UTF-8 JSON of at most 1136 bytes.

    What is too long loses, in this order: the beginning of a job's output, then whole fields, the least
    telling first. `"cut": true` then says so. The name always fits.
    """
    encoded = _encode(fields)
    if len(encoded) <= PAYLOAD:
        return encoded
    fields = {**fields, "cut": True}
    job = fields.get("job")
    if isinstance(job, dict) and isinstance(job.get("output"), str):
        fields["job"] = _shorten(fields, job)
        encoded = _encode(fields)
    for key in _EXPENDABLE:
        if len(encoded) <= PAYLOAD:
            break
        fields.pop(key, None)
        encoded = _encode(fields)
    return encoded


def _shorten(fields: Mapping[str, object], job: Mapping[str, object]) -> dict[str, object]:
    """The job with as much of the end of its output as fits; by halving, because escapes vary in length."""
    output = str(job["output"])
    low, high = 0, len(output)
    while low < high:
        middle = (low + high + 1) // 2
        tail = {**job, "output": output[len(output) - middle :]}
        if len(_encode({**fields, "job": tail})) <= PAYLOAD:
            low = middle
        else:
            high = middle - 1
    return {**job, "output": output[len(output) - low :]}


def _encode(fields: Mapping[str, object]) -> bytes:
    return json.dumps(fields, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")
