"""From a contact's reference to an address, at the moment of sending: secrets are in no row and no log."""

from __future__ import annotations

import shlex
import urllib.parse

import msgspec

from gadfly import secret
from gadfly.alert.escalate import find
from gadfly.config import Config
from gadfly.config.alerting import Mail, Receiver
from gadfly.errors import ConfigError, NotifyError


class Destination(msgspec.Struct, frozen=True, kw_only=True):
    """Where one letter goes. `kind` is a key of :data:`gadfly.alert.notify.SENDERS`."""

    kind: str
    name: str
    """As receivers see themselves called: the receiver's name, or the target's."""
    url: str = ""
    email: str = ""
    command: tuple[str, ...] = ()
    headers: dict[str, str] = {}
    timeout: float = 10.0


class Context(msgspec.Struct, frozen=True, kw_only=True):
    """What every sender may need of the node."""

    mail: Mail
    node: str
    allow_commands: bool = True


def of(config: Config, reference: str) -> Destination:
    """The destination that a reference means now. A permanent NotifyError where there is none any more."""
    if reference.startswith("receiver:"):
        return _receiver(config, reference.removeprefix("receiver:"))
    contact = find(config.owner, reference)
    if contact is None:
        raise NotifyError(
            "This contact is no longer in the configuration; retry after putting it back, or leave it.",
            permanent=True,
        )
    return _contact(contact, reference.partition("#")[0])


def _contact(contact: str, name: str) -> Destination:
    scheme, _, rest = contact.partition(":")
    if scheme == "mailto":
        return Destination(kind="email", name=name, email=urllib.parse.unquote(rest.partition("?")[0]))
    if scheme in ("http", "https"):
        return Destination(kind="webhook", name=name, url=contact)
    if scheme == "exec":
        return Destination(kind="command", name=name, command=tuple(shlex.split(rest)))
    return Destination(kind="apprise", name=name, url=contact)


def _receiver(config: Config, name: str) -> Destination:
    receiver = config.receiver.get(name)
    if receiver is None:
        raise NotifyError(
            f"receiver.{name} is no longer in the configuration; retry after putting it back, or leave it.",
            permanent=True,
        )
    if receiver.webhook:
        return Destination(
            kind="webhook",
            name=name,
            url=_revealed(receiver.webhook),
            headers={key: _revealed(value) for key, value in receiver.headers.items()},
            timeout=receiver.timeout,
        )
    return _other(receiver, name)


def _other(receiver: Receiver, name: str) -> Destination:
    if receiver.email:
        return Destination(
            kind="email",
            name=name,
            email=receiver.email.removeprefix("mailto:"),
            timeout=receiver.timeout,
        )
    if receiver.command:
        return Destination(kind="command", name=name, command=receiver.command, timeout=receiver.timeout)
    if receiver.apprise:
        return Destination(
            kind="apprise", name=name, url=_revealed(receiver.apprise), timeout=receiver.timeout
        )
    raise NotifyError(
        f"receiver.{name} has no address; give it webhook, email, command or apprise.", permanent=True
    )


def _revealed(text: str) -> str:
    """The secret where `text` names one, else `text`."""
    if not secret.is_reference(text):
        return text
    try:
        return secret.resolve(text).decode()
    except (ConfigError, UnicodeDecodeError) as error:
        # Not permanent: the operator may put the secret in place while the letter waits.
        raise NotifyError(f"{text} cannot be read: {error}") from None
