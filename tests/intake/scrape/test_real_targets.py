"""Debian's Prometheus and nginx are scraped as they are; when one dies its series end."""

import asyncio
import contextlib
import shutil
import socket
import subprocess

import pytest

from gadfly.clock import SystemClock
from gadfly.config import Config
from gadfly.config.scrape import Scrape
from gadfly.config.section import Duration
from gadfly.intake.scraping import Scraping

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        not (shutil.which("prometheus") and shutil.which("nginx")), reason="needs prometheus and nginx"
    ),
]


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@contextlib.contextmanager
def running(*command):
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        yield process
    finally:
        process.terminate()
        process.wait(20)


@contextlib.contextmanager
def prometheus(folder, port):
    (folder / "prometheus.yml").write_text("{}")
    with running(
        "prometheus",
        f"--config.file={folder}/prometheus.yml",
        f"--storage.tsdb.path={folder}/data",
        f"--web.listen-address=127.0.0.1:{port}",
    ) as process:
        yield process


@contextlib.contextmanager
def nginx(folder, port):
    (folder / "metrics").write_text('# TYPE served gauge\nserved{by="nginx"} 7\n')
    (folder / "nginx.conf").write_text(
        f"daemon off; master_process off; pid {folder}/pid; error_log {folder}/errors; events {{}}\n"
        f"http {{ access_log off; gzip on; gzip_types text/plain; gzip_min_length 1;\n"
        "default_type text/plain;\n"
        f"server {{ listen 127.0.0.1:{port}; root {folder}; }} }}\n"
    )
    with running("nginx", "-c", f"{folder}/nginx.conf", "-e", f"{folder}/errors") as process:
        yield process


async def until(what):
    async with asyncio.timeout(20):
        while not what():  # noqa: ASYNC110 - what is polled has no event
            await asyncio.sleep(0.05)


async def test_what_they_expose_becomes_series_that_end_with_them(store, tmp_path):
    first, second = free_port(), free_port()
    jobs = {
        "prometheus": Scrape(targets=(f"127.0.0.1:{first}",), every=Duration(0.5)),
        "nginx": Scrape(targets=(f"127.0.0.1:{second}",), every=Duration(0.5)),
    }
    scraping = Scraping(Config(scrape=jobs), SystemClock(), name="node", store=lambda: store)
    task = asyncio.create_task(scraping.run())
    try:
        with prometheus(tmp_path, first) as process:
            with nginx(tmp_path, second):
                await until(lambda: store.of("go_goroutines") and store.of("served", by="nginx"))
                assert store.of("scrape_samples_scraped", job="prometheus")[-1][1] > 200
                assert store.described["go_goroutines"].type == "gauge"
                assert {value for _, value in store.of("served")} == {7.0}
            process.kill()
            await until(lambda: store.of("go_goroutines")[-1][1] == "stale")
            await until(lambda: store.of("up", job="prometheus")[-1][1] == 0.0)
            await until(lambda: store.of("served")[-1][1] == "stale")
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task
