"""Debian's Prometheus and VictoriaMetrics on loopback, to send series to and ask for them."""

from __future__ import annotations

import http.client
import os
import shutil
import socket
import subprocess
import time
from pathlib import Path

import pytest


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Server:
    """Runs from `start` to `stop`, and again."""

    def __init__(self, folder: Path, kind: str, more: str = "") -> None:
        self.kind = kind
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self._folder = folder
        program = {"prometheus": "prometheus", "victoriametrics": "victoria-metrics"}[kind]
        if shutil.which(program) is None:
            if os.environ.get("CI"):
                pytest.fail(f"CI needs Debian's package {program}")
            pytest.skip(f"needs Debian's package {program}")
        address = f"127.0.0.1:{self.port}"
        if kind == "prometheus":
            config = folder / "prometheus.yml"
            config.write_text("global: {scrape_interval: 1s}\n" + more)
            self._command = [
                program,
                f"--config.file={config}",
                f"--storage.tsdb.path={folder / 'prometheus'}",
                f"--web.listen-address={address}",
                "--web.enable-remote-write-receiver",
                "--storage.tsdb.retention.time=100y",
            ]
        else:
            self._command = [
                program,
                f"-storageDataPath={folder / 'vm'}",
                f"-httpListenAddr={address}",
                "-retentionPeriod=100y",
            ]
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        with (self._folder / f"{self.kind}.log").open("ab") as log:
            self._process = subprocess.Popen(self._command, stdout=log, stderr=log)
        deadline = time.monotonic() + 30
        path = "/-/ready" if self.kind == "prometheus" else "/health"
        while time.monotonic() < deadline and self._process.poll() is None:
            connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=5)
            try:
                connection.request("GET", path)
                if connection.getresponse().status == 200:
                    return
            except OSError:
                time.sleep(0.05)
            finally:
                connection.close()
        raise AssertionError((self._folder / f"{self.kind}.log").read_text()[-2000:])

    def stop(self) -> None:
        if self._process is not None:
            self._process.terminate()
            self._process.wait(30)
            self._process = None
