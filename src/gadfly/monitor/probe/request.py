"""A URL and what is sent for it. Pure."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import NamedTuple
from urllib.parse import SplitResult, urljoin, urlsplit

PORTS = {"http": 80, "https": 443}
REDIRECTS = frozenset({301, 302, 303, 307, 308})
AGENT = "gadfly-probe"
_OWN = frozenset({"host", "connection", "content-length", "transfer-encoding"})


class Target(NamedTuple):
    """Where a request goes."""

    secure: bool
    host: str
    port: int
    authority: str
    """As in the Host header."""
    path: str
    """Path and query, as sent."""
    login: str = ""
    """User and password of the URL, as a Basic credential."""

    @property
    def origin(self) -> tuple[bool, str, int]:
        return self.secure, self.host, self.port

    @property
    def place(self) -> str:
        """For reasons: the path without its query, which may hold a token."""
        return self.path.partition("?")[0]

    @property
    def where(self) -> str:
        """For reasons about the connection."""
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


def parse(url: str) -> Target:
    """:raises ValueError: with a message for whoever wrote the URL."""
    if any(letter <= " " or letter == "\x7f" for letter in url):
        raise ValueError(f'"{url[:80]}" is not a URL: it holds white space')
    parts: SplitResult = urlsplit(url)
    if parts.scheme not in PORTS:
        raise ValueError(f'"{url[:80]}" is not a URL of http:// or https://')
    try:
        port = parts.port or PORTS[parts.scheme]
    except ValueError:
        raise ValueError(f'"{url[:80]}" has no port between 1 and 65535') from None
    host = parts.hostname or ""
    try:
        host = host if host.isascii() else host.encode("idna").decode()
    except UnicodeError:
        host = ""
    if not host:
        raise ValueError(f'"{url[:80]}" has no host')
    login = ""
    if parts.username is not None:
        login = base64.b64encode(f"{parts.username}:{parts.password or ''}".encode()).decode()
    shown = f"[{host}]" if ":" in host else host
    authority = shown if port == PORTS[parts.scheme] else f"{shown}:{port}"
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    path = "".join(letter if letter.isascii() else _quoted(letter) for letter in path)
    return Target(parts.scheme == "https", host, port, authority, path, login)


def _quoted(letter: str) -> str:
    return "".join(f"%{byte:02X}" for byte in letter.encode("utf-8", "replace"))


def request(
    target: Target, method: str, headers: Mapping[str, str], body: bytes = b"", keep_alive: bool = False
) -> bytes:
    """The whole request. Compression is not asked for: a small answer must not become a large one here.

    :raises ValueError: if a header could smuggle another one.
    """
    lines = [f"{method} {target.path} HTTP/1.1", f"Host: {target.authority}"]
    given = {name.lower() for name in headers}
    if "user-agent" not in given:
        lines.append(f"User-Agent: {AGENT}")
    if "accept" not in given:
        lines.append("Accept: application/health+json, */*;q=0.9")
    if "accept-encoding" not in given:
        lines.append("Accept-Encoding: identity")
    if target.login and "authorization" not in given:
        lines.append(f"Authorization: Basic {target.login}")
    for name, value in headers.items():
        if any(letter in "\r\n\0" for letter in name + value) or not name or ":" in name or " " in name:
            raise ValueError(f'"{name[:80]}" is not a header that can be sent')
        if name.lower() in _OWN - {"host"}:
            raise ValueError(f'the header "{name}" is set by the probe itself; remove it')
        if name.lower() == "host":
            lines[1] = f"Host: {value}"
        else:
            lines.append(f"{name}: {value}")
    if body or method in ("POST", "PUT"):
        lines.append(f"Content-Length: {len(body)}")
    lines.append("Connection: keep-alive" if keep_alive else "Connection: close")
    return "\r\n".join([*lines, "", ""]).encode("utf-8") + body


def redirected(target: Target, location: str) -> Target:
    """Where a redirect leads. :raises ValueError: if that is no place for a probe to go."""
    scheme = "https" if target.secure else "http"
    return parse(urljoin(f"{scheme}://{target.authority}{target.path}", location))
