"""The program of the judge's process: reads expressions and texts, answers whether they match.

Standard library only and run by its path, so that it starts in milliseconds and holds nothing of the node.
Expressions are the operator's, texts a stranger's: before the first one it lays down what the ear does.
Each question is two lengths (4 bytes, network order), the expression and the text, UTF-8; each answer is one
byte: ``1`` matches, ``0`` does not, ``e`` is not a regular expression or too large for this process.
"""

from __future__ import annotations

import re
import resource
import struct
import sys
from collections.abc import Callable
from pathlib import Path

MEMORY = 256 * 1024 * 1024


def main(lay_down: Callable[[], object]) -> None:
    """`lay_down` gives up, for good, what the work does not need."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_NPROC, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    re.search("a+", "aa")  # loads what is loaded at first use, while there still is a right to read files
    lay_down()
    read, write = sys.stdin.buffer, sys.stdout.buffer
    write.write(b"r")
    write.flush()
    while head := read.read(8):
        pattern_size, text_size = struct.unpack("!II", head)
        pattern = read.read(pattern_size).decode()
        text = read.read(text_size).decode("utf-8", "replace")
        try:
            answer = b"1" if re.search(pattern, text) else b"0"
        except (re.error, RecursionError, MemoryError, OverflowError):
            answer = b"e"
        write.write(answer)
        write.flush()


if __name__ == "__main__":
    sys.path.append(str(Path(__file__).parents[3]))
    from gadfly.monitor import confine

    main(confine.lay_down)
