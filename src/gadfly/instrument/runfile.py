"""Where a running node leaves its address and token for the programs of the same user."""

from __future__ import annotations

import json
import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pathlib import Path
    from typing import Any

_LIMIT = 65_536


def path() -> Path:
    """`node.json` in $GADFLY_RUN, $XDG_RUNTIME_DIR/gadfly, /run/gadfly (root) or ~/.local/state/gadfly.

    The first of them that is set, or applies, is the only one.
    """
    from pathlib import Path  # here, because a heart that is told where to beat needs none of it

    if folder := os.environ.get("GADFLY_RUN"):
        return Path(folder) / "node.json"
    if folder := os.environ.get("XDG_RUNTIME_DIR"):
        return Path(folder) / "gadfly" / "node.json"
    if os.name == "posix" and os.geteuid() == 0:
        return Path("/run/gadfly/node.json")
    return Path.home() / ".local" / "state" / "gadfly" / "node.json"


def read() -> dict[str, Any] | None:
    """What the node wrote: url, token, udp, pid, name, every. None without a file, or its process gone.

    A file that belongs to another user (and not to root) is not believed: it would tell where beats go.
    """
    if os.name != "posix":  # no node runs there
        return None
    try:
        with path().open("rb") as file:
            if os.fstat(file.fileno()).st_uid not in (os.geteuid(), 0):
                return None
            content = json.loads(file.read(_LIMIT))
        if not isinstance(content, dict) or not _runs(int(content["pid"])):
            return None
    except (OSError, RuntimeError, ValueError, KeyError, TypeError):
        return None
    return content


def _runs(pid: int) -> bool:
    if pid <= 0:
        return False
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
