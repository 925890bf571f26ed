"""The words of PromQL, with their places."""

from __future__ import annotations

import math
import re
from typing import NamedTuple, NoReturn

from gadfly.errors import QueryError

KEYWORDS = frozenset(
    (
        "and",
        "or",
        "unless",
        "atan2",
        "offset",
        "by",
        "without",
        "on",
        "ignoring",
        "group_left",
        "group_right",
        "bool",
        "start",
        "end",
        "sum",
        "avg",
        "count",
        "min",
        "max",
        "group",
        "stddev",
        "stdvar",
        "topk",
        "bottomk",
        "count_values",
        "quantile",
    )
)

_WORD = re.compile(
    r"""
    (?P<space>[ \t\r\n]+|\#[^\n]*)
  | (?P<duration>[0-9]+(?:ms|[smhdwy])(?:[0-9]+(?:ms|[smhdwy]))*(?![A-Za-z0-9_]))
  | (?P<number>(?:0[xX][0-9a-fA-F]+|(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?)(?![A-Za-z0-9_.]))
  | (?P<name>[A-Za-z_:][A-Za-z0-9_:]*)
  | (?P<string>"(?:[^"\\\n]|\\[^\n])*"|'(?:[^'\\\n]|\\[^\n])*'|`[^`]*`)
  | (?P<op>==|!=|=~|!~|<=|>=|[-+*/%^<>=(){}\[\],:@])
    """,
    re.VERBOSE,
)
_DURATION = re.compile(
    r"(?:([0-9]+)y)?(?:([0-9]+)w)?(?:([0-9]+)d)?(?:([0-9]+)h)?(?:([0-9]+)m(?!s))?(?:([0-9]+)s)?(?:([0-9]+)ms)?"
)
_UNITS = (31_536_000_000, 604_800_000, 86_400_000, 3_600_000, 60_000, 1000, 1)
_WHOLE = 1 << 63
_LONGEST = 2**63 // 1_000_000  # what a Prometheus duration holds, in ms: 292 years
_ESCAPES = dict(zip('abfnrtv\\"' + "'", '\a\b\f\n\r\t\v\\"' + "'", strict=True))
_ESCAPE = re.compile(r"\\(?:x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|([0-7]{3})|(.))", re.DOTALL)


class Token(NamedTuple):
    """`kind`: number, duration, string, name, keyword, op or end. A keyword's `text` is as it was written."""

    kind: str
    text: str
    pos: int

    @property
    def word(self) -> str:
        """What it means to the grammar: keywords and operators by their own lower-case text."""
        return self.text.lower() if self.kind in ("keyword", "op") else ""


def refuse(text: str, pos: int, problem: str) -> NoReturn:
    """Raise the error that says where, in Prometheus' form: line, column, reason."""
    line = text.count("\n", 0, pos) + 1
    column = pos - (text.rfind("\n", 0, pos) + 1) + 1
    raise QueryError(f"{line}:{column}: parse error: {problem}", "bad_data", pos)


def tokens(text: str) -> list[Token]:
    """The words of an expression, the last of them `end`. Raises `QueryError` where there is no such word."""
    found: list[Token] = []
    pos = 0
    in_bracket = False  # there, a colon parts a range from its step; elsewhere it may begin a name
    while pos < len(text):
        if in_bracket and text[pos] == ":":
            found.append(Token("op", ":", pos))
            pos += 1
            continue
        match = _WORD.match(text, pos)
        if match is None:
            _refuse_word(text, pos)
        kind, word = str(match.lastgroup), match.group()
        if kind == "name":
            lower = word.lower()
            if lower in ("inf", "nan"):
                kind = "number"
            elif lower in KEYWORDS:
                kind = "keyword"
        if word in "[]":
            in_bracket = word == "["
        if kind != "space":
            found.append(Token(kind, word, pos))
        pos = match.end()
    found.append(Token("end", "", len(text)))
    return found


def _refuse_word(text: str, pos: int) -> NoReturn:
    if text[pos].isdigit() or text[pos] == ".":
        word = re.match(r"[\w.]+", text[pos:])
        refuse(text, pos, f"bad number or duration syntax: {word.group() if word else text[pos]!r}")
    if text[pos] in "\"'`":
        refuse(text, pos, "unterminated quoted string")
    refuse(text, pos, f"unexpected character: {text[pos]!r}")


def duration(text: str, whole: str, pos: int) -> int:
    """Milliseconds of `1h30m`: units descend, each once. Raises `QueryError`."""
    match = _DURATION.fullmatch(text)
    if match is None:
        refuse(whole, pos, f"not a valid duration string: {text!r}")
    ms = sum(int(count) * unit for count, unit in zip(match.groups(), _UNITS, strict=True) if count)
    if ms >= _LONGEST:
        refuse(whole, pos, f"duration out of range: {text!r}")
    return ms


def number(token: Token, whole: str) -> float:
    """The value: decimal, hexadecimal, octal with a leading 0, Inf or NaN. Raises `QueryError`."""
    text = token.text
    if text[:2] in ("0x", "0X"):
        value = int(text, 16)
        if value >= _WHOLE:
            refuse(whole, token.pos, f"error parsing number: {text!r} is out of range")
        return float(value)
    if len(text) > 1 and text[0] == "0" and re.fullmatch("[0-7]+", text) and int(text, 8) < _WHOLE:
        return float(int(text, 8))
    number = float(text)
    if math.isinf(number) and text[0] in ".0123456789":
        refuse(whole, token.pos, f"error parsing number: {text!r} is out of range")
    return number


def string(token: Token, whole: str) -> str:
    """The value of a quoted string, with Go's escapes; raw between back-quotes. Raises `QueryError`."""
    quote, body = token.text[0], token.text[1:-1]
    if quote == "`" or "\\" not in body:
        return body
    encoded = bytearray()  # \x and octal escapes are bytes, of which several may make one character
    last = 0
    for match in _ESCAPE.finditer(body):
        encoded += body[last : match.start()].encode()
        last = match.end()
        byte, short, long, octal, letter = match.groups()
        if byte or octal:
            code = int(byte, 16) if byte else int(octal, 8)
            if code > 255:
                refuse(whole, token.pos, f"invalid escape in string: {match.group()}")
            encoded.append(code)
        elif short or long:
            code = int(short or long, 16)
            if code > 0x10FFFF or 0xD800 <= code < 0xE000:
                refuse(whole, token.pos, f"invalid escape in string: {match.group()}")
            encoded += chr(code).encode()
        elif letter in _ESCAPES and not (letter in "\"'" and letter != quote):
            encoded += _ESCAPES[letter].encode()
        else:
            refuse(whole, token.pos, f"unknown escape sequence {match.group()!r} in string")
    encoded += body[last:].encode()
    try:
        return encoded.decode()
    except UnicodeDecodeError:
        refuse(whole, token.pos, "string is not UTF-8")
