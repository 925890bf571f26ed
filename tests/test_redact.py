"""Addresses are shown without what may be secret in them."""

from __future__ import annotations

import pytest

from gadfly import redact


@pytest.mark.parametrize(
    ("given", "fit"),
    [
        ("mailto:ops@example.org", "mailto:ops@example.org"),
        ("receiver:chat", "receiver:chat"),
        ("chat", "chat"),
        ("env:HOOK", "env:HOOK"),
        ("file:/run/hook", "file:/run/hook"),
        ("https://hooks.example.org/T0/s3cret?x=s3cret#s3cret", "https://hooks.example.org/…"),
        ("https://hooks.example.org?s3cret", "https://hooks.example.org/…"),
        ("https://user:s3cret@hooks.example.org:8443/", "https://hooks.example.org:8443"),
        ("http://[::1]:9/s3cret", "http://[::1]:9/…"),
        ("https://[bad/s3cret", "…"),
        ("https:s3cret", "…"),
        ("https://host:99999999/s3cret", "…"),
        ("exec:/usr/bin/page --key s3cret", "exec:/usr/bin/page"),
        ("exec:", "exec:"),
        ("slack://s3cret/s3cret", "slack:…"),
        ("slack:s3cret", "slack:…"),
        ("", ""),
    ],
)
def test_without_what_may_be_secret(given: str, fit: str) -> None:
    assert redact.contact(given) == fit
    assert redact.contact(fit) == fit


@pytest.mark.parametrize(
    ("given", "fit"),
    [
        ("https://user:s3cret@example.org/x?y", "https://user:…@example.org/x?y"),
        ("https://user@example.org/x", "https://user@example.org/x"),
        ("https://example.org/x", "https://example.org/x"),
        ("https://[bad@x", "https://[bad@x"),
        ("a:s3cret@b", "a:s3cret@b"),
        ("", ""),
    ],
)
def test_without_a_password(given: str, fit: str) -> None:
    assert redact.password(given) == fit
