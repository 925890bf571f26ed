"""YAML as a tree that knows where everything stands, read as strictly as Prometheus reads it.

PyYAML is loaded when the first file is read: a node without rule files does without it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from gadfly.errors import ConfigError, FormatError
from gadfly.telemetry import yaml_depth

LARGEST = 16 * 1024 * 1024
"""Bytes of one file."""
NODES = 500_000
"""Nodes of one file, aliases followed: an alias of aliases is a bomb."""


class Place:
    """A node of the tree, with the functions that take it apart. `path` is said in front of every problem."""

    def __init__(self, node: Any, file: str) -> None:
        self._node = node
        self.file = file

    @property
    def line(self) -> int:
        return int(self._node.start_mark.line) + 1

    @property
    def column(self) -> int:
        return int(self._node.start_mark.column) + 1

    def problem(self, message: str) -> str:
        """One line: file, position, what is wrong."""
        return f"{self.file}:{self.line}:{self.column}: {message}"

    def refuse(self, message: str) -> ConfigError:
        return ConfigError(self.problem(message))

    @property
    def empty(self) -> bool:
        return bool(self._node.tag == "tag:yaml.org,2002:null")

    def text(self, what: str) -> str:
        """A scalar as it is written; what is not there is empty."""
        import yaml

        if not isinstance(self._node, yaml.ScalarNode):
            raise self.refuse(f"{what} is a text, not a {self._kind()}")
        return "" if self.empty else str(self._node.value)

    def items(self, what: str) -> list[Place]:
        """A list."""
        import yaml

        if self.empty:
            return []
        if not isinstance(self._node, yaml.SequenceNode):
            raise self.refuse(f"{what} is a list, not a {self._kind()}")
        return [Place(node, self.file) for node in self._node.value]

    def table(self, what: str, known: Mapping[str, object] | None = None) -> dict[str, Place]:
        """A mapping; no key twice, none that is not `known`."""
        import yaml

        if self.empty:
            return {}
        if not isinstance(self._node, yaml.MappingNode):
            raise self.refuse(f"{what} is a mapping, not a {self._kind()}")
        found: dict[str, Place] = {}
        merged: dict[str, Place] = {}
        for key, value in self._node.value:
            name = Place(key, self.file).text("a key")
            if key.tag == "tag:yaml.org,2002:merge":
                if not isinstance(value, yaml.CollectionNode):
                    raise Place(value, self.file).refuse("<< is followed by a mapping or a list of mappings")
                for other in [value] if isinstance(value, yaml.MappingNode) else value.value:
                    merged = Place(other, self.file).table(what, known) | merged
                continue
            if name in found:
                raise Place(key, self.file).refuse(f"{name} stands twice in {what}")
            if known is not None and name not in known:
                raise Place(key, self.file).refuse(
                    f"unknown field {name} in {what}; known here: {', '.join(known)}"
                )
            found[name] = Place(value, self.file)
        return merged | found

    def _kind(self) -> str:
        return {"ScalarNode": "scalar", "SequenceNode": "list", "MappingNode": "mapping"}[
            type(self._node).__name__
        ]


def read(text: str, file: str) -> Place | None:
    """The first document; None where there is nothing. ConfigError where it is not YAML."""
    import yaml

    if len(text) > LARGEST:
        raise ConfigError(f"{file}: larger than {LARGEST >> 20} MB; split it")
    try:
        yaml_depth.check(text)
        node = yaml.compose(text, Loader=yaml_depth.loader())
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        where = f"{file}:{mark.line + 1}:{mark.column + 1}" if mark else file
        raise ConfigError(f"{where}: not YAML: {error.problem or error.context}") from None
    except FormatError as error:
        raise ConfigError(f"{file}: {error}") from None
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        raise ConfigError(f"{file}: not YAML: {str(error)[:200]}") from None
    if node is None:
        return None
    for count, _ in enumerate(_walk(node)):
        if count > NODES:
            raise ConfigError(f"{file}: more than {NODES:,} nodes; split it, or use fewer aliases")
    return Place(node, file)


def _walk(root: Any) -> Iterator[Any]:
    stack = [(root, 0)]
    while stack:
        node, depth = stack.pop()
        yield node
        if depth > 100:
            raise ConfigError("nested more than 100 deep; a rule file needs six")
        if isinstance(node.value, list):
            for child in node.value:
                stack += [(one, depth + 1) for one in (child if isinstance(child, tuple) else (child,))]
