"""What acts, in the terminal: plans that wait for a yes, what somebody must see to, and the stop key."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable
from typing import Any, ClassVar

from rich.text import Text
from textual import work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.screen import Screen
from textual.widgets import DataTable, Static

from gadfly.cli.act.approvals import told
from gadfly.cli.act.listing import duties
from gadfly.cli.node import Node, segment
from gadfly.cli.stop import standing
from gadfly.cli.terminal import ago, clean
from gadfly.cli.watch.dialogs import Form
from gadfly.errors import GadflyError

PACE = 2.0
"""Seconds between two readings of the board, while it is looked at."""
KEYS = "a approve  d deny  X stop everything  r resume  Esc back"
COLUMNS = ("", "automation", "targets", "ends in", "asked by")


class ActsScreen(Screen[None]):
    """Approvals on top, the chosen one's plan below. What the node says decides what is shown as stopped."""

    CSS = """
    #standing { height: auto; max-height: 8; padding: 0 1; }
    ActsScreen DataTable { height: auto; max-height: 50%; }
    #plan { height: 1fr; padding: 1 1; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q", "app.pop_screen", "back"),
        Binding("a", "approve", "approve"),
        Binding("d", "deny", "deny"),
        Binding("X", "stop", "stop"),
        Binding("r", "resume", "resume"),
    ]

    def __init__(self, node: Node) -> None:
        super().__init__()
        self._node = node
        self._approvals: dict[str, dict[str, Any]] = {}
        self._stops: list[dict[str, Any]] = []

    def compose(self) -> ComposeResult:
        yield Static(id="standing")
        table: DataTable[Text] = DataTable(cursor_type="row", zebra_stripes=False)
        yield table
        with VerticalScroll(id="plan"):
            yield Static(id="told")
        yield Static(KEYS, id="keys")

    def on_mount(self) -> None:
        for column in COLUMNS:
            self._table().add_column(column, key=column)
        self._table().focus()
        self.set_interval(PACE, self._read)
        self._read()

    @work(thread=True, group="acts", exclusive=True)
    def _read(self) -> None:
        try:
            board = self._node.get("act")
        except GadflyError as error:
            self._reach(self._unknown, str(error))
        else:
            self._reach(self._show, board)

    def _reach(self, call: Callable[..., object], *arguments: Any) -> None:
        """From a thread to the screen; nothing when that is closed already."""
        with contextlib.suppress(RuntimeError):
            self.app.call_from_thread(call, *arguments)

    def _unknown(self, why: str) -> None:
        """What was read before may no longer be so, and is not shown as if it were."""
        self._approvals, self._stops = {}, []
        self._table().clear()
        self.query_one("#standing", Static).update(Text(f"not known: {clean(why)}", "bold red"))
        self.query_one("#told", Static).update("")

    def _show(self, board: dict[str, Any]) -> None:
        now = time.time()
        self._stops = board["stops"]
        self._approvals = {one["id"]: one for one in board["approvals"]}
        ready = sum(one["state"] == "ready" for one in board["automations"])
        top = Text()
        if self._stops:
            top.append("\n".join(standing(self._stops, now)), "bold white on red")
        else:
            top.append(f"{ready} of {len(board['automations'])} automations may act", "bold")
        for line in duties(board, now):
            top.append(f"\n{line}", "yellow")
        self.query_one("#standing", Static).update(top)
        table, chosen = self._table(), self._chosen()
        table.clear()
        for id, one in self._approvals.items():
            table.add_row(
                Text(clean(id, 12), "dim"),
                Text(clean(one["automation"], 40)),
                Text(f"{one['plan']['count']:,}", justify="right"),
                Text(ago(one["ends"] - now), justify="right"),
                Text(clean(one["who"], 40)),
                key=id,
            )
        if chosen in self._approvals:
            table.move_cursor(row=table.get_row_index(chosen), animate=False)
        self._tell()

    def on_data_table_row_highlighted(self, event: DataTable.RowHighlighted) -> None:
        self._tell()

    def _tell(self) -> None:
        one = self._approvals.get(self._chosen())
        lines = told(one, time.time()) if one else ["nothing waits for an approval"]
        self.query_one("#told", Static).update(Text("\n".join(lines)))

    # --- keys ----------------------------------------------------------------------------------------------

    def action_approve(self) -> None:
        if one := self._approvals.get(self._chosen()):
            body = {"hash": one["plan"]["hash"]}
            count = one["plan"]["count"]
            self._answer(one, f"Approve {one['automation']} on {count:,}", "note", "approve", body)

    def action_deny(self) -> None:
        if one := self._approvals.get(self._chosen()):
            self._answer(one, f"Deny {one['automation']}", "reason", "deny", {})

    def _answer(self, one: dict[str, Any], title: str, field: str, verb: str, body: dict[str, str]) -> None:
        def done(answer: list[str] | None) -> None:
            if answer is not None:
                path = f"act/approvals/{segment(one['id'])}/{verb}"
                self._do(path, {**body, field: answer[0]}, f"{one['automation']}: {verb}")

        hint = "what you looked at" if field == "note" else "because (it must say why)"
        self.app.push_screen(Form(clean(title), (hint, "")), done)

    def action_stop(self) -> None:
        self.app.push_screen(stopping(), self._stop)

    def _stop(self, answer: list[str] | None) -> None:
        if answer is not None:
            self._do("act/stops", {"reason": answer[0]}, "stopped: no automation acts")

    def action_resume(self) -> None:
        if not self._stops:
            self.notify("no stop holds; there is nothing to resume", markup=False)
            return
        first = self._stops[0]

        def done(answer: list[str] | None) -> None:
            if answer is not None:
                self._do(f"act/stops/{segment(first['id'])}/resume", {"reason": answer[0]}, "resumed")

        what = standing([first], time.time())[0]
        self.app.push_screen(Form(f"Resume {what}", ("because (it must say why)", "")), done)

    @work(thread=True)
    def _do(self, path: str, body: dict[str, str], words: str) -> None:
        try:
            self._node.post(path, body)
        except GadflyError as error:
            self._reach(self._said, str(error), "error")
        else:
            self._reach(self._said, words)
        self._reach(self._read)

    def _said(self, text: str, severity: str = "information") -> None:
        self.notify(clean(text), severity="error" if severity == "error" else "information", markup=False)

    def _chosen(self) -> str:
        table = self._table()
        if not table.row_count or not table.is_valid_row_index(table.cursor_row):
            return ""
        return str(table.ordered_rows[table.cursor_row].key.value)

    def _table(self) -> DataTable[Text]:
        return self.query_one(DataTable)


def stopping() -> Form:
    """The one question before everything is stopped: Enter answers it at once."""
    return Form("Stop every automation now", ("because (may stay empty; Enter stops)", ""))
