"""Go's Sprintf over the values that templates have: flags, width, precision, arguments by their place.

Source: the documentation of Go's package fmt; what is wrong in a form is told in the text, as there.
"""

from __future__ import annotations

from gadfly.rules.go_value import TemplateError, sort_of
from gadfly.rules.go_verbs import Form, formatted, told

WIDEST = 1000
"""Characters of a field, or digits. Go goes to a million, which no letter needs."""
_TOO_LARGE = 1_000_000


class _Reading:
    """A form from left to right, with the arguments that it takes."""

    def __init__(self, form: str, arguments: tuple[object, ...]) -> None:
        self._form = form
        self._at = 0
        self._given = arguments
        self._next = 0
        self._sound = True
        self._placed = False
        """Whether any argument was named by its place; then none counts as left over."""

    def text(self) -> str:
        parts = []
        while (found := self._form.find("%", self._at)) >= 0:
            parts.append(self._form[self._at : found])
            self._at = found + 1
            parts.append(self._verb())
        parts.append(self._form[self._at :])
        if not self._placed and self._next < len(self._given):
            left = ", ".join(told(value) for value in self._given[self._next :])
            parts.append(f"%!(EXTRA {left})")
        return "".join(parts)

    def _verb(self) -> str:
        self._sound, wrong = True, ""
        flags = self._flags()
        placed = self._place()
        width: int | None
        if self._take("*"):
            width, placed = self._star(), False
            if width is None:
                wrong = "%!(BADWIDTH)"
            elif width < 0:
                width, flags = -width, flags - {"0"} | {"-"}
        else:
            width = self._number()
            self._sound &= not (placed and width is not None)
        digits: int | None = None
        if self._at + 1 < len(self._form) and self._take("."):
            self._sound &= not placed
            placed = self._place()
            if self._take("*"):
                digits, placed = self._star(), False
                if digits is None or digits < 0:
                    digits, wrong = None, wrong + "%!(BADPREC)"
            else:
                digits = self._number() or 0
        if not placed:
            self._place()
        if self._at >= len(self._form):
            return wrong + "%!(NOVERB)"
        verb = self._form[self._at]
        self._at += 1
        if verb == "%":
            return wrong + "%"
        if not self._sound:
            return f"{wrong}%!{verb}(BADINDEX)"
        if self._next >= len(self._given):
            return f"{wrong}%!{verb}(MISSING)"
        if max(width or 0, digits or 0) > WIDEST:
            raise TemplateError(f"a format asks for more than {WIDEST:,} characters")
        value = self._given[self._next]
        self._next += 1
        return wrong + formatted(verb, value, Form(flags, width or 0, digits))

    def _flags(self) -> frozenset[str]:
        begin = self._at
        while self._at < len(self._form) and self._form[self._at] in "#0+- ":
            self._at += 1
        return frozenset(self._form[begin : self._at])

    def _take(self, sign: str) -> bool:
        if self._form[self._at : self._at + 1] != sign:
            return False
        self._at += 1
        return True

    def _number(self) -> int | None:
        begin = self._at
        while self._at < len(self._form) and self._form[self._at] in "0123456789":
            self._at += 1
        return int(self._form[begin : min(self._at, begin + 8)]) if self._at > begin else None

    def _place(self) -> bool:
        """`[n]`: the argument that comes next. Whether there was one that says so."""
        if self._form[self._at : self._at + 1] != "[":
            return False
        self._placed = True
        end = self._form.find("]", self._at)
        inner = self._form[self._at + 1 : end] if end > 0 else ""
        self._at = end + 1 if end > 0 else self._at + 1
        place = int(inner) if inner.isascii() and inner.isdecimal() and len(inner) < 8 else 0
        if not 1 <= place <= len(self._given):
            self._sound = False
            return False
        self._next = place - 1
        return True

    def _star(self) -> int | None:
        """The next argument as a width; None where it is none."""
        if self._next >= len(self._given):
            return None
        value = self._given[self._next]
        self._next += 1
        if sort_of(value) != "int" or not isinstance(value, int) or abs(value) > _TOO_LARGE:
            return None
        return value


def printf(form: str, *arguments: object) -> str:
    """Go's Sprintf. TemplateError for what would be too wide."""
    return _Reading(form, arguments).text()
