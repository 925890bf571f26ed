"""Run a program that gets the notification as JSON on standard input. No shell, an end in time."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal

import msgspec

from gadfly.alert.notification import Notification, alertmanager
from gadfly.alert.notify.destination import Context, Destination
from gadfly.errors import NotifyError
from gadfly.monitor.probe.command import VARIABLES

SAID = 400
"""Characters of what it wrote to standard error that are kept, from the end."""


async def send(notification: Notification, destination: Destination, context: Context) -> None:
    """Return when it ended with 0. Past its time it is killed, with all that it started."""
    if not context.allow_commands:
        raise NotifyError("Commands are not run here: alerting.exec is false.", permanent=True)
    if not destination.command:
        raise NotifyError("It names no program.", permanent=True)
    body = msgspec.json.encode(alertmanager(notification, destination.name))
    try:
        process = await asyncio.create_subprocess_exec(
            *destination.command,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.PIPE,
            start_new_session=True,
            env=_environment(notification),
        )
    except (OSError, ValueError) as error:
        why = error.strerror if isinstance(error, OSError) else str(error)
        raise NotifyError(
            f"{destination.command[0]} cannot be run: {why}. Check its path and mode, then retry.",
            permanent=True,
        ) from None
    try:
        async with asyncio.timeout(destination.timeout):
            said = await _talk(process, body)
            code = await process.wait()
    except TimeoutError:
        raise NotifyError(f"{destination.command[0]} did not end within {destination.timeout:g} s.") from None
    finally:
        # The whole group, also after a good end: what it left running would hold on to nothing of ours.
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
        await process.wait()
    if code:
        raise NotifyError(f"{destination.command[0]} ended with {code}. {said}".strip())


async def _talk(process: asyncio.subprocess.Process, body: bytes) -> str:
    """Write the body, read what it says until it closes standard error; the end of that."""
    assert process.stdin is not None
    assert process.stderr is not None
    # It need not read; uvloop says so with a RuntimeError where asyncio has a broken pipe.
    with contextlib.suppress(BrokenPipeError, ConnectionResetError, RuntimeError):
        process.stdin.write(body)
        await process.stdin.drain()
    process.stdin.close()
    said = b""
    while piece := await process.stderr.read(65_536):
        said = (said + piece)[-4 * SAID :]
    return said.decode("utf-8", "replace").strip()[-SAID:]


def _environment(notification: Notification) -> dict[str, str]:
    return {
        # A few plain variables of our own: the others may hold the secrets of every receiver.
        **{name: os.environ[name] for name in VARIABLES if name in os.environ},
        "GADFLY_INCIDENT": notification.incident,
        "GADFLY_KIND": notification.kind,
        "GADFLY_STATUS": notification.status,
        "GADFLY_IDEMPOTENCY_KEY": notification.key,
    }
