"""Timers of systemd, out of their files. Pure.

Only what a cron line could say becomes a schedule; anything else is shown as it stands.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from gadfly.functions.survey.crontab import unwrapped
from gadfly.functions.survey.job import COMMAND, Job, named

_CALENDAR = {
    "minutely": "* * * * *",
    "hourly": "0 * * * *",
    "daily": "0 0 * * *",
    "weekly": "0 0 * * 1",
    "monthly": "0 0 1 * *",
    "quarterly": "0 0 1 1,4,7,10 *",
    "semiannually": "0 0 1 1,7 *",
    "yearly": "0 0 1 1 *",
    "annually": "0 0 1 1 *",
}
_DAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")
_SPAN = re.compile(r"(\d+) ?(s|sec|m|min|h|hr|hour|d|day|w|week)s?")
_UNITS = {"s": 1, "sec": 1, "m": 60, "min": 60, "h": 3600, "hr": 3600, "hour": 3600, "d": 86400, "day": 86400}
_DATE = re.compile(r"(?:\*-)?(\*|[0-9,/.]+)-(\*|[0-9,/.]+)")
_TIME = re.compile(r"(\*|[0-9,/.*]+):(\*|[0-9,/.*]+)(?::0?0)?")

Unit = Mapping[str, list[str]]
"""`Section.Key` → its values, in their order."""


def unit(text: str) -> dict[str, list[str]]:
    """Read a unit's file, or one and its drop-ins one behind the other. An empty value takes back the
    earlier."""
    found: dict[str, list[str]] = {}
    section = ""
    for line in re.sub(r"\\\n", " ", text).splitlines():
        bare = line.strip()
        if not bare or bare[0] in "#;":
            continue
        if bare.startswith("[") and bare.endswith("]"):
            section = bare[1:-1]
            continue
        key, sign, value = bare.partition("=")
        if not sign:
            continue
        held = found.setdefault(f"{section}.{key.strip()}", [])
        if value.strip():
            held.append(value.strip())
        else:
            held.clear()
    return found


def service_of(name: str, timer: Unit) -> str:
    """The unit that a timer starts."""
    return _last(timer, "Timer.Unit") or f"{name.removesuffix('.timer')}.service"


def job(name: str, source: str, timer: Unit, service: Unit) -> Job:
    """The job that a timer and its service are."""
    when = timer.get("Timer.OnCalendar", []) or [
        f"every {one}"
        for key in ("OnUnitActiveSec", "OnUnitInactiveSec")
        for one in timer.get(f"Timer.{key}", [])
    ]
    schedules = [found for one in when if (found := calendar(one))]
    starts = [one.lstrip("-@:+!") for one in service.get("Service.ExecStart", [])]
    given, command = unwrapped(" && ".join(starts)[:COMMAND])
    return Job(
        name=given or named(name),
        source=source,
        schedule=schedules[0] if len(when) == 1 and schedules else "",
        when=", ".join(when)[:300] or "at the start of the machine",
        user=_last(service, "Service.User")
        or ("another for each run" if service.get("Service.DynamicUser") else "root"),
        command=command,
        about=_last(service, "Unit.Description") or _last(timer, "Unit.Description"),
    )


def calendar(text: str) -> str:
    """A calendar event, or `every SPAN`, as cron writes it; empty where cron cannot."""
    text = text.strip()
    if text.startswith("every "):
        return _every(text.removeprefix("every "))
    words = text.split()
    zone = (
        words.pop() if len(words) > 1 and re.fullmatch(r"UTC|[A-Z][A-Za-z_]+/[A-Za-z_/]+", words[-1]) else ""
    )
    lowered = " ".join(words).lower()
    if lowered in _CALENDAR:
        return f"{_CALENDAR[lowered]} {zone}".strip()
    weekday, month, day, hour, minute = "*", "*", "*", "0", "0"
    for word in words:
        if (time := _TIME.fullmatch(word)) is not None:
            hour, minute = _field(time[1]), _field(time[2])
        elif (date := _DATE.fullmatch(word)) is not None:
            month, day = _field(date[1]), _field(date[2])
        elif re.fullmatch(r"[A-Za-z]{3}[A-Za-z,.]*", word):
            weekday = _weekdays(word)
            if not weekday:
                return ""
        else:
            return ""
    if not words or (day != "*" and weekday != "*"):
        return ""
    return f"{minute} {hour} {day} {month} {weekday} {zone}".strip()


def _every(span: str) -> str:
    found = _SPAN.fullmatch(span.strip())
    seconds = int(found[1]) * _UNITS.get(found[2], 0) if found else 0
    if seconds and seconds % 60 == 0:
        minutes = seconds // 60
        if minutes < 60 and 60 % minutes == 0:
            return f"*/{minutes} * * * *"
        if minutes % 60 == 0 and minutes <= 1440 and 24 % (minutes // 60) == 0:
            return "0 0 * * *" if minutes == 1440 else f"0 */{minutes // 60} * * *"
    return ""


def _field(text: str) -> str:
    """systemd's `0/15` and `1..5` as cron's `*/15` and `1-5`."""
    text = re.sub(r"(\d+)\.\.(\d+)", r"\1-\2", text)
    text = re.sub(r"(?<!\d)0+(\d)", r"\1", text)
    return re.sub(r"(?:^|(?<=,))(?:\*|0)/(\d+)", r"*/\1", text)


def _weekdays(text: str) -> str:
    found = []
    for part in text.lower().split(","):
        ends = [one[:3] for one in part.split("..")]
        if not all(one in _DAYS for one in ends) or len(ends) > 2:
            return ""
        found.append("-".join(str(_DAYS.index(one) or (7 if place else 0)) for place, one in enumerate(ends)))
    return ",".join(found)


def _last(held: Unit, key: str) -> str:
    return (held.get(key) or [""])[-1]
