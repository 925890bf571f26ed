"""What a cell does once for all of its calls, and runs nothing of the function's for it: the function's files
are compiled, and modules of the library that they import by name are imported. A call only executes them.

What is not reached from the handler's module by imports that stand in the files, is too large, or cannot be
compiled is left to the call, which finds the same.
"""

from __future__ import annotations

import ast
import contextlib
import importlib
import importlib.util
import os
import sys
import warnings
from collections.abc import Iterator
from types import CodeType
from typing import NamedTuple

FILES = 1000
FILE, ALL = 256 << 10, 4 << 20
"""Bytes of one file, and of all: the tree of a file takes some hundred times as much memory for a while."""
MODULES = 300
"""Of the library, imported ahead."""
_LIBRARY = os.path.dirname(os.__file__) + "/"
_NOT_ALONE = {"__main__", "test", "tests", "antigravity", "idlelib", "this", "turtledemo"}
"""Parts of names of the library that do something as soon as they are imported: look for tests, print."""


class Ready(NamedTuple):
    """A module of the function's: its file, whether that is a package's, and what it was compiled to."""

    file: str
    package: bool
    code: CodeType


def file_of(folder: str, name: str) -> tuple[str, bool] | None:
    """Where the module of this name lies below the folder, and whether it is a package."""
    stem = f"{folder}/{name.replace('.', '/')}"
    for file, package in ((f"{stem}/__init__.py", True), (f"{stem}.py", False)):
        if os.path.exists(file):
            return file, package
    return None


def prepare(module: str, folder: str) -> dict[str, Ready]:
    """The function's modules by name, from the handler's on. Imports what they need of the library."""
    ready: dict[str, Ready] = {}
    library: dict[str, None] = {}
    waiting, known, left = [module], {module}, ALL
    while waiting and len(ready) < FILES:
        name = waiting.pop()
        if (place := file_of(folder, name)) is None:
            continue
        file, package = place
        try:
            with open(file, "rb") as opened:
                source = opened.read(min(FILE, left) + 1)
            if len(source) > min(FILE, left):
                continue
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                tree = ast.parse(source, file)
                code = compile(tree, file, "exec", dont_inherit=True)
        except (OSError, SyntaxError, ValueError, RecursionError, MemoryError):
            continue  # the call says so, in Python's words
        left -= len(source)
        ready[name] = Ready(file, package, code)
        for wanted in _imported(tree, name if package else name.rpartition(".")[0]):
            if wanted in known:
                continue
            known.add(wanted)
            if wanted.partition(".")[0] in sys.stdlib_module_names - {module.partition(".")[0]}:
                library[wanted] = None
            else:
                waiting.append(wanted)
    for wanted in list(library)[:MODULES]:
        _import(wanted)
    return ready


def _imported(tree: ast.AST, package: str) -> Iterator[str]:
    """Names of modules that may be meant, each after those that it is in; some are no modules."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names = [one.name for one in node.names]
        elif isinstance(node, ast.ImportFrom):
            above = package.split(".") if package else []
            if node.level > len(above):
                continue
            start = [*above[: len(above) - node.level + 1], node.module] if node.level else [node.module]
            origin = ".".join(part for part in start if part)
            names = [f"{origin}.{one.name}" for one in node.names if one.name != "*"] or [origin]
        else:
            continue
        for name in names:
            parts = name.split(".")
            for count in range(1, len(parts) + 1):
                yield ".".join(parts[:count])


def _import(name: str) -> None:
    """Import a module of the library. What is none is an attribute, or is missing here: the call finds so."""
    parts = name.split(".")
    if _NOT_ALONE & set(parts):
        return
    with contextlib.suppress(Exception, SystemExit), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        above = sys.modules.get(".".join(parts[:-1])) if parts[1:] else None
        if above is not None and hasattr(above, parts[-1]):
            return
        spec = importlib.util.find_spec(name)
        if spec is not None and (
            spec.origin in ("built-in", "frozen") or str(spec.origin).startswith(_LIBRARY)
        ):
            importlib.import_module(name)
