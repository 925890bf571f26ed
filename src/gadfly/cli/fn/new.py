"""`gadfly fn new`: a function to begin with."""

from __future__ import annotations

import datetime as dt
import json
import sys
from pathlib import Path

import click

from gadfly.errors import ConfigError

REVIEW = 180
"""Days until its owner looks at it again: long enough to have run, soon enough to be remembered."""
HANDLER = '''"""{purpose}"""

from gadfly_fn import Denied, http  # what it asks the outside for; each needs a grant


def handler(event, context):
    """Called with what happened, as AWS Lambda calls it; what it returns is its answer."""
    print("called with", event)
    try:
        http("GET", "https://example.org/")
    except Denied as words:
        return {{"denied": str(words)}}
    return {{"done": True}}
'''
TABLE = """
[function.{name}]
file    = {file}
owner   = {owner}
purpose = {purpose}
on      = {on}
grants  = []
review  = {review}
"""


@click.command()
@click.argument("name")
@click.option("--owner", required=True, metavar="NAME", help="Who answers for it; a name in [owner].")
@click.option("--purpose", required=True, metavar="TEXT", help="Why it exists, in words.")
@click.option("--on", default="", metavar="TRIGGER", help="What calls it, as 'schedule: 15 3 * * * UTC'.")
@click.option(
    "--folder", type=click.Path(path_type=Path), default=Path("functions"), help="Where the file is written."
)
def new(name: str, owner: str, purpose: str, on: str, folder: Path) -> None:
    """Write FOLDER/NAME.py, and print the table that declares it.

    The table goes to standard output, so that it can be added to the catalogue: `gadfly fn new … >>
    gadfly.toml`. It asks for nothing until a grant is written there.
    """
    from gadfly.functions.function import NAME

    if not NAME.fullmatch(name):
        raise ConfigError(f"{name[:80]!r} is no name of a function; write a-z, 0-9 and -, a letter first")
    if on:
        from gadfly.functions.trigger.on import read

        try:
            read(on)
        except ValueError as error:
            raise ConfigError(str(error)) from None
    file = folder / f"{name.replace('-', '_')}.py"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with file.open("x", encoding="utf-8") as stream:
            stream.write(HANDLER.format(purpose=_docstring(purpose)))
    except FileExistsError:
        raise ConfigError(f"{file} is there already; name another function, or another folder") from None
    except OSError as error:
        raise ConfigError(f"{file}: {error.strerror}") from None
    said = {key: _quoted(value) for key, value in (("file", str(file)), ("owner", owner), ("on", on))}
    review = dt.datetime.now(dt.UTC).date() + dt.timedelta(days=REVIEW)
    print(TABLE.format(name=name, purpose=_quoted(purpose), review=review, **said).strip())
    print(f"wrote {file}; declare it, `gadfly reload`, then `gadfly fn deploy {name}`", file=sys.stderr)


def _docstring(text: str) -> str:
    """As it stands between three quotation marks."""
    return _plain(text).replace("\\", "\\\\").replace('"', '\\"')


def _quoted(text: str) -> str:
    """A basic string of TOML: what JSON writes of what can be printed is one."""
    return json.dumps(_plain(text), ensure_ascii=False)


def _plain(text: str) -> str:
    return "".join(one for one in " ".join(text.split()) if one.isprintable())
