"""An HTTP service that beats and has a /healthz. SIGUSR1 makes it sick (503), and well again.

python -m gadfly.cli.demo.programs.service NAME PORT
"""

from __future__ import annotations

import json
import signal
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from gadfly.instrument import Heart


class Shop(BaseHTTPRequestHandler):
    sick = False

    def do_GET(self) -> None:
        status, word = (503, "fail") if Shop.sick else (200, "pass")
        body = json.dumps(
            {"status": word, "output": "no connection to the database" if Shop.sick else ""}
        ).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/health+json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Quiet: the terminal belongs to the demo."""


def main(name: str, port: int) -> None:
    def toggle(*_: object) -> None:
        Shop.sick = not Shop.sick

    signal.signal(signal.SIGUSR1, toggle)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    server = ThreadingHTTPServer(("127.0.0.1", port), Shop)
    with Heart(name, every=1.0, owner="shop", health=f"http://127.0.0.1:{port}/healthz", version="1.4.2"):
        server.serve_forever(poll_interval=0.1)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
