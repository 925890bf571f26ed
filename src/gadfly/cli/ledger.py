"""`gadfly ledger`: what happened and who answers for it; read, proven, verified, taken along."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import click

from gadfly.cli.ledger_audit import export, verify
from gadfly.cli.node import Node
from gadfly.cli.options import as_json, asks_node, emit, find
from gadfly.cli.story import clock
from gadfly.cli.terminal import ago, clean, colourful, columns, cut, painter

PAGE = 500
"""Entries asked for at a time."""
PAUSE = 1.0
"""Seconds between looks while following: checkpoints come as often."""

GOOD = ("cosigned", "unasked", "behind")


@click.group()
def ledger() -> None:
    """Read, prove and verify what happened and who answers."""


@ledger.command()
@click.option("-n", "count", type=click.IntRange(1, 10_000), default=20, show_default=True, help="How many.")
@click.option("-f", "--follow", is_flag=True, help="Go on with what comes, until Ctrl-C.")
@click.option("--about", default="", metavar="SUBJECT", help="component:NAME, owner:NAME, incident:i3 …")
@click.option("--kind", default="", metavar="KIND", help="Only this kind: flip, alert, silence, intent …")
@click.option("--who", default="", metavar="PRINCIPAL", help="Only this one: node, program:NAME …")
@as_json
@asks_node
def tail(
    count: int, follow: bool, about: str, kind: str, who: str, json_: bool, node: str, token: str
) -> None:
    """Print the newest entries as sentences, the newest last. With --json one entry a line."""
    found = find(node, token)
    asked = {"about": about, "kind": kind, "who": who}
    last = -1
    for entry in _newest(found, asked, count, last):
        last = entry["index"]
        _print(entry, json_)
    while follow:
        time.sleep(PAUSE)
        for entry in _newest(found, asked, 100_000, last):
            last = entry["index"]
            _print(entry, json_)


def _newest(node: Node, asked: dict[str, str], count: int, after: int) -> list[dict[str, Any]]:
    """The newest `count` entries behind index `after`, oldest first."""
    found: list[dict[str, Any]] = []
    before: int | None = None
    while len(found) < count:
        page = node.get("ledger", **asked, before=before, limit=min(PAGE, count - len(found)))
        found += [entry for entry in page["entries"] if entry["index"] > after]
        before = page.get("before")
        if before is None or before <= after + 1:
            break
    return found[::-1]


def _print(entry: dict[str, Any], json_: bool) -> None:
    if json_:
        emit(entry)
        return
    paint = painter(colourful())
    when = clock(entry["at"], time.time())
    head = f"{entry['index']:>6}  {when}  {entry['kind']:<15} "
    print(paint(head, "dim") + cut(clean(entry["sentence"]), columns() - len(head)), flush=True)


@ledger.command()
@click.argument("index", type=click.IntRange(0))
@as_json
@asks_node
def show(index: int, json_: bool, node: str, token: str) -> None:
    """Print one entry whole: its sentence, what it is about, and the bytes that are hashed."""
    entry = find(node, token).get(f"ledger/{index}")
    if json_:
        emit(entry)
        return
    paint = painter(colourful())
    print(clean(entry["sentence"]))
    rows = [
        (
            "entry",
            f"{entry['index']}, {'covered by a checkpoint' if entry['covered'] else 'not covered yet'}",
        ),
        ("kind", entry["kind"]),
        ("who", entry["who"]),
        ("when", clock(entry["at"], time.time())),
        ("about", ", ".join(entry["about"])),
        ("components", f"{len(entry['components'])}: {', '.join(entry['components'][:50])}"),
    ]
    for name, value in rows:
        if value and (name != "components" or entry["components"]):
            print(f"{paint(f'{name:<11}', 'dim')}{clean(value, 4000)}")
    print(clean(entry["canonical"], 65_536))


@ledger.command()
@click.argument("index", type=click.IntRange(0))
@click.option("-o", "--output", default="", metavar="FILE", help="Where; - is standard output.")
@asks_node
def prove(index: int, output: str, node: str, token: str) -> None:
    """Write the receipt of an entry: a C2SP tlog-proof, which verifies offline.

    `gadfly ledger verify FILE --key KEY` verifies it, and so does examples/verify_receipt.py without gadfly.
    """
    text = find(node, token).fetch(f"/api/v1/ledger/{index}/receipt")
    if output == "-":
        click.echo(text.decode(), nl=False)
        return
    path = Path(output or f"entry-{index}.tlog-proof")
    try:
        path.write_bytes(text)
    except OSError as error:
        raise click.ClickException(
            f"{path} cannot be written ({error.strerror}); name another with -o."
        ) from None
    print(path)


@ledger.command()
@click.option("--now", "ask", is_flag=True, help="Ask every witness for the newest checkpoint first.")
@as_json
@asks_node
def witness(ask: bool, json_: bool, node: str, token: str) -> int:
    """Show the keys of this ledger, who witnesses it, and whose it witnesses.

    Exit code 1 where a witness did not cosign, 2 where one contradicts this history, or one of those that are
    witnessed contradicts itself.
    """
    found = find(node, token)
    told = found.post("ledger/ask") if ask else found.get("ledger/standing")
    if json_:
        emit(told)
    else:
        _standing(told)
    if told.get("trouble") or told.get("conflicts"):
        return 2
    standings = [one["standing"] for one in told["witnesses"]]
    if any(one in ("ahead", "contradicted") for one in standings):
        return 2
    return 1 if any(one not in GOOD for one in standings) else 0


def _standing(told: dict[str, Any]) -> None:
    paint, now = painter(colourful()), time.time()
    print(f"{clean(told['origin'])}: {told['size']:,} entries, root {clean(told['root'][:16]) or 'none yet'}")
    print(f"{paint('key of this ledger     ', 'dim')}{clean(told['key'])}")
    print(f"{paint('key of this as witness ', 'dim')}{clean(told['witness_key'])}")
    if told.get("trouble"):
        print(paint(clean(told["trouble"]), "down"))
    if not told["witnesses"]:
        print("nobody witnesses it: a history rewritten with its key would not be noticed here")
    for one in told["witnesses"]:
        good = one["standing"] in GOOD
        since = f", {ago(now - one['at'])} ago" if one.get("at") else ""
        line = f"witness {one['name']}: {one['standing']}, {one['size']:,} entries{since}"
        print(clean(line) if good else paint(clean(f"{line}: {one['words']}", 2000), "down"))
    for one in told["witnessed"]:
        print(clean(f"witnesses {one['origin']}: {one['size']:,} entries, {ago(now - one['at'])} ago"))
    for one in told["conflicts"]:
        line = f"refused {one['origin']}, {ago(now - one['at'])} ago: {one['why']}"
        print(paint(clean(line), "down"))


ledger.add_command(verify)
ledger.add_command(export)
