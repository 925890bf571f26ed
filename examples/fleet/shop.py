"""A small shop: an HTTP service that beats, counts, and says how it is.

python shop.py 8080
"""

from __future__ import annotations

import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from gadfly import Heart


class Shop(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        body = b"ok\n" if self.path == "/healthz" else b"Welcome.\n"
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


def main(port: int) -> None:
    server = ThreadingHTTPServer(("127.0.0.1", port), Shop)
    health = f"http://127.0.0.1:{port}/healthz"
    # From here to the end of the block the shop is in the picture. Leaving the block says goodbye, so that a
    # planned end alarms nobody; a crash, a kill or a hang does not get that far, and is noticed.
    with Heart("shop", every=1.0, owner="sales", needs=["orders"], health=health):
        server.serve_forever()


if __name__ == "__main__":
    try:
        main(int(sys.argv[1]) if len(sys.argv) > 1 else 8080)
    except KeyboardInterrupt:
        sys.exit(0)
