"""`gadfly fn deploy`: which version of a function is called from now on."""

from __future__ import annotations

import click

from gadfly.cli.node import segment
from gadfly.cli.options import as_json, asks_node, emit, find
from gadfly.cli.terminal import clean

SECONDS = 30.0


@click.command()
@click.argument("name")
@click.option("--to", "hash", metavar="HASH", help="An earlier version, by its hash.")
@as_json
@asks_node
def deploy(name: str, hash: str | None, json_: bool, node: str, token: str) -> None:
    """Call what the file of NAME holds now, from now on; or, with --to, roll back.

    The node reads the file, loads it once in its sandbox, keeps it under the hash of its content, and writes
    an entry into the ledger. What cannot be loaded is refused, and the version before goes on being called.
    """
    if hash == "":
        raise click.UsageError("--to names no version; give the first digits of its hash")
    made = find(node, token).patient(SECONDS).post(f"functions/{segment(name)}/deploy", {"hash": hash or ""})
    if json_:
        emit(made)
        return
    files = "1 file" if made["files"] == 1 else f"{made['files']} files"
    print(f"{clean(name)} is {clean(made['hash'][:12])} now ({files}, {made['bytes']:,} bytes)")
