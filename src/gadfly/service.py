"""A node as a process: signals, systemd, the loop. What ``gadfly up`` does."""

from __future__ import annotations

import asyncio
import logging
import signal
from collections.abc import Callable, Mapping
from pathlib import Path

import uvloop

from gadfly import catalogue
from gadfly.app import Node
from gadfly.errors import ConfigError, GadflyError
from gadfly.instrument import systemd
from gadfly.reloading import overridden

log = logging.getLogger("gadfly")


def run(
    path: Path | None,
    *,
    overrides: Mapping[str, str] | None = None,
    on_ready: Callable[[Node], None] = lambda node: None,
) -> int:
    """Run a node until SIGTERM or SIGINT; SIGHUP reads the configuration again. Returns the exit code.

    GadflyError where it cannot start; whatever a part of it failed with, where one did.
    """
    node = Node(overridden(catalogue.load(path), overrides or {}), path=path, overrides=overrides or {})
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(_run(node, on_ready))
    return 0


async def _run(node: Node, on_ready: Callable[[Node], None]) -> None:
    loop = asyncio.get_running_loop()
    for ending in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(ending, node.end)
    reloads: set[asyncio.Task[None]] = set()

    def reload() -> None:
        task = asyncio.create_task(_reload(node))
        reloads.add(task)
        task.add_done_callback(reloads.discard)

    loop.add_signal_handler(signal.SIGHUP, reload)
    async with node:
        systemd.notify("READY=1")
        on_ready(node)
        await node.wait()
        systemd.notify("STOPPING=1")


async def _reload(node: Node) -> None:
    try:
        for line in await node.reload():
            log.info("reload: %s", line)
    except ConfigError as error:
        # The old configuration stays in force, whole: half of a new one is worse than none.
        for problem in error.problems:
            log.error("reload refused: %s", problem)
    except GadflyError as error:
        log.error("reload refused: %s", error)
