"""Bodies of Prometheus' text format 0.0.4 and of OpenMetrics 1.0, to columns.

Theory of operation: what stands before a value (the *head*: name and labels, as written) is the same in every
scrape, and in the scrapes of all targets of a kind. Each head is parsed once and gets a number; after that a
body is split into lines, each line at its last blank, and one dictionary look-up and one float are all that a
sample costs. A line for which that does not work (a head that is new, a time, an exemplar, unusual blanks) is
parsed by :mod:`.exposition_line`, whose grammar decides.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from gadfly.telemetry import exposition_line as grammar
from gadfly.telemetry.exposition_line import Described, Malformed

Format = Literal["text", "openmetrics"]
ACCEPT = (
    "application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,"
    "text/plain;version=0.0.4;q=0.5,*/*;q=0.1"
)
"""What is asked for; Prometheus 2.42's, word for word."""
UNTIMED = np.iinfo(np.int64).min
"""Stands for the time of a sample whose line has none."""
_DIGITS = b"0123456789.+-eE"
_HASH = ord("#")
HEADS = 2_000_000
"""Heads that one :class:`Heads` holds at most before it begins anew."""


class Scan(NamedTuple):
    """The samples of one body, in its order, in columns of one length."""

    heads: NDArray[np.int64]
    """Numbers that :class:`Heads` gave."""
    value: NDArray[np.float64]
    at: NDArray[np.int64] | None
    """Milliseconds since the epoch or `UNTIMED`; None where no line has a time."""
    described: list[Described]
    """What `# TYPE`, `# HELP` and `# UNIT` lines say that was not said before."""


def format_of(content_type: str) -> Format:
    """As Prometheus 2.42 takes it: OpenMetrics where it says so, else text."""
    media = content_type.partition(";")[0].strip().lower()
    return "openmetrics" if media == "application/openmetrics-text" else "text"


class Heads:
    """The heads that were seen, with their numbers, in one format. Shared by targets that expose alike."""

    def __init__(self, format: Format, most: int = HEADS) -> None:
        self.format = format
        self.generation = 0
        """Grows when all numbers are given anew."""
        self._most = most
        self._numbers: dict[bytes, int] = {}
        self._written: list[bytes] = []
        self._comments: set[bytes] = set()

    def __len__(self) -> int:
        return len(self._written)

    def labels(self, head: int) -> dict[str, str]:
        """The labels of a head, `__name__` among them. Empty values are kept."""
        return grammar.labels(self._written[head], strict=self.format == "openmetrics")

    def begin_anew(self) -> None:
        """Forget all; between two scans."""
        self._numbers, self._written, self._comments = {}, [], set()
        self.generation += 1

    def scan(self, body: bytes) -> Scan:
        """The samples of a body. Malformed, with the number of the line, where it is not in the format."""
        if len(self._written) + len(self._comments) > self._most:
            self.begin_anew()
        lines = body.split(b"\n")
        if self.format == "openmetrics":
            _check_end(body, lines)
        described = self._describe(lines)
        samples = [line for line in lines if line and line[0] != _HASH]
        parts = [line.rpartition(b" ") for line in samples]
        numbers = self._numbers
        found = [numbers.get(part[0], -1) for part in parts]
        if -1 not in found:
            value = _values([part[2] for part in parts])
            if value is not None:
                return Scan(np.array(found, np.int64), value, None, described)
        return self._closely(lines, samples, parts, found, described)

    def _describe(self, lines: list[bytes]) -> list[Described]:
        comments = [line for line in lines if line and line[0] == _HASH]
        if self._comments.issuperset(comments):
            return []
        openmetrics = self.format == "openmetrics"
        described = []
        for position, line in _numbered(lines):
            if line[:1] != b"#" or line in self._comments or (openmetrics and line == b"# EOF"):
                continue
            try:
                told = grammar.openmetrics_comment(line) if openmetrics else grammar.text_comment(line)
            except Malformed as error:
                raise Malformed(f"line {position}: {error}") from None
            if told is not None:
                described.append(told)
        self._comments.update(comments)
        return described

    def _closely(
        self,
        lines: list[bytes],
        samples: list[bytes],
        parts: list[tuple[bytes, bytes, bytes]],
        found: list[int],
        described: list[Described],
    ) -> Scan:
        """Each line by the grammar, other than those whose head is known and whose rest is a plain number."""
        parse = grammar.openmetrics_sample if self.format == "openmetrics" else grammar.text_sample
        heads: list[int] = []
        values: list[float] = []
        times: list[int] = []
        timed = False
        try:
            for line, part, head in zip(samples, parts, found, strict=True):
                tail = part[2]
                if head >= 0 and not tail.translate(None, b"0123456789."):
                    try:
                        values.append(float(tail))
                    except ValueError:
                        raise Malformed(f"{grammar.shown(tail)} is not a number") from None
                    heads.append(head)
                    times.append(UNTIMED)
                    continue
                if line.lstrip(b" \t")[:1] == b"#" and self.format == "text":
                    continue
                sample = parse(line)
                if sample is None:
                    continue
                heads.append(self._number(sample.head))
                values.append(sample.value)
                times.append(UNTIMED if sample.at is None else sample.at)
                timed = timed or sample.at is not None
        except Malformed as error:
            position = next(place for place, one in _numbered(lines) if one is line)
            raise Malformed(f"line {position}: {error}") from None
        return Scan(
            np.array(heads, np.int64),
            np.array(values, np.float64),
            np.array(times, np.int64) if timed else None,
            described,
        )

    def _number(self, head: bytes) -> int:
        number = self._numbers.get(head)
        if number is None:
            grammar.labels(head, strict=self.format == "openmetrics")
            number = self._numbers[head] = len(self._written)
            self._written.append(head)
        return number


def _numbered(lines: list[bytes]) -> Iterator[tuple[int, bytes]]:
    return enumerate(lines, 1)


def _values(texts: list[bytes]) -> NDArray[np.float64] | None:
    """The numbers; None where one must be looked at closely: Python reads more forms than the format has."""
    try:
        value = np.array(list(map(float, texts)), np.float64)
    except ValueError:
        return None
    if b"".join(texts).translate(None, _DIGITS):
        for text in texts:
            if text.translate(None, _DIGITS):
                try:
                    grammar.number(text)
                except Malformed:
                    return None
    if len(value) and np.isinf(value).any():
        for position in np.flatnonzero(np.isinf(value)).tolist():
            if b"n" not in texts[position].lower():
                return None
    return value


def _check_end(body: bytes, lines: list[bytes]) -> None:
    """OpenMetrics ends with `# EOF`, and has no blank lines."""
    last = len(lines) if lines[-1] else len(lines) - 1
    for position, line in ((lines.index(b"") + 1, b""),) if b"" in lines[:last] else ():
        raise Malformed(f"line {position}: {grammar.shown(line)} is blank, which OpenMetrics does not allow")
    if not last or lines[last - 1] != b"# EOF":
        raise Malformed(f"line {max(last, 1)}: the end, # EOF, is missing: what came is not whole")
    if (first := lines.index(b"# EOF") + 1) < last:
        raise Malformed(f"line {first + 1}: something stands behind # EOF")
