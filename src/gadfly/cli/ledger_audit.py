"""`gadfly ledger verify` and `export`: of a live node, of its state, or of an exported folder."""

from __future__ import annotations

import contextlib
import os
import sqlite3
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from gadfly.cli.options import as_json, asks_node, emit, find
from gadfly.cli.terminal import clean, colourful, painter
from gadfly.errors import LedgerError

if TYPE_CHECKING:
    from gadfly.ledger.audit import Report
    from gadfly.ledger.checkpoint import Checkpoint
    from gadfly.ledger.note import Verifier

STEPS = 200_000
"""Instructions of SQLite between two looks at the clock."""
DATABASE = "gadfly.db"

_PATH = click.Path(path_type=Path, exists=True)


def _keys(_ctx: click.Context, _param: click.Parameter, value: str | tuple[str, ...]) -> list[Verifier]:
    """Callback: verifier keys from the command line."""
    from gadfly.ledger.note import verifier

    try:
        return [verifier(one) for one in ((value,) if isinstance(value, str) else value) if one]
    except LedgerError as error:
        raise click.BadParameter(str(error)) from None


@click.command()
@click.argument("path", required=False, type=_PATH)
@click.option("--key", "keys", default="", metavar="VKEY", callback=_keys, help="The ledger's verifier key.")
@click.option(
    "--witness",
    "witnesses",
    multiple=True,
    metavar="VKEY",
    callback=_keys,
    help="A witness's verifier key; may be given more than once.",
)
@click.option("--needed", type=click.IntRange(0, 64), default=0, help="So many of them must have cosigned.")
@click.option(
    "--known",
    type=_PATH,
    multiple=True,
    help="A checkpoint seen before, such as a mail's footer: it must be a beginning of this history.",
)
@as_json
@asks_node
def verify(
    path: Path | None,
    keys: list[Verifier],
    witnesses: list[Verifier],
    needed: int,
    known: tuple[Path, ...],
    json_: bool,
    node: str,
    token: str,
) -> int:
    """Audit a whole ledger: every entry, hash, checkpoint and signature.

    \b
    (no PATH)     the live node, over HTTP, as anybody may
    STATE FOLDER  of a node that runs or is stopped (or its gadfly.db)
    FOLDER        written by `gadfly ledger export`
    FILE          one receipt, written by `gadfly ledger prove`

    Who audits should bring the key: what stands beside a ledger may have been replaced together with it.
    Exit code 0: sound. 2: not sound, with what was found. 3: it could not be audited.
    """
    if path is not None and path.is_file() and path.name != DATABASE:
        return _receipt(path, keys, witnesses, needed, json_)
    from gadfly.ledger.audit import audit

    with _opened(path, keys, node, token) as (connection, key, own, asked):
        trusted = [*witnesses, *(one for one in asked if one not in witnesses)]
        heads = [*own, *(_checkpoint(one, key) for one in known)]
        begun = time.monotonic()
        with _patience(connection, "verifying"):
            report = audit(
                connection, key, witnesses=trusted, needed=needed, known=heads, processes=os.cpu_count() or 1
            )
        took = time.monotonic() - begun
    if json_:
        emit({**_plain(report), "key": str(key), "seconds": round(took, 3)})
    else:
        _say(report, key, took, brought=bool(keys))
    return 0 if report.clean else 2


@click.command()
@click.argument("folder", type=click.Path(path_type=Path))
@click.option(
    "--state", type=_PATH, help="The state folder of a node that is stopped, instead of a live node."
)
@asks_node
def export(folder: Path, state: Path | None, node: str, token: str) -> None:
    """Write the ledger into FOLDER, as static files that any C2SP tlog-tiles client reads, and as JSON lines.

    `gadfly ledger verify FOLDER --key KEY` audits it.
    """
    from gadfly.cli.ledger_download import download
    from gadfly.ledger.export import export as write

    if state is None:
        with _counter("files") as told:
            head = download(find(node, token).fetch, folder, told)
    else:
        with contextlib.closing(_read_only(_database(state))) as connection, _patience(connection, "writing"):
            head = write(connection, folder)
    print(f"{folder}: {head.size:,} entries of {clean(head.origin)}")


Opened = tuple[sqlite3.Connection, "Verifier", list["Checkpoint"], list["Verifier"]]
"""Connection, key, checkpoints that are known to have been, keys of witnesses."""


@contextlib.contextmanager
def _opened(path: Path | None, keys: Sequence[Verifier], node: str, token: str) -> Iterator[Opened]:
    """The ledger that is meant, in tables."""
    from gadfly.ledger.note import verifier

    with contextlib.ExitStack() as stack:
        if path is not None and (path.name == DATABASE or (path / DATABASE).exists()):
            database = _database(path)
            connection = stack.enter_context(contextlib.closing(_read_only(database)))
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

            with _counter("files") as counted:
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
    with _patience(connection, "reading"):
        load(connection, folder)
    connection.execute("COMMIT")
    return connection


