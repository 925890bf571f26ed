"""Crontabs, as Debian's cron reads them. Pure."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator

from gadfly.functions.survey.job import COMMAND, Job, named

LINES = 10_000
"""Of one file at most."""
_NICK = {
    "@hourly": "0 * * * *",
    "@daily": "0 0 * * *",
    "@midnight": "0 0 * * *",
    "@weekly": "0 0 * * 0",
    "@monthly": "0 0 1 * *",
    "@yearly": "0 0 1 1 *",
    "@annually": "0 0 1 1 *",
}
PARTS = {
    "cron.hourly": "17 * * * *",
    "cron.daily": "25 6 * * *",
    "cron.weekly": "47 6 * * 7",
    "cron.monthly": "52 6 1 * *",
}
"""Folders of which every script is a job, and when Debian runs them."""
PART = re.compile(r"[A-Za-z0-9_-]+", re.ASCII)
"""Names of scripts that run-parts looks at."""
_SETS = re.compile(r"\s*([A-Za-z_][A-Za-z0-9_]*)\s*=\s*(.*)")
_FIELD = re.compile(r"[0-9A-Za-z*/,#-]+")
_WRAPPERS = frozenset({"nice", "ionice", "chronic", "nohup", "exec", "time", "setsid"})
_TIMED = frozenset({"timeout", "flock"})


def parse(text: str, source: str, user: str = "") -> Iterator[Job]:
    """The jobs of a crontab. `user`: whose it is; empty: it names a user in each line, as /etc/crontab
    does."""
    zone, above = "", ""
    for number, line in enumerate(text.splitlines()[:LINES], 1):
        bare = line.strip()
        if not bare:
            above = ""
            continue
        if bare.startswith("#"):
            above = bare.lstrip("# ").strip()[:300]
            continue
        setting = _SETS.fullmatch(line)
        if setting is not None and not _FIELD.fullmatch(bare.split()[0]):
            if setting[1] == "CRON_TZ":
                zone = setting[2].strip("\"' ")
            continue
        if setting is not None and "=" in bare.split()[0]:
            continue
        job = _job(bare, f"{source}:{number}", user, zone, above)
        above = ""
        if job is not None and "run-parts" not in job.command:
            yield job


def part(folder: str, script: str, path: str) -> Job:
    """The job that a script in a run-parts folder is."""
    return Job(
        name=named(script), source=path, schedule=PARTS[folder], when=folder, user="root", command=path
    )


def _job(line: str, source: str, user: str, zone: str, above: str) -> Job | None:
    words = line.split()
    if words[0].startswith("@"):
        count, schedule = 1, _NICK.get(words[0].lower(), "")
    else:
        count, schedule = 5, " ".join(words[:5])
        if len(words) < 6 or not all(_FIELD.fullmatch(word) for word in words[:5]):
            return None
    if len(words) <= count:
        return None
    rest = line.split(None, count)[count]
    if not user:
        user, *more = rest.split(None, 1)
        rest = "".join(more)
    # What stands behind an unescaped % is the command's input.
    command = re.split(r"(?<!\\)%", rest, maxsplit=1)[0].replace("\\%", "%").strip()[:COMMAND]
    if not command:
        return None
    name, command = unwrapped(command)
    if schedule and zone:
        schedule = f"{schedule} {zone}"
    return Job(
        name=name or named(_first(command)),
        source=source,
        schedule=schedule,
        when=words[0] if count == 1 else schedule,
        user=user,
        command=command,
        about=above,
    )


def unwrapped(command: str) -> tuple[str, str]:
    """The name that `gadfly exec` gives it, or none; and the command without it."""
    found = re.match(r"(?:\S*/)?gadfly\s+exec\s+(.*?)(?:\s--\s+)(.*)", command)
    if found is None:
        return "", command
    names = [word for word in found[1].split() if not word.startswith("-")]
    return (named(names[-1]) if names else ""), found[2]


def _first(command: str) -> str:
    """The word of a command that tells what it does."""
    try:
        words = shlex.split(command)
    except ValueError:
        words = command.split()
    while words:
        word = words.pop(0)
        bare = word.rsplit("/", 1)[-1]
        if bare in _WRAPPERS or re.fullmatch(r"[A-Z_]+=.*", word) or word.startswith("-") or word.isdigit():
            continue
        if bare in _TIMED:
            while words and words[0].startswith("-"):
                words = words[1:]
            words = words[1:]  # the time, or the file that is locked
            continue
        if bare in ("cd", "test", "[") and any(sign in words for sign in ("&&", "||", "]")):
            words = words[next(i for i, one in enumerate(words) if one in ("&&", "||", "]")) + 1 :]
            continue
        if bare in ("curl", "wget"):
            return next((_of_address(one) for one in words if "://" in one), word)
        if bare in ("python", "python3", "sh", "bash", "perl", "php", "ruby", "node") and words:
            continue
        return word
    return command


def _of_address(address: str) -> str:
    """`status-open` for https://status.example.org/open."""
    host, _, path = address.partition("://")[2].partition("?")[0].partition("/")
    last = [part for part in path.split("/") if part][-1:]
    return "-".join([host.partition(".")[0], *last])
