"""Exactly what the web needs of the parts that take what is sent; the rest is in :mod:`gadfly.web.node`."""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import Protocol

from gadfly.telemetry.otlp_answer import Taken
from gadfly.telemetry.ping import Address, Said
from gadfly.telemetry.written import Wrote


class Pings(Protocol):
    """Jobs that tell by HTTP that they ran."""

    def whom(self, address: Address, query: str, peer: str) -> tuple[str, Said, bool]:
        """Whose ping it is, what it says, and whether the job is made by it. Refused, with the words of the
        answer; FormatError."""

    async def take(self, name: str, told: Said, output: bytes) -> None:
        """Committed when it returns; StoreError."""


class Pushes(Protocol):
    """What takes metrics that are pushed, as Prometheus' Pushgateway does."""

    async def push(self, path: str, body: bytes, *, replace: bool) -> None:
        """On disk when it returns. FormatError, LimitError: never will be; StoreError: later, perhaps."""

    async def delete(self, path: str) -> None:
        """Gone from the disk when it returns. FormatError, StoreError."""


class RemoteWrite(Protocol):
    """What takes Prometheus' remote write."""

    def admit(self, size: int) -> bool:
        """Make room for a request of so many bytes before it is received; False: not now."""

    def done(self, size: int) -> None:
        """Give that room back."""

    async def take(self, body: bytes, version: int, who: str) -> Wrote:
        """The body as it came, of version 1 or 2. What was taken is on disk when it returns.

        FormatError, LimitError: nothing of it is taken, ever. StoreError: not now.
        """


class Otlp(Protocol):
    """What takes OpenTelemetry's requests. FormatError: never; StoreError, LimitError: not now."""

    def room(self, size: int) -> AbstractContextManager[None]:
        """For a request of so many bytes while it is read. LimitError."""

    async def metrics(self, body: bytes, *, json: bool, sender: str, address: str) -> Taken:
        """The samples are on disk when it returns. `sender`: the token's name; `address`: the peer's."""

    async def logs(self, body: bytes, *, json: bool, address: str) -> Taken:
        """The lines are on disk within a second."""
