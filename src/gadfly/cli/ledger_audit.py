"""`gadfly ledger verify` and `export`: of a live node, of its state, or of an exported folder."""

from __future__ import annotations

import contextlib
import os
import time
from pathlib import Path
from typing import TYPE_CHECKING

import click

from gadfly.cli.ledger_opening import DATABASE, database_of, opened, read_only
from gadfly.cli.ledger_progress import counter, patience
from gadfly.cli.options import as_json, asks_node, emit, find
from gadfly.cli.terminal import clean, colourful, painter
from gadfly.errors import LedgerError

if TYPE_CHECKING:
    from gadfly.ledger.audit_report import Report
    from gadfly.ledger.checkpoint import Checkpoint
    from gadfly.ledger.note import Verifier

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

    with opened(path, keys, node, token) as (connection, key, own, asked):
        trusted = [*witnesses, *(one for one in asked if one not in witnesses)]
        heads = [*own, *(_checkpoint(one, key) for one in known)]
        begun = time.monotonic()
        with patience(connection, "verifying"):
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
        with counter("files") as told:
            head = download(find(node, token).fetch, folder, told)
    else:
        with contextlib.closing(read_only(database_of(state))) as connection, patience(connection, "writing"):
            head = write(connection, folder)
    print(f"{folder}: {head.size:,} entries of {clean(head.origin)}")


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
