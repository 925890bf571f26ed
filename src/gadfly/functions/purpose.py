"""What a purpose, written in words, speaks of: reading, telling, changing, deleting, silencing, acting. Pure.

Verbs are looked for where sentences have them: at the beginning, and behind words such as "and" or "it". A
few that are seldom anything else count wherever they stand. A purpose in which no verb is known is not judged
by its verbs.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from enum import Enum

WORDS = 3
"""Different words of a purpose at least; less says nothing."""


class Deed(Enum):
    """What somebody may have meant to do."""

    read = "reading"
    tell = "telling"
    change = "changing"
    delete = "deleting"
    silence = "silencing"
    act = "acting"


_VERBS = {
    Deed.read: "read count list look check watch summarise summarize measure show compare fetch "
    "collect inspect "
    "monitor audit verify see find compute calculate draw query examine track scan download get observe sum",
    Deed.tell: "post send report tell notify publish push forward announce mail email page alert remind warn "
    "message greet inform generate produce prepare render draft share broadcast ping pass submit "
    "reply answer escalate congratulate write",
    Deed.change: "create update upload move copy store put set add open sync synchronise "
    "synchronize mirror save "
    "insert change modify replace import renew sign register record place order book pay mark stamp "
    "rename restore "
    "merge write edit correct fill export make convert load enable disable transfer provision "
    "publish assign close",
    Deed.delete: "delete remove tidy clean purge expire prune drop clear unlock release revoke "
    "close cancel archive "
    "evict trim wipe erase reset scrub rotate sweep end destroy empty forget discard retire",
    Deed.silence: "silence mute quiet quieten suppress snooze hush acknowledge",
    Deed.act: "restart act run request trigger start stop scale failover heal recover drain reboot "
    "reload deploy "
    "roll switch kick call ask invoke repair fix build launch resize replay",
}
_ANYWHERE = {
    Deed.delete: "delete remove purge prune wipe erase revoke evict tidy cleanup deletion removal "
    "housekeeping",
    Deed.silence: "silence mute suppress snooze maintenance",
    Deed.act: "restart reboot failover redeploy",
    Deed.tell: "notification notify reminder newsletter",
}
_TOKEN = re.compile(r"[a-z]+(?:'[a-z]+)?|[,;:]")
_LEADS = frozenset(_TOKEN.findall("and or then to it also , ; : by for we will must"))
_EMPTY = re.compile(
    r"\b(todo|tbd|fixme|whatever|misc(ellaneous)?|stuff|(various|many|some|other|different) "
    "things|all kinds of|"
    r"as needed|to be (done|written|decided|defined|determined)|and so on|lorem ipsum)\b",
    re.IGNORECASE,
)


def _inflected(words: str) -> frozenset[str]:
    found: set[str] = set()
    for word in words.split():
        stem = word[:-1] if word.endswith("e") else word
        found |= {
            word,
            f"{word}s",
            f"{word}es",
            f"{stem}ed",
            f"{stem}ing",
            f"{word}{word[-1]}ing",
            f"{word}{word[-1]}ed",
        }
        if word.endswith("y"):
            found |= {f"{word[:-1]}ies", f"{word[:-1]}ied"}
    return frozenset(found)


_FORMS = {deed: _inflected(words) for deed, words in _VERBS.items()}
_SURE = {
    # "Counts deleted rows" speaks of rows.
    deed: frozenset(one for one in _inflected(words) if not one.endswith("ed"))
    for deed, words in _ANYWHERE.items()
}


def deeds(purpose: str) -> frozenset[Deed]:
    """What it speaks of doing."""
    tokens = _TOKEN.findall(purpose.lower())
    found = {deed for deed, forms in _SURE.items() if any(one in forms for one in tokens)}
    before = ","
    for one in tokens:
        if before in _LEADS:
            found |= {deed for deed, forms in _FORMS.items() if one in forms}
        before = one
    return frozenset(found)


def says_nothing(purpose: str, name: str) -> bool:
    """Whether it is too short, a place holder, or the name once more."""
    words = re.findall(r"[\w']+", purpose.lower())
    return (
        len(set(words)) < WORDS or bool(_EMPTY.search(purpose)) or words == re.findall(r"\w+", name.lower())
    )


def names(purpose: str, words: Iterable[str], *, every: bool = False) -> bool:
    """Whether one of the words stands in it, or `every` one, in whatever number or case."""
    spoken = {_root(one) for one in re.findall(r"[a-z0-9]+", purpose.lower())}
    found = [any(_same(_root(one), other) for other in spoken) for one in words if len(one) > 2]
    return bool(found) and (all(found) if every else any(found))


def _root(word: str) -> str:
    for ending in ("ies", "es", "s", "y", "e"):
        if word.endswith(ending) and len(word) - len(ending) > 2:
            return word.removesuffix(ending)
    return word


def _same(one: str, other: str) -> bool:
    if min(len(one), len(other)) < 4:
        return one == other
    return one in other or other in one
