"""How deep a YAML text is nested, before a tree is built of it: libyaml builds by recursion, and a text of a
hundred thousand brackets would end the process. PyYAML is loaded only where somebody has such a file."""

from __future__ import annotations

from typing import Any

from gadfly.errors import FormatError

DEEPEST = 32
"""Lists and mappings in each other; scrape_configs need eight."""


def loader() -> Any:
    """The safe loader, in C where it is there."""
    import yaml

    return getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def check(text: str | bytes) -> None:
    """FormatError where it is nested too deep, yaml.YAMLError where it is not YAML; by events, one by one."""
    import yaml

    depth = 0
    for event in yaml.parse(text, Loader=loader()):
        depth += isinstance(event, yaml.CollectionStartEvent)
        depth -= isinstance(event, yaml.CollectionEndEvent)
        if depth > DEEPEST:
            raise FormatError(f"not YAML that is read here: nested more than {DEEPEST} deep")
