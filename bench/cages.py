"""The settings in which the sandbox is tried: as root and as an ordinary user, in tier A and in tier B.

An ordinary user is a fork of this process that has given root up for good; what it found comes back as JSON.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import shutil
import sys
import tempfile
import traceback
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any, NamedTuple

from gadfly.functions.sandbox.supervisor import Cell, Limits, Template

ORDINARY = 60_002
"""A user that nobody is."""
Trial = Callable[["Cage"], Awaitable[Any]]


class Setting(NamedTuple):
    """`user` is -1 for whoever runs this."""

    name: str
    tier: str
    user: int


def settings() -> list[Setting]:
    """All that can be tried here; to be an ordinary user one must be root first, or be one."""
    me = "root" if os.geteuid() == 0 else "this user"
    found = [Setting(f"{me}, tier {tier}", tier, -1) for tier in "AB"]
    if os.geteuid() == 0:
        found += [Setting(f"ordinary user, tier {tier}", tier, ORDINARY) for tier in "AB"]
    return found


class Cage:
    """A template of one setting and the folders of the code that is tried in its cells."""

    def __init__(self, template: Template, folder: Path, tier: str) -> None:
        self._template = template
        self._folder = folder
        self.tier = tier
        self._count = 0

    async def make(self, source: str, limits: Limits) -> Cell:
        """A cell with this handler. SandboxError where none comes up."""
        self._count += 1
        folder = self._folder / str(self._count)
        folder.mkdir()
        (folder / "f.py").write_text(source)
        return await self._template.cell(str(folder), ("f", "handler"), limits)

    async def cell(self, folder: Path, module: str, limits: Limits) -> Cell:
        """A cell with the code of a folder of ours."""
        copied = self._folder / folder.name
        if not copied.exists():
            shutil.copytree(folder, copied, ignore=shutil.ignore_patterns("__pycache__"))
        return await self._template.cell(str(copied), (module, "handler"), limits)


@contextlib.asynccontextmanager
async def caged(tier: str, interpreter: str = "") -> AsyncIterator[Cage]:
    """A running template; everything is ended and removed."""
    with tempfile.TemporaryDirectory(prefix="gadfly-cage-") as folder:
        os.chmod(folder, 0o755)
        template = Template(interpreter, tier)
        await template.start()
        try:
            yield Cage(template, Path(folder), tier)
        finally:
            template.close()


def python(*, by_others: bool) -> str:
    """An interpreter: the one that runs this, or, where other users may not start that, the system's."""
    own = os.path.realpath(sys.executable)
    system = (
        shutil.which(f"python3{one}", path="/usr/bin:/usr/local/bin") for one in ("", ".13", ".12", ".11")
    )
    for one in (own, *system):
        if one and (not by_others or all(folder.stat().st_mode & 1 for folder in Path(one).parents)):
            return one
    raise SystemExit("there is no interpreter that every user may start")


def tried(setting: Setting, trial: Trial) -> Any:
    """What `trial` gives in this setting: something that JSON can say. RuntimeError with its last words."""
    interpreter = python(by_others=setting.user >= 0 or (setting.tier == "B" and os.geteuid() == 0))
    if setting.user < 0:
        return asyncio.run(_in(setting, trial, interpreter))
    reads, writes = os.pipe()
    if (pid := os.fork()) == 0:
        try:
            os.setgroups([])
            os.setresgid(setting.user, setting.user, setting.user)
            os.setresuid(setting.user, setting.user, setting.user)
            os.environ["HOME"] = "/"
            said = json.dumps({"got": asyncio.run(_in(setting, trial, interpreter))})
        except BaseException:
            said = json.dumps({"failed": traceback.format_exc()[-2000:]})
        with os.fdopen(writes, "w") as out:
            out.write(said)
        os._exit(0)
    os.close(writes)
    with os.fdopen(reads) as file:
        said = file.read()
    os.waitpid(pid, 0)
    found = json.loads(said or '{"failed": "it ended without a word"}')
    if "failed" in found:
        raise RuntimeError(found["failed"])
    return found["got"]


async def _in(setting: Setting, trial: Trial, interpreter: str) -> Any:
    async with caged(setting.tier, interpreter) as cage:
        return await trial(cage)
