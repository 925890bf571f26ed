"""The rows of the API's table that concern automations.

Stopping is allowed to who may acknowledge, too: whoever is woken for what a machine does must be able to halt
it, and a halt is the side on which nothing more happens. Letting it go on gives authority back, so that needs
the scope ``stop`` itself (and the right of :func:`gadfly.act.stop.may_lift`).
"""

from __future__ import annotations

from gadfly.web import act, act_answers
from gadfly.web.route import Endpoint, Query

ACT = "/api/v1/act"

ENDPOINTS: tuple[Endpoint, ...] = (
    Endpoint(
        method="GET",
        path=ACT,
        handler=act.board,
        summary="One glance at what acts: stops, approvals, the ladder, budgets, freezes, proofs, load",
        gives=act_answers.Board,
    ),
    Endpoint(
        method="GET",
        path=f"{ACT}/automations/{{name}}",
        handler=act.automation,
        summary="One automation: its limits, its record, its runs",
        gives=act_answers.AutomationStory,
        errors=(404,),
    ),
    Endpoint(
        method="GET",
        path=f"{ACT}/automations/{{name}}/plan",
        handler=act.plan,
        summary="What it would do now, and what the gate would say; nothing happens",
        query=(Query("targets", str, "", "Names, with commas between; without: all that it selects."),),
        gives=act_answers.Plan,
        errors=(404, 409, 422),
    ),
    Endpoint(
        method="POST",
        path=f"{ACT}/automations/{{name}}/run",
        handler=act.run,
        summary="Carry it out now, through the gate like every other act",
        scope="act",
        body=act_answers.Running,
        gives=act_answers.Decided,
        status=202,
        errors=(404, 409, 422),
        help="202 where it is allowed or waits for an approval; 409 with a line for each guard that refused.",
    ),
    Endpoint(
        method="GET",
        path=f"{ACT}/approvals",
        handler=act.approvals,
        summary="Plans that wait for somebody's approval",
        query=(Query("state", str, "waiting", "waiting, or all (of late)."),),
        gives=act_answers.Approvals,
        errors=(422,),
    ),
    Endpoint(
        method="POST",
        path=f"{ACT}/approvals/{{id}}/approve",
        handler=act.approve,
        summary="Approve a plan; nobody approves what they asked for",
        scope="approve",
        body=act_answers.Approving,
        gives=act_answers.Approval,
        errors=(404, 409, 422),
    ),
    Endpoint(
        method="POST",
        path=f"{ACT}/approvals/{{id}}/deny",
        handler=act.deny,
        summary="Deny a plan, and say why",
        scope="approve",
        body=act_answers.Denying,
        gives=act_answers.Approval,
        errors=(404, 409, 422),
    ),
    Endpoint(
        method="GET",
        path=f"{ACT}/grants",
        handler=act.grants,
        summary="Who may do what, to what, until when, and who answers for it",
        gives=act_answers.Grants,
    ),
    Endpoint(
        method="GET",
        path=f"{ACT}/load",
        handler=act.load,
        summary="What each owner has to think of, a week, against a budget",
        gives=act_answers.Loads,
    ),
    Endpoint(
        method="GET",
        path=f"{ACT}/report",
        handler=act.report,
        summary="What each owner's automations did, saved and broke, and who was woken for what",
        query=(
            Query("owner", str, "", "Exactly this owner; without: every one."),
            Query("days", float, 7.0, f"How far back, up to {act.DAYS}."),
        ),
        gives=act_answers.Reports,
        errors=(404, 422),
    ),
    Endpoint(
        method="POST",
        path=f"{ACT}/stops",
        handler=act.stop,
        summary="Stop every automation at once, or one owner's, one, or one target's",
        scope="stop",
        also=("ack",),
        body=act_answers.Stopping,
        gives=act_answers.Stop,
        status=201,
        errors=(404, 422),
    ),
    Endpoint(
        method="POST",
        path=f"{ACT}/stops/{{id}}/resume",
        handler=act.resume,
        summary="Lift a stop, and say why",
        scope="stop",
        body=act_answers.Resuming,
        status=204,
        errors=(404, 409, 422),
    ),
    Endpoint(
        method="POST",
        path=f"{ACT}/freezes/{{id}}/release",
        handler=act.release,
        summary="Release the brake of an automation that failed, after having looked",
        scope="approve",
        body=act_answers.Releasing,
        status=204,
        errors=(404, 409, 422),
    ),
    Endpoint(
        method="POST",
        path=f"{ACT}/reviews/{{id}}",
        handler=act.review,
        summary="Close an open review with what was found",
        scope="approve",
        body=act_answers.Reviewing,
        status=204,
        errors=(404, 409, 422),
    ),
    Endpoint(
        method="POST",
        path=f"{ACT}/breakglass",
        handler=act.breakglass,
        summary="Take authority in an emergency, for an hour at most; every owner is told, a review is owed",
        scope="admin",
        body=act_answers.Breaking,
        gives=act_answers.Breakglass,
        status=201,
        errors=(409, 422),
        help="Only with the token of the node's run file, from the node's own machine.",
    ),
)
