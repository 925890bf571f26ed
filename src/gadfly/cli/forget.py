"""`gadfly forget NAME`: a component that is gone for good."""

from __future__ import annotations

import click

from gadfly.cli.node import segment
from gadfly.cli.options import as_json, asks_node, emit, find
from gadfly.cli.terminal import clean


@click.command()
@click.argument("name")
@as_json
@asks_node
def forget(name: str, json_: bool, node: str, token: str) -> None:
    """Drop a component that is gone for good.

    It must neither be declared nor beat any more. Its alert ends; its history stays.
    """
    find(node, token).delete(f"components/{segment(name)}")
    if json_:
        emit({"forgotten": name})
    else:
        print(clean(f"{name} is forgotten"))
