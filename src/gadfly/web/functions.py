"""Exactly what the web needs of functions, as :mod:`gadfly.web.node` has it for the rest.

Where a method returns ``object``, the thing has the fields of the struct of that name in
:mod:`gadfly.web.answers.functions`. ``who`` is the principal. They raise :class:`gadfly.errors.Refused` (404:
no such thing; 409: not in this state; 422: it cannot be so) in words that say who must do what.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from contextlib import AbstractContextManager
from typing import Protocol

from gadfly.functions.trigger.event import Reply, Request


class Functions(Protocol):
    """What is deployed, what calls it, and what became of each call."""

    async def all(self) -> Sequence[object]:
        """:class:`Function`, by name."""

    async def one(self, name: str) -> object:
        """:class:`FunctionStory`."""

    async def invocations(
        self, function: str, state: str, before: int | None, limit: int
    ) -> Sequence[object]:
        """:class:`Invocation`, the newest first."""

    async def invocation(self, number: int, seconds: float) -> object:
        """:class:`InvocationStory`, after its end or so many seconds."""

    async def logs(self, name: str, before: int | None, limit: int) -> Sequence[object]:
        """:class:`Said` of so many invocations, the newest first."""

    async def deploy(self, name: str, hash: str, who: str) -> object:
        """:class:`FunctionVersion`; called from now on."""

    async def invoke(self, name: str, event: bytes, who: str, seconds: float) -> object:
        """:class:`InvocationStory`, after its end or so many seconds."""

    async def replay(self, number: int, who: str) -> int:
        """The number of the call that waits now."""

    def limit(self, name: str, headers: Collection[str]) -> int:
        """Bytes that a delivery with these headers (lower case) to this function may have. Refused."""

    def room(self, address: str) -> AbstractContextManager[Callable[[int], None]]:
        """For the body of one delivery: to be told of its bytes as they come; LimitError: no room now."""

    async def deliver(self, name: str, request: Request) -> Reply:
        """What goes back to the sender; the delivery is on disk."""
