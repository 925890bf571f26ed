"""Handler: Prometheus' remote write, both versions.

204 says that every sample is on disk. 400 says what can never be taken, after the rest was: a sender must not
send it again. 503 and 429 say that it may be sent again, and when.
"""

from __future__ import annotations

from starlette.responses import Response

from gadfly.errors import LimitError, StoreError
from gadfly.web.problem import Trouble
from gadfly.web.route import Call, read_body

BODY = 16_000_000
"""Bytes of a request as it comes, compressed."""
MEDIA = "application/x-protobuf"
MESSAGES = {"": 1, "prometheus.WriteRequest": 1, "io.prometheus.write.v2.Request": 2}
"""What the parameter `proto` of the media type says, and the version."""
AGAIN = {"retry-after": "2"}


def version(media: str, encoding: str) -> int:
    """The version that these headers announce. Raises 415 for what is neither."""
    kind, *parameters = (part.strip() for part in media.split(";"))
    given = dict(part.partition("=")[::2] for part in parameters)
    found = MESSAGES.get(given.get("proto", "").strip('"')) if kind.lower() == MEDIA else None
    if found is None:
        raise Trouble(
            415,
            f"Remote write comes as Content-Type: {MEDIA}, or with ;proto= one of "
            f"{' and '.join(word for word in MESSAGES if word)}.",
        )
    if encoding.strip().lower() != "snappy":
        raise Trouble(415, "Remote write comes as Content-Encoding: snappy.")
    return found


def written(samples: int) -> dict[str, str]:
    """What version 2 answers of how much it took. Neither histograms nor exemplars are kept."""
    return {
        "x-prometheus-remote-write-samples-written": str(samples),
        "x-prometheus-remote-write-histograms-written": "0",
        "x-prometheus-remote-write-exemplars-written": "0",
    }


async def write(call: Call) -> Response:
    """One request of a sender."""
    headers = call.request.headers
    form = version(headers.get("content-type", ""), headers.get("content-encoding", ""))
    length = headers.get("content-length", "")
    receiver = call.node.remote_write
    size = int(length) if length.isdecimal() else BODY
    if not receiver.admit(size):
        raise Trouble(503, "More is being written than can be read at once; send it again.", AGAIN)
    try:
        body = await read_body(call.request, BODY)
        wrote = await receiver.take(body, form, call.who.name)
    except LimitError as error:
        raise Trouble(413, str(error)) from None
    except StoreError as error:
        raise Trouble(503, str(error), AGAIN) from None
    finally:
        receiver.done(size)
    counts = written(wrote.samples) if form == 2 else {}
    if wrote.refused:
        said = f"{wrote.samples} samples were taken. Not taken: {'; '.join(wrote.refused)}."
        raise Trouble(400, said, counts)
    return Response(status_code=204, headers=counts)
