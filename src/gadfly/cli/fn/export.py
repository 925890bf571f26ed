"""`gadfly fn export`: take a function elsewhere."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from gadfly.cli.terminal import clean
from gadfly.errors import ConfigError

CARELESS = 1


@click.group()
def export() -> None:
    """Take a function that has outgrown this machine elsewhere. Asks no node."""


@export.command()
@click.argument("name")
@click.option("--to", "folder", required=True, type=click.Path(path_type=Path), help="A new or empty folder.")
@click.option(
    "--config", "path", type=click.Path(path_type=Path), help="The configuration; as `gadfly config check`."
)
def aws(name: str, folder: Path, path: Path | None) -> int:
    """Write the function NAME for AWS Lambda: a SAM template with a role of its own, and its code.

    The handler is the same file; beside it stands a `gadfly_fn.py` that does there what the node does here.
    The role is checked as `gadfly fn policy check` checks grants: exit code 1 where something in it is
    careless, and 3 where something of the function has no counterpart there. What is otherwise there, such
    as a call that overlaps the one before, stands in the template and on standard error.
    """
    from gadfly.cli.fn.policy import declared
    from gadfly.functions import code
    from gadfly.functions.export import check, lost, on_lambda, sam

    function = declared(path, name)
    template = sam.template(function)
    files = {**code.read(Path(function.path)), "gadfly_fn.py": Path(on_lambda.__file__).read_bytes()}
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise ConfigError(f"{folder} is not empty; name another folder, or remove it first")
    for file, content in files.items():
        place = folder / sam.CODE / file
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(content)
    (folder / "template.yaml").write_text(sam.text(template, function), encoding="utf-8")
    print(
        f"{clean(folder)}: template.yaml and {len(files)} files of code; `sam deploy --guided` in "
        f"there takes them to AWS"
    )
    for words in lost.lost(function):
        print(f"otherwise than here: {clean(words)}", file=sys.stderr)
    found = check.roles(template, function.purpose)
    for finding in found:
        print(f"{finding.kind}: {clean(finding.words)}")
    return CARELESS if found else 0
