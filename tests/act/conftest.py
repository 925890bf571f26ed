"""A state and a ledger in memory, for what works on a connection."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from gadfly.ledger.log import Log
from gadfly.store.schema import migrate


@pytest.fixture
def connection() -> Iterator[sqlite3.Connection]:
    """An empty state of the newest schema."""
    made = sqlite3.connect(":memory:", isolation_level=None)
    migrate(made)
    yield made
    made.close()


@pytest.fixture
def log() -> Log:
    """Its ledger, with a key that is the same in every test."""
    return Log("gadfly/test/1", Ed25519PrivateKey.from_private_bytes(bytes(32)))
