"""The kinds of questions that a command is to ask."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from gadfly.ask.kind import Kind


def chosen(folder: Path | None, names: tuple[str, ...]) -> dict[str, Kind]:
    """Ours and those of a folder, or of them only those named. UsageError: there is none of a name."""
    from gadfly.ask.kinds import load
    from gadfly.ask.reading import nearest

    kinds = load(folder)
    for name in names:
        if name not in kinds:
            raise click.UsageError(f"there is no kind {name!r}{nearest(name, kinds)}")
    return {name: kind for name, kind in kinds.items() if not names or name in names}
