"""Mail: plain text with the same as HTML; updates and the end of an incident join its conversation.

Where one of several recipients is refused for now, the next try is for those alone who do not have it. Who
has it is kept in memory: after a restart, a mail that some have may reach them once more.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import email.errors
import email.message
import email.policy
import email.utils
import html
import re
import smtplib
import socket
import ssl

from gadfly import secret
from gadfly.address import split
from gadfly.alert.notification import Notification
from gadfly.alert.notify.destination import Context, Destination
from gadfly.alert.notify.smtp import Deadline, Exchange
from gadfly.config.alerting import Mail
from gadfly.errors import ConfigError, NotifyError

KEPT = 1000
"""Letters at most of which is kept who has them."""
_have: dict[str, frozenset[str]] = {}
"""By the letter's key: the recipients that have it, while others were refused."""


async def send(notification: Notification, destination: Destination, context: Context) -> None:
    """Return when the server has taken it for every recipient."""
    try:
        letter = compose(notification, destination.email, sender(context.mail))
    except (
        ValueError,
        IndexError,
        email.errors.MessageError,
    ) as error:  # the parser of addresses has all three
        raise NotifyError(f"{destination.email!r} is not a mail address: {error}", permanent=True) from None
    have = _have.get(notification.key, frozenset())
    to = [address.addr_spec for address in letter["To"].addresses if address.addr_spec not in have]
    # The thread ends by its own deadline. To go on without it would be to deliver behind a failure's back.
    refused = await asyncio.to_thread(_deliver, letter, to, context.mail, destination.timeout)
    if refused:
        _have[notification.key] = have | (frozenset(to) - refused.keys())
        while len(_have) > KEPT:
            del _have[next(iter(_have))]
        raise _refused(refused)
    _have.pop(notification.key, None)


def sender(mail: Mail) -> str:
    """The address it comes from."""
    return mail.sender or f"gadfly@{socket.gethostname()}"


def compose(notification: Notification, to: str, sender: str) -> email.message.EmailMessage:
    """The mail. ValueError where an address holds a line end or is none."""
    letter = email.message.EmailMessage(policy=email.policy.SMTP)
    letter["From"] = sender
    letter["To"] = to
    if not letter["To"].addresses or any(not one.domain for one in letter["To"].addresses):
        raise ValueError("a name, an @ and a domain are needed")
    letter["Subject"] = notification.subject
    letter["Date"] = email.utils.format_datetime(dt.datetime.fromtimestamp(notification.at, dt.UTC))
    domain = _word(notification.node)
    first = f"<incident.{notification.incident}.{int(notification.opened)}@{domain}>"
    # The same at every try, so that mail servers drop a duplicate.
    letter["Message-ID"] = f"<{notification.key}@{domain}>"
    # Nobody has the mail of this id; all that name it are one conversation.
    letter["In-Reply-To"] = first
    letter["References"] = first
    letter["Auto-Submitted"] = "auto-generated"
    letter["X-Gadfly-Incident"] = notification.incident
    letter["X-Gadfly-Status"] = notification.status
    # The signed note, behind the mark of a signature: a mailbox is a witness that nobody can rewrite.
    note = f"\n-- \n{notification.ledger.checkpoint}" if notification.ledger else ""
    letter.set_content(notification.text + note)
    letter.add_alternative(_page(notification.text + note), subtype="html")
    return letter


def _page(text: str) -> str:
    text = html.escape(text)
    text = re.sub(r"(?m)^See: (https?://\S+)$", r'See: <a href="\1">\1</a>', text)
    style = "font: 14px/1.4 sans-serif; white-space: pre-wrap"
    return f'<html><body><pre style="{style}">{text}</pre></body></html>\n'


Refusals = dict[str, tuple[int, bytes]]
"""By recipient: the server's code and words."""


def _deliver(letter: email.message.EmailMessage, to: list[str], mail: Mail, timeout: float) -> Refusals:
    """Hand it over for these recipients; those of them who were refused. NotifyError where nobody has it."""
    host, port = split(mail.server)
    deadline = Deadline(timeout)
    try:
        tls = ssl.create_default_context() if mail.tls != "none" else None
        server = Exchange(host, port, deadline, tls if mail.tls == "tls" else None)
        try:
            if mail.tls == "starttls":
                server.starttls(context=tls)
            if mail.user:
                server.login(mail.user, secret.resolve(mail.password).decode())
            refused: Refusals = server.send_message(letter, to_addrs=to)
            server.farewell()
        finally:
            server.close()
    except smtplib.SMTPRecipientsRefused as error:
        return error.recipients
    except smtplib.SMTPAuthenticationError as error:
        raise NotifyError(
            f"The mail server refused the login ({error.smtp_code}); check mail.user."
        ) from None
    except smtplib.SMTPResponseException as error:
        text = (
            error.smtp_error
            if isinstance(error.smtp_error, str)
            else error.smtp_error.decode("utf-8", "replace")
        )
        raise NotifyError(
            f"The mail server answered {error.smtp_code} {text[:200]}", permanent=error.smtp_code >= 500
        ) from None
    except (smtplib.SMTPException, OSError, ConfigError) as error:
        if deadline.left() <= 0:
            raise NotifyError(f"The mail server did not finish within {timeout:g} s.") from None
        raise NotifyError(f"The mail server {mail.server} did not take it: {str(error)[:200]}") from None
    return refused


def _refused(recipients: Refusals) -> NotifyError:
    """Some or all recipients were refused: for good, or some of them only for now."""
    said = "; ".join(
        f"{who}: {code} {text.decode('utf-8', 'replace')[:100]}" for who, (code, text) in recipients.items()
    )
    return NotifyError(
        f"The mail server refused {said}", permanent=all(code >= 500 for code, _ in recipients.values())
    )


def _word(text: str) -> str:
    return re.sub(r"[^A-Za-z0-9.-]+", "-", text).strip("-.") or "gadfly"
