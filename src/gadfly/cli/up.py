"""`gadfly up`: start a node here, and say where its page is."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from gadfly.cli.config import place
from gadfly.cli.terminal import clean, colourful, painter

if TYPE_CHECKING:
    from gadfly.app import Node


@click.command()
@click.option(
    "--config",
    "path",
    type=click.Path(path_type=Path),
    help="A file, or a folder of *.toml. Without it: $GADFLY_CONFIG, ./gadfly.toml, /etc/gadfly/gadfly.toml.",
)
@click.option("--listen", metavar="HOST:PORT", help="Where page and API listen, instead of what the file says.")
@click.option("--state", metavar="FOLDER", help="Where the state is kept, instead of what the file says.")
@click.option("--quiet", is_flag=True, help="Say nothing but what goes wrong; for service managers.")
def up(path: Path | None, listen: str | None, state: str | None, quiet: bool) -> int:
    """Start a node and stay until Ctrl-C or SIGTERM. SIGHUP reads the configuration again.

    It listens on this machine only, until the configuration says otherwise.
    """
    from gadfly.app import run

    found = place(path)
    overrides = {name: value for name, value in (("listen", listen), ("state", state)) if value}

    def ready(node: Node) -> None:
        if not quiet:
            greet(node, found)

    return run(found, overrides=overrides, on_ready=ready)


def greet(node: Node, path: Path | None) -> None:
    """The lines that a person sees when the node is ready. Only a terminal is shown the token, never a log."""
    from gadfly.catalogue.warn import warnings
    from gadfly.instrument import runfile

    paint = painter(colourful())
    for warning in warnings(node.config):
        print(f"{painter(colourful(sys.stderr))('warning:', 'degraded')} {clean(warning)}", file=sys.stderr)
    local = runfile.read() or {}
    page = str(local.get("url") or f"http://{node.config.node.listen}").rstrip("/") + "/"
    if sys.stdout.isatty() and local.get("token"):
        page += f"#token={local['token']}"
    count = len(node.config.component)
    known = f"{count} {'component' if count == 1 else 'components'} declared" if count else "nothing declared yet"
    print(f"{paint(clean(node.name()), 'strong')} is up; {known} ({path or 'no configuration: the defaults'})")
    print(f"  {paint('the page', 'dim')}     {paint(page, 'link')}")
    print(f"  {paint('a beat', 'dim')}       gadfly beat NAME")
    print(f"  {paint('how it is', 'dim')}    gadfly status, or gadfly watch")
    print(f"  {paint('to end it', 'dim')}    Ctrl-C")
    sys.stdout.flush()
