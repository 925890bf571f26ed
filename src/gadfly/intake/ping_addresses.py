"""Whose a ping is: ids, keys and slugs of the configuration, and how often a stranger may guess."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Sequence

from gadfly import secret
from gadfly.config import Config
from gadfly.errors import ConfigError, Refused
from gadfly.telemetry.ping import RUN, Address, slug

PEERS = 4096
"""Addresses whose unknown ids are counted; beyond, the oldest is forgotten."""


class Addresses:
    """What the configuration says of who pings. Ids and keys are looked up by a digest with a salt of this
    process: what is found by trying says nothing of how near one was.
    """

    def __init__(self, config: Config) -> None:
        self._salt = secrets.token_bytes(16)
        self.read(config)

    def read(self, config: Config) -> None:
        """The configuration from now on."""
        self.unresolved: list[str] = []
        """Whose secrets cannot be had, and why."""
        self._keys = {digest for key in config.ping.keys if (digest := self._secret(key, "ping.keys"))}
        self._ids: dict[bytes, str] = {}
        self._slugs: dict[str, list[str]] = {}
        self.declared: set[str] = set()
        """Jobs of the catalogue."""
        for name, component in config.component.items():
            if component.kind != "job":
                continue
            self.declared.add(name)
            self._slugs.setdefault(slug(name), []).append(name)
            if component.ping and (digest := self._secret(component.ping, name)):
                self._ids[digest] = name

    @property
    def pinging(self) -> list[str]:
        """Declared jobs that may ping: all where there is a key, or those that have an id."""
        return list(self.declared if self._keys else self._ids.values())

    def by_id(self, address: Address) -> str | None:
        """The job that has this id."""
        return self._ids.get(self._digest(address.id)) if address.id else None

    def holds(self, address: Address) -> bool:
        """Whether its key is one of ours."""
        return bool(address.key) and self._digest(address.key) in self._keys

    def by_slug(self, word: str) -> str | None:
        """The declared job of this slug. Refused where several have it."""
        names: Sequence[str] = self._slugs.get(word, ())
        if len(names) > 1:
            raise Refused("ambiguous slug", 409)
        return names[0] if names else None

    def _secret(self, text: str, whose: str) -> bytes | None:
        """The digest of an id or key; None where it cannot be had, which is said."""
        try:
            found = secret.resolve(text) if secret.is_reference(text) else text.encode()
        except ConfigError as error:
            self.unresolved.append(f"{whose}: {error}")
            return None
        return self._digest(found.decode("utf-8", "replace"))

    def _digest(self, text: str) -> bytes:
        text = text.lower() if RUN.fullmatch(text) else text
        return hashlib.blake2b(text.encode(), digest_size=16, key=self._salt).digest()


class Strangers:
    """How often each sender named an id that nobody has, in this minute."""

    def __init__(self) -> None:
        self._peers: dict[str, tuple[int, int]] = {}

    def count(self, peer: str, minute: int) -> int:
        """One more of this sender; how many that makes."""
        since, count = self._peers.pop(peer, (minute, 0))
        count = count + 1 if since == minute else 1
        self._peers[peer] = (minute, count)
        if len(self._peers) > PEERS:
            del self._peers[next(iter(self._peers))]
        return count
