"""A real node foretells that a licence ends: pushed, foretold, recorded, told, ended, scored, and shown."""

from __future__ import annotations

import asyncio
import json
import time
import urllib.request
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from click.testing import CliRunner

from gadfly.cli.root import gadfly

pytestmark = pytest.mark.slow

PREDICTION = """
[prediction.licence]
of = "licence_ends_timestamp"
full = "time()"
act = "5m"
every = "1s"
owner = "ops"
because = "Without it the shop sells nothing."
severity = "critical"

[component.shop]
owner = "ops"
probe.http = {{ url = "http://127.0.0.1:{port}/livez", every = "1s" }}

[automation.renew]
owner = "ops"
purpose = "A licence that ends soon is renewed, as the shop needs it."
on = 'prediction licence > 0.9, component = "shop"'
run = "command /bin/true {{component}}"
limits = {{ at_once = 1, group = "100%", fleet = "100%", per_hour = 6, tries_per_target = 3 }}
expect = "component healthy within 20s"
undo = "irreversible"
level = "approve"
expires = 2032-06-30
review = 2031-06-30
"""


def say(arguments: list[str], shown: str) -> tuple[int, bool]:
    """The exit code, and whether these words were printed."""
    found = CliRunner().invoke(gadfly, arguments, standalone_mode=False)
    assert found.exception is None, found.exception
    return found.return_value, shown in found.output


async def test_a_licence_that_ends(place: Any, until: Callable[..., Awaitable[Any]]) -> None:
    place.write(PREDICTION.format(port=place.tcp))
    async with place.node() as node:
        url, token = node.server.url.rstrip("/"), node.access.local

        def ask(path: str, data: bytes | None = None) -> Any:
            asked = urllib.request.Request(
                f"{url}{path}", data, {"Authorization": f"Bearer {token}", "Content-Type": "text/plain"}
            )
            with urllib.request.urlopen(asked, timeout=30) as answer:
                body = answer.read()
            return json.loads(body) if body else None

        await until(lambda: node.series.source, 60)

        async def push(ends: float) -> None:
            body = f"licence_ends_timestamp {ends}\n".encode()
            await asyncio.to_thread(ask, "/metrics/job/shop/component/shop", body)

        await push(time.time() + 240)

        await until(lambda: "licence_ends_timestamp" in json.dumps(place.notifications()), 60)
        (row,) = [one for one in await made(node) if one.told]
        assert row.entry is not None

        assert (row.component, row.owner) == ("shop", "ops")

        async def asked() -> bool:
            rows = await node.db.read(lambda c: c.execute("SELECT automation, state FROM request").fetchall())
            return rows[:1] == [("renew", "waiting")]

        await until(asked, 60)

        ends = time.time()
        await push(ends)  # it was revoked
        resolved = await until(lambda: came_true(node), 60)
        assert resolved.happened >= ends
        assert (await asyncio.to_thread(ask, "/api/v1/scorecard"))["predictors"][0]["told_true"] == 1

        kinds = [
            (await asyncio.to_thread(ask, f"/api/v1/ledger?kind={kind}"))["entries"][0]["sentence"]
            for kind in ("prediction", "resolution")
        ]
        assert "licence" in kinds[0]
        assert "came true" in kinds[1]
        for command, code, shown in (
            (["predictions"], 1, "licence_ends_timestamp"),
            (["predictions", "--made", "--told"], 0, "came true"),
            (["scorecard", "--reliability"], 0, "foretold"),
            (["predict", "report"], 1, "renew it"),
            (["predict", "backtest", "--since", "1h"], 1, "too little is stored"),
        ):
            given = [*command, "--node", url, "--token", token]
            assert (command, *await asyncio.to_thread(say, given, shown)) == (command, code, True)


async def made(node: Any) -> Any:
    from gadfly.store import predictions

    return await node.db.read(predictions.newest)


async def came_true(node: Any) -> Any:
    return next((one for one in await made(node) if one.told and one.outcome == "came true"), None)
