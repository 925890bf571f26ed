"""What a number of the evidence is called beside its sentence.

Queries name their numbers briefly, as `n` and `k`; the sentence says what they count: “{k} alerts against …”
are alerts. Where it does not, the name of the column has to do.
"""

from __future__ import annotations

import re

from gadfly.ask.kind import Kind

WORDS = 3
"""Of the sentence, at most."""
BRIEF = 2
"""Characters of a name that says nothing by itself, at most."""
OF_THEM = "of them"

_FIELD = re.compile(r"\{([a-z_][a-z0-9_]*)(?:\.[a-z]+)?(?::[a-z]+)?\}", re.IGNORECASE)
_AFTER = re.compile(r" ?(?:%|‰)?((?: [A-Za-z][A-Za-z-]*)+)")
_BEFORE = re.compile(r"(} *)?([A-Za-z][A-Za-z -]*): $")
_ENDS = frozenset({"and", "or", "the"})
"""Words after which it is about something else."""
_FILLING = re.compile(
    "a|about|after|against|all|an|and|as|at|but|by|for|from|had|has|have|he|her|his|if|in|into|is|it|its|more|no|"
    "not|of|on|only|or|our|out|over|per|so|some|than|that|the|their|them|then|there|these|they|this|those|to|up|"
    "was|were|what|when|which|while|who|with",
    re.IGNORECASE,
)


def captions(kind: Kind) -> dict[str, str]:
    """By column, of those whose name is brief; what of them nothing is said is called as it is."""
    found: dict[str, str] = {}
    for match in _FIELD.finditer(kind.ask):
        name = match[1]
        if name not in found and len(name) <= BRIEF:
            found[name] = _caption(kind.ask, match) or name
    found |= kind.caption
    taken: set[str] = set()
    for name, words in found.items():
        if words in taken:
            found[name] = name
        taken.add(words)
    return found


def plain(name: str) -> str:
    """The name of a column as words."""
    return name.replace("_", " ")


def _caption(text: str, match: re.Match[str]) -> str:
    before = _BEFORE.search(text[: match.start()])
    if before and not before[1]:
        return " ".join(_bare(before[2].split()[-WORDS:]))
    after = _AFTER.match(text, match.end())
    words = after[1].split()[:WORDS] if after else []
    if words[:1] == ["of"]:
        return OF_THEM
    words = words[: next((place for place, word in enumerate(words) if word in _ENDS), WORDS)]
    return " ".join(_bare(words))


def _bare(words: list[str]) -> list[str]:
    """Without what only leads to or from them."""
    while words and _FILLING.fullmatch(words[0]):
        words = words[1:]
    while words and _FILLING.fullmatch(words[-1]):
        words = words[:-1]
    return words
