"""The page behind a letter's link: one question and a form, which needs neither a script nor a login.

What comes from outside is escaped, and kept from turning the writing direction around it.
"""

from __future__ import annotations

import hashlib
import html
import re

from gadfly.ask.answers import ANSWERS, LONGEST, WRONG
from gadfly.ask.figure import date, number
from gadfly.web.answers.questions import Answering, Question
from gadfly.web.questioning import UnfitAnswer

DAY = 86_400.0
SHORT = 30.0
LONG = 90.0
"""Days that the form proposes for what is accepted: less where it must end soon."""

NAMED = 80
"""Characters of a subject's name."""
_STEERING = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]")

_HEAD = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="robots" content="noindex">
<title>a question · gadfly</title>
<link rel="icon" href="/page/icon.svg" type="image/svg+xml">
<link rel="stylesheet" href="/page/page.css">
<link rel="stylesheet" href="/page/questions.css">
</head>
<body class="letter">
<header><h1>gadfly</h1><span class="soft">"""
_REST = "</span></header>\n<main>\n"
_END = "</main>\n</body>\n</html>\n"


def form(
    node: str, question: Question, given: Answering | None, error: UnfitAnswer | None, now: float
) -> str:
    """The question and its four answers; what was given, and what is wrong with it, where that was tried."""
    chosen = given.answer if given else ""
    found = error.field if error else None
    lines = [
        _HEAD + _text(node) + _REST,
        '<section class="card">',
        f'<p class="soft">{_meta(question)}</p>',
        f'<h2 class="ask"><bdi>{_shown(question.text)}</bdi></h2>',
        _figures(question),
        _assumed(question),
        '<form method="post" class="answering">',
        f"<fieldset{_described('answer', found)}><legend>Your answer</legend>",
    ]
    for name, said in ANSWERS.items():
        checked = " checked" if name == chosen else ""
        lines.append(
            f'<label class="choice"><input type="radio" name="answer" value="{name}" required{checked}>'
            f'<span><b>{said.title}</b><span class="soft">{_text(said.means)}</span></span></label>'
        )
        lines.append(f'<div class="for for-{name}">{_fields(name, question, given, error, now)}</div>')
    lines += ["</fieldset>", _subjects(question, given, error)]
    whole = found in ("", "answer") or (found == "subjects" and len(question.subjects) < 2)
    if error is not None and whole:
        lines.append(_error(error))
    lines.append(
        '<p class="buttons"><button type="submit" class="strong">Answer</button></p></form>'
        f'<p class="soft">{_text(question.then)}</p></section>'
    )
    return "\n".join(lines) + _END


def plain(node: str, title: str, words: str) -> str:
    """A page that only says something."""
    return (
        _HEAD
        + _text(node)
        + _REST
        + f'<section class="card"><h2 class="ask">{_text(title)}</h2>'
        + f"<p><bdi>{_text(words)}</bdi></p></section>\n"
        + _END
    )


def short(subject: str) -> str:
    """What the form sends for a subject, whose name may be long and there may be a thousand of them."""
    return hashlib.blake2b(subject.encode(errors="surrogatepass"), digest_size=9).hexdigest()


def _text(text: str) -> str:
    return html.escape(text, quote=True)


def _shown(text: str) -> str:
    """What somebody else wrote, with nothing in it that is not seen or turns the writing direction."""
    return _text(_STEERING.sub("\ufffd", text))


def _brief(name: str) -> str:
    return _shown(name if len(name) <= NAMED else f"{name[: NAMED - 1]}…")


def _meta(question: Question) -> str:
    parts = [question.type, f"about {question.minutes:g} min", f"to {question.whom}"]
    if question.safety:
        parts.insert(0, "safety")
    return _text(" · ".join(parts))


def _assumed(question: Question) -> str:
    if not question.assumed:
        return ""
    return f'<p class="assumed soft">Assumed: <bdi>{_text(question.assumed)}</bdi></p>'


def _figures(question: Question) -> str:
    if not question.figures:
        return ""
    rows = "".join(
        f'<div class="figure"><span class="soft">{_text(name)}</span>'
        f"<b><bdi>{_shown(_value(value))}</bdi></b></div>"
        for name, value in question.figures.items()
    )
    return f'<div class="figures">{rows}</div>'


def _value(value: float | int | str) -> str:
    return value if isinstance(value, str) else number(value)


def _fields(
    answer: str, question: Question, given: Answering | None, error: UnfitAnswer | None, now: float
) -> str:
    mine = given if given and given.answer == answer else None
    at = error if mine else None
    prompt = ANSWERS[answer].prompt
    if answer == "change":
        words = _text(mine.change) if mine else ""
        return _field(prompt, "change", f"<textarea{_size('change')}", f">{words}</textarea>", at)
    if answer == "wrong":
        chosen = mine.reason if mine else ""
        options = "".join(
            f'<option value="{name}"{" selected" if name == chosen else ""}>{_text(words)}</option>'
            for name, words in {"": "choose", **WRONG}.items()
        )
        return _field(prompt, "reason", '<select name="wrong"', f">{options}</select>", at)
    if answer == "unknown":
        value = _text(mine.knows) if mine else ""
        control = f'<input name="knows" maxlength="200" autocomplete="off" value="{value}"'
        return _field(prompt, "knows", control, ">", at)
    words = _text(mine.reason) if mine else ""
    latest = question.latest
    proposed = now + (LONG if latest - now > (LONG + 1) * DAY else SHORT) * DAY
    value = _text(mine.until) if mine else date(min(proposed, latest))
    low, high = date(now + DAY), date(latest)
    control = f'<input type="date" name="until" min="{low}" max="{high}" value="{value}"'
    return _field(prompt, "reason", f"<textarea{_size('reason')}", f">{words}</textarea>", at) + _field(
        f"Until, at the latest {high}", "until", control, ">", at
    )


def _size(name: str) -> str:
    return f' name="{name}" rows="2" maxlength="{LONGEST}"'


def _subjects(question: Question, given: Answering | None, error: UnfitAnswer | None) -> str:
    """Which of several are meant."""
    if len(question.subjects) < 2:
        return ""
    chosen = set(given.subjects) if given else set()
    boxes = "".join(
        f'<label class="one"><input type="checkbox" name="subjects" value="{short(name)}"'
        f"{' checked' if name in chosen else ''}><bdi>{_brief(name)}</bdi></label>"
        for name in question.subjects
    )
    shown = _error(error) if error is not None and error.field == "subjects" else ""
    return (
        f'<details class="which"{" open" if shown else ""}><summary>of all {len(question.subjects)}, '
        f'or only of those chosen here</summary><div class="ones">{boxes}</div>{shown}</details>'
    )


def _field(label: str, name: str, head: str, tail: str, error: UnfitAnswer | None) -> str:
    """A label around a control, whose tag is open at the end of `head`; below it what is wrong with it."""
    wrong = error is not None and error.field == name
    more = ' aria-invalid="true" aria-describedby="error" autofocus' if wrong else ""
    shown = _error(error) if error is not None and wrong else ""
    return f"<label>{_text(label)}{head}{more}{tail}</label>{shown}"


def _error(error: UnfitAnswer) -> str:
    return f'<p class="bad error" id="error" role="alert"><bdi>{_text(str(error))}</bdi></p>'


def _described(name: str, found: str | None) -> str:
    return ' aria-describedby="error"' if found == name else ""
