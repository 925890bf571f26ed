"""Rows of the API's table: the picture, and components in it."""

from __future__ import annotations

from gadfly.web import components, grid, stream
from gadfly.web.answers.components import Asking, Components, Row, Story, Summary
from gadfly.web.route import Endpoint, Query

ENDPOINTS: tuple[Endpoint, ...] = (
    Endpoint(
        method="GET",
        path="/api/v1/summary",
        handler=components.summary,
        summary="One glance: how many components have each verdict",
        gives=Summary,
    ),
    Endpoint(
        method="GET",
        path="/api/v1/grid",
        handler=grid.grid,
        summary="The verdict of every slot, one byte each",
        media=grid.BINARY,
        help="Byte n is slot n's verdict in the order of the table of verdicts; 255: the slot is free. "
        "The header Gadfly-Version says which version this is; `/stream?since=` goes on from there. "
        "If-None-Match is honoured.",
    ),
    Endpoint(
        method="GET",
        path="/api/v1/grid/order",
        handler=grid.order,
        summary="The slots put together by a label",
        query=(Query("by", str, "group", "group, host, owner or kind"),),
        media=grid.BINARY,
        errors=(422,),
        help="Four bytes (little-endian) length of a JSON text, the JSON text (by, labels: pairs of label "
        "and number of slots), then the slots, four bytes each.",
    ),
    Endpoint(
        method="GET",
        path="/api/v1/stream",
        handler=stream.stream,
        summary="Changes as they happen, as server-sent events",
        query=(Query("since", int | None, None, "The version to go on from; Last-Event-ID does the same."),),
        media="text/event-stream",
        errors=(503,),
    ),
    Endpoint(
        method="GET",
        path="/api/v1/components",
        handler=components.components,
        summary="A list of components, filtered and paged",
        query=(
            Query("q", str, "", "Part of a name, whatever its case."),
            Query("verdict", str, "", "Verdicts, with commas between."),
            Query("owner", str, "", "Exactly this owner."),
            Query("group", str, "", "Exactly this group."),
            Query("host", str, "", "Exactly this host."),
            Query("kind", str, "", "service, host, job, device or function."),
            Query("offset", int, 0, "How many to pass over."),
            Query("limit", int, 100, f"How many at most, up to {components.PAGE}."),
            Query("order", str, "verdict", "verdict (worst first), name or seen."),
        ),
        gives=Components,
        errors=(422,),
    ),
    Endpoint(
        method="GET",
        path="/api/v1/slots/{slot}",
        handler=components.at_slot,
        summary="The component at a slot of the grid",
        gives=Row,
        errors=(404,),
    ),
    Endpoint(
        method="GET",
        path="/api/v1/story",
        handler=components.story,
        summary="Everything about one component, by any name",
        query=(Query("name", str, "", "Its name; here it may hold slashes and dots."),),
        gives=Story,
        errors=(404,),
    ),
    Endpoint(
        method="GET",
        path="/api/v1/components/{name:path}/story",
        handler=components.story,
        summary="Everything about one component",
        gives=Story,
        errors=(404,),
    ),
    Endpoint(
        method="GET",
        path="/api/v1/components/{name:path}",
        handler=components.component,
        summary="One component in a line",
        gives=Row,
        errors=(404,),
    ),
    Endpoint(
        method="DELETE",
        path="/api/v1/components/{name:path}",
        handler=components.forget,
        summary="Drop a component that is gone for good: neither declared nor beating",
        scope="admin",
        status=204,
        errors=(404, 409),
    ),
    Endpoint(
        method="POST",
        path="/api/v1/probe/{name:path}",
        handler=components.ask,
        summary="Ask a component's probes now",
        scope="probe",
        gives=Asking,
        status=202,
        errors=(404, 409),
    ),
)
