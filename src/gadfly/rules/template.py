"""The template language of Go, as rules use it in labels and annotations: text with ``{{ actions }}``.

:func:`gadfly.rules.template_parse.parse` makes a tree of a text when a rule is read; :meth:`Template.expand`
writes it for one alert. Known: fields and variables, pipelines, ``if``, ``else if``, ``range``, ``with``,
``end``, comments, trimming (``{{-``), Go's own functions and those of Prometheus
(:mod:`.template_functions`). ``define``, ``template`` and ``block`` are not: a rule has one text.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from gadfly.rules.go_value import TemplateError, Vague, show, truth
from gadfly.rules.template_tree import Block, Call, Dot, Named, Path, Pipe, Variable

Function = Callable[..., object]

LONGEST = 65_536
"""Characters of what one text expands to; a page of mail is 3,000."""
TURNS = 10_000
"""Turns of all `range` in one expansion."""


@dataclass(frozen=True, slots=True)
class Template:
    """A text that was parsed."""

    text: str
    nodes: tuple[Any, ...]

    def expand(self, data: Mapping[str, object], functions: Mapping[str, Function]) -> str:
        """The text for this data: `Labels`, `Value`, … which `$labels`, `$value`, … stand for, too.

        TemplateError where it cannot be written; says why.
        """
        if len(self.nodes) == 1 and isinstance(self.nodes[0], str):
            return self.nodes[0]
        variables: list[tuple[str, object]] = [("$", data)]
        variables += [(f"${name[0].lower()}{name[1:]}", value) for name, value in data.items()]
        run = _Run(functions, variables)
        run.walk(self.nodes, data)
        return "".join(run.out)


class _Run:
    """One expansion."""

    def __init__(self, functions: Mapping[str, Function], variables: list[tuple[str, object]]) -> None:
        self.out: list[str] = []
        self._functions = functions
        self._variables = variables
        self._turns = 0
        self._written = 0

    def walk(self, nodes: tuple[Any, ...] | list[Any], dot: object) -> None:
        for node in nodes:
            if isinstance(node, str):
                self._write(node)
            elif isinstance(node, Pipe):
                value = self._pipe(node, dot)
                if not node.names:
                    self._write(show(value))
            else:
                mark = len(self._variables)
                self._block(node, dot)
                del self._variables[mark:]

    def _write(self, text: str) -> None:
        self._written += len(text)
        if self._written > LONGEST:
            raise TemplateError(f"the text becomes longer than {LONGEST:,} characters")
        self.out.append(text)

    def _block(self, block: Block, dot: object) -> None:
        if block.kind == "range":
            self._range(block, dot)
            return
        value = self._pipe(block.pipe, dot)
        if truth(value):
            self.walk(block.body, value if block.kind == "with" else dot)
        else:
            self.walk(block.otherwise, dot)

    def _range(self, block: Block, dot: object) -> None:
        names, block.pipe.names = block.pipe.names, ()
        try:
            value = self._pipe(block.pipe, dot)
        finally:
            block.pipe.names = names
        pairs: list[tuple[object, object]]
        if isinstance(value, Mapping):
            pairs = [(name, value[name]) for name in sorted(value)]
        elif isinstance(value, list | tuple):
            pairs = list(enumerate(value))
        elif value is None:
            pairs = []
        else:
            raise TemplateError(f"range can't iterate over {show(value)}")
        if not pairs:
            self.walk(block.otherwise, dot)
        for number, element in pairs:
            self._turns += 1
            if self._turns > TURNS:
                raise TemplateError(f"more than {TURNS:,} turns of range")
            mark = len(self._variables)
            if len(names) == 2:
                self._variables += [(names[0], number), (names[1], element)]
            elif names:
                self._variables.append((names[0], element))
            self.walk(block.body, element)
            del self._variables[mark:]

    def _pipe(self, pipe: Pipe, dot: object) -> object:
        value: object = _Nothing
        for command in pipe.commands:
            value = self._command(command, dot, value)
        for name in pipe.names:
            if pipe.declares:
                self._variables.append((name, value))
            else:
                self._assign(name, value)
        return value

    def _assign(self, name: str, value: object) -> None:
        for place in range(len(self._variables) - 1, -1, -1):
            if self._variables[place][0] == name:
                self._variables[place] = (name, value)
                return
        raise TemplateError(f"undefined variable {name}")

    def _command(self, command: Call, dot: object, last: object) -> object:
        first, *others = command.words
        if not isinstance(first, Named):
            if others or last is not _Nothing:
                raise TemplateError("can't give argument to non-function")
            return self._value(first, dot)
        if first.name in ("and", "or"):  # Go stops at the first that decides
            given = [*others] if last is _Nothing else [*others, last]
            value: object = None
            for word in given:
                value = word if word is last and last is not _Nothing else self._value(word, dot)
                if truth(value) is (first.name == "or"):
                    break
            return value
        arguments = [self._value(word, dot) for word in others]
        if last is not _Nothing:
            arguments.append(last)
        return self._call(first.name, arguments)

    def _call(self, name: str, arguments: list[object]) -> object:
        try:
            return self._functions[name](*arguments)
        except TemplateError as error:
            raise TemplateError(f"error calling {name}: {error}") from None
        except TypeError:
            raise TemplateError(f"wrong number or type of arguments for {name}") from None
        except Exception as error:  # whatever a function does with such arguments is this text's fault only
            raise TemplateError(f"error calling {name}: {error!r}") from None

    def _value(self, word: Any, dot: object) -> object:
        match word:
            case Dot():
                return dot
            case Variable(name=name):
                for known, value in reversed(self._variables):
                    if known == name:
                        return value
                raise TemplateError(f"undefined variable {name}")
            case Named(name=name):
                return self._call(name, [])
            case Pipe():
                return self._pipe(word, dot)
            case Path(root=root, fields=fields):
                value = self._value(root, dot)
                for name in fields:
                    value = _field(value, name)
                return value
            case _:
                return word


class _Nothing:
    """No value comes through the pipe."""


def _field(value: object, name: str) -> object:
    if isinstance(value, Vague):
        return value[name]
    if isinstance(value, Mapping):
        if name not in value:
            raise TemplateError(f"can't evaluate field {name}")
        return value[name]
    raise TemplateError(f"can't evaluate field {name} in {show(value)}")
