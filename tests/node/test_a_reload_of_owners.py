"""Another owner by a reload reaches an alert that is open."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from typing import Any

    from tests.node.conftest import Place

    Until = Callable[..., Awaitable[Any]]

OWNER = '[owner.two]\ncontact = ["receiver:file"]\n'
SHOP = '[component.shop]\nowner = "%s"\nprobe.tcp = { address = "127.0.0.1:%d", every = "1s" }\n'


@pytest.mark.slow
async def test_the_new_owner_is_told_and_hears_of_the_end(place: Place, until: Until) -> None:
    def told() -> list[tuple[str, str]]:
        return sorted((one["kind"], one["groupKey"].rpartition("/")[2]) for one in place.notifications())

    with socket.socket() as refusing:
        refusing.bind(("127.0.0.1", 0))
        port = refusing.getsockname()[1]
        place.write(OWNER + SHOP % ("ops", port))
        async with place.node() as node:
            await until(lambda: told() == [("firing", "owner:ops")], 30)
            place.write(OWNER + SHOP % ("two", port))
            await node.reload()
            await until(lambda: len(told()) == 3, 30)
            first = [("firing", "owner:ops"), ("firing", "owner:two"), ("passed", "owner:ops")]
            assert told() == first
            (alert,) = await node.engine.alerts()
            assert (alert.owner, alert.was) == ("two", ("ops",))
            # Taken out it is nobody's, and so the top owner's; that one is not told of it for a moment.
            place.write(OWNER)
            await node.reload()
            await until(lambda: len(told()) > 3, 30)
            assert told() == [*first, ("resolved", "owner:two")]
