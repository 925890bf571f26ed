"""What a handler tries and must not get, each beside a proof that it works outside of a cell."""

from __future__ import annotations

import asyncio
import inspect
import os
import subprocess
import sys
import textwrap
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from gadfly.functions.sandbox.supervisor import Answer, Limits, Template

pytestmark = [pytest.mark.slow]

CONTEXT = {
    "function_name": "f",
    "function_version": "1",
    "invoked_function_arn": "arn",
    "memory_limit_in_mb": 128,
    "aws_request_id": "r",
    "log_group_name": "",
    "log_stream_name": "",
}


async def nobody(asked: dict[str, Any]) -> dict[str, Any]:
    return {"refused": "nothing is granted"}


def called(source: str, folder: Path, limits: Limits = Limits(seconds=2.0), times: int = 1) -> list[Answer]:
    """The answers of a handler with this source."""
    os.chmod(folder, 0o755)
    code = folder / "f.py"
    code.write_text(textwrap.dedent(source))
    code.chmod(0o644)

    async def run() -> list[Answer]:
        template = Template()
        await template.start()
        try:
            cell = await template.cell(str(folder), ("f", "handler"), limits)
            try:
                return [await cell.call({}, CONTEXT, nobody) for _ in range(times)]
            finally:
                cell.close()
        finally:
            template.close()

    return asyncio.run(run())


def read_a_file() -> object:
    with open("/etc/passwd") as file:
        return file.read(4)


def list_processes() -> object:
    import os

    return os.listdir("/proc")


def write_beside_the_code() -> object:
    import os

    return os.open("/code/x" if os.path.isdir("/code") else "/tmp/gadfly-x", os.O_WRONLY | os.O_CREAT)


def open_a_socket() -> object:
    import socket

    return socket.socket().fileno() >= 0


def pair_of_datagrams() -> object:
    import socket

    return socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)[0].fileno() >= 0


def fork() -> object:
    import os

    if (pid := os.fork()) == 0:
        os._exit(0)
    return os.waitpid(pid, 0)[0] == pid


def run_a_program() -> object:
    import subprocess

    return subprocess.run(["/bin/true"], check=True).returncode


def signal_others() -> object:
    import os

    return os.kill(os.getppid(), 0) is None


def memory_without_a_name() -> object:
    import os

    return os.memfd_create("x") >= 0


def code_in_memory() -> object:
    import mmap

    return len(mmap.mmap(-1, 4096, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC))


def new_namespace() -> object:
    import ctypes

    libc = ctypes.CDLL(None, use_errno=True)
    if libc.unshare(0x10000000):
        raise OSError(ctypes.get_errno(), "unshare")
    return True


def own_signals() -> object:
    import fcntl
    import os

    fcntl.fcntl(0, fcntl.F_SETOWN, os.getpid())
    return True


def trace_others() -> object:
    import ctypes

    libc = ctypes.CDLL(None, use_errno=True)
    libc.ptrace.restype = ctypes.c_long
    if libc.ptrace(0, 0, 0, 0) < 0:
        raise OSError(ctypes.get_errno(), "ptrace")
    return True


ATTEMPTS: list[Callable[[], object]] = [
    read_a_file,
    list_processes,
    write_beside_the_code,
    open_a_socket,
    pair_of_datagrams,
    fork,
    run_a_program,
    signal_others,
    memory_without_a_name,
    code_in_memory,
    new_namespace,
    own_signals,
    trace_others,
]


@pytest.mark.parametrize("attempt", ATTEMPTS, ids=lambda one: one.__name__)
def test_it_bites_outside_and_not_in_a_cell(attempt: Callable[[], object], tmp_path: Path) -> None:
    source = inspect.getsource(attempt) + textwrap.dedent(
        f"""
        def handler(event, context):
            try:
                return ["done", str({attempt.__name__}())]
            except BaseException as error:
                return ["refused", type(error).__name__]
        """
    )
    script = [sys.executable, "-c", source + "\nprint(handler({}, None)[0])"]
    outside = subprocess.run(script, capture_output=True, text=True, check=True).stdout
    assert outside.strip() == "done"
    (answer,) = called(source, tmp_path)
    assert answer.value is not None, answer
    assert answer.value[0] == "refused"
