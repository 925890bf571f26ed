"""What the node does for a function that asks the broker: see :class:`gadfly.functions.world.World`.

One for each invocation, so that what is written down names it. What changes something elsewhere has its entry
in the ledger before it.
"""

from __future__ import annotations

import asyncio
import json
import sqlite3
from collections.abc import Awaitable, Callable, Mapping
from typing import TYPE_CHECKING, Any

from gadfly import promql, secret
from gadfly.act.plans.planning import Supplied
from gadfly.errors import GadflyError, QueryError, Refused
from gadfly.functions.environment import variable
from gadfly.functions.function import Function
from gadfly.functions.http import exchange
from gadfly.functions.invoke import Done
from gadfly.functions.reach import parse
from gadfly.functions.world import Request, Response
from gadfly.ledger.entry import Entry
from gadfly.promql import Limits
from gadfly.promql.format import data_json
from gadfly.view import View

if TYPE_CHECKING:
    from gadfly.app import Node  # the node is handed in; importing it here would be a circle

READS = frozenset({"GET", "HEAD"})
QUERY = Limits(samples=2_000_000, series=20_000, seconds=10.0)
"""Of one query of a function: what a report needs, and a tenth of what a dashboard may."""
COMPONENTS = 1_000
"""Components of one answer at most."""

Call = Callable[[str, str, Any, int], Awaitable[Done]]
"""Who calls, the function, the event, how many wait for it."""


class NodeWorld:
    """The node, as one invocation of a function may ask it."""

    def __init__(self, node: Node, function: Function, invocation: int, call: Call) -> None:
        self._node = node
        self._function = function
        self._invocation = invocation
        self._call = call

    async def http(self, request: Request) -> Response:
        """Send it; what is no mere reading is in the ledger before."""
        if request.method not in READS:
            await self._note(f"http:{request.method} {request.scheme}://{request.host}:{request.port}")
        return await exchange(request, parse(self._node.config.functions.networks))

    def secret(self, name: str) -> bytes:
        """From where `[functions] secrets` says, else from the environment."""
        named = self._node.config.functions.secrets.get(name)
        return secret.resolve(named or f"env:{variable(name)}")

    async def metric(self, by: str, query: str) -> Any:
        """What stands under `result` where Prometheus answers: for a vector, an object for each series."""
        series = self._node.series
        source = series.source
        if source is None:
            raise QueryError(series.trouble, "execution")
        at = round(self._node.clock.wall() * 1000)
        data = await asyncio.to_thread(lambda: data_json(promql.instant(source, query, at, QUERY)))
        return json.loads(data)["result"]

    async def components(self, by: str, chosen: Mapping[str, str]) -> list[Any]:
        """Rows as the API gives them, those that are worst first."""
        view = View(self._node.components, self._node.engine.silenced)
        if name := chosen.get("name"):
            slot = view.slot(name)
            rows = [] if slot is None else [view.row(slot)]
            return [row for row in rows if all(row[key] == value for key, value in chosen.items())]
        _, slots = view.find(
            owner=chosen.get("owner", ""),
            group=chosen.get("group", ""),
            host=chosen.get("host", ""),
            kind=chosen.get("kind", ""),
            limit=COMPONENTS,
        )
        return [view.row(slot) for slot in slots]

    async def silence(self, by: str, chosen: Mapping[str, str], seconds: float, because: str) -> Any:
        """A silence as every other, with its entry in the ledger."""
        match = {"component" if key == "name" else key: value for key, value in chosen.items()}
        ends = self._node.clock.wall() + seconds
        made = await self._node.engine.add_silence(match, ends, because, f"function:{by}")
        return {"id": str(made.id), "match": made.match, "ends": made.ends}

    async def act(self, by: str, name: str, inputs: Mapping[str, str]) -> Any:
        """Through the gate, in the function's name where a grant permits it that, else as a question."""
        if name not in self._node.config.automation:
            raise Refused(f"there is no automation {name}", 404)
        plan, decision = await self._node.acting.engine.trigger(
            name,
            f"function:{by}",
            reason=f"invocation {self._invocation}",
            supplied=Supplied(parameters=dict(inputs)),
        )
        state = "allowed" if decision.intent else "waiting" if decision.request else "refused"
        return {
            "state": state,
            "intent": str(decision.intent.id) if decision.intent else "",
            "approval": str(decision.request) if decision.request else "",
            "words": decision.words,
            "targets": [target.name for target in plan.targets],
        }

    async def invoke(self, by: str, name: str, event: Any, depth: int) -> Any:
        """Its answer. GadflyError with its words where it failed."""
        done = await self._call(f"function:{by}", name, event, depth)
        if done.outcome != "ok":
            raise GadflyError(f"{name} did not answer (invocation {done.invocation}): {done.words}")
        return done.value

    async def _note(self, what: str) -> None:
        entry = Entry(
            kind="function",
            who=f"function:{self._function.name}",
            about=(f"function:{self._function.name}", f"owner:{self._function.owner}"),
            body={"event": "asked", "what": what, "invocation": self._invocation},
            at=self._node.clock.wall(),
        )
        journal = self._node.recorder.journal

        def work(connection: sqlite3.Connection) -> None:
            journal.write(connection, [entry])

        await self._node.db.write(work)
