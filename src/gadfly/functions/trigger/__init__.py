"""What calls a function: schedules, webhooks and streams of log lines, each with an event as AWS has it.

| written in `on` | calls |
|---|---|
| `schedule: 15 3 * * * Europe/Berlin` | at these times |
| `webhook: github env:SECRET` | for each delivery to `/fn/NAME` that GitHub signed |
| `webhook: standard env:SECRET env:OLD` | the same, signed as Standard Webhooks says; by any of the secrets |
| `webhook: standard answered env:SECRET` | the same, and what the handler returns is the HTTP answer |
| `logs: unit=nginx severity=error match=timed out` | for lines of logs, many in one event |

A function may have several. :func:`gadfly.functions.trigger.on.read` reads it.
"""
