"""`gadfly rules`: check rule files, and try rules out on series written by hand. Asks no node."""

from __future__ import annotations

import difflib
from collections.abc import Iterator

import click

from gadfly.cli.terminal import clean
from gadfly.errors import ConfigError


@click.group()
def rules() -> None:
    """Check Prometheus' rule files, and run unit tests of rules. No node is needed."""


@rules.command()
@click.argument("files", nargs=-1, required=True, metavar="FILE...")
def check(files: tuple[str, ...]) -> int:
    """Read rule FILES as the node would, and say all that is wrong with them.

    What is good here is good for Prometheus 2.42. The other way round, templates with `define`, `template`,
    `block`, `break` or `continue` are refused. Exit code 0 when all are good, 2 when not. Rules
    that write the same series twice are named, and no error.
    """
    from gadfly.rules.files import load, repeated

    code = 0
    for file in files:
        try:
            groups = load([file])
        except ConfigError as error:
            code = 2
            print(f"{clean(file)}: not good")
            for problem in error.problems:
                print(f"  {clean(problem)}")
            continue
        count = sum(len(group.rules) for group in groups)
        print(f"{clean(file)}: good; {count} rules in {len(groups)} groups")
        for one in repeated(groups):
            print(f"  twice: {clean(one)}")
    return code


@rules.command()
@click.argument("files", nargs=-1, required=True, metavar="FILE...")
def test(files: tuple[str, ...]) -> int:
    """Run unit tests of rules: FILES in the format of `promtool test rules`.

    Exit code 0 when everything is as the tests say, 2 when not. What differs is shown line by line: `-` what
    the test wants, `+` what there is.
    """
    from gadfly.rules import trial

    code = 0
    for file in files:
        try:
            found = trial.run(file)
        except ConfigError as error:
            code = 2
            print(f"{clean(file)}: cannot be tried")
            for problem in error.problems:
                print(f"  {clean(problem)}")
            continue
        print(f"{clean(file)}: {'as it says' if not found else f'{len(found)} differ'}")
        for one in found:
            code = 2
            print(f"  {clean(one.what)}:")
            for line in _lines(one):
                print(f"    {clean(line)}")
    return code


def _lines(one: object) -> Iterator[str]:
    from gadfly.rules.trial import Difference

    assert isinstance(one, Difference)
    for line in difflib.ndiff(one.wanted or ("nothing",), one.got or ("nothing",)):
        if line[:1] in "-+":
            yield line
