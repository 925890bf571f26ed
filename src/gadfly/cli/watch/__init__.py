"""`gadfly watch`: the picture in a terminal, live."""

from __future__ import annotations

import click

from gadfly.cli.options import asks_node, find


@click.command()
@click.option(
    "--all", "everything", is_flag=True, help="Begin with every component, not only what is not well."
)
@asks_node
def watch(everything: bool, node: str, token: str) -> int:
    """Watch the picture live, what is not well first.

    \b
    Enter  one component's story      /  search by name
    a      take on its alerts         f  not well, all, or one verdict
    s      silence it                 p  ask its probes now
    A      what acts, and approvals   X  stop every automation
    """
    at = find(node, token)
    at.get("summary")
    try:
        from gadfly.cli.watch.app import Watch
    except ImportError:
        raise click.ClickException(
            "`gadfly watch` needs textual; whoever installed gadfly here runs  pip install 'gadfly[tui]'"
        ) from None
    Watch(at, everything=everything).run()
    return 0
