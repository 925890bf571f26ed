"""What the tests of the sandbox share: an interpreter of filters, and handlers called in a cell."""

from __future__ import annotations

import asyncio
import os
import struct
import textwrap
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from gadfly.functions.sandbox.supervisor import Answer, Limits, Template

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
    return {"denied": "nothing is granted"}


def _run(program: bytes, number: int, arguments: tuple[int, ...] = (), architecture: int = 0xC000003E) -> int:
    """What the kernel would answer: linux/filter.h, struct seccomp_data."""
    data = struct.pack("=iIQ6Q", number, architecture, 0, *(*arguments, 0, 0, 0, 0, 0, 0)[:6])
    code = list(struct.iter_unpack("=HBBI", program))
    place = held = 0
    while True:
        operation, true, false, value = code[place]
        place += 1
        if operation == 0x20:
            (held,) = struct.unpack_from("=I", data, value)
        elif operation == 0x54:
            held &= value
        elif operation == 0x15:
            place += true if held == value else false
        elif operation == 0x35:
            place += true if held >= value else false
        elif operation == 0x06:
            return int(value)
        else:
            raise AssertionError(hex(operation))


@pytest.fixture(scope="session")
def run_filter() -> Callable[..., int]:
    """A filter's answer to a call: an interpreter of its language, written from its documentation."""
    return _run


@pytest.fixture
def called(tmp_path: Path) -> Callable[..., list[Answer]]:
    """The answers of a handler with this source: `called(source, limits, times, tier, events)`."""

    def call(
        source: str,
        limits: Limits | None = None,
        times: int = 1,
        tier: str = "",
        events: list[Any] | None = None,
    ) -> list[Answer]:
        os.chmod(tmp_path, 0o755)
        code = tmp_path / "f.py"
        code.write_text(textwrap.dedent(source))
        code.chmod(0o644)

        async def run() -> list[Answer]:
            template = Template(tier=tier)
            await template.start()
            try:
                cell = await template.cell(str(tmp_path), ("f", "handler"), limits or Limits(seconds=20.0))
                try:
                    return [await cell.call(event, CONTEXT, nobody) for event in events or [{}] * times]
                finally:
                    cell.close()
            finally:
                template.close()

        return asyncio.run(run())

    return call
