"""How far it is, for a person at a terminal."""

from __future__ import annotations

import contextlib
import sqlite3
import sys
import time
from collections.abc import Callable, Iterator

import click

STEPS = 200_000
"""Instructions of SQLite between two looks at the clock."""


@contextlib.contextmanager
def patience(connection: sqlite3.Connection, doing: str) -> Iterator[None]:
    """While it takes longer than a second, say how long it has been, to a person at a terminal."""
    if not sys.stderr.isatty():
        yield
        return
    begun = told = time.monotonic()

    def look() -> int:
        nonlocal told
        now = time.monotonic()
        if now - told >= 1:
            told = now
            click.echo(f"\r{doing} … {now - begun:.0f} s", err=True, nl=False)
        return 0

    connection.set_progress_handler(look, STEPS)
    try:
        yield
    finally:
        connection.set_progress_handler(None, 0)
        if told != begun:
            click.echo("\r\x1b[K", err=True, nl=False)


@contextlib.contextmanager
def counter(what: str) -> Iterator[Callable[[int, int], None]]:
    """Counts what is fetched, for a person at a terminal."""
    told = 0.0

    def tell(done: int, of: int) -> None:
        nonlocal told
        now = time.monotonic()
        if sys.stderr.isatty() and now - told >= 0.2:
            told = now
            click.echo(f"\r{done:,} of {of:,} {what}", err=True, nl=False)

    yield tell
    if told:
        click.echo("\r\x1b[K", err=True, nl=False)
