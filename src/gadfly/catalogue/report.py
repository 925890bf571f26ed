"""What `gadfly config check` says of a file or folder."""

from __future__ import annotations

import msgspec

from gadfly.config import Config


class Report(msgspec.Struct, frozen=True):
    """Problems make the configuration unusable; warnings do not."""

    path: str
    problems: tuple[str, ...]
    warnings: tuple[str, ...]
    counts: dict[str, int]
    """How many components, owners, receivers, routes and probes there are; empty where there are problems."""
    config: Config | None
    """None where there are problems."""

    @property
    def good(self) -> bool:
        return self.config is not None

    def as_text(self) -> str:
        """Problems, or one line of counts; then the warnings."""
        lines = list(self.problems)
        if self.good:
            counts = ", ".join(f"{count} {word}" for word, count in self.counts.items())
            lines.append(f"{self.path}: good ({counts})")
        lines += [f"warning: {text}" for text in self.warnings]
        return "\n".join(lines) + "\n"

    def as_data(self) -> dict[str, object]:
        """The same for `--json`."""
        return {
            "path": self.path,
            "good": self.good,
            "problems": list(self.problems),
            "warnings": list(self.warnings),
            "counts": dict(self.counts),
        }
