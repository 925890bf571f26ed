"""A ledger is opened to be audited: a live node's, a state folder's, or an exported folder's."""

from __future__ import annotations

import contextlib
import sqlite3
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from gadfly.cli.ledger_progress import counter, patience
from gadfly.cli.options import find

if TYPE_CHECKING:
    from gadfly.ledger.checkpoint import Checkpoint
    from gadfly.ledger.note import Verifier

DATABASE = "gadfly.db"

Opened = tuple[sqlite3.Connection, "Verifier", list["Checkpoint"], list["Verifier"]]
"""Connection, key, checkpoints that are known to have been, keys of witnesses."""


@contextlib.contextmanager
def opened(path: Path | None, keys: Sequence[Verifier], node: str, token: str) -> Iterator[Opened]:
    """The ledger that is meant, in tables."""
    from gadfly.ledger.note import verifier

    with contextlib.ExitStack() as stack:
        if path is not None and (path.name == DATABASE or (path / DATABASE).exists()):
            database = database_of(path)
            connection = stack.enter_context(contextlib.closing(read_only(database)))
            key = keys[0] if keys else _own_key(database.parent)
            yield connection, key, _anchor(database.parent, key), []
            return
        folder = path
        asked: list[Verifier] = []
        if folder is None:
            found = find(node, token)
            told = found.get("ledger/standing")
            keys = keys or [verifier(told["key"])]
            asked = [verifier(one["key"]) for one in told["witnesses"]]
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="gadfly-"))) / "ledger"
            from gadfly.cli.ledger_download import download

            with counter("files") as counted:
                download(found.fetch, folder, counted)
        if not keys:
            raise click.UsageError("give the ledger's key with --key: a folder cannot vouch for itself")
        yield _loaded(stack, folder), keys[0], [], asked


def _loaded(stack: contextlib.ExitStack, folder: Path) -> sqlite3.Connection:
    """An exported folder in tables of a temporary file."""
    from gadfly.ledger.export import load
    from gadfly.store.schema import migrate

    place = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="gadfly-")))
    connection = stack.enter_context(
        contextlib.closing(sqlite3.connect(place / DATABASE, isolation_level=None))
    )
    connection.execute("PRAGMA synchronous = OFF")
    migrate(connection)
    connection.execute("BEGIN")
    with patience(connection, "reading"):
        load(connection, folder)
    connection.execute("COMMIT")
    return connection


def database_of(path: Path) -> Path:
    """The database in a state folder, or itself. UsageError where there is none."""
    found = path if path.name == DATABASE else path / DATABASE
    if not found.is_file():
        raise click.UsageError(f"{path} is no state folder of a node: there is no {DATABASE} in it")
    return found


def read_only(path: Path) -> sqlite3.Connection:
    """The database of a node that may be running; one moment of it."""
    try:
        connection = sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True, isolation_level=None)
        connection.execute("BEGIN")
        connection.execute("SELECT count(*) FROM ledger_checkpoint").fetchone()
    except sqlite3.Error as error:
        raise click.ClickException(f"{path} cannot be read as the state of a node ({error}).") from None
    return connection


def _own_key(folder: Path) -> Verifier:
    """The key that lies beside the database."""
    from gadfly.ledger import key
    from gadfly.ledger.note import verifier_of

    try:
        name, secret = key.signer((folder / key.KEY).read_text())
    except (OSError, ValueError, UnicodeDecodeError):
        raise click.UsageError(
            f"{folder / key.KEY} cannot be read; give the ledger's key with --key"
        ) from None
    return verifier_of(name, secret)


def _anchor(folder: Path, key: Verifier) -> list[Checkpoint]:
    from gadfly.ledger import anchor

    found = anchor.kept(folder, key)
    return [found] if found else []
