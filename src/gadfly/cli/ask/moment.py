"""A point in time on the command line."""

from __future__ import annotations

import click


def moment(_ctx: click.Context, _param: click.Parameter, value: str | None) -> float | None:
    """Callback of an option: seconds since the epoch of 2026-03-01T08:00:00Z, or of such seconds."""
    from gadfly.ask.cell import EXPECTED, parse

    try:
        return None if value is None else float(parse(value, "time"))
    except (ValueError, TypeError):
        raise click.BadParameter(f"{value!r}; expected is {EXPECTED['time']}") from None


def day(_ctx: click.Context, _param: click.Parameter, value: str | None) -> int | None:
    """Callback of an option: days since 1970 of 2026-03-01."""
    from gadfly.ask.cell import EXPECTED, parse

    try:
        return None if value is None else int(parse(value, "day"))
    except (ValueError, TypeError):
        raise click.BadParameter(f"{value!r}; expected is {EXPECTED['day']}") from None
