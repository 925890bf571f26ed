"""Probes: one file a kind of enquiry, one signature, found by name in :data:`PROBERS`.

A prober asks once, within ``spec.timeout`` seconds, and always returns a
:class:`~gadfly.monitor.probe.result.Result`: what the target did wrong is ``fail``, what kept us from
asking is ``unknown``. It raises only :class:`asyncio.CancelledError`.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from gadfly.monitor.probe import command, dns, grpc, http, icmp, tcp, tls
from gadfly.monitor.probe.context import Context
from gadfly.monitor.probe.result import Result

Ask = Callable[[Any, Context], Awaitable[Result]]

PROBERS: dict[str, Ask] = {
    "http": http.probe,
    "tcp": tcp.probe,
    "tls": tls.probe,
    "dns": dns.probe,
    "grpc": grpc.probe,
    "icmp": icmp.probe,
    "command": command.probe,
}
