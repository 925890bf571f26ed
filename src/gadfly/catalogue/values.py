"""What the text of a single value must look like, beyond being text.

Each function takes the value and returns nothing; ValueError, with a message for whoever wrote it, where the
value cannot be used.
"""

from __future__ import annotations

import datetime as dt
import ipaddress
import re
import shlex
import warnings
import zoneinfo
from urllib.parse import urlsplit

from cronsim import CronSim, CronSimError

from gadfly import address, duration, secret
from gadfly.alert.match import costly

_LABEL = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]{0,63}", re.ASCII)
_HEADER = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]{1,128}", re.ASCII)
_MISTAKES = re.compile(r"(\d{1,9}(?:\.\d{1,6})?) per node-(day|week|month|year)", re.ASCII)
_MAIL = re.compile(r"[^\s@<>,;]{1,64}@[^\s@<>,;]{1,255}")
_JSON_PATH = re.compile(r"(?:[^.\[\]]+|\[\d{1,9}\])(?:\.[^.\[\]]+|\[\d{1,9}\])*")
_INTERFACE = re.compile(r"[^\s/]{1,15}")
_ESCAPE = re.compile(r"\\(?:[rnt\\]|x[0-9A-Fa-f]{2})|[^\\]")


def host_port(text: str) -> None:
    address.split(text)


def url(text: str) -> None:
    try:
        parts = urlsplit(text)
        usable = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        usable = False
    if not usable or re.search(r"\s|[\x00-\x1f\x7f]", text):
        raise ValueError(f'"{text[:80]}" is not a URL; write http://… or https://…')


def secret_reference(text: str) -> None:
    if not secret.is_reference(text):
        raise ValueError("a secret itself does not belong into this file; write env:NAME or file:PATH")


def pattern(text: str) -> None:
    try:
        with warnings.catch_warnings(action="ignore"):
            re.compile(text)
    except (re.error, RecursionError, OverflowError) as error:
        raise ValueError(f'"{text[:80]}" is not a regular expression: {error}') from None


def matcher(text: str) -> None:
    pattern(text)
    if costly(text):
        raise ValueError(
            f'"{text[:80]}" may take too long on some names; repeat no group (as in (a+)+), use few * and +'
        )


def group(text: str) -> None:
    host, _ = address.split(text)
    try:
        multicast = ipaddress.ip_address(host).is_multicast
    except ValueError:
        multicast = False
    if not multicast:
        raise ValueError(f'"{text[:80]}" is not a multicast group; write one like 239.192.71.70:7170')


def ip_address(text: str) -> None:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        raise ValueError(f'"{text[:80]}" is not an IP address') from None


def interface(text: str) -> None:
    if not _INTERFACE.fullmatch(text):
        ip_address(text)


def mistakes(text: str) -> None:
    found = _MISTAKES.fullmatch(text)
    if found is None or float(found[1]) <= 0:
        raise ValueError(f'"{text[:80]}" is not a budget of mistakes; write "1 per node-month"')


def mail(text: str) -> None:
    if not _MAIL.fullmatch(text):
        raise ValueError(f'"{text[:80]}" is not a mail address; write name@example.org')


def header(text: str) -> None:
    if not _HEADER.fullmatch(text):
        raise ValueError(f'"{text[:80]}" is not the name of a header')


def header_value(text: str) -> None:
    if re.search(r"[\r\n]", text):
        raise ValueError("a header's value is one line")


def words(text: str) -> None:
    """A program and its arguments, quoted as in a shell."""
    try:
        shlex.split(text)
    except ValueError as error:
        raise ValueError(f'"{text[:80]}" cannot be split into words: {error}') from None


def label(text: str) -> None:
    if not _LABEL.fullmatch(text):
        raise ValueError(f'"{text[:80]}" is not a label; write letters, digits and _.- with a letter first')


def json_path(text: str) -> None:
    if not _JSON_PATH.fullmatch(text):
        raise ValueError(f'"{text[:80]}" is not a path; write checks.db.status or items[0].id')


def escapes(text: str) -> None:
    if not re.fullmatch(rf"(?:{_ESCAPE.pattern})*", text, re.DOTALL):
        raise ValueError(r"a backslash begins \r, \n, \t, \\ or \xNN")


def more_than(text: str) -> None:
    duration.parse_bound(text, ">")


def less_than(text: str) -> None:
    duration.parse_bound(text, "<")


def cron(text: str) -> None:
    """Five fields and, where it is not UTC, a zone."""
    fields = text.split()
    form = "write minute, hour, day, month, weekday and a zone: 0 2 * * * Europe/Berlin"
    if len(fields) not in (5, 6):
        raise ValueError(f'"{text[:80]}" is not a schedule; {form}')
    try:
        zone = zoneinfo.ZoneInfo(fields[5] if len(fields) == 6 else "UTC")
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError(f'"{fields[5][:40]}" is not a time zone; write one like Europe/Berlin') from None
    try:
        next(CronSim(" ".join(fields[:5]), dt.datetime(2026, 1, 1, tzinfo=zone)))
    except CronSimError as error:
        raise ValueError(f'"{text[:80]}" is not a schedule ({error}); {form}') from None
    except StopIteration:
        raise ValueError(f'"{text[:80]}" never comes; {form}') from None


def schedule(text: str) -> None:
    """Cron, or `every 1h`."""
    if not text.startswith("every "):
        cron(text)
    elif duration.parse(text.removeprefix("every ").strip()) < 1:
        raise ValueError(f'"{text[:80]}": a job runs every second at most')


def host(text: str) -> None:
    if not re.fullmatch(r"[^\s:/@\[\]]{1,253}", text):
        try:
            ipaddress.ip_address(text)
        except ValueError:
            raise ValueError(
                f'"{text[:80]}" is not a host; write a name or an address, without a port'
            ) from None


def name_server(text: str) -> None:
    """An IP address, with or without a port."""
    try:
        ipaddress.ip_address(text)
    except ValueError:
        ip_address(address.split(text)[0])


def domain(text: str) -> None:
    labels = text.removesuffix(".").split(".")
    if text != "." and not all(0 < len(label) <= 63 and label.isprintable() for label in labels):
        raise ValueError(f'"{text[:80]}" is not a domain name')
