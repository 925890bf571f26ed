"""Grants: what a function may do beside computing. A closed vocabulary, deny by default. Pure.

A grant is one line: a verb and what it is about, `http:POST https://hooks.example/x`. What is asked for is a
line of the same shape without any pattern, and is allowed where one grant covers it. There is no grant that
takes away: what is not there is denied.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping
from typing import NamedTuple
from urllib.parse import SplitResult, unquote, urlsplit

from gadfly.errors import ConfigError

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE")
LONGEST = 2048
"""Characters of one grant."""
SCRATCH = 1 << 30
"""Bytes of scratch at most."""
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,199}", re.ASCII)
_METRIC = re.compile(r"[a-zA-Z_:][a-zA-Z0-9_:]{0,199}", re.ASCII)
_SIZE = re.compile(r"(\d{1,7})(KiB|MiB|GiB)", re.ASCII)
_PATH = re.compile(r"/[A-Za-z0-9._~!$&'()+,;=:@%/-]*", re.ASCII)
_HOST = re.compile(r"[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*", re.ASCII)


class Grant(NamedTuple):
    """One line, understood. `parts`: what the verb's own parser made of the rest."""

    verb: str
    text: str
    parts: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.verb}{':' if self.verb == 'scratch' else ' '}{self.text}"


class _Verb(NamedTuple):
    parse: Callable[[str], tuple[str, ...]]
    covers: Callable[[tuple[str, ...], tuple[str, ...]], bool]
    writes: bool
    """Whether it changes something outside of the function."""
    help: str


def parse(line: str) -> Grant:
    """ConfigError where it is no grant; the message says what one looks like."""
    if len(line) > LONGEST or not line.isprintable():
        raise ConfigError(f"a grant is one line of at most {LONGEST} characters")
    verb, _, text = line.strip().partition(" ")
    if verb.startswith("scratch:"):
        # What stands behind the size makes it none.
        verb, text = "scratch", " ".join(filter(None, (verb.removeprefix("scratch:"), text.strip())))
    known = VERBS.get(verb)
    if known is None:
        raise ConfigError(f"{verb!r} is no grant; there are: {', '.join(VERBS)}")
    text = text.strip()
    try:
        return Grant(verb, text, known.parse(text))
    except ValueError as error:
        raise ConfigError(f"{line!r}: {error}; {known.help}") from None


def allows(grant: Grant, asked: Grant) -> bool:
    """Whether the grant covers what is asked for."""
    return grant.verb == asked.verb and VERBS[grant.verb].covers(grant.parts, asked.parts)


def _url(text: str) -> tuple[str, ...]:
    url: SplitResult = urlsplit(text)
    if url.scheme != "https" and not (url.scheme == "http" and url.hostname in ("127.0.0.1", "localhost")):
        raise ValueError("an address begins with https://")
    if url.username or url.password or url.fragment or "@" in url.netloc:
        raise ValueError("an address holds no user, no password and no fragment; use secret:use")
    host = (url.hostname or "").lower()
    if not _HOST.fullmatch(host):
        raise ValueError("a host is named in whole, without a pattern")
    try:
        port = url.port or (443 if url.scheme == "https" else 80)
    except ValueError:
        raise ValueError("the port is not one") from None
    path, star, beyond = (url.path or "/").partition("*")
    if beyond or (star and not path.endswith("/")):
        raise ValueError("a pattern is one * at the end of the path, behind a /")
    if url.query:
        raise ValueError("the query is not part of a grant: any is allowed")
    if not _PATH.fullmatch(path) or _climbs(path):
        raise ValueError("the path is not one that every server reads the same way")
    return url.scheme, host, str(port), path, star


def _climbs(path: str) -> bool:
    """Dots, empty parts and escapes that a server may turn into another path."""
    try:
        plain = unquote(path, "utf-8", "strict")
    except UnicodeDecodeError:  # a dot or a slash that is written too long, to lenient servers
        return True
    # Some servers take letters for what they look like: a full-width dot for a dot.
    plain = unicodedata.normalize("NFKC", plain)
    if any(letter in "%\\\x7f" or letter < " " for letter in plain) or plain.count("/") != path.count("/"):
        return True
    # Some servers take what follows a semicolon for parameters of a part: "..;x" is ".." to them.
    parts = [part.partition(";")[0] for part in plain.split("/")]
    return any(part in (".", "..") for part in parts) or "//" in plain or "/;" in plain


def _url_covers(granted: tuple[str, ...], asked: tuple[str, ...]) -> bool:
    if granted[:3] != asked[:3] or asked[4]:
        return False
    return asked[3].startswith(granted[3]) if granted[4] else asked[3] == granted[3]


def _named(pattern: re.Pattern[str], what: str) -> Callable[[str], tuple[str, ...]]:
    def parse_name(text: str) -> tuple[str, ...]:
        if not pattern.fullmatch(text):
            raise ValueError(f"{what} is named in whole")
        return (text,)

    return parse_name


def _same(granted: tuple[str, ...], asked: tuple[str, ...]) -> bool:
    return granted == asked


def _chosen(text: str) -> tuple[str, ...]:
    key, sign, value = text.partition("=")
    if key not in ("name", "group", "owner", "host", "kind") or not sign or not _NAME.fullmatch(value):
        raise ValueError("one of name=, group=, owner=, host=, kind= with a whole value")
    return key, value


def _size(text: str) -> tuple[str, ...]:
    found = _SIZE.fullmatch(text)
    if not found:
        raise ValueError("a size is a number with KiB, MiB or GiB")
    size = int(found[1]) << {"KiB": 10, "MiB": 20, "GiB": 30}[found[2]]
    if not 0 < size <= SCRATCH:
        raise ValueError("scratch is at most 1GiB")
    return (str(size),)


def _no_more(granted: tuple[str, ...], asked: tuple[str, ...]) -> bool:
    return int(asked[0]) <= int(granted[0])


def _nothing(text: str) -> tuple[str, ...]:
    if text:
        raise ValueError("nothing comes behind it")
    return ()


VERBS: Mapping[str, _Verb] = {
    **{
        f"http:{method}": _Verb(
            _url,
            _url_covers,
            method not in ("GET", "HEAD"),
            f"such as http:{method} https://files.example/a/*",
        )
        for method in METHODS
    },
    "secret:use": _Verb(_named(_NAME, "a secret"), _same, False, "such as secret:use slack"),
    "metric:read": _Verb(_named(_METRIC, "a metric"), _same, False, "such as metric:read queue_depth"),
    "component:read": _Verb(_chosen, _same, False, "such as component:read group=web"),
    "alert:silence": _Verb(_chosen, _same, True, "such as alert:silence group=web"),
    "act:request": _Verb(_named(_NAME, "an automation"), _same, True, "such as act:request restart-worker"),
    "function:invoke": _Verb(
        _named(_NAME, "a function"), _same, True, "such as function:invoke tidy-uploads"
    ),
    "scratch": _Verb(_size, _no_more, False, "such as scratch:64MiB"),
}
