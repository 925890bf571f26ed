from __future__ import annotations

import os
from pathlib import Path

import pytest

from gadfly import secret
from gadfly.errors import ConfigError


def test_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOME_KEY", "hunter2")
    assert secret.resolve("env:SOME_KEY") == b"hunter2"


def test_from_a_file_without_its_line_end(tmp_path: Path) -> None:
    (tmp_path / "key").write_bytes(b" hun\nter2 \r\n")
    assert secret.resolve(f"file:{tmp_path}/key") == b" hun\nter2 "


@pytest.mark.parametrize(
    ("reference", "message"),
    [
        ("hunter2", "env:NAME or file:PATH"),
        ("env:", "env:NAME or file:PATH"),
        ("env:NOT_SET", "has no NOT_SET"),
        ("file:/not/there", "No such file"),
        ("file:{empty}", "is empty"),
        ("file:{long}", "longer than 4096"),
        ("file:nul\0", "null"),
    ],
)
def test_what_cannot_be_had_is_said(tmp_path: Path, reference: str, message: str) -> None:
    (tmp_path / "empty").write_text("\n")
    (tmp_path / "long").write_text("x" * 5000)
    reference = reference.format(empty=tmp_path / "empty", long=tmp_path / "long")
    with pytest.raises(ConfigError, match=message) as caught:
        secret.resolve(reference)
    assert "hunter2" not in str(caught.value)


def test_headers_carry_a_secret_byte_for_byte(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(os.environb, b"SOME_KEY", b"h\xfcnter2")
    assert secret.headers({"X-Key": "env:SOME_KEY", "Accept": "*/*"}) == {
        "X-Key": "h\xfcnter2",
        "Accept": "*/*",
    }
    assert secret.basic("anna", "env:SOME_KEY") == "Basic YW5uYTpo/G50ZXIy"
    assert secret.basic("anna", "") == "Basic YW5uYTo="
    assert secret.bearer("env:SOME_KEY") == "Bearer h\xfcnter2"
    with pytest.raises(ConfigError):
        secret.bearer("hunter2")
