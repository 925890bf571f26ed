"""A ledger in memory, with a key that is the same in every run."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import settings

from gadfly.ledger.entry import Entry, encode
from gadfly.ledger.log import Log
from gadfly.store.schema import migrate

settings.register_profile("patient", deadline=None)  # a busy machine is no finding
settings.load_profile("patient")

START = 1_790_000_000.0


Make = Callable[..., Entry]


def _entry(number: int, at: float | None = None) -> Entry:
    return Entry(
        kind="flip",
        who="node",
        about=(f"component:c{number % 7}",),
        body={"after": "down", "before": "healthy", "number": number},
        at=START + number if at is None else at,
    )


@pytest.fixture(scope="session")
def entry() -> Make:
    """The flip of a number, a second after the one before."""
    return _entry


@pytest.fixture(scope="session")
def bodies() -> Callable[[int], list[bytes]]:
    """The bytes of so many entries."""
    return lambda count: [encode(_entry(number)) for number in range(count)]


@pytest.fixture
def connection() -> Iterator[sqlite3.Connection]:
    made = sqlite3.connect(":memory:", isolation_level=None)
    migrate(made)
    yield made
    made.close()


@pytest.fixture
def key() -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes(bytes(range(32)))


@pytest.fixture
def log(key: Ed25519PrivateKey) -> Log:
    return Log("gadfly/test/00000001", key)


@pytest.fixture
def fill(connection: sqlite3.Connection, log: Log) -> Callable[..., None]:
    """Append so many entries, in lots, and make a checkpoint."""

    def fill(count: int, lot: int = 50, *, checkpoint: bool = True) -> None:
        first = connection.execute("SELECT count(*) FROM ledger_entry").fetchone()[0]
        for start in range(first, first + count, lot):
            log.append(connection, [_entry(n) for n in range(start, min(start + lot, first + count))])
        if checkpoint:
            log.checkpoint(connection)

    return fill
