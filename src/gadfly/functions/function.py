"""A function as the node has it: what the catalogue says of it, checked and understood. Pure."""

from __future__ import annotations

import datetime as dt
import re
from pathlib import Path
from typing import Literal

import msgspec

from gadfly.config.functions import Function as Declared
from gadfly.errors import ConfigError
from gadfly.functions import grant
from gadfly.functions.grant import Grant

NAME = re.compile(r"[a-z][a-z0-9-]{0,62}", re.ASCII)
"""What a function may be called: a label of a host name, so that it is the same in an address and at AWS."""
LONGEST = 300.0
"""Seconds of one invocation at most."""
LEAST_MEMORY, MOST_MEMORY = 32 << 20, 4 << 30
ASYNC, SYNC = 1 << 20, 6 << 20
"""Bytes of an event: of a trigger that does not wait for the answer, and of one that does. As Lambda has
it."""
_SIZE = re.compile(r"(\d{1,7})(KiB|MiB|GiB)", re.ASCII)
_HANDLER = re.compile(r"(?:([A-Za-z_][A-Za-z0-9_]*)\.)?([A-Za-z_][A-Za-z0-9_]*)", re.ASCII)


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    """Of one invocation: seconds, bytes, numbers."""

    seconds: float = 60.0
    memory: int = 256 << 20
    scratch: int = 0
    """Bytes of `/tmp`; from the grant `scratch:SIZE`."""
    at_once: int = 4
    processes: int = 32
    armed: int = 0
    """Forks that are kept ready for calls to come."""


class Function(msgspec.Struct, frozen=True, kw_only=True):
    """One declared function."""

    name: str
    path: str
    """Of the file or folder, absolute where the configuration's folder is known."""
    module: str
    """The module of the handler, without `.py`,"""
    handler: str
    """and its name in there."""
    owner: str
    purpose: str
    on: tuple[str, ...] = ()
    """Triggers as they are written; :mod:`gadfly.functions.trigger` reads them."""
    grants: tuple[Grant, ...] = ()
    limits: Limits = Limits()
    review: dt.date | None = None
    catchup: Literal["none", "last", "all"] = "last"
    window: float = 86_400.0
    overlap: Literal["skip", "queue"] = "skip"
    jitter: float = 0.0
    retries: int = 2
    batch: int = 100
    gather: float = 5.0

    @property
    def single(self) -> bool:
        """Whether it is one file, not a folder."""
        return self.path.endswith(".py")


def size(text: str) -> int:
    """Bytes of `128MiB`. ValueError where it is no size."""
    found = _SIZE.fullmatch(text.strip())
    if found is None:
        raise ValueError(f'"{text[:40]}" is not a size; write a number with KiB, MiB or GiB, as 128MiB')
    return int(found[1]) << {"KiB": 10, "MiB": 20, "GiB": 30}[found[2]]


def entry(file: str, handler: str) -> tuple[str, str]:
    """The module and the name of the handler. ValueError where that is not said, or cannot be."""
    found = _HANDLER.fullmatch(handler)
    if found is None:
        raise ValueError(f'"{handler[:80]}" names no handler; write handler, or MODULE.handler')
    module, name = found.groups()
    if file.endswith(".py"):
        stem = Path(file).stem
        if not stem.isidentifier():
            raise ValueError(
                f'"{Path(file).name[:80]}" cannot be imported; name it with letters, digits and underscores'
            )
        if module not in (None, stem):
            raise ValueError(f"the file is {stem}.py, so the handler is {name} or {stem}.{name}")
        return stem, name
    if module is None:
        raise ValueError(f"in a folder the handler is named with its module, as app.{name}")
    return module, name


def understand(name: str, declared: Declared, folder: Path | None = None) -> Function:
    """The function that is declared under this name; `folder` is the configuration's.

    ConfigError, a line each, where it could not be: of grants, of the handler, of the memory. What needs the
    rest of the configuration (an owner that there is) is :mod:`gadfly.catalogue.functions`' work.
    """
    problems: list[str] = []
    grants: list[Grant] = []
    for line in declared.grants:
        try:
            grants.append(grant.parse(line))
        except ConfigError as error:
            problems += error.problems
    module = handler = ""
    memory = 0
    try:
        module, handler = entry(declared.file, declared.handler)
        memory = size(declared.limits.memory)
    except ValueError as error:
        problems.append(str(error))
    if problems:
        raise ConfigError(*(f"function {name}: {one}" for one in problems))
    path = Path(declared.file).expanduser()
    return Function(
        name=name,
        path=str(path if folder is None else folder.resolve() / path),
        module=module,
        handler=handler,
        owner=declared.owner,
        purpose=declared.purpose,
        on=(declared.on,) if isinstance(declared.on, str) else declared.on,
        grants=tuple(grants),
        limits=Limits(
            seconds=float(declared.limits.time),
            memory=memory,
            scratch=max((int(one.parts[0]) for one in grants if one.verb == "scratch"), default=0),
            at_once=declared.limits.at_once,
            processes=declared.limits.processes,
            armed=declared.limits.armed,
        ),
        review=declared.review,
        catchup=declared.catchup,
        window=float(declared.window),
        overlap=declared.overlap,
        jitter=float(declared.jitter),
        retries=declared.retries,
        batch=declared.batch,
        gather=float(declared.gather),
    )
