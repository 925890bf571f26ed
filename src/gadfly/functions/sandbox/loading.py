"""Importing a function's code in its cell."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Sequence
from importlib.machinery import ModuleSpec, SourceFileLoader
from importlib.util import module_from_spec
from types import ModuleType
from typing import Any

Handler = Callable[[Any, Any], Any]


class Below:
    """Finds modules below a folder, which may be a relative name.

    Python's own finder makes every name absolute, and the way from the root to the code may be closed to the
    user that a cell runs as where it has no mounts of its own.
    """

    def __init__(self, folder: str) -> None:
        self._folder = folder

    def find_spec(
        self, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """As :class:`importlib.abc.MetaPathFinder` has it."""
        stem = f"{self._folder}/{name.replace('.', '/')}"
        for file, package in ((f"{stem}/__init__.py", True), (f"{stem}.py", False)):
            if not os.path.exists(file):
                continue
            spec = ModuleSpec(name, SourceFileLoader(name, file), origin=file, is_package=package)
            spec.has_location = True
            if package:
                spec.submodule_search_locations = [stem]
            return spec
        return None


def loader(handler: tuple[str, str], folder: str) -> Callable[[], Handler]:
    """What loads the code of a folder and gives its handler (module, name).

    The handler's module is taken from there even where the library has one of that name; what it imports
    is looked for in the library first.
    """
    name, attribute = handler

    def load() -> Handler:
        below = Below(folder)
        sys.meta_path.append(below)
        spec = below.find_spec(name)
        if spec is None or spec.loader is None:
            raise ModuleNotFoundError(f"there is no {name}.py in the function's folder", name=name)
        module = sys.modules[name] = module_from_spec(spec)
        spec.loader.exec_module(module)
        found = getattr(module, attribute)
        if not callable(found):
            raise TypeError(f"{name}.{attribute} is no function")
        return found  # type: ignore[no-any-return]

    return load
