"""The rows of the API's table that are about functions."""

from __future__ import annotations

from gadfly.functions.function import SYNC
from gadfly.web import function
from gadfly.web.answers import functions as function_answers
from gadfly.web.route import Endpoint, Query

V1 = "/api/v1"
_BEFORE = Query("before", int | None, None, "Only those with a smaller id.")

ENDPOINTS: tuple[Endpoint, ...] = (
    Endpoint(
        method="GET",
        path=f"{V1}/functions",
        handler=function.functions,
        summary="Functions: what calls them, what they may, what they used",
        gives=function_answers.Functions,
    ),
    Endpoint(
        method="GET",
        path=f"{V1}/functions/{{name}}",
        handler=function.function,
        summary="Everything about one function",
        gives=function_answers.FunctionStory,
        errors=(404,),
    ),
    Endpoint(
        method="GET",
        path=f"{V1}/functions/{{name}}/logs",
        handler=function.logs,
        summary="What a function's last tries wrote, the newest first",
        query=(_BEFORE, Query("limit", int, 20, f"Of how many invocations, up to {function.LOGS}.")),
        gives=function_answers.FunctionLog,
        errors=(404, 422),
    ),
    Endpoint(
        method="POST",
        path=f"{V1}/functions/{{name}}/deploy",
        handler=function.deploy,
        summary="Call what its file holds now, or an earlier version, from now on",
        scope="admin",
        body=function_answers.Deploying,
        gives=function_answers.FunctionVersion,
        errors=(404, 409, 422),
        help="It is loaded once in its sandbox before; what cannot be loaded is refused with its last words.",
    ),
    Endpoint(
        method="POST",
        path=f"{V1}/functions/{{name}}/invoke",
        handler=function.invoke,
        summary="Call a function now and wait for its answer",
        scope="act",
        body=function_answers.Invoking,
        limit=SYNC + 4096,
        gives=function_answers.InvocationStory,
        errors=(404, 409, 413, 422, 429),
        help="Where it is not over after `wait` seconds its `state` is running; ask for it by its id.",
    ),
    Endpoint(
        method="GET",
        path=f"{V1}/invocations",
        handler=function.invocations,
        summary="Calls of functions, the newest first; dead letters are those with the state `dead`",
        query=(
            Query("function", str, "", "Of this function."),
            Query("state", str, "", "waiting, running, done, dead or skipped."),
            _BEFORE,
            Query("limit", int, 100, f"How many at most, up to {function.MOST}."),
        ),
        gives=function_answers.Invocations,
        errors=(422,),
    ),
    Endpoint(
        method="GET",
        path=f"{V1}/invocations/{{id}}",
        handler=function.invocation,
        summary="One call with its event, its tries, and what they wrote and asked for",
        query=(Query("wait", float, 0.0, "Seconds to wait for its end, up to 25."),),
        gives=function_answers.InvocationStory,
        errors=(404, 422),
    ),
    Endpoint(
        method="POST",
        path=f"{V1}/invocations/{{id}}/replay",
        handler=function.replay,
        summary="Make a call again: a dead letter, or one that is over",
        scope="act",
        gives=function_answers.Replayed,
        status=202,
        errors=(404, 409, 410),
    ),
    Endpoint(
        method="POST",
        path="/fn/{name}",
        handler=function.deliver,
        summary="A function's webhook",
        scope="",
        takes="*/*",
        limit=SYNC,
        status=202,
        errors=(401, 404, 413, 429, 503),
        help="Signed as GitHub or Standard Webhooks do; acknowledged when it is on disk. A delivery that was "
        "here before is answered with 200 and not made again.",
    ),
)
