"""A template that starts finds its own code compiled, and need not do it each time."""

from __future__ import annotations

import asyncio
import importlib.util
from pathlib import Path

import pytest

from gadfly.functions.sandbox import cell, supervisor


@pytest.mark.slow
def test_what_the_template_runs_is_compiled_before() -> None:
    compiled = importlib.util.cache_from_source(cell.__file__)
    Path(compiled).unlink(missing_ok=True)

    async def started() -> None:
        template = supervisor.Template()
        await template.start()
        template.close()

    asyncio.run(started())
    assert Path(compiled).exists()
