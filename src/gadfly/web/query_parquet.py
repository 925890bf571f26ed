"""Handler: the samples that a selector reads, as one Parquet file."""

from __future__ import annotations

import tempfile
from pathlib import Path

from starlette.responses import Response

from gadfly import promql
from gadfly.web.asking import Asking, Now
from gadfly.web.prometheus import BadData
from gadfly.web.query import LIMITS
from gadfly.web.querying import kept, parameters, telling
from gadfly.web.route import Call

MEDIA = "application/vnd.apache.parquet"
NAME = {"content-disposition": 'attachment; filename="samples.parquet"'}


@telling
async def export(call: Call) -> Response:
    """`match[]`, `start`, `end`; in the places that queries have, within their limits."""
    asked = await parameters(call)
    selectors = asked.all("match[]")
    if len(selectors) != 1:
        raise BadData('one match[] parameter is needed, a selector such as up{job="api"}')
    matchers = promql.parse_selector(selectors[0])
    start, end = asked.span()
    if start is None or end is None:
        raise BadData("start and end are needed")
    source = kept(call)

    def work(now: Now) -> bytes:
        with tempfile.TemporaryDirectory(prefix="gadfly-export-") as folder:
            path = Path(folder) / "samples.parquet"
            source.export(path, matchers, start, end, LIMITS)
            return path.read_bytes()

    asking: Asking = call.request.app.state.asking
    return Response(await asking.run(call.request, work), 200, NAME, MEDIA)
