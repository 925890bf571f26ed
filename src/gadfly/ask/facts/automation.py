"""What acts, within which limits, and what it did."""

from __future__ import annotations

from gadfly.ask.table import Column as C
from gadfly.ask.table import Table

AUTOMATION = Table(
    "automation",
    "Standing permissions to act. A row for each time its definition or level held.",
    (
        C("name", "text", ""),
        C("owner", "text", ""),
        C("function", "text", "what it runs"),
        C("level", "integer", "0 observe, 1 suggest, 2 approve, 3 act-small, 4 act"),
        C("level_since", "time", ""),
        C("target_limit", "integer", "targets at once at most"),
        C("stop_needs", "list", "components that its stop depends on"),
        C("can_touch", "list", "components that it may act on; empty: not listed"),
        C("since", "time", ""),
        C("until", "time", ""),
    ),
    born="since",
    gone="until",
)
FUNCTION = Table(
    "function",
    "What can be run: actions and small jobs.",
    (
        C("name", "text", ""),
        C("owner", "text", ""),
        C("destructive", "flag", "data or things are gone afterwards"),
        C("reversible", "flag", ""),
        C("rollback", "text", "what takes it back; empty: nothing"),
        C("post_condition", "text", "what is measured afterwards; empty: nothing"),
        C("refuses_empty", "flag", "an empty list of targets is refused, as a test shows"),
        C("role", "text", "under whose permissions it runs"),
        C("permissions", "integer", "that its role holds"),
        C("permissions_used", "integer", "that it used"),
        C("since", "time", ""),
        C("until", "time", ""),
    ),
    born="since",
    gone="until",
)
ACTION = Table(
    "action",
    "Acts: done, rehearsed, suggested, refused.",
    (
        C("id", "text", ""),
        C("at", "time", ""),
        C("automation", "text", "empty: a person's or another program's"),
        C("function", "text", ""),
        C("actor", "text", "principal", names="principal"),
        C("actor_kind", "text", "automation, person, program", word=True),
        C("mode", "text", "real (also when empty), dry, suggested, blocked", word=True),
        C("target", "text", "the first or only one"),
        C("targets", "integer", "how many"),
        C("fleet", "number", "share of the fleet"),
        C("group_size", "integer", "how many there were to choose from"),
        C("target_limit", "integer", "allowed at once"),
        C("planned", "list", "targets that the plan or rehearsal named"),
        C("planned_at", "time", ""),
        C("touched", "list", "targets that the run touched"),
        C("gone_targets", "integer", "planned ones that died meanwhile"),
        C("alert", "text", "id of what called for it"),
        C("trigger", "text", "class of what called for it"),
        C("outcome", "text", "verified, failed, unverified, unknown", known="finished", word=True),
        C("finished", "time", ""),
        C("checked_by", "text", "check that measured it later", known="finished"),
        C("back", "time", "when the symptom came back; where no act of its function has one, alerts tell"),
        C("recovered", "time", "when the alert ended"),
        C("field", "text", "what it sets: replicas, …"),
        C("value", "text", "to what"),
        C("test", "flag", "a declared test"),
        C("cure_until", "plan", "declared as the cure until then"),
        C("stale", "number", "share of its input series without fresh data when decided"),
        C("stale_unread", "flag", "the deciding rule does not read the stale ones"),
        C("monitor_alert", "flag", "its own monitoring was in alert when decided"),
        C("denied_by", "text", "guard that refused it; tell it here or as a `request`"),
        C("by_hand", "time", "when a person then did it"),
        C("breakglass", "flag", "past the gate"),
        C("reviewed", "time", "of a break-glass"),
        C("unchanged", "flag", "a suggestion was carried out just as it was", known="finished"),
        C("saved", "flag", "a no to the suggestion, or an edit of it, kept harm away", known="finished"),
        C("owner", "text", "of who acted"),
    ),
    born="at",
)
APPROVAL = Table(
    "approval",
    "A second person's word.",
    (
        C("id", "text", ""),
        C("requester", "text", "who", names="person"),
        C("approver", "text", "who", names="person"),
        C("owner", "text", "for whom the approver speaks"),
        C("automation", "text", ""),
        C("asked", "time", ""),
        C("decided", "time", ""),
        C("granted", "flag", "", known="decided"),
        C("edited", "flag", "the approver changed the plan", known="decided"),
    ),
    born="asked",
)
GUARD = Table(
    "guard",
    "Limits, forbids, approvals: what can refuse.",
    (
        C("name", "text", ""),
        C("owner", "text", ""),
        C("since", "time", ""),
        C("until", "time", ""),
    ),
    born="since",
    gone="until",
)
REQUEST = Table(
    "request",
    "What a guard was asked.",
    (
        C("guard", "text", ""),
        C("at", "time", ""),
        C("denied", "flag", ""),
        C("synthetic", "flag", "made to see whether it refuses"),
        C("by_hand", "time", "when a person did the refused thing, also by break-glass"),
        C("count", "integer", "requests of this row; empty: 1"),
    ),
    born="at",
)
DRILL = Table(
    "drill",
    "Rehearsals.",
    (
        C("kind", "text", "stop, rollback, page, cold-start", word=True),
        C("subject", "text", "automation, function, monitor, component"),
        C("at", "time", ""),
        C("ok", "flag", "empty: nobody measured it, as of a stop that was only pulled"),
        C("took", "number", "seconds"),
        C("promised", "number", "seconds"),
    ),
    born="at",
)
