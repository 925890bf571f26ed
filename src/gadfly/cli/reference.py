"""The reference of the command line, made from the help of every command.

python -m gadfly.cli.reference > docs/cli.md
"""

from __future__ import annotations

import contextlib
import io
import os
import sys
from collections.abc import Callable, Iterator

import click

from gadfly.cli.root import gadfly

WIDTH = 100

INTRODUCTION = """\
# The command line

This page is made from the commands' own help: `python -m gadfly.cli.reference > docs/cli.md`.

`gadfly beat` and `gadfly exec` run with Python's standard library alone (`pip install gadfly`). The
others need `gadfly[node]`, and `gadfly watch` needs `gadfly[tui]` too.

## Which node is asked

A running node leaves its address and a token in `node.json`, which only its user can read; every command
of that user finds it there: `$GADFLY_RUN`, `$XDG_RUNTIME_DIR/gadfly`, `/run/gadfly` (root) or
`~/.local/state/gadfly`. Another node is named with `--node` or `GADFLY_NODE`; then give a token with
`GADFLY_TOKEN`, or with `--token env:NAME` or `--token file:PATH`, because what stands on a command line
itself can be read by everybody on the machine.

## Exit codes

Every command can be used as a Nagios plugin:

| code | meaning | for example |
|---|---|---|
| 0 | ok | `status`: all is well; `config check`: it is good |
| 1 | warning | `status`: something is degraded; `outbox`: there are dead letters |
| 2 | critical | `status`: something is down, gray, zombie or missing; `config check`, `reload`: refused |
| 3 | unknown, or not possible | no node answers, a wrong argument, a token is missing |

`gadfly status --perfdata` and `gadfly status NAME --perfdata` print the one line that such plugins print.
Ctrl-C ends with 130, quietly; so does a reader that leaves (`gadfly alerts | head`), with 141.

## For programs

`--json` prints one line of JSON (indented on a terminal). Its keys are those of the API (the node's
`/openapi.json`) and stay as they are; `status` and `probe` add `state` (`ok`, `warning`, `critical` or
`unknown`).

Colour is used on a terminal only, and not when `NO_COLOR` is set; the words are always there too.

## Completion

| shell | put this into | |
|---|---|---|
| bash | `~/.bashrc` | `eval "$(_GADFLY_COMPLETE=bash_source gadfly)"` |
| zsh | `~/.zshrc` | `eval "$(_GADFLY_COMPLETE=zsh_source gadfly)"` |
| fish | `~/.config/fish/completions/gadfly.fish` | `_GADFLY_COMPLETE=fish_source gadfly \\| source` |
"""


def pages() -> Iterator[tuple[str, str]]:
    """Every command's full name and its help."""
    root = click.Context(gadfly, info_name="gadfly", terminal_width=WIDTH, help_option_names=["-h", "--help"])
    yield "gadfly", gadfly.get_help(root)
    yield from _below(root, gadfly)


def _below(parent: click.Context, group: click.Group) -> Iterator[tuple[str, str]]:
    for name in group.list_commands(parent):
        command = group.get_command(parent, name)
        if command is None:
            continue
        context = click.Context(command, info_name=name, parent=parent, terminal_width=WIDTH)
        yield context.command_path, _help(command, context)
        if isinstance(command, click.Group):
            yield from _below(context, command)


def _help(command: click.Command, context: click.Context) -> str:
    if context.info_name == "beat":
        from gadfly.instrument.beat import main
    elif context.info_name == "exec":
        from gadfly.instrument.exec import main
    else:
        return command.get_help(context)
    return _said(main)


def _said(main: Callable[[list[str]], int]) -> str:
    """What a command with a parser of its own prints for --help, in our width."""
    out, before = io.StringIO(), os.environ.get("COLUMNS")
    os.environ["COLUMNS"] = str(WIDTH)
    try:
        with contextlib.redirect_stdout(out), contextlib.suppress(SystemExit):
            main(["--help"])
    finally:
        if before is None:
            del os.environ["COLUMNS"]
        else:
            os.environ["COLUMNS"] = before
    return out.getvalue()


def markdown() -> str:
    """The whole page."""
    parts = [INTRODUCTION, "## Commands\n"]
    for path, help in pages():
        text = "\n".join(line.rstrip() for line in help.strip().splitlines())
        parts.append(f"### {path}\n\n```text\n{text}\n```\n")
    return "\n".join(parts)


if __name__ == "__main__":
    sys.stdout.write(markdown())
