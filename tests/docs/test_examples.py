"""The examples beside the configuration: the options and files that they name are there."""

from __future__ import annotations

import configparser
import re
import shlex
from pathlib import Path

from gadfly import catalogue
from gadfly.cli.up import up

EXAMPLES = Path(__file__).parents[2] / "examples"


def _options(arguments: list[str]) -> set[str]:
    assert arguments[0] == "up"
    return {argument for argument in arguments if argument.startswith("--")}


KNOWN = {option for parameter in up.params for option in parameter.opts}


def test_the_configuration_is_good_and_has_nothing_to_warn_of() -> None:
    config = catalogue.load(EXAMPLES / "gadfly.toml")
    assert catalogue.warnings(config) == []


def test_the_service_starts_what_there_is() -> None:
    unit = configparser.ConfigParser(strict=False, interpolation=None)
    unit.optionxform = str  # type: ignore[assignment, method-assign]
    unit.read(EXAMPLES / "gadfly.service")
    command = shlex.split(unit["Service"]["ExecStart"])
    assert Path(command[0]).name == "gadfly"
    assert _options(command[1:]) <= KNOWN
    assert unit["Service"]["Environment"] == f"GADFLY_RUN=/run/{unit['Service']['RuntimeDirectory']}"


def test_the_container_starts_what_there_is() -> None:
    text = (EXAMPLES / "Containerfile").read_text()
    command = re.search(r"^CMD \[(.*)\]$", text, re.MULTILINE)
    assert command is not None
    assert _options([word.strip(' "') for word in command[1].split(",")]) <= KNOWN
