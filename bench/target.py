"""The program that bench/detect.py breaks: it beats, and offers /metrics, as a service watched by both would.

Prints `beat SECONDS` (the monotonic clock, which all processes of a machine share) once its first beat is sent.
"""

from __future__ import annotations

import argparse
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from gadfly import Heart

BODY = b"# TYPE bench_target_started_seconds gauge\nbench_target_started_seconds %.3f\n" % time.time()


class Metrics(BaseHTTPRequestHandler):
    """Answers every GET; keeps the connection, as exporters do."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/plain; version=0.0.4")
        self.send_header("Content-Length", str(len(BODY)))
        self.end_headers()
        self.wfile.write(BODY)

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing: a hundred targets share one terminal."""


class Server(ThreadingHTTPServer):
    """Many connections, none of them worth a traceback."""

    def handle_error(self, request: object, client_address: object) -> None:
        """Whoever asked went away."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("name")
    parser.add_argument("--every", type=float, default=1.0, help="seconds between beats")
    parser.add_argument("--to", help="where beats go")
    parser.add_argument("--http", metavar="ADDRESS:PORT", help="where /metrics is; without it, nowhere")
    arguments = parser.parse_args()
    with Heart(arguments.name, every=arguments.every, to=arguments.to):
        print(f"beat {time.monotonic():.6f}", flush=True)
        if arguments.http:
            address, _, port = arguments.http.rpartition(":")
            Server((address, int(port)), Metrics).serve_forever()
        while True:
            time.sleep(3600)


if __name__ == "__main__":
    main()
