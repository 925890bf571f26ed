"""The scheduled jobs of a host, read from its files: crontabs, run-parts folders, timers. Blocks.

Nothing is run and nobody is asked: what cannot be read is named. `root` stands in front of every path.
"""

from __future__ import annotations

import itertools
import os
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import msgspec

from gadfly.functions.survey import crontab, timer
from gadfly.functions.survey.job import Job
from gadfly.functions.survey.needs import SCRIPT

FILE = 1 << 20
"""Bytes of a crontab or a unit that are looked at."""
JOBS = 5_000
UNITS = (
    "etc/systemd/system",
    "run/systemd/system",
    "usr/local/lib/systemd/system",
    "usr/lib/systemd/system",
    "lib/systemd/system",
)
"""The earlier one wins."""
TABLES = "var/spool/cron/crontabs"


class Found(NamedTuple):
    """`unread`: paths and why."""

    jobs: list[Job]
    unread: list[str]


def _names(name: str) -> Iterator[str]:
    yield name
    for number in itertools.count(2):
        yield f"{name[:58]}-{number}"


class Host:
    """A machine, or a copy of its file system."""

    def __init__(self, root: Path = Path("/")) -> None:
        self._root = root
        self._unread: list[str] = []

    def jobs(self) -> Found:
        """All that it starts by itself; of two with one name the later has a number."""
        zone = self._zone()
        found: dict[str, Job] = {}
        for job in (*self._crontabs(), *self._parts(), *self._timers()):
            name = next(one for one in _names(job.name) if one not in found)
            here = f"{job.schedule} {zone}" if zone and len(job.schedule.split()) == 5 else job.schedule
            found[name] = msgspec.structs.replace(job, name=name, schedule=here)
            if len(found) > JOBS:
                found.pop(name)
                self._unread.append(f"{job.source} and all behind it: more than {JOBS:,} jobs")
                break
        return Found(list(found.values()), self._unread)

    def script(self, command: str) -> str:
        """The text of the script that a command runs; empty where it runs none, or it cannot be read."""
        try:
            words = shlex.split(command)
        except ValueError:
            words = command.split()
        for word in words[:12]:
            if not word.startswith("/"):
                continue
            path = self._at(word)
            data = self._bytes(path, SCRIPT) if path.is_file() else b""
            program = word.startswith(("/bin/", "/sbin/", "/usr/bin/", "/usr/sbin/"))
            if data.startswith(b"#!") or (data and word.endswith((".sh", ".py")) and not program):
                return data.decode("utf-8", "replace")
        return ""

    def _zone(self) -> str:
        """The zone that times are written in here; empty for UTC, or where it is not said."""
        link = self._at("etc/localtime")
        place = os.readlink(link) if link.is_symlink() else ""
        zone = place.partition("zoneinfo/")[2] or (
            self._text(named) if (named := self._at("etc/timezone")).is_file() else ""
        )
        return "" if zone.strip() in ("", "UTC", "Etc/UTC") else zone.strip()

    def _crontabs(self) -> Iterator[Job]:
        for path in (self._at("etc/crontab"), *self._listed("etc/cron.d")):
            if path.is_file() and (path.name == "crontab" or crontab.PART.fullmatch(path.name)):
                yield from crontab.parse(self._lines(path), self._shown(path))
        for path in self._listed(TABLES):
            if path.is_file():
                yield from crontab.parse(self._lines(path), self._shown(path), user=path.name)

    def _parts(self) -> Iterator[Job]:
        for folder in crontab.PARTS:
            for path in self._listed(f"etc/{folder}"):
                if path.is_file() and crontab.PART.fullmatch(path.name) and os.access(path, os.X_OK):
                    yield crontab.part(folder, path.name, self._shown(path))

    def _timers(self) -> Iterator[Job]:
        seen: set[str] = set()
        for wants in UNITS:
            for link in self._listed(f"{wants}/timers.target.wants"):
                if link.name in seen or not link.name.endswith(".timer"):
                    continue
                seen.add(link.name)
                place, text = self._unit(link.name)
                if not text:
                    continue
                read = timer.unit(text)
                _, service = self._unit(timer.service_of(link.name, read))
                yield timer.job(link.name, place, read, timer.unit(service))

    def _unit(self, name: str) -> tuple[str, str]:
        """Where a unit stands, and its text with that of its drop-ins behind it."""
        template = f"{name.partition('@')[0]}@.{name.rpartition('.')[2]}" if "@" in name else name
        place, text = "", ""
        for folder in UNITS:
            for one in dict.fromkeys((name, template)):
                path = self._at(f"{folder}/{one}")
                if not place and path.is_file():
                    place, text = self._shown(path), self._text(path)
        drops: dict[str, Path] = {}
        for folder in UNITS:
            for path in self._listed(f"{folder}/{name}.d"):
                if path.suffix == ".conf":
                    drops.setdefault(path.name, path)
        return place, "\n".join([text, *(self._text(drops[one]) for one in sorted(drops))]) if place else ""

    def _at(self, path: str) -> Path:
        return self._root / path.lstrip("/")

    def _shown(self, path: Path) -> str:
        return f"/{path.relative_to(self._root)}"

    def _listed(self, folder: str) -> list[Path]:
        path = self._at(folder)
        try:
            return sorted(path.iterdir())
        except FileNotFoundError:
            return []
        except OSError as error:
            self._unread.append(f"{self._shown(path)}: {error.strerror}")
            return []

    def _lines(self, path: Path) -> str:
        text = self._text(path)
        if text.count("\n") > crontab.LINES:
            self._unread.append(f"{self._shown(path)}: only its first {crontab.LINES:,} lines")
        return text

    def _text(self, path: Path) -> str:
        return self._bytes(path, FILE).decode("utf-8", "replace")

    def _bytes(self, path: Path, most: int) -> bytes:
        try:
            with path.open("rb") as file:
                data = file.read(most + 1)
        except OSError as error:
            self._unread.append(f"{self._shown(path)}: {error.strerror}")
            return b""
        if len(data) > most:
            self._unread.append(f"{self._shown(path)}: only its first {most:,} bytes")
        return data[:most]
