"""Go's Sprintf over the values that templates have: verbs, flags, width, precision, arguments by their place.

Source: the documentation of Go's package fmt; what is wrong in a form is told in the text, as there.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import NamedTuple

from gadfly.rules.go_value import TemplateError, character, number, show, sort_of

WIDEST = 1000
"""Characters of a field, or digits. Go goes to a million, which no letter needs."""
_TOO_LARGE = 1_000_000
_ESCAPES = {"\a": "a", "\b": "b", "\f": "f", "\n": "n", "\r": "r", "\t": "t", "\v": "v", "\\": "\\"}


class Form(NamedTuple):
    """What stands between % and its verb."""

    flags: frozenset[str]
    width: int
    digits: int | None

    def has(self, flag: str) -> bool:
        return flag in self.flags

    def padded(self, text: str, *, zeros: bool = True) -> str:
        """At least as wide; `zeros`: filled with them, if the flag says so."""
        if self.has("-"):
            return text.ljust(self.width)
        return text.rjust(self.width, "0" if zeros and self.has("0") else " ")

    def signed(self, text: str) -> str:
        """A number whose sign stands before what fills."""
        if self.has("0") and not self.has("-") and text[:1] in ("+", "-", " "):
            return text[0] + text[1:].rjust(self.width - 1, "0")
        return self.padded(text)


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
            left = ", ".join(_told(value) for value in self._given[self._next :])
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


def kind(value: object) -> str:
    """The Go type of a value, as %T names it."""
    match value:
        case None:
            return "<nil>"
        case {"Labels": _, "Value": _}:
            return "*template.sample"
        case Mapping():
            own = all(isinstance(one, str) for one in value.values())
            return "map[string]string" if own else "map[string]interface {}"
        case list() | tuple():
            return "template.queryResult"
        case _:
            return found if (found := sort_of(value)) != "other" else "string"


def formatted(verb: str, value: object, form: Form) -> str:
    """One value by one verb."""
    if verb == "T":
        return form.padded(kind(value))
    if isinstance(value, Mapping) and verb != "v":
        pairs = ((formatted(verb, name, form), formatted(verb, value[name], form)) for name in sorted(value))
        return f"map[{' '.join(':'.join(pair) for pair in pairs)}]"
    if isinstance(value, list | tuple) and verb != "v":
        return f"[{' '.join(formatted(verb, one, form) for one in value)}]"
    if verb == "v":
        form = form._replace(flags=form.flags - {"+"})  # means the names of fields there
    found: str | None = None
    match sort_of(value):
        case "bool" if verb in "tv":
            found = form.padded(show(value))
        case "int":
            found = _of_int(verb, int(str(value)), form)
        case "float64":
            found = _of_float(verb, float(str(value)), form)
        case "string":
            found = _of_string(verb, str(value), form)
        case "other" if verb == "v":
            found = form.padded("<nil>" if value is None else show(value))
    return f"%!{verb}({_told(value)})" if found is None else found


def _told(value: object) -> str:
    return "<nil>" if value is None else f"{kind(value)}={show(value)}"


_BASES = {"d": "", "v": "", "b": "0b", "o": "0", "O": "0o", "x": "0x", "X": "0X"}


def _of_int(verb: str, value: int, form: Form) -> str | None:
    if verb == "c":
        return form.padded(character(value))
    if verb == "q":
        return form.padded(_quoted(character(value), "'", ascii_only=form.has("+")))
    if verb == "U":
        return form.padded(_code(value, form), zeros=False)
    if verb not in _BASES:
        return None
    sign = "-" if value < 0 else "+" if form.has("+") else " " if form.has(" ") else ""
    digits = format(abs(value), {"v": "d", "O": "o"}.get(verb, verb))
    zeros = form.has("0") and not form.has("-")
    if form.digits == 0 and value == 0:
        return " " * form.width
    if form.digits is not None:
        digits, zeros = digits.rjust(form.digits, "0"), False
    elif zeros and form.width:
        digits = digits.rjust(form.width - len(sign), "0")
    mark = _BASES[verb] if form.has("#") or verb == "O" else ""
    if mark == "0" and digits.startswith("0"):
        mark = ""
    return form.padded(sign + mark + digits, zeros=False)


def _code(value: int, form: Form) -> str:
    text = f"U+{value % 2**64:0{max(4, form.digits or 0)}X}"
    letter = character(value)
    if form.has("#") and ord(letter) == value and letter.isprintable():
        text += f" '{letter}'"
    return text


def _of_float(verb: str, value: float, form: Form) -> str | None:
    if verb not in "vbgGxXfeEF":
        return None
    if not math.isfinite(value):
        text = number(value).lstrip("+")
        sign = "+" if form.has("+") or (value > 0 and not form.has(" ")) else " " if form.has(" ") else ""
        text = text if text.startswith("-") else (sign if value > 0 or form.has("+") else "") + text
        return form.padded(text, zeros=False)
    text = _digits(verb, value, form)
    if not text.startswith("-"):
        text = ("+" if form.has("+") else " " if form.has(" ") else "") + text
    return form.signed(text)


def _digits(verb: str, value: float, form: Form) -> str:
    if verb in "vgG":
        if form.has("#") and verb != "v":
            return format(value, f"#.{6 if form.digits is None else form.digits}{verb}")
        if form.digits is None:
            return number(value) if verb != "G" else number(value).upper()
        return format(value, f".{form.digits}{'g' if verb == 'v' else verb}")
    if verb == "b":
        mantissa, exponent = math.frexp(value)
        shift = max(exponent - 53, -1074)
        return f"{int(math.ldexp(mantissa, exponent - shift))}p{shift:+d}"
    if verb in "xX":
        if form.digits is not None:
            raise TemplateError("a precision of %x is not supported for a float")
        mantissa_text, _, power = value.hex().partition("p")
        whole, _, rest = mantissa_text.partition(".")
        rest = rest.rstrip("0")
        text = f"{whole}{'.' if rest else ''}{rest}p{power[0]}{power[1:].rjust(2, '0')}"
        return text.upper() if verb == "X" else text
    mark = "#" if form.has("#") else ""
    return format(value, f"{mark}.{6 if form.digits is None else form.digits}{verb}")


def _of_string(verb: str, value: str, form: Form) -> str | None:
    cut = value if form.digits is None else value[: form.digits]
    if verb == "q" or (verb == "v" and form.has("#")):
        raw = form.has("#") and verb == "q" and "`" not in cut
        raw = raw and all(letter == "\t" or (letter >= " " and letter not in "\x7f\ufeff") for letter in cut)
        return form.padded(f"`{cut}`" if raw else _quoted(cut, '"', ascii_only=form.has("+")))
    if verb in "sv":
        return form.padded(cut)
    if verb not in "xX":
        return None
    data = value.encode()[: form.digits]
    mark = f"0{verb}" if form.has("#") and data else ""
    text = " ".join(f"{mark}{byte:02x}" for byte in data) if form.has(" ") else mark + data.hex()
    return form.padded(text.upper() if verb == "X" else text)


def _quoted(text: str, mark: str, *, ascii_only: bool) -> str:
    """As strconv.Quote writes it."""
    found = []
    for letter in text:
        code = ord(letter)
        if letter == mark:
            found.append(f"\\{letter}")
        elif letter in _ESCAPES:
            found.append(f"\\{_ESCAPES[letter]}")
        elif code < 0x80 and not letter.isprintable():
            found.append(f"\\x{code:02x}")
        elif letter.isprintable() and not (ascii_only and code >= 0x80):
            found.append(letter)
        else:
            found.append(f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}")
    return mark + "".join(found) + mark
