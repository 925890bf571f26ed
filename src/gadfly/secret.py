"""Secrets are named in the configuration, never written there: ``env:NAME`` or ``file:PATH``."""

from __future__ import annotations

import base64
import os
import re
from collections.abc import Mapping
from pathlib import Path

from gadfly.errors import ConfigError

LIMIT = 4096
_REFERENCE = re.compile(r"env:[A-Za-z_][A-Za-z0-9_]*|file:.+")


HEADERS = frozenset({"authorization", "proxy-authorization", "cookie", "x-api-key", "x-auth-token"})
"""Headers, in lower case, whose value is a secret wherever they are sent."""


def is_reference(text: str) -> bool:
    """Whether `text` names a secret, rather than being one."""
    return _REFERENCE.fullmatch(text) is not None


def resolve(reference: str) -> bytes:
    """The secret that `reference` names, without a line end after it.

    ConfigError where there is none, it is empty, or it is longer than 4096 bytes. The message holds the
    reference and never the secret.
    """
    kind, _, name = reference.partition(":")
    if not is_reference(reference):
        raise ConfigError("a secret is written as env:NAME or file:PATH; what stands there is neither")
    if kind == "env":
        if name not in os.environ:
            raise ConfigError(f"{reference}: the environment has no {name}; set it where the node is started")
        secret = os.environb[name.encode()]
    else:
        try:
            with Path(name).expanduser().open("rb") as file:
                secret = file.read(LIMIT + 2)
        except (OSError, ValueError) as error:
            why = error.strerror if isinstance(error, OSError) else error
            raise ConfigError(f"{reference}: {why}; the node must be able to read this file") from None
    secret = secret.rstrip(b"\r\n")
    if not secret:
        raise ConfigError(f"{reference}: the secret is empty")
    if len(secret) > LIMIT:
        raise ConfigError(f"{reference}: longer than {LIMIT} bytes, which no secret needs to be")
    return secret


def headers(declared: Mapping[str, str]) -> dict[str, str]:
    """With the secrets that some of them name, as HTTP carries them: a character a byte. ConfigError."""
    return {
        name: resolve(value).decode("latin-1") if is_reference(value) else value
        for name, value in declared.items()
    }


def basic(user: str, password: str) -> str:
    """The value of an Authorization header (RFC 7617); no `password`, which is a reference, is an empty one.

    ConfigError.
    """
    pair = user.encode() + b":" + (resolve(password) if password else b"")
    return "Basic " + base64.b64encode(pair).decode()


def bearer(token: str) -> str:
    """The value of an Authorization header (RFC 6750). `token` is a reference. ConfigError."""
    return "Bearer " + resolve(token).decode("latin-1")
