"""Loading a function's code, in the process of a call."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from importlib.machinery import ModuleSpec, SourceFileLoader
from importlib.util import module_from_spec
from types import CodeType, ModuleType
from typing import Any

from gadfly.functions.sandbox import ahead

Handler = Callable[[Any, Any], Any]


class _Compiled(SourceFileLoader):
    """Of a file that was compiled ahead."""

    def __init__(self, name: str, file: str, code: CodeType) -> None:
        super().__init__(name, file)
        self._code = code

    def get_code(self, fullname: str) -> CodeType:
        """As :class:`importlib.abc.InspectLoader` has it."""
        return self._code


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
        place = ahead.file_of(self._folder, name)
        return place and _spec(SourceFileLoader(name, place[0]), place[1])


class Ahead:
    """Finds those modules that are compiled already."""

    def __init__(self, ready: Mapping[str, ahead.Ready]) -> None:
        self._ready = ready

    def find_spec(
        self, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """As :class:`importlib.abc.MetaPathFinder` has it."""
        one = self._ready.get(name)
        return one and _spec(_Compiled(name, one.file, one.code), one.package)


def _spec(loader: SourceFileLoader, package: bool) -> ModuleSpec:
    spec = ModuleSpec(loader.name, loader, origin=loader.path, is_package=package)
    spec.has_location = True
    if package:
        spec.submodule_search_locations = [loader.path.rpartition("/")[0]]
    return spec


def loader(
    handler: tuple[str, str], folder: str, ready: Mapping[str, ahead.Ready] | None = None
) -> Callable[[], Handler]:
    """What loads the code of a folder and gives its handler (module, name); `ready`: what is compiled of it.

    The handler's module is taken from there even where the library has one of that name; what it imports
    is looked for in the library first.
    """
    name, attribute = handler
    known, below = Ahead(ready or {}), Below(folder)
    one = (ready or {}).get(name)
    # Made ahead it is empty: nothing of it runs.
    made = one and module_from_spec(_spec(_Compiled(name, one.file, one.code), one.package))

    finders, modules = sys.meta_path, sys.modules

    def load() -> Handler:
        # Only here: what the cell itself imports is never the function's. None of those compiled is one of
        # the library, but the handler's own.
        finders.insert(0, known)
        finders.append(below)
        if one is not None and made is not None:
            module = modules[name] = made
            exec(one.code, module.__dict__)  # noqa: S102  this is what a cell is for
        else:
            spec = below.find_spec(name)
            if spec is None or spec.loader is None:
                raise ModuleNotFoundError(f"there is no {name}.py in the function's folder", name=name)
            module = modules[name] = module_from_spec(spec)
            spec.loader.exec_module(module)
        found = getattr(module, attribute)
        if not callable(found):
            raise TypeError(f"{name}.{attribute} is no function")
        return found  # type: ignore[no-any-return]

    return load
