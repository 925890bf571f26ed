"""Where a field in a command would be read as a program: by an interpreter, or by what starts another.

No shell of ours reads a command; this is about those that it names itself: ``/bin/sh -c {component}``.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from gadfly.act.action.template import Template

_INTERPRETER = re.compile(
    r"(?:[a-z]*sh|busybox|python[0-9.]*|perl[0-9.]*|ruby[0-9.]*|node(?:js)?|php[0-9.]*|lua[0-9.]*|tclsh)",
    re.ASCII,
)
_CODE = re.compile(r"-[A-Za-z]*[ceEr]|--(?:eval|command|execute|exec|run|print)")
"""Options whose value an interpreter reads as a program, alone or as the last of several letters."""
_STARTERS = frozenset(
    {"env", "sudo", "doas", "nice", "ionice", "nohup", "setsid", "stdbuf", "time", "exec", "xargs", "chroot"}
)
"""Programs whose first word that is no option is a program."""
_SET = re.compile(r"[A-Za-z_][A-Za-z0-9_]*=")

COUNT = "count"
"""A number that is ours."""


def check(words: Sequence[Template]) -> None:
    """ValueError, for whoever wrote it, where a field would be read as a program."""
    for place, word in enumerate(words):
        if word.fields:
            continue
        name = word.fixed.rpartition("/")[2]
        rest = words[place + 1 :]
        if _INTERPRETER.fullmatch(name):
            _interpreter(name, rest)
        elif name in _STARTERS:
            _starter(name, rest)


def _interpreter(name: str, rest: Sequence[Template]) -> None:
    for before, word in zip((None, *rest), rest, strict=False):
        follows = before is not None and not before.fields and _CODE.fullmatch(before.fixed)
        glued = _CODE.match(word.fixed)
        if _foreign(word) and (follows or glued):
            raise ValueError(
                f"{name} would read {{{_foreign(word)}}} as part of a program; write the program into a "
                "file, or hand the value over behind it: sh -c 'restart \"$1\"' sh {component}"
            )


def _starter(name: str, rest: Sequence[Template]) -> None:
    for word in rest:
        if _SET.match(word.fixed):
            if loads(word.fixed.partition("=")[0]):
                raise ValueError(f"{word.fixed.partition('=')[0]} decides what is run; leave it out")
            continue
        if _foreign(word):
            raise ValueError(f"{name} would run whatever {{{_foreign(word)}}} says; name a program")
        if not word.fixed.startswith("-"):
            return


def loads(name: str) -> bool:
    """Whether a variable of this name decides what a program runs or loads."""
    return name.startswith(("LD_", "DYLD_")) or name in _DECIDE


_DECIDE = frozenset(
    {
        *("PATH", "IFS", "ENV", "BASH_ENV", "SHELLOPTS", "PYTHONPATH", "PYTHONSTARTUP", "PYTHONHOME"),
        *("PERL5LIB", "PERL5OPT", "RUBYLIB", "RUBYOPT", "NODE_OPTIONS", "NODE_PATH", "GCONV_PATH"),
    }
)


def _foreign(word: Template) -> str:
    """The first field of a word that somebody else fills; empty where there is none."""
    return next((field for field in word.fields if field != COUNT), "")