def _database(path: Path) -> Path:
    found = path if path.name == DATABASE else path / DATABASE
    if not found.is_file():
        raise click.UsageError(f"{path} is no state folder of a node: there is no {DATABASE} in it")
    return found


def _read_only(path: Path) -> sqlite3.Connection:
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


def _checkpoint(path: Path, key: Verifier) -> Checkpoint:
    """A checkpoint that was kept, alone or at the end of a mail."""
    from gadfly.ledger.checkpoint import verify as verified

    try:
        text = path.read_text().replace("\r\n", "\n")
    except (OSError, UnicodeDecodeError):
        raise click.UsageError(f"{path} cannot be read as text") from None
    at = text.find(f"{key.name}\n")
    return verified(text[max(at, 0) :].rstrip("\n") + "\n", key)


def _receipt(path: Path, keys: list[Verifier], witnesses: list[Verifier], needed: int, json_: bool) -> int:
    from gadfly.ledger import receipt
    from gadfly.ledger.sentence import sentence

    if not keys:
        raise click.UsageError("give the ledger's key with --key: a receipt cannot vouch for itself")
    try:
        proven = receipt.verify(path.read_text(), keys[0], witnesses, needed)
    except LedgerError as error:
        emit({"sound": False, "problems": [str(error)]}) if json_ else print(f"NOT SOUND: {clean(error)}")
        return 2
    except (OSError, UnicodeDecodeError):
        raise click.UsageError(f"{path} cannot be read as text") from None
    head = proven.checkpoint
    if json_:
        emit({"sound": True, "index": proven.index, "size": head.size, "witnesses": len(proven.witnesses)})
        return 0
    print(f"sound: entry {proven.index} of {clean(head.origin)}, among the first {head.size:,}")
    print(clean(sentence(proven.entry)))
    for one in proven.witnesses:
        print(clean(f"cosigned by {one.witness.name} at {time.strftime('%F %T', time.localtime(one.at))}"))
    return 0


def _plain(report: Report) -> dict[str, object]:
    return {
        "sound": report.clean,
        "entries": report.entries,
        "covered": report.covered,
        "witnessed": report.witnessed,
        "tiles": report.tiles,
        "checkpoints": report.checkpoints,
        "cosignatures": report.cosignatures,
        "unknown": report.unknown,
        "root": report.root.hex(),
        "problems": list(report.problems),
        "further": report.further,
    }


def _say(report: Report, key: Verifier, took: float, *, brought: bool) -> None:
    paint = painter(colourful())
    for problem in report.problems:
        print(paint(clean(f"- {problem}"), "down"))
    if report.further:
        print(paint(f"- and {report.further:,} more", "down"))
    whole = (
        f"{report.entries:,} entries, {report.covered:,} under a checkpoint, root {report.root.hex()[:16]}"
    )
    rate = f"{report.entries / took:,.0f} a second" if took > 0 else "at once"
    verdict = paint("sound", "healthy") if report.clean else paint("NOT SOUND", "down")
    print(f"{verdict}: {whole}")
    more = f"{report.tiles:,} tiles, {report.checkpoints:,} checkpoints, {report.cosignatures:,} cosignatures"
    print(paint(f"{more}; {took:.1f} s, {rate}", "dim"))
    if not brought:
        print(paint(f"the key was taken from where the ledger is: {clean(key)}", "dim"))
    if report.unknown:
        note = f"{report.unknown:,} cosignatures are of witnesses whose keys were not given (--witness)"
        print(paint(f"{note}: they show nothing", "dim"))
    if report.cosignatures == report.unknown:
        print(paint("no witness: a history rewritten with this key would look the same", "dim"))


@contextlib.contextmanager
def _patience(connection: sqlite3.Connection, doing: str) -> Iterator[None]:
    """While it takes longer than a second, say how long it has been, to a person at a terminal."""
    if not sys.stderr.isatty():
        yield
        return
    begun = told = time.monotonic()

    def look() -> int:
        nonlocal told
        now = time.monotonic()
        if now - told >= 1:
            told = now
            click.echo(f"\r{doing} … {now - begun:.0f} s", err=True, nl=False)
        return 0

    connection.set_progress_handler(look, STEPS)
    try:
        yield
    finally:
        connection.set_progress_handler(None, 0)
        if told != begun:
            click.echo("\r\x1b[K", err=True, nl=False)


@contextlib.contextmanager
def _counter(what: str) -> Iterator[Callable[[int, int], None]]:
    """Counts what is fetched, for a person at a terminal."""
    told = 0.0

    def tell(done: int, of: int) -> None:
        nonlocal told
        now = time.monotonic()
        if sys.stderr.isatty() and now - told >= 0.2:
            told = now
            click.echo(f"\r{done:,} of {of:,} {what}", err=True, nl=False)

    yield tell
    if told:
        click.echo("\r\x1b[K", err=True, nl=False)
