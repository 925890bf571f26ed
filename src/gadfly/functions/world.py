"""What stands behind the broker: the node, as far as a function may ask it for something.

Everything here has been checked against the grants. Who it is done for is handed in, so that what it writes
down names the function.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple, Protocol


class Request(NamedTuple):
    """One HTTP request, as it was checked: what is sent is made of these parts and of nothing else."""

    method: str
    scheme: str
    host: str
    port: int
    path: str
    """And the query, as sent."""
    headers: Mapping[str, str]
    body: bytes
    seconds: float
    """For all of it."""
    most: int
    """Bytes of the answer's body; LimitError beyond."""


class Response(NamedTuple):
    """Names of headers in lower case; of a repeated one the first."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class World(Protocol):
    """The calls that the broker makes.

    Each raises a :class:`gadfly.errors.GadflyError` where it could not be done, with words for the function's
    owner; :class:`gadfly.errors.Refused` where it may not be done; OSError where the network did not.
    """

    async def http(self, request: Request) -> Response:
        """Send it once; redirects are not followed here. :func:`gadfly.functions.http.exchange` does it."""
        ...

    def secret(self, name: str) -> bytes:
        """The secret of this name. ConfigError where the configuration has none, or it cannot be read."""
        ...

    async def metric(self, by: str, query: str) -> Any:
        """The answer to an instant query in PromQL, as plain data."""
        ...

    async def components(self, by: str, chosen: Mapping[str, str]) -> list[Any]:
        """The components for which all of these hold, as the API shows them."""
        ...

    async def silence(self, by: str, chosen: Mapping[str, str], seconds: float, because: str) -> Any:
        """Silence them for so long; what the API answers."""
        ...

    async def act(self, by: str, name: str, inputs: Mapping[str, str]) -> Any:
        """Ask the gate for this automation; what it decided."""
        ...

    async def invoke(self, by: str, name: str, event: Any, depth: int) -> Any:
        """Call another function and wait for its answer; `depth`: how many stand above it."""
        ...
