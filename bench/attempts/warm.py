"""The same handler with all attempts loaded before: where a cell loads code once, and forks for each call."""

import endless
import files
import memory
import processes
import raw_calls
import runtime
import sockets
from attempt import handler

__all__ = ["endless", "files", "handler", "memory", "processes", "raw_calls", "runtime", "sockets"]
