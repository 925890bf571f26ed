"""All the services that the apprise package knows. An extra: `pip install 'gadfly[notify]'`."""

from __future__ import annotations

import asyncio
from typing import Any

from gadfly.alert.notification import Notification
from gadfly.alert.notify.destination import Context, Destination
from gadfly.errors import NotifyError


async def send(notification: Notification, destination: Destination, context: Context) -> None:
    """Return when the service took it. apprise does not say why one did not; that is tried again."""
    apprise = _package()
    service = apprise.Apprise()
    if not service.add(destination.url):
        raise NotifyError(
            "apprise does not know this kind of address; see its list of services.", permanent=True
        )
    kind = apprise.NotifyType.SUCCESS if notification.status == "resolved" else apprise.NotifyType.FAILURE
    try:
        async with asyncio.timeout(destination.timeout):
            taken = await service.async_notify(
                body=notification.text, title=notification.subject, notify_type=kind
            )
    except TimeoutError:
        raise NotifyError(f"The service did not finish within {destination.timeout:g} s.") from None
    if not taken:
        raise NotifyError("The service did not take it.")


def _package() -> Any:
    try:
        import apprise
    except ImportError:
        raise NotifyError(
            "This address needs apprise: the operator installs it with `pip install 'gadfly[notify]'`, "
            "restarts the node and retries.",
            permanent=True,
        ) from None
    return apprise
