"""Mail: plain text with the same as HTML; updates and the end of an incident join its conversation."""

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
from gadfly.config import Mail
from gadfly.errors import ConfigError, NotifyError


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
    try:
        async with asyncio.timeout(destination.timeout + 1):
            await asyncio.to_thread(_deliver, letter, context.mail, destination.timeout)
    except TimeoutError:
        raise NotifyError(f"The mail server did not finish within {destination.timeout:g} s.") from None


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
    letter.set_content(notification.text)
    letter.add_alternative(_page(notification), subtype="html")
    return letter


def _page(notification: Notification) -> str:
    text = html.escape(notification.text)
    text = re.sub(r"(?m)^See: (https?://\S+)$", r'See: <a href="\1">\1</a>', text)
    style = "font: 14px/1.4 sans-serif; white-space: pre-wrap"
    return f'<html><body><pre style="{style}">{text}</pre></body></html>\n'


def _deliver(letter: email.message.EmailMessage, mail: Mail, timeout: float) -> None:
    host, port = split(mail.server)
    try:
        tls = ssl.create_default_context() if mail.tls != "none" else None
        if mail.tls == "tls":
            server: smtplib.SMTP = smtplib.SMTP_SSL(host, port, timeout=timeout, context=tls)
        else:
            server = smtplib.SMTP(host, port, timeout=timeout)
        with server:
            if mail.tls == "starttls":
                server.starttls(context=tls)
            if mail.user:
                server.login(mail.user, secret.resolve(mail.password).decode())
            refused = server.send_message(letter)
    except smtplib.SMTPRecipientsRefused as error:
        raise _refused(error.recipients) from None
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
        raise NotifyError(f"The mail server {mail.server} did not take it: {str(error)[:200]}") from None
    if refused:
        raise _refused(refused)


def _refused(recipients: dict[str, tuple[int, bytes]]) -> NotifyError:
    """Some or all recipients were refused. Once one has it, a retry would be a duplicate for that one."""
    said = "; ".join(
        f"{who}: {code} {text.decode('utf-8', 'replace')[:100]}" for who, (code, text) in recipients.items()
    )
    return NotifyError(
        f"The mail server refused {said}", permanent=all(code >= 500 for code, _ in recipients.values())
    )


def _word(text: str) -> str:
    return re.sub(r"[^A-Za-z0-9.-]+", "-", text).strip("-.") or "gadfly"
