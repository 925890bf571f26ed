"""A wall clock that can be set wrong for one program and its children, without touching the machine's.

Python imports a module called `sitecustomize` at every start, wherever its path leads. So a folder is made
with such a module and a link to the gadfly package; a node that is started with this folder on its path, and
the ear that it starts from where its own package lies, both read wall time with the error that
:meth:`WrongClock.set` wrote into shared memory. The memory is mapped before the ear gives up its right to
open files. Monotonic time stays true, as it does when a real clock is set.
"""

from __future__ import annotations

import mmap
import struct
from pathlib import Path

import gadfly

CUSTOMIZE = """
import mmap, struct, time
with open({path!r}, "rb") as file:
    _error = mmap.mmap(file.fileno(), 8, access=mmap.ACCESS_READ)
_time_ns, _gettime, _gettime_ns = time.time_ns, time.clock_gettime, time.clock_gettime_ns
def error():
    return struct.unpack("q", _error[:8])[0]
time.time_ns = lambda: _time_ns() + error()
time.time = lambda: (_time_ns() + error()) / 1e9
time.clock_gettime = lambda clock: _gettime(clock) + (error() / 1e9 if clock == time.CLOCK_REALTIME else 0.0)
time.clock_gettime_ns = lambda clock: _gettime_ns(clock) + (error() if clock == time.CLOCK_REALTIME else 0)
"""


class WrongClock:
    """`folder` must be readable by everybody: the ear is nobody."""

    def __init__(self, folder: Path) -> None:
        self.path = folder
        folder.mkdir(mode=0o755)
        memory = folder / "error"
        memory.write_bytes(bytes(8))
        (folder / "gadfly").symlink_to(Path(gadfly.__file__).resolve().parent)
        (folder / "sitecustomize.py").write_text(CUSTOMIZE.format(path=str(memory)))
        with memory.open("r+b") as file:
            self._error = mmap.mmap(file.fileno(), 8)

    def set(self, seconds: float) -> None:
        """From now on the clock is wrong by so much."""
        self._error[:8] = struct.pack("q", int(seconds * 1e9))
