"""`gadfly ask kinds`."""

from __future__ import annotations

from pathlib import Path

import click
import msgspec

from gadfly.cli.options import as_json, asks_node, emit, find
from gadfly.cli.terminal import clean


@click.command()
@click.argument("name", default="")
@click.option(
    "--folder",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Kinds of your own beside ours: NAME.toml.",
)
@click.option("--here", is_flag=True, help="Those that the node cannot ask, and which facts they lack.")
@as_json
@asks_node
def kinds(name: str, folder: Path | None, here: bool, json_: bool, node: str, token: str) -> None:
    """List the kinds of questions, or print one with its query and thresholds.

    Reads the files that came with gadfly and those in --folder; a node is asked with --here only.
    """
    if here:
        of_node(name, json_, node, token)
        return
    from gadfly.ask.kinds import load
    from gadfly.ask.reading import nearest

    found = load(folder)
    if name and name not in found:
        raise click.UsageError(f"there is no kind {name!r}{nearest(name, found)}")
    if json_:
        emit([msgspec.to_builtins(one) for one in found.values() if name in ("", one.name)])
        return
    if not name:
        width = max((len(one) for one in found), default=0)
        for one in found.values():
            mark = "safety" if one.safety else ""
            head = f"{one.number:>3}  {clean(one.name):<{width}}  {one.family:<11}  {mark:<6}"
            print(f"{head}  {clean(one.assumed)}")
        return
    one = found[name]
    print(f"{one.name} (number {one.number}): {one.family}, {one.type}{', safety' if one.safety else ''}")
    print(f"assumed   {clean(one.assumed)}")
    print(f"asks      {clean(one.ask)}")
    print(f"of many   {clean(one.many)}")
    print(f"change    {clean(one.change)}")
    print(f"minutes   {one.minutes:g}")
    print(f"again     after {one.again:g} days; looked at {one.observe:g} days after a change")
    for key, value in one.threshold.items():
        print(f"          {key} = {value}")
    print(one.query.strip("\n"))


def of_node(name: str, json_: bool, node: str, token: str) -> None:
    """Which kinds a node does not ask, with the reasons."""
    from gadfly.cli.facts import lacking

    answer = find(node, token).get("facts")
    found = [one for one in answer["kinds"] if name in ("", one["name"])]
    if json_:
        emit(found)
    elif answer["looked"] is None:
        print("nobody has looked at the data yet; gadfly ask now does")
    else:
        print("\n".join(lacking(found)).lstrip() or "every kind is asked here")
