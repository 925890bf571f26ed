"""`gadfly fn policy`: what functions may do, what is careless about it, and what is new."""

from __future__ import annotations

import asyncio
import datetime as dt
import time
from pathlib import Path
from typing import TYPE_CHECKING

import click

from gadfly.cli.options import as_json, asks_node, emit, find
from gadfly.cli.terminal import ago, clean, table
from gadfly.errors import ConfigError

if TYPE_CHECKING:
    from gadfly.config.functions import Functions
    from gadfly.functions.function import Function
    from gadfly.functions.policy import Finding

CARELESS, NEW = 1, 2


@click.group()
def policy() -> None:
    """Check the grants of functions, and find out which ones a function needs."""


@policy.command()
@click.argument("path", required=False, type=click.Path(path_type=Path))
@click.option(
    "--against", metavar="REV", default="", help="A revision in git: what is granted beyond it is new access."
)
@as_json
def check(path: Path | None, against: str, json_: bool) -> int:
    """Say what is careless about the grants in the configuration PATH, and what is new in them.

    Without PATH: $GADFLY_CONFIG, ./gadfly.toml or /etc/gadfly/gadfly.toml. Exit code 0 when there is nothing
    to say, 1 when something is careless, 2 when there is new access (or the configuration cannot be read), 3
    when the revision cannot be read.
    """
    from gadfly.cli.fn.revision import tables_at
    from gadfly.functions.access import ALL, news

    found = _place(path)
    functions, settings = _functions(found)
    findings = {one.name: _findings(one) for one in functions}
    new = news(tables_at(found, against), functions, settings) if against else {}
    said = any(findings.values())
    if json_:
        emit(
            {
                "functions": [
                    {
                        "name": one.name,
                        "grants": [str(line) for line in one.grants],
                        "findings": [finding._asdict() for finding in findings[one.name]],
                        "new": new.get(one.name, []),
                    }
                    for one in functions
                ],
                "new": new.get(ALL, []),
            }
        )
    else:
        for name, lines in new.items():
            for line in lines:
                print(f"{clean(name)}: new access: {clean(line)}")
        for one in functions:
            for finding in findings[one.name]:
                print(f"{clean(one.name)}: {finding.kind}: {clean(finding.words)}")
        if not said and not new:
            print(
                f"{len(functions)} functions: nothing "
                f"careless{f', nothing new since {against}' if against else ''}"
            )
    return NEW if new else CARELESS if said else 0


@policy.command()
@click.argument("function", metavar="NAME|FILE")
@click.option(
    "--sample",
    "samples",
    multiple=True,
    required=True,
    type=click.Path(path_type=Path),
    help='An event in JSON, or {"event": …, "answers": {"http:GET https://…": …}}. May be given often.',
)
@click.option("--handler", default="handler", show_default=True, help="Of a FILE, as in the configuration.")
@click.option("--config", "path", type=click.Path(path_type=Path), help="The configuration with NAME.")
@click.option("--live", is_flag=True, help="Send GET and HEAD for real; everything else is never done.")
@as_json
def record(
    function: str, samples: tuple[Path, ...], handler: str, path: Path | None, live: bool, json_: bool
) -> None:
    """Run a function on sample events, in its sandbox, and print the grants that it needs.

    It is the NAME of one that is declared, or a FILE. Nothing is done but counted: what writes is answered as
    if it had been done, secrets are made up. Each line is then taken away once; what the samples do without
    is left out. Of one that is declared, what it has and does not need is named.
    """
    from gadfly.functions import grant, rehearsal
    from gadfly.functions.policy import new_access
    from gadfly.functions.record import Recorded
    from gadfly.functions.record import record as recorded

    file = Path(function)
    one = _of_file(file, handler) if file.exists() else declared(path, function)
    events = [rehearsal.sample(each) for each in samples]

    async def run() -> Recorded:
        async with rehearsal.Stage(live) as stage:
            return await recorded(one, events, stage.run)

    found = asyncio.run(run())
    idle = new_access([grant.parse(line) for line in found.grants], one.grants)
    notes = [*found.notes, *(f"{line} is granted and more than these samples need" for line in idle)]
    if json_:
        emit({"grants": found.grants, "notes": notes})
        return
    for note in notes:
        print(f"# {clean(note)}")
    print("grants = [")
    for text in found.grants:
        print(f"  {_quoted(text)},")
    print("]")


@policy.command()
@click.argument("name", default="")
@as_json
@asks_node
def uses(name: str, json_: bool, node: str, token: str) -> int:
    """Show how often each grant was used, and when last; of all functions, or of NAME.

    Exit code 1 where a grant was not used for 45 days.
    """
    from gadfly.functions import grant
    from gadfly.functions.policy import never_used

    now = time.time()
    found = [one for one in find(node, token).get("functions")["functions"] if name in ("", one["name"])]
    if name and not found:
        raise ConfigError(f"the node knows no function {name[:100]!r}; `gadfly fn list` names them")
    idle = {
        one["name"]: never_used(
            [grant.parse(line["line"]) for line in one["grants"]],
            {line["line"]: line["last"] for line in one["grants"] if line["count"]},
            one["since"] if one["deployed"] else now,
            now,
        )
        for one in found
    }
    if json_:
        emit(
            {
                "functions": [
                    {
                        "name": one["name"],
                        "grants": one["grants"],
                        "unused": [each._asdict() for each in idle[one["name"]]],
                    }
                    for one in found
                ]
            }
        )
    else:
        rows = [
            (
                one["name"],
                line["line"],
                line["count"],
                f"{ago(now - line['last'])} ago" if line["count"] else "never",
            )
            for one in found
            for line in one["grants"]
        ]
        for text in table(rows, ("function", "grant", "used", "last"), most=100):
            print(text)
        for function, findings in idle.items():
            for each in findings:
                print(f"{clean(function)}: {clean(each.words)}")
    return CARELESS if any(idle.values()) else 0


def _place(path: Path | None) -> Path:
    from gadfly.cli.config import place

    found = place(path)
    if found is None:
        raise click.UsageError("there is no configuration here; name one")
    return found


def _functions(path: Path) -> tuple[list[Function], Functions]:
    from gadfly.catalogue import load
    from gadfly.functions.function import understand

    config = load(path)
    folder = path if path.is_dir() else path.parent
    found = [understand(name, declared, folder) for name, declared in sorted(config.function.items())]
    return found, config.functions


def _of_file(file: Path, handler: str) -> Function:
    from gadfly.config.functions import Function as Declared
    from gadfly.functions.function import understand

    name = file.stem.replace("_", "-").lower()
    return understand(
        name,
        Declared(file=str(file), handler=handler, owner="", purpose="", review=dt.date.max),
        Path.cwd(),
    )


def declared(path: Path | None, name: str) -> Function:
    """The function of this name in the configuration. ConfigError where there is none."""
    found = _place(path)
    for one in _functions(found)[0]:
        if one.name == name:
            return one
    raise ConfigError(f"{found} declares no function {name[:100]!r}; write [function.{name[:100]}]")


def _findings(function: Function) -> list[Finding]:
    from gadfly.functions.policy import examine, overdue

    found = examine(function.grants, function.purpose, name=function.name, on=function.on)
    if function.review is not None:
        found += overdue(function.review, dt.datetime.now(dt.UTC).date())
    return found


def _quoted(text: str) -> str:
    import json

    return json.dumps(text, ensure_ascii=False)
