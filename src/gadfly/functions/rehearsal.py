"""Running a function on samples, in its sandbox, with a world that does nothing.

What writes is answered and not done. What reads is answered by the sample, or by something empty; with `live`
GET and HEAD go out for real. Secrets are made up for the run, so that no sample run can give one away.
"""

from __future__ import annotations

import asyncio
import json
import secrets
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from gadfly.errors import ConfigError
from gadfly.functions import code
from gadfly.functions.broker import Broker
from gadfly.functions.function import Function
from gadfly.functions.http import exchange
from gadfly.functions.reach import Reach
from gadfly.functions.record import Ran, Sample
from gadfly.functions.sandbox.supervisor import Cell, Limits, SandboxError, Template
from gadfly.functions.world import Request, Response

BYTES = 6 << 20
"""Of a sample's file."""


class Rehearsed:
    """The world of one sample; see :class:`gadfly.functions.world.World`."""

    def __init__(self, answers: Mapping[str, Any], live: bool = False, reach: Reach = Reach()) -> None:  # noqa: B008
        self._answers = answers
        self._live = live
        self._reach = reach
        self._secrets: dict[str, bytes] = {}

    async def http(self, request: Request) -> Response:
        usual = request.port == (443 if request.scheme == "https" else 80)
        path = request.path.partition("?")[0]
        line = (
            f"http:{request.method} "
            f"{request.scheme}://{request.host}{'' if usual else f':{request.port}'}{path}"
        )
        found = self._answers.get(line)
        if found is None and self._live and request.method in ("GET", "HEAD"):
            return await exchange(request, self._reach)
        if isinstance(found, dict) and {"status", "headers", "body"} >= set(found) and "status" in found:
            return Response(
                int(found["status"]), dict(found.get("headers", {})), _bytes(found.get("body", ""))
            )
        return Response(200, {"content-type": "application/json"}, _bytes({} if found is None else found))

    def secret(self, name: str) -> bytes:
        return self._secrets.setdefault(name, secrets.token_hex(16).encode())

    async def metric(self, _by: str, query: str) -> Any:
        return self._answers.get(f"metric:read {query}", [])

    async def components(self, _by: str, chosen: Mapping[str, str]) -> list[Any]:
        for key, value in chosen.items():
            if f"component:read {key}={value}" in self._answers:
                return list(self._answers[f"component:read {key}={value}"])
        return []

    async def silence(self, _by: str, _chosen: Mapping[str, str], _seconds: float, _because: str) -> Any:
        return {"id": 0}

    async def act(self, _by: str, name: str, _inputs: Mapping[str, str]) -> Any:
        return self._answers.get(f"act:request {name}", {"state": "asked"})

    async def invoke(self, _by: str, name: str, _event: Any, _depth: int) -> Any:
        return self._answers.get(f"function:invoke {name}", {})


class Stage:
    """A sandbox for the runs of one function; :meth:`run` is what :func:`gadfly.functions.record.record`
    takes."""

    def __init__(self, live: bool = False) -> None:
        self._live = live
        self._template = Template()
        self._folder = tempfile.TemporaryDirectory(prefix="gadfly-fn-")
        self._cells: dict[int, Cell] = {}
        self._code = ""

    async def __aenter__(self) -> Stage:
        # The cell's user is another one, and must be able to read the code in there.
        await asyncio.to_thread(Path(self._folder.name).chmod, 0o755)
        try:
            await self._template.start()
        except OSError as error:
            self._folder.cleanup()
            raise SandboxError(
                f"the interpreter of the sandbox cannot be started ({error.strerror}: {error.filename}); "
                "`gadfly fn doctor` says what it needs"
            ) from None
        except BaseException:
            self._folder.cleanup()
            raise
        return self

    async def __aexit__(self, *_: object) -> None:
        for cell in self._cells.values():
            cell.close()
        self._template.close()
        await asyncio.to_thread(self._folder.cleanup)

    async def run(self, function: Function, sample: Sample, recording: bool) -> Ran:
        """One call. SandboxError where this machine cannot shut it in; ConfigError where its code is not
        there."""
        broker = Broker(function, Rehearsed(sample.answers, self._live), record=recording)
        cell = await self._cell(function)
        answer = await cell.call(sample.event, _context(function), broker.asked)
        failed = answer.ended
        if answer.error is not None:
            failed = f"{answer.error.get('errorType', 'Error')}: {answer.error.get('errorMessage', '')}"
        return Ran(failed, dict(broker.used))

    async def _cell(self, function: Function) -> Cell:
        held = self._cells.get(function.limits.scratch)
        if held is not None and not held.closed:
            return held
        if not self._code:
            files = await asyncio.to_thread(code.read, Path(function.path))
            self._code = str(await asyncio.to_thread(code.keep, Path(self._folder.name), files))
        limits = function.limits
        made = await self._template.cell(
            self._code,
            (function.module, function.handler),
            Limits(
                seconds=limits.seconds,
                memory=limits.memory,
                scratch=limits.scratch,
                processes=limits.processes,
            ),
        )
        self._cells[limits.scratch] = made
        return made


def sample(path: Path) -> Sample:
    """A sample from a file: an event in JSON, or ``{"event": …, "answers": {grant line: answer}}``.
    Blocks."""
    try:
        with path.open("rb") as file:
            text = file.read(BYTES + 1)
        if len(text) > BYTES:
            raise ConfigError(f"{path}: larger than {BYTES >> 20} MiB, which no event is")
        found = json.loads(text)
    except OSError as error:
        raise ConfigError(f"{path}: {error.strerror}") from None
    except ValueError as error:
        raise ConfigError(f"{path}: not JSON: {error}") from None
    if isinstance(found, dict) and "event" in found and set(found) <= {"event", "answers"}:
        answers = found.get("answers", {})
        if not isinstance(answers, dict):
            raise ConfigError(f"{path}: `answers` is an object: a grant line, and what is answered to it")
        return Sample(path.name, found["event"], answers)
    return Sample(path.name, found)


def _bytes(value: Any) -> bytes:
    return value.encode() if isinstance(value, str) else json.dumps(value).encode()


def _context(function: Function) -> dict[str, Any]:
    return {
        "function_name": function.name,
        "function_version": "sample",
        "invoked_function_arn": f"arn:aws:lambda:local:000000000000:function:{function.name}",
        "memory_limit_in_mb": function.limits.memory >> 20,
        "aws_request_id": "00000000-0000-4000-8000-000000000000",
        "log_group_name": f"/aws/lambda/{function.name}",
        "log_stream_name": "sample",
    }
