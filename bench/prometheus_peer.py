"""Debian's Prometheus on loopback, loaded with given series through its own doors."""

from __future__ import annotations

import http.client
import json
import shutil
import socket
import struct
import subprocess
import time
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from promql_world import CUT, Line, openmetrics


def missing() -> list[str]:
    """Programs that are not installed."""
    return [name for name in ("prometheus", "promtool") if not shutil.which(name)]


class Prometheus:
    """Runs from `start` to `stop`; `get` asks its API."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._data = folder / "data"
        self._process: subprocess.Popen[bytes] | None = None
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self._port = probe.getsockname()[1]
        self._connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=60)

    def load_blocks(self, lines: list[Line], until: int = CUT) -> None:
        """What is before that time (ms), as blocks. To be called before `start`."""
        text = self._folder / "world.om"
        text.write_text(openmetrics(lines, until))
        subprocess.run(
            ["promtool", "tsdb", "create-blocks-from", "openmetrics", str(text), str(self._data)],
            check=True,
            capture_output=True,
            timeout=300,
        )

    def start(self, more: dict[str, Any] | None = None) -> None:
        """`more`: of its configuration, besides the usual interval."""
        config = self._folder / "prometheus.yml"
        config.write_text(json.dumps({"global": {"evaluation_interval": "1m"}, **(more or {})}))
        with (self._folder / "log").open("wb") as log:
            self._process = subprocess.Popen(
                [
                    "prometheus",
                    f"--config.file={config}",
                    f"--storage.tsdb.path={self._data}",
                    f"--web.listen-address=127.0.0.1:{self._port}",
                    "--web.enable-remote-write-receiver",
                    "--storage.tsdb.retention.time=100y",
                ],
                stdout=log,
                stderr=log,
            )
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            try:
                self._connection.request("GET", "/-/ready")
                response = self._connection.getresponse()
                response.read()
                if response.status == 200:
                    return
            except OSError:
                self._connection.close()
            time.sleep(0.1)
        raise TimeoutError((self._folder / "log").read_text()[-2000:])

    def stop(self) -> None:
        self._connection.close()
        if self._process is not None:
            self._process.terminate()
            self._process.wait(30)

    def write(self, lines: list[Line], since: int = CUT) -> None:
        """What is from that time (ms) on, by remote write, ten minutes at a time, in order."""
        last = max(line.at[-1] for line in lines)
        for start in range(since, last + 1, 600_000):
            body = snappy(b"".join(_series(line, start, start + 600_000) for line in lines))
            headers = {"Content-Encoding": "snappy", "X-Prometheus-Remote-Write-Version": "0.1.0"}
            self._connection.request("POST", "/api/v1/write", body, headers)
            response = self._connection.getresponse()
            text = response.read()
            if response.status >= 300:
                raise RuntimeError(f"remote write: {response.status} {text!r}")

    def get(self, path: str, **parameters: str | float) -> dict[str, Any]:
        """The whole answer, error or not."""
        answer: dict[str, Any] = json.loads(self.get_bytes(path, **parameters))
        return answer

    def fetch(self, path: str) -> Any:
        """The `data` of what is only given by GET: rules, alerts."""
        self._connection.request("GET", f"/api/v1/{path}")
        return json.loads(self._connection.getresponse().read())["data"]

    def get_bytes(self, path: str, **parameters: str | float) -> bytes:
        """The same, not parsed."""
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        self._connection.request("POST", f"/api/v1/{path}", urlencode(parameters), headers)
        return self._connection.getresponse().read()


def snappy(data: bytes) -> bytes:
    """Snappy's format without any compression: literals of 64 KiB at most."""
    out = bytearray(_varint(len(data)))
    for start in range(0, len(data), 65536):
        part = data[start : start + 65536]
        out += bytes([61 << 2]) + struct.pack("<H", len(part) - 1) + part
    return bytes(out)


def _varint(number: int) -> bytes:
    out = bytearray()
    while number > 127:
        out.append(number & 127 | 128)
        number >>= 7
    return bytes([*out, number])


def _field(number: int, body: bytes) -> bytes:
    return bytes([number << 3 | 2]) + _varint(len(body)) + body


def _series(line: Line, start: int, end: int) -> bytes:
    """A TimeSeries of the remote-write protocol, as a field of the request."""
    samples = b"".join(
        _field(2, b"\x09" + struct.pack("<d", value) + b"\x10" + _varint(at))
        for at, value in zip(line.at, line.value, strict=True)
        if start <= at < end
    )
    if not samples:
        return b""
    labels = b"".join(
        _field(1, _field(1, name.encode()) + _field(2, value.encode()))
        for name, value in sorted(line.labels.items())
    )
    return _field(1, labels + samples)
