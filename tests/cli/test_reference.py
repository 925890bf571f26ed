from __future__ import annotations

from pathlib import Path

import click
import pytest

from gadfly.cli.reference import markdown, pages
from gadfly.cli.root import COMMANDS
from gadfly.cli.root import gadfly as group

PAGE = Path(__file__).parents[2] / "docs" / "cli.md"


def test_the_page_is_what_the_help_says():
    assert PAGE.read_text().split() == markdown().split(), (
        "make it again: python -m gadfly.cli.reference > docs/cli.md"
    )


def test_every_command_has_its_section():
    text = PAGE.read_text()
    for path, _ in pages():
        assert f"\n### {path}\n" in text
    assert len(list(pages())) > len(COMMANDS)


@pytest.mark.parametrize("name", [name for name in COMMANDS if name not in ("beat", "exec")])
def test_every_option_explains_itself(name):
    def explained(command: click.Command) -> None:
        assert command.help, command.name
        for parameter in command.params:
            assert not isinstance(parameter, click.Option) or parameter.help, (command.name, parameter.name)
        for below in getattr(command, "commands", {}).values():
            explained(below)

    command = group.get_command(click.Context(group), name)
    assert command is not None
    explained(command)
