"""TLS over a :class:`~gadfly.monitor.probe.poller.Link`, by memory buffers."""

from __future__ import annotations

import ssl
from typing import Literal

from gadfly.monitor.probe.failure import Unable
from gadfly.monitor.probe.poller import Link

RECORD = 16_384
_WANT = (ssl.SSLWantReadError, ssl.SSLWantWriteError)


class Contexts:
    """Client contexts by what they trust: making one reads the system's certificates, which takes time."""

    def __init__(self) -> None:
        self._made: dict[tuple[bool, str, str], ssl.SSLContext] = {}

    def get(self, verify: bool, ca: str, protocol: Literal["", "http/1.1", "h2"] = "") -> ssl.SSLContext:
        """:raises Unable: if the file ``ca`` cannot be read or holds no certificates."""
        key = (verify, ca, protocol)
        context = self._made.get(key)
        if context is None:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
            if verify:
                context.load_default_certs()
                if ca:
                    try:
                        context.load_verify_locations(cafile=ca)
                    except OSError as error:
                        words = (
                            error.strerror if not isinstance(error, ssl.SSLError) else "no certificate in it"
                        )
                        raise Unable(f'ca = "{ca}": {words}') from None
            else:
                context.check_hostname = False
                context.verify_mode = ssl.CERT_NONE
            if protocol:
                context.set_alpn_protocols([protocol])
            self._made[key] = context
        return context

    def clear(self) -> None:
        """Forget them, so that changed files are read again."""
        self._made.clear()


class TlsLink:
    """Speaks TLS over a connected link. Raises what the link raises, and :class:`ssl.SSLError`."""

    __slots__ = ("_incoming", "_link", "_outgoing", "_tls")

    def __init__(
        self, link: Link, context: ssl.SSLContext, server_name: str, session: ssl.SSLSession | None = None
    ) -> None:
        self._link = link
        self._incoming = ssl.MemoryBIO()
        self._outgoing = ssl.MemoryBIO()
        self._tls = context.wrap_bio(
            self._incoming, self._outgoing, server_hostname=server_name or None, session=session
        )

    async def handshake(self) -> None:
        """Our last words of it are sent with the first data, in one packet; or by :meth:`flush`."""
        while True:
            try:
                self._tls.do_handshake()
            except _WANT:
                await self.flush()
                await self._feed()
            except ssl.SSLError:
                # The target's log should say why we left: our alert is still in the buffer.
                await self.flush()
                raise
            else:
                return

    async def send(self, data: bytes) -> None:
        self._tls.write(data)
        await self.flush()

    async def receive(self, size: int) -> bytes:
        """At most ``size`` bytes; ``b""`` at the end, whether or not the other side said goodbye."""
        while True:
            try:
                return self._tls.read(size)
            except _WANT:
                if self._outgoing.pending:
                    await self.flush()
                await self._feed()
            except (ssl.SSLZeroReturnError, ssl.SSLEOFError):
                return b""

    @property
    def certificate(self) -> bytes:
        """The target's own certificate, DER; also of a resumed session."""
        return self._tls.getpeercert(True) or b""

    @property
    def session(self) -> ssl.SSLSession | None:
        """What the next handshake may resume; with TLS 1.3 known only after the first answer."""
        return self._tls.session

    @property
    def version(self) -> str:
        return self._tls.version() or ""

    @property
    def resumed(self) -> bool:
        return bool(self._tls.session_reused)

    def idle(self) -> bool:
        return self._link.idle()

    async def _feed(self) -> None:
        data = await self._link.receive(RECORD)
        if data:
            self._incoming.write(data)
        else:
            self._incoming.write_eof()

    async def flush(self) -> None:
        """Send what TLS has to say."""
        data = self._outgoing.read()
        if data:
            await self._link.send(data)
