"""Problems of a configuration, collected under the paths of the keys to which they belong."""

from __future__ import annotations

from collections.abc import Callable, Collection

from gadfly import duration
from gadfly.catalogue.conform import Problem, spelled_like
from gadfly.catalogue.positions import Path


class Report:
    """Collects problems under the path that they belong to."""

    def __init__(self, problems: list[Problem]) -> None:
        self.problems = problems

    def say(self, path: Path, message: str) -> None:
        self.problems.append(Problem(path, message))

    def test(self, path: Path, check: Callable[[str], object], text: str) -> None:
        """Report what `check` raises about `text`."""
        try:
            check(text)
        except ValueError as error:
            self.say(path, str(error))

    def within(self, path: Path, value: float, low: float, high: float, *, seconds: bool = False) -> None:
        if not low <= value <= high:
            shown = duration.format if seconds else str
            self.say(path, f"{shown(value)} is out of range; write {shown(low)} to {shown(high)}")

    def known(self, path: Path, word: str, name: str, names: Collection[str]) -> None:
        if name and name not in names:
            self.say(path, f'there is no {word} "{name[:80]}"{spelled_like(name, names)}')
