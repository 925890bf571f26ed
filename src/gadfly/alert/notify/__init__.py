"""How a notification leaves the node: one file a kind, all with one signature.

To add a kind: write `async def send(notification, destination, context)`, which returns when the receiver has
taken it and raises :class:`~gadfly.errors.NotifyError` when not (`permanent` where trying again cannot help),
put it in :data:`SENDERS`, and let :func:`gadfly.alert.notify.destination.of` know its addresses.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from gadfly.alert.notification import Notification
from gadfly.alert.notify import apprise, command, email, webhook
from gadfly.alert.notify.destination import Context, Destination

Sender = Callable[[Notification, Destination, Context], Awaitable[None]]

SENDERS: dict[str, Sender] = {
    "webhook": webhook.send,
    "email": email.send,
    "command": command.send,
    "apprise": apprise.send,
}
