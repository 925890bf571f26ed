"""The words of one expression, taken one after another."""

from __future__ import annotations

from typing import NoReturn

from gadfly.promql import lex
from gadfly.promql.lex import Token


class Words:
    """What the parser reads from. Each method that does not find what it wants raises `QueryError`."""

    def __init__(self, text: str) -> None:
        self.text = text
        self._tokens = lex.tokens(text)
        self._next = 0

    def refuse(self, pos: int, problem: str) -> NoReturn:
        """This cannot be, at that place."""
        lex.refuse(self.text, pos, problem)

    def peek(self, ahead: int = 0) -> Token:
        """The next word, or a later one, without taking it."""
        return self._tokens[min(self._next + ahead, len(self._tokens) - 1)]

    def take(self) -> Token:
        """The next word."""
        token = self.peek()
        self._next += 1
        return token

    def unexpected(self, where: str, wanted: str = "") -> NoReturn:
        """The next word may not stand there."""
        token = self.peek()
        what = "end of input" if token.kind == "end" else f"<{token.kind}:{token.text}>"
        self.refuse(
            token.pos,
            f"unexpected {what}{f' in {where}' if where else ''}{f', expected {wanted}' if wanted else ''}",
        )

    def expect(self, word: str, where: str) -> Token:
        """The next word, which must be this one."""
        if self.peek().word != word:
            self.unexpected(where, f'"{word}"')
        return self.take()

    def label(self, where: str) -> str:
        """The name of a label."""
        token = self.peek()
        named = token.kind in ("name", "keyword") or token.text[:1].isalpha()
        if not named or token.kind in ("string", "duration") or ":" in token.text:
            self.unexpected(where, "label")
        return self.take().text

    def labels(self) -> tuple[str, ...]:
        """Names of labels, in parentheses."""
        self.expect("(", "grouping opts")
        labels: list[str] = []
        while self.peek().word != ")":
            if self.peek().kind == "number" or self.peek().word == "without":
                self.unexpected("grouping opts", "label")
            labels.append(self.label("grouping opts"))
            if self.peek().word != ",":
                break
            self.take()
        self.expect(")", "grouping opts")
        return tuple(labels)

    def duration(self, where: str) -> int:
        """Milliseconds, more than none."""
        if self.peek().kind != "duration":
            self.unexpected(where, "duration")
        token = self.take()
        ms = lex.duration(token.text, self.text, token.pos)
        if ms <= 0:
            self.refuse(token.pos, "duration must be greater than 0")
        return ms
