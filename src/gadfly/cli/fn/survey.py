"""`gadfly fn survey`: which of a host's jobs are fit to become functions."""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
import msgspec

from gadfly.cli.options import as_json, asks_node, emit, find
from gadfly.cli.terminal import clean
from gadfly.errors import ConfigError, GadflyError

if TYPE_CHECKING:
    from gadfly.functions.survey.job import Job

MOST = 200
"""Jobs of a node whose last run is asked for."""
_ORDER = {"fit": 0, "rewrite": 1, "no": 2}


@click.command()
@click.option(
    "--root",
    type=click.Path(path_type=Path, file_okay=False, exists=True),
    default=Path("/"),
    show_default=True,
    help="The file system to look at: this machine's, or a copy of another's.",
)
@click.option(
    "--to", "folder", type=click.Path(path_type=Path), help="Write drafts into this new or empty folder."
)
@click.option("--owner", default="platform", show_default=True, help="Who answers for the drafts.")
@click.option("--no-node", is_flag=True, help="Do not ask a node how long jobs ran.")
@as_json
@asks_node
def survey(
    root: Path, folder: Path | None, owner: str, no_node: bool, json_: bool, node: str, token: str
) -> None:
    """Look at the jobs of a host, and say for each whether it is fit to become a function, and why.

    Reads crontabs, the folders of run-parts and systemd's timers, and asks the node, if one runs, how long
    the jobs that it knows ran. Nothing is run. `fit`: nearly as it is; `rewrite`: nothing in it needs the
    machine, but it is not Python; `no`: with the reasons. With --to, a draft of each of the first two is
    written.
    """
    from gadfly.functions.survey import needs as reading
    from gadfly.functions.survey.draft import draft
    from gadfly.functions.survey.host import Host
    from gadfly.functions.survey.verdict import judge

    host = Host(root)
    found = host.jobs()
    known, note = ({}, "") if no_node else _known(node, token)
    jobs = [
        msgspec.structs.replace(one, seconds=known[one.name].seconds) if one.name in known else one
        for one in found.jobs
    ]
    here = {one.name for one in jobs}
    jobs += [one for name, one in known.items() if name not in here]
    looked = []
    for job in jobs:
        needs = reading.read(job.command, host.script(job.command))
        looked.append((job, needs, judge(job, needs)))
    looked.sort(key=lambda one: (_ORDER[one[2].fit], one[0].name))
    if folder is not None:
        if folder.exists() and any(folder.iterdir()):
            raise ConfigError(f"{folder} is not empty; name another folder")
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        (folder / "functions").mkdir(mode=0o700)
        today = dt.datetime.now(dt.UTC).date()
        drafts = {
            job.name: draft(job, needs, verdict, owner, today)
            for job, needs, verdict in looked
            if verdict.fit != "no"
        }
        for name, made in drafts.items():
            module = made.table.partition('file = "functions/')[2].partition('"')[0]
            _write(folder / f"{name}.toml", made.table)
            _write(folder / "functions" / module, made.code)
    if json_:
        emit(
            {
                "jobs": [
                    {
                        **msgspec.structs.asdict(job),
                        "fit": verdict.fit,
                        "reasons": verdict.reasons,
                        "grants": verdict.grants,
                    }
                    for job, _, verdict in looked
                ],
                "unread": found.unread,
            }
        )
        return
    for job, _, verdict in looked:
        print(f"{verdict.fit:8} {clean(job.name)}  ({clean(job.source)}, {clean(job.when or 'no schedule')})")
        for reason in verdict.reasons:
            print(f"         - {clean(reason)}")
        for line in verdict.grants:
            print(f"         + {clean(line)}")
    for one in found.unread:
        print(f"not read: {clean(one)}")
    if note:
        print(clean(note))
    counts = [sum(verdict.fit == kind for *_, verdict in looked) for kind in _ORDER]
    print(f"{len(looked)} jobs: {counts[0]} fit, {counts[1]} to rewrite, {counts[2]} not")


def _write(place: Path, text: str) -> None:
    """For its owner alone: crontabs are, and what was read from them stands in it."""
    with os.fdopen(
        os.open(place, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8"
    ) as file:
        file.write(text)


def _known(address: str, token: str) -> tuple[Mapping[str, Job], str]:
    """The jobs that the node knows, with how long they ran when they ran last; and a word where none
    answers."""
    from gadfly.functions.survey.job import Job

    try:
        node = find(address, token)
        listed: list[dict[str, Any]] = node.get("components", kind="job", limit=MOST)["components"]
        found = {}
        for one in listed:
            job = node.get(f"components/{one['name']}/story").get("job") or {}
            found[one["name"]] = Job(
                name=one["name"],
                source=f"the node {node.url}",
                when=str(job.get("schedule") or ""),
                seconds=job.get("seconds"),
            )
    except GadflyError as error:
        return {}, f"no node was asked how long jobs ran: {error}"
    return found, ""
