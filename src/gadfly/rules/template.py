"""The template language of Go, as rules use it in labels and annotations: text with ``{{ actions }}``.

:func:`parse` makes a tree of a text when a rule is read; :meth:`Template.expand` writes it for one alert.
Known: fields and variables, pipelines, ``if``, ``else if``, ``range``, ``with``, ``end``, comments, trimming
(``{{-``), Go's own functions and those of Prometheus (:mod:`.template_functions`). ``define``, ``template``
and ``block`` are not: a rule has one text.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from gadfly.rules.go_value import TemplateError, Vague, show, truth

Function = Callable[..., object]

_ACTION = re.compile(
    r"\{\{(-(?=\s))?(?:\s*/\*.*?\*/\s*|((?:\"(?:\\.|[^\"\\\n])*\"|`[^`]*`|'(?:\\.|[^'\\\n])*'"
    r"|[^\"`'])*?))((?<=\s)-)?\}\}",
    re.DOTALL,
)
_TOKEN = re.compile(
    r"\s*(?:(?P<text>\"(?:\\.|[^\"\\\n])*\"|`[^`]*`)|(?P<character>'(?:\\.|[^'\\\n])+')"
    r"|(?P<number>[+-]?(?:0[xX][0-9a-fA-F_]+|[0-9][0-9_]*(?:\.[0-9]*)?(?:[eE][+-]?[0-9]+)?"
    r"|\.[0-9]+(?:[eE][+-]?[0-9]+)?))(?![\w.])|(?P<variable>\$\w*)|(?P<field>\.[^\W\d]\w*)|(?P<word>[^\W\d]\w*)"
    r"|(?P<sign>:=|=|\||\(|\)|,|\.))"
)
_ESCAPE = re.compile(
    r"\\(?:([abfnrtv\\'\"])|x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|([0-7]{3}))"
)
_PLAIN = {"a": "\a", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v"}
DEEP = 50
LONGEST = 65_536
"""Characters of what one text expands to; a page of mail is 3,000."""
TURNS = 10_000
"""Turns of all `range` in one expansion."""


@dataclass(slots=True)
class _Call:
    """Words of one command: the first may be a function, with the others as arguments."""

    words: list[Any]


@dataclass(slots=True)
class _Pipe:
    commands: list[_Call]
    names: tuple[str, ...] = ()
    declares: bool = True


@dataclass(slots=True)
class _Path:
    """`$x.A.B`, `.A`, `(pipe).A`: a root and fields."""

    root: Any
    fields: tuple[str, ...] = ()


@dataclass(slots=True)
class _Block:
    kind: str
    pipe: _Pipe
    body: list[Any] = field(default_factory=list)
    otherwise: list[Any] = field(default_factory=list)


class _Dot:
    pass


DOT = _Dot()


@dataclass(slots=True)
class _Variable:
    name: str


@dataclass(slots=True)
class _Function:
    name: str


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


def parse(text: str, known: Mapping[str, Function]) -> Template:
    """The tree of a text. TemplateError where it is not one; `known` are the functions there are."""
    if "{{" not in text:
        return Template(text, (text,) if text else ())
    return Template(text, tuple(_Parser(text, known).parse()))


class _Parser:
    def __init__(self, text: str, known: Mapping[str, Function]) -> None:
        self._text = text
        self._known = known

    def parse(self) -> list[Any]:
        root: list[Any] = []
        into = root
        stack: list[tuple[_Block, list[Any], int]] = []
        position, trimming = 0, False
        for found in _ACTION.finditer(self._text):
            if found.start() < position:
                continue
            piece = self._text[position : found.start()]
            if "{{" in piece:
                break
            piece = piece.lstrip(" \t\r\n") if trimming else piece
            piece = piece.rstrip(" \t\r\n") if found[1] else piece
            if piece:
                into.append(piece)
            trimming, position = bool(found[3]), found.end()
            if found[2] is None or not found[2].strip():
                if found[2] is not None:
                    self._fail(found.start(), "missing value for command")
                continue
            into = self._action(found[2], found.start(2), into, stack)
        rest = self._text[position:]
        if "{{" in rest:
            self._fail(position + rest.index("{{"), "unclosed action")
        if stack:
            self._fail(len(self._text), f"unexpected end: `{stack[-1][0].kind}` has no {{{{end}}}}")
        rest = rest.lstrip(" \t\r\n") if trimming else rest
        if rest:
            into.append(rest)
        return root

    def _action(
        self, source: str, at: int, into: list[Any], stack: list[tuple[_Block, list[Any], int]]
    ) -> list[Any]:
        tokens = self._tokens(source, at)
        kind, word = tokens[0]
        if kind == "word" and word in ("if", "range", "with"):
            if len(stack) >= DEEP:
                self._fail(at, f"nested more than {DEEP} deep")
            block = _Block(word, self._pipe(tokens, 1, at, ranging=word == "range"))
            into.append(block)
            stack.append((block, into, 1))
            return block.body
        if kind == "word" and word == "else":
            if not stack:
                self._fail(at, "unexpected {{else}}")
            block = stack[-1][0]
            if len(tokens) > 1:
                if tokens[1] != ("word", block.kind) or block.kind == "range":
                    self._fail(at, "unexpected word after {{else}}")
                inner = _Block(block.kind, self._pipe(tokens, 2, at))
                block.otherwise.append(inner)
                _, outer, depth = stack.pop()
                stack.append((inner, outer, depth))
                return inner.body
            return block.otherwise
        if kind == "word" and word == "end" and len(tokens) == 1:
            if not stack:
                self._fail(at, "unexpected {{end}}")
            return stack.pop()[1]
        if kind == "word" and word in ("define", "template", "block", "break", "continue"):
            self._fail(at, f"{{{{{word}}}}} is not supported in rules")
        into.append(self._pipe(tokens, 0, at))
        return into

    def _tokens(self, source: str, at: int) -> list[tuple[str, str]]:
        tokens: list[tuple[str, str]] = []
        position = 0
        source = source.rstrip()
        while position < len(source):
            found = _TOKEN.match(source, position)
            if found is None or found.lastgroup is None:
                self._fail(at + position, f"unexpected {source[position:].strip()[:20]!r}")
            assert found is not None
            assert found.lastgroup is not None
            kind, word = found.lastgroup, found[found.lastgroup]
            # `$x.y` is one word, `$x .y` two.
            if kind == "field" and tokens and found.start(kind) == position and tokens[-1][0] in _ROOTS:
                kind = "more"
            if kind == "sign" and word == ")":
                kind = "close"
            tokens.append((kind, word))
            position = found.end()
        return tokens

    def _pipe(self, tokens: list[tuple[str, str]], start: int, at: int, ranging: bool = False) -> _Pipe:
        names: list[str] = []
        declares = True
        place = start
        while place + 1 < len(tokens) and tokens[place][0] == "variable":
            after = tokens[place + 1]
            if after in (("sign", ":="), ("sign", "=")):
                names.append(tokens[place][1])
                declares = after[1] == ":="
                start = place + 2
                break
            if after == ("sign", ",") and ranging and not names:
                names.append(tokens[place][1])
                place += 2
                continue
            names.clear()
            break
        pipe, end = self._commands(tokens, start, at, 0)
        if end != len(tokens):
            self._fail(at, f"unexpected {tokens[end][1]!r}")
        pipe.names, pipe.declares = tuple(names) if start != place or names else (), declares
        return pipe

    def _commands(self, tokens: list[tuple[str, str]], place: int, at: int, depth: int) -> tuple[_Pipe, int]:
        if depth > DEEP:
            self._fail(at, f"nested more than {DEEP} deep")
        commands: list[_Call] = []
        words: list[Any] = []
        while place < len(tokens) and tokens[place][0] != "close":
            kind, word = tokens[place]
            if (kind, word) == ("sign", "|"):
                if not words:
                    self._fail(at, "missing value for command")
                commands.append(_Call(words))
                words = []
                place += 1
                continue
            value, place = self._word(tokens, place, at, depth)
            words.append(value)
        if not words:
            self._fail(at, "missing value for command")
        commands.append(_Call(words))
        for later in commands[1:]:
            if not isinstance(later.words[0], _Function):
                self._fail(at, "only a function can stand behind a |")
        return _Pipe(commands), place

    def _word(self, tokens: list[tuple[str, str]], place: int, at: int, depth: int) -> tuple[Any, int]:
        kind, word = tokens[place]
        value: Any
        place += 1
        if kind == "text":
            value = word[1:-1] if word[0] == "`" else self._unquoted(word, at)
        elif kind == "character":
            value = ord(self._unquoted(word, at)[:1] or "\0")
        elif kind == "number":
            value = _number(word)
        elif kind == "variable":
            value = _Variable(word)
        elif kind == "field":
            value = _Path(DOT, (word[1:],))
        elif (kind, word) == ("sign", "."):
            value = DOT
        elif (kind, word) == ("sign", "("):
            value, place = self._commands(tokens, place, at, depth + 1)
            if place >= len(tokens):
                self._fail(at, "unclosed left paren")
            place += 1
        elif kind == "word" and word in ("true", "false"):
            value = word == "true"
        elif kind == "word" and word == "nil":
            value = None
        elif kind == "word":
            if word not in self._known:
                self._fail(at, f'function "{word}" not defined')
            value = _Function(word)
        else:
            self._fail(at, f"unexpected {word!r}")
        fields: list[str] = []
        while place < len(tokens) and tokens[place][0] == "more":
            fields.append(tokens[place][1][1:])
            place += 1
        if fields:
            value = (
                _Path(value.root, (*value.fields, *fields))
                if isinstance(value, _Path)
                else _Path(value, tuple(fields))
            )
        return value, place

    def _unquoted(self, word: str, at: int) -> str:
        inner = word[1:-1]

        def plain(found: re.Match[str]) -> str:
            if found[1]:
                return _PLAIN.get(found[1], found[1])
            code = int(found[2] or found[3] or found[4] or "0", 16) if not found[5] else int(found[5], 8)
            return chr(code) if code < 0x110000 else "\ufffd"

        if re.search(r"\\", _ESCAPE.sub("", inner)):
            self._fail(at, f"bad escape in {word[:40]}")
        return _ESCAPE.sub(plain, inner)

    def _fail(self, position: int, message: str) -> None:
        line = self._text.count("\n", 0, position) + 1
        raise TemplateError(f"template: :{line}: {message}")


_ROOTS = ("variable", "field", "more", "close")


def _number(word: str) -> int | float:
    plain = word.replace("_", "")
    if plain.lower().lstrip("+-").startswith("0x"):
        return int(plain, 16)
    return float(plain) if any(letter in plain for letter in ".eE") else int(plain)


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
            elif isinstance(node, _Pipe):
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

    def _block(self, block: _Block, dot: object) -> None:
        if block.kind == "range":
            self._range(block, dot)
            return
        value = self._pipe(block.pipe, dot)
        if truth(value):
            self.walk(block.body, value if block.kind == "with" else dot)
        else:
            self.walk(block.otherwise, dot)

    def _range(self, block: _Block, dot: object) -> None:
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

    def _pipe(self, pipe: _Pipe, dot: object) -> object:
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

    def _command(self, command: _Call, dot: object, last: object) -> object:
        first, *others = command.words
        if not isinstance(first, _Function):
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

    def _value(self, word: Any, dot: object) -> object:
        match word:
            case _Dot():
                return dot
            case _Variable(name=name):
                for known, value in reversed(self._variables):
                    if known == name:
                        return value
                raise TemplateError(f"undefined variable {name}")
            case _Function(name=name):
                return self._call(name, [])
            case _Pipe():
                return self._pipe(word, dot)
            case _Path(root=root, fields=fields):
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
