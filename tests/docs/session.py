"""One shell in a network, process tree and folder of its own; all that it started ends with it."""

from __future__ import annotations

import os
import selectors
import subprocess
import sys
import time
from pathlib import Path
from types import TracebackType
from typing import Self

MARK = "---the command has ended---"
APART = ("unshare", "--net", "--pid", "--fork", "--kill-child", "--mount-proc")


def possible() -> bool:
    """Whether this machine permits a network of our own."""
    return (
        os.geteuid() == 0
        and subprocess.run([*APART, "true"], capture_output=True, check=False).returncode == 0
    )


class Session:
    """``run`` gives commands to the shell, one after another."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def __enter__(self) -> Self:
        home = self.folder / "home"
        home.mkdir()
        environment = {
            "HOME": str(home),
            "PATH": f"{Path(sys.executable).parent}:/usr/sbin:/usr/bin:/sbin:/bin",
            "GADFLY_RUN": str(self.folder / "run"),
            "COLUMNS": "200",
            "LANG": "C.UTF-8",
            "TZ": "UTC",
        }
        passed_on = {key: value for key, value in os.environ.items() if key.startswith("COVERAGE_")}
        self._shell = subprocess.Popen(
            [*APART, "bash", "--norc"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            cwd=home,
            env={**environment, **passed_on},
        )
        self._out = self._shell.stdout
        assert self._out is not None
        self._selector = selectors.DefaultSelector()
        self._selector.register(self._out, selectors.EVENT_READ)
        self.folder = home
        self.run("ip link set lo up", 10)
        return self

    def run(self, command: str, seconds: float) -> tuple[str, int]:
        """What `command` printed and its exit code. TimeoutError where it did not end in time."""
        assert self._shell.stdin is not None
        script = f"{{\n{command}\n}} </dev/null 2>&1\necho {MARK} $?\n"
        self._shell.stdin.write(script.encode())
        self._shell.stdin.flush()
        printed, deadline = b"", time.monotonic() + seconds
        while True:
            head, mark, tail = printed.decode(errors="replace").rpartition(MARK)
            if mark and tail.endswith("\n"):
                return head, int(tail)
            if not self._selector.select(max(0.0, deadline - time.monotonic())):
                raise TimeoutError(
                    f"{command!r} did not end within {seconds} s; it printed {printed.decode()!r}"
                )
            assert self._out is not None
            chunk = os.read(self._out.fileno(), 65_536)
            assert chunk, f"the shell ended during {command!r}: {printed.decode()!r}"
            printed += chunk

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._selector.close()
        self._shell.kill()  # its children end with it: --kill-child
        self._shell.communicate()
