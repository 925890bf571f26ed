"""The judge's process, run here: its protocol."""

from __future__ import annotations

import io
import resource
import struct
import sys
from types import SimpleNamespace

import pytest

from gadfly.monitor.probe import judge_process


def question(pattern: str, text: bytes) -> bytes:
    return struct.pack("!II", len(pattern.encode()), len(text)) + pattern.encode() + text


def test_answers_one_after_another(monkeypatch: pytest.MonkeyPatch) -> None:
    limits = {}
    monkeypatch.setattr(resource, "setrlimit", lambda which, pair: limits.update({which: pair}))
    asked = (
        question("b+", b"abb") + question("^b", b"ab") + question("(", b"") + question("é", b"\xff\xc3\xa9")
    )
    said = io.BytesIO()
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO(asked)))
    monkeypatch.setattr(sys, "stdout", SimpleNamespace(buffer=said))
    laid: list[int] = []
    judge_process.main(lambda: laid.append(len(limits)))
    assert laid == [3]
    assert said.getvalue() == b"r" + b"10e1"
    assert limits[resource.RLIMIT_AS] == (judge_process.MEMORY, judge_process.MEMORY)
