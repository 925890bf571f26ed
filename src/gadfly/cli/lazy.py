"""A group of commands whose modules are imported when they are needed, so that each one starts quickly."""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from typing import Any

import click


class Lazy(click.Group):
    """`where`: name to ``module:attribute``, in the order of the help."""

    def __init__(self, *args: Any, where: Mapping[str, str], **named: Any) -> None:
        super().__init__(*args, **named)
        self._where = where

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(self._where)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        where = self._where.get(cmd_name)
        if where is None:
            return None
        module, _, attribute = where.partition(":")
        command: click.Command = getattr(importlib.import_module(module), attribute)
        return command
