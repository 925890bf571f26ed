"""One value by one verb of Go's Sprintf: what stands between % and the verb, and what comes of it."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from typing import NamedTuple

from gadfly.rules.go_value import TemplateError, character, number, show, sort_of

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


_SAMPLE = "*template.sample"


def kind(value: object) -> str:
    """The Go type of a value, as %T names it."""
    match value:
        case None:
            return "<nil>"
        case {"Labels": _, "Value": float()}:
            return _SAMPLE
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
    if not (verb == "v" and form.has("#")):
        if isinstance(value, Mapping) and kind(value) == _SAMPLE:
            named = verb == "v" and form.has("+")
            parts = (f"{name}:" * named + formatted(verb, value[name], form) for name in ("Labels", "Value"))
            return f"&{{{' '.join(parts)}}}"
        if isinstance(value, Mapping):
            pairs = ((formatted(verb, one, form), formatted(verb, value[one], form)) for one in sorted(value))
            return f"map[{' '.join(':'.join(pair) for pair in pairs)}]"
        if isinstance(value, list | tuple):
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
    return f"%!{verb}({told(value, form)})" if found is None else found


_PLAIN = {"bool": "t", "int": "d", "float64": "g", "string": "s"}


def told(value: object, form: Form | None = None) -> str:
    """An argument that has no place or not this verb, with its type; as wide as the form says."""
    if value is None:
        return "<nil>"
    plain = _PLAIN.get(sort_of(value))
    text = show(value) if form is None or plain is None else formatted(plain, value, form)
    return f"{kind(value)}={text}"


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
        text = number(value) if form.digits is None else format(value, f".{form.digits}g")
        if form.has("#") and verb != "v":
            text = _filled(text, 6 if form.digits is None else form.digits)
        return text.upper() if verb == "G" else text
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
        if form.has("#"):
            text = _filled(text, 6 if verb == "x" else 0)
        return text.upper() if verb == "X" else text
    mark = "#" if form.has("#") else ""
    return format(value, f"{mark}.{6 if form.digits is None else form.digits}{verb}")


def _filled(text: str, digits: int) -> str:
    """With a point, and zeros up to so many digits. As in Go the x of 0x counts as one."""
    found = re.search("p" if "x" in text else "[ep]", text)
    end = len(text) if found is None else found.start()
    head = text[:end]
    count = len(head.lstrip("-0.").replace(".", "")) or int("." not in head)
    return head + "." * ("." not in head) + "0" * (digits - count) + text[end:]


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
