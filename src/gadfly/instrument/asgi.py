"""Health and metrics as an ASGI 3 application, or as middleware around one."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from gadfly.instrument.endpoints import PATHS, answer
from gadfly.instrument.health import Health
from gadfly.instrument.metrics import REGISTRY, Registry

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Message, Receive, Send], Awaitable[None]]


def asgi(health: Health, registry: Registry = REGISTRY, app: App | None = None) -> App:
    """Serve /livez, /readyz, /healthz and /metrics; everything else goes to `app`, where there is one."""

    async def served(scope: Message, receive: Receive, send: Send) -> None:
        path = str(scope.get("path", "")).removeprefix(str(scope.get("root_path", "")))
        if app is not None and (scope["type"] != "http" or path not in PATHS):
            await app(scope, receive, send)
        elif scope["type"] == "lifespan":
            await _live(receive, send)
        elif scope["type"] == "http":
            loop = asyncio.get_running_loop()
            status, headers, body = await asyncio.to_thread(
                answer, scope["method"], path, health, registry, loop
            )
            encoded = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in headers]
            await send({"type": "http.response.start", "status": status, "headers": encoded})
            await send({"type": "http.response.body", "body": body})
        else:
            await send({"type": "websocket.close", "code": 1000})

    return served


async def _live(receive: Receive, send: Send) -> None:
    while True:
        message = await receive()
        await send({"type": f"{message['type']}.complete"})
        if message["type"] == "lifespan.shutdown":
            return
