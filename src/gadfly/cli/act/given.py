"""Options of what is given with an act: parameters, what was read for it, and the data it puts in force."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping
from typing import Any

import click

Command = Callable[..., Any]


def supplies(command: Command) -> Command:
    """Add --parameter, --input and --data; the command takes `parameters`, `inputs` and `data`, as the API
    has them."""
    for option in (
        click.option(
            "--data",
            callback=_data,
            metavar="JSON",
            help='What it puts in force: {"size": 900, "before": 880, "limit": 5000, "blank": [], '
            '"invalid": ""}.',
        ),
        click.option(
            "--input",
            "inputs",
            multiple=True,
            callback=_inputs,
            metavar="NAME[=JSON]",
            help="What you have read for it, now and whole; else say how: "
            'registry={"at": 1800000000, "complete": false, "quorum": true}.',
        ),
        click.option(
            "--parameter",
            "parameters",
            multiple=True,
            callback=_parameters,
            metavar="NAME=VALUE",
            help="What {parameter.NAME} in its run stands for.",
        ),
    ):
        command = option(command)
    return command


def body(targets: tuple[str, ...], parameters: object, inputs: object, data: object) -> dict[str, Any]:
    """What the API is asked with."""
    given = {"parameters": parameters, "inputs": inputs, "data": data}
    return {"targets": list(targets), **{name: one for name, one in given.items() if one}}


def _parameters(_context: click.Context, _option: click.Parameter, given: tuple[str, ...]) -> dict[str, str]:
    found: dict[str, str] = {}
    for text in given:
        name, sign, value = text.partition("=")
        if not sign or not name or name in found:
            raise click.BadParameter(f"{text!r} is no NAME=VALUE, or its name is there twice")
        found[name] = value
    return found


def _inputs(
    _context: click.Context, _option: click.Parameter, given: tuple[str, ...]
) -> list[dict[str, Any]]:
    found = []
    for text in given:
        name, _, more = text.partition("=")
        found.append({"at": time.time(), **(_object(more) if more else {}), "name": name})
    return found


def _data(_context: click.Context, _option: click.Parameter, given: str | None) -> Mapping[str, Any] | None:
    return None if given is None else _object(given)


def _object(text: str) -> Mapping[str, Any]:
    try:
        found = json.loads(text)
    except ValueError as error:
        raise click.BadParameter(f"it is no JSON: {error}") from None
    if not isinstance(found, dict):
        raise click.BadParameter("an object is wanted, in braces")
    return found
