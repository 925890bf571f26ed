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
@click.option("--listen", metavar="HOST:PORT", help="Where page and API listen; goes before the file.")
@click.option("--state", metavar="FOLDER", help="Where the state is kept; goes before the file.")
@click.option("--quiet", is_flag=True, help="Say nothing but what goes wrong; for service managers.")
@click.option(
    "--log",
    type=click.Choice(["debug", "info", "warning", "error"]),
    default="warning",
    show_default=True,
    help="How much is written to standard error: words on a terminal, else JSON lines.",
)
def up(path: Path | None, listen: str | None, state: str | None, quiet: bool, log: str) -> int:
    """Start a node here; stay until Ctrl-C or SIGTERM.

    SIGHUP reads the configuration again. The node listens on this machine only, until the configuration says
    otherwise.
    """
    from gadfly.cli import log_format
    from gadfly.service import run

    log_format.write(log)
    found = place(path)
    overrides = {name: value for name, value in (("listen", listen), ("state", state)) if value}

    def ready(node: Node) -> None:
        if not quiet:
            greet(node, found)

    return run(found, overrides=overrides, on_ready=ready)


def greet(node: Node, path: Path | None) -> None:
    """What a person sees when the node is ready. Only a terminal is shown the token, never a log."""
    from gadfly.catalogue.warn import warnings
    from gadfly.instrument import runfile

    paint, complain = painter(colourful()), painter(colourful(sys.stderr))
    for warning in warnings(node.config):
        print(f"{complain('warning:', 'degraded')} {clean(warning)}", file=sys.stderr)
    local = runfile.read() or {}
    page = str(local.get("url") or f"http://{node.config.node.listen}").rstrip("/") + "/"
    if sys.stdout.isatty() and local.get("token"):
        page += f"#token={local['token']}"
    declared = len(node.config.component)
    source = f"{declared} declared in {path}" if path else "no gadfly.toml, so all is as by default"
    print(f"{paint(clean(node.name()), 'strong')} is up; {source}")
    for what, how in (
        ("the page", paint(page, "link")),
        ("a beat", "gadfly beat NAME"),
        ("how it is", "gadfly status, or gadfly watch"),
        ("to end it", "Ctrl-C"),
    ):
        print(f"  {paint(f'{what:<10}', 'dim')} {how}")
    sys.stdout.flush()
