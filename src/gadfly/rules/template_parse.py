"""From the text of a template to its tree."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from gadfly.rules.go_value import TemplateError, character
from gadfly.rules.template import Function, Template
from gadfly.rules.template_tree import DOT, Block, Call, Named, Path, Pipe, Variable

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
        stack: list[tuple[Block, list[Any], int]] = []
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
        self, source: str, at: int, into: list[Any], stack: list[tuple[Block, list[Any], int]]
    ) -> list[Any]:
        tokens = self._tokens(source, at)
        kind, word = tokens[0]
        if kind == "word" and word in ("if", "range", "with"):
            if len(stack) >= DEEP:
                self._fail(at, f"nested more than {DEEP} deep")
            block = Block(word, self._pipe(tokens, 1, at, ranging=word == "range"))
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
                inner = Block(block.kind, self._pipe(tokens, 2, at))
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

    def _pipe(self, tokens: list[tuple[str, str]], start: int, at: int, ranging: bool = False) -> Pipe:
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

    def _commands(self, tokens: list[tuple[str, str]], place: int, at: int, depth: int) -> tuple[Pipe, int]:
        if depth > DEEP:
            self._fail(at, f"nested more than {DEEP} deep")
        commands: list[Call] = []
        words: list[Any] = []
        while place < len(tokens) and tokens[place][0] != "close":
            kind, word = tokens[place]
            if (kind, word) == ("sign", "|"):
                if not words:
                    self._fail(at, "missing value for command")
                commands.append(Call(words))
                words = []
                place += 1
                continue
            value, place = self._word(tokens, place, at, depth)
            words.append(value)
        if not words:
            self._fail(at, "missing value for command")
        commands.append(Call(words))
        for later in commands[1:]:
            if not isinstance(later.words[0], Named):
                self._fail(at, "only a function can stand behind a |")
        return Pipe(commands), place

    def _word(self, tokens: list[tuple[str, str]], place: int, at: int, depth: int) -> tuple[Any, int]:
        kind, word = tokens[place]
        value: Any
        place += 1
        if kind == "text":
            value = word[1:-1] if word[0] == "`" else self._unquoted(word, at)
        elif kind == "character":
            value = ord(self._unquoted(word, at)[:1] or "\0")
        elif kind == "number":
            value = self._number(word, at)
        elif kind == "variable":
            value = Variable(word)
        elif kind == "field":
            value = Path(DOT, (word[1:],))
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
            value = Named(word)
        else:
            self._fail(at, f"unexpected {word!r}")
        fields: list[str] = []
        while place < len(tokens) and tokens[place][0] == "more":
            fields.append(tokens[place][1][1:])
            place += 1
        if fields:
            value = (
                Path(value.root, (*value.fields, *fields))
                if isinstance(value, Path)
                else Path(value, tuple(fields))
            )
        return value, place

    def _number(self, word: str, at: int) -> int | float:
        plain = word.replace("_", "")
        hexadecimal = plain.lower().lstrip("+-").startswith("0x")
        if not hexadecimal and any(letter in plain for letter in ".eE"):
            return float(plain)
        try:
            value = int(plain, 16 if hexadecimal else 10)
        except ValueError:  # no digit at all, or thousands
            value = 1 << 64
        if not -(1 << 63) <= value < 1 << 64:
            self._fail(at, f"{word[:20]} is no number of 64 bits")
        return value

    def _unquoted(self, word: str, at: int) -> str:
        inner = word[1:-1]

        def plain(found: re.Match[str]) -> str:
            if found[1]:
                return _PLAIN.get(found[1], found[1])
            code = int(found[2] or found[3] or found[4] or "0", 16) if not found[5] else int(found[5], 8)
            return character(code)

        if re.search(r"\\", _ESCAPE.sub("", inner)):
            self._fail(at, f"bad escape in {word[:40]}")
        return _ESCAPE.sub(plain, inner)

    def _fail(self, position: int, message: str) -> None:
        line = self._text.count("\n", 0, position) + 1
        raise TemplateError(f"template: :{line}: {message}")


_ROOTS = ("variable", "field", "more", "close")
