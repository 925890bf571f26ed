"""The terminal picture: what is not well first, live, with keys to look closer and to act.

The node is asked in worker threads; a change told by its stream makes the table be read again, at most
twice a second. Only one page of components is ever held, however many there are.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable
from typing import Any, ClassVar

from rich.text import Text
from textual import work
from textual.app import App, ComposeResult
from textual.binding import Binding, BindingType
from textual.css.query import NoMatches
from textual.widgets import DataTable, Input, Static

from gadfly.cli import story
from gadfly.cli.ack import targets
from gadfly.cli.node import Node, segment
from gadfly.cli.terminal import clean, painter
from gadfly.cli.watch.acts import ActsScreen, stopping
from gadfly.cli.watch.dialogs import Form, StoryScreen
from gadfly.cli.watch.feed import Feed
from gadfly.cli.watch.glance import COLUMNS, counts, next_filter, row, which
from gadfly.duration import parse
from gadfly.errors import GadflyError

PAGE = 200
"""Rows shown; more are found by search and filter."""
PACE = 0.5
"""Seconds between two readings of the table at least."""
KEYS = "enter story  / search  f filter  a ack  s silence  p probe  A acts  X stop  q quit"


class Watch(App[None]):
    """The picture of one node."""

    TITLE = "gadfly"
    ENABLE_COMMAND_PALETTE = False
    CSS = """
    Screen { background: ansi_default; }
    #counts, #state, #keys { height: 1; padding: 0 1; }
    #state, #keys, .hint { color: $text-muted; }
    #search { display: none; height: 1; border: none; padding: 0 1; }
    DataTable { height: 1fr; background: ansi_default; overflow-x: hidden; }
    #why { height: 2; padding: 0 1; }
    #story { padding: 0 1; }
    StoryScreen VerticalScroll { height: 1fr; }
    Form { align: center middle; }
    #form { width: 70; max-width: 95%; height: auto; padding: 0 1; }
    #form { border: round $primary; background: $surface; }
    #form Input { height: 1; border: none; margin: 1 0 0 0; padding: 0; }
    #form .hint { margin: 1 0 0 0; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("q", "quit", "quit"),
        Binding("slash", "search", "search"),
        Binding("f", "filter", "filter"),
        Binding("a", "ack", "ack"),
        Binding("s", "silence", "silence"),
        Binding("p", "probe", "probe"),
        Binding("A", "acts", "acts"),
        Binding("X", "stop", "stop"),
        Binding("escape", "clear", "clear"),
    ]

    def __init__(self, node: Node, *, everything: bool = False) -> None:
        super().__init__(ansi_color=True)
        self._node = node
        self._filter = "all" if everything else "not well"
        self._query = ""
        self._counts: dict[str, int] = {}
        self._total = 0
        self._reasons: dict[str, str] = {}
        self._dirty = False
        self._reading = False
        self._links = "connecting"
        self._feed = Feed(node, self._changed, self._lost)

    def compose(self) -> ComposeResult:
        yield Static(id="counts")
        yield Static(id="state")
        yield Input(placeholder="part of a name; Enter keeps it, Esc clears it", id="search")
        table: DataTable[Text] = DataTable(cursor_type="row", zebra_stripes=False)
        yield table
        yield Static(id="why")
        yield Static(KEYS, id="keys")

    def on_mount(self) -> None:
        table = self._table()
        for column in COLUMNS:
            table.add_column(column, key=column)
        table.focus()
        self._dirty = True
        self._feed.start()
        self.set_interval(PACE, self._tick)
        self._tick()

    def on_unmount(self) -> None:
        self._feed.stop()

    # --- what the node says --------------------------------------------------------------------------------

    def _changed(self) -> None:
        """Called by the feed's thread."""
        self._links = "live"
        self._dirty = True

    def _lost(self, why: str) -> None:
        """Called by the feed's thread."""
        self._links = f"not live: {why}"

    def _tick(self) -> None:
        if not self.query(DataTable):
            return  # the screen is being taken down: a tick may still come
        self._show_state()
        if self._dirty and not self._reading:
            self._dirty, self._reading = False, True
            self._read(self._filter, self._query)

    @work(thread=True, group="read")
    def _read(self, filter: str, query: str) -> None:
        try:
            summary = self._node.get("summary")
            page = self._node.get("components", q=query, verdict=",".join(which(filter)), limit=PAGE)
        except GadflyError as error:
            self._reach(self._failed, str(error))
        else:
            self._reach(self._show, summary, page)

    def _reach(self, call: Callable[..., None], *arguments: Any) -> None:
        """From a thread to the screen; nothing when that is closed already, or being taken down."""
        with contextlib.suppress(RuntimeError, NoMatches):
            self.call_from_thread(call, *arguments)

    def _failed(self, why: str) -> None:
        self._reading = False
        self._links = f"not live: {why}"
        self._show_state()

    def _show(self, summary: dict[str, Any], page: dict[str, Any]) -> None:
        self._reading = False
        self._counts = summary["counts"]
        self._total = page["total"]
        self.query_one("#counts", Static).update(counts(summary))
        table = self._table()
        name, place = self._chosen(), table.cursor_row
        now = time.time()
        self._reasons = {one["name"]: clean(one.get("reason", "")) for one in page["components"]}
        table.clear()
        for component in page["components"]:
            table.add_row(*row(component, now), key=component["name"])
        if table.row_count:
            # The same component stays chosen where it is still shown, else the same place.
            with contextlib.suppress(Exception):
                place = table.get_row_index(name) if name else 0
            table.move_cursor(row=min(place, table.row_count - 1), animate=False)
        self._show_state()
        self._show_why()

    def _show_state(self) -> None:
        shown = self._table().row_count
        total = self._total
        of = f"{shown} of {total:,}" if total > shown else f"{shown}"
        searching = f", named *{clean(self._query, 40)}*" if self._query else ""
        empty = "; all is well" if not total and self._filter == "not well" and self._counts else ""
        self.query_one("#state", Static).update(
            Text(f"{self._filter}{searching}: {of}{empty}   {self._links}")
        )

    def _show_why(self) -> None:
        """The whole reason of the chosen row, which its column may have cut."""
        self.query_one("#why", Static).update(Text(self._reasons.get(self._chosen(), ""), "dim"))

    # --- keys ----------------------------------------------------------------------------------------------

    def action_filter(self) -> None:
        self._filter = next_filter(self._filter, self._counts)
        self._again()

    def action_search(self) -> None:
        box = self.query_one("#search", Input)
        box.display = True
        # At once, not when messages are handled next: what is typed now belongs into the box.
        self.screen.set_focus(box)

    def action_clear(self) -> None:
        box = self.query_one("#search", Input)
        box.value = ""
        box.display = False
        self._table().focus()

    def on_input_changed(self, event: Input.Changed) -> None:
        if event.input.id == "search" and event.value != self._query:
            self._query = event.value
            self._again()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        if event.input.id == "search":
            event.input.display = False
            self._table().focus()

    def on_data_table_row_highlighted(self, event: DataTable.RowHighlighted) -> None:
        self._show_why()

    def on_data_table_row_selected(self, event: DataTable.RowSelected) -> None:
        if event.row_key.value:
            self._tell(event.row_key.value)

    @work(thread=True)
    def _tell(self, name: str) -> None:
        def show() -> None:
            told = self._node.get("story", name=name)
            lines = story.lines(told, time.time(), self.size.width - 2, painter(True))
            self._reach(self._open_story, lines)

        self._try(show)

    def _open_story(self, lines: list[str]) -> None:
        self.push_screen(StoryScreen(lines))

    def action_ack(self) -> None:
        def done(answer: list[str] | None) -> None:
            if answer is not None and name:
                self._do(lambda: self._ack(name, answer[0]))

        if name := self._chosen():
            self.push_screen(
                Form(f"Take on the alerts of {clean(name)}", ("what you are doing about it", "")), done
            )

    def _ack(self, name: str, note: str) -> str:
        for id in targets(self._node, name):
            self._node.post(f"alerts/{segment(id)}/ack", {"note": note})
        return f"{name}: taken on"

    def action_silence(self) -> None:
        def done(answer: list[str] | None) -> None:
            if answer is not None and name:
                self._do(lambda: self._silence(name, *answer))

        if name := self._chosen():
            fields = (("how long", "2h"), ("because (it must say why)", ""))
            self.push_screen(Form(f"Silence {clean(name)}", *fields), done)

    def _silence(self, name: str, lasts: str, because: str) -> str:
        if not because:
            return "not silenced: a silence must say why"
        try:
            seconds = parse(lasts)
        except ValueError as error:
            return f"not silenced: {error}"
        self._node.post("silences", {"match": {"component": name}, "reason": because, "lasts": seconds})
        return f"{name}: silent for {lasts}"

    def action_probe(self) -> None:
        if name := self._chosen():
            self._do(lambda: f"{name}: {self._node.post(f'probe/{segment(name)}')['probes']} probes asked")

    def action_acts(self) -> None:
        self.push_screen(ActsScreen(self._node))

    def action_stop(self) -> None:
        def done(answer: list[str] | None) -> None:
            if answer is not None:
                self._do(lambda: self._stop(answer[0]))

        self.push_screen(stopping(), done)

    def _stop(self, because: str) -> str:
        return f"stopped ({self._node.post('act/stops', {'reason': because})['id']}); A shows it"

    @work(thread=True)
    def _do(self, deed: Callable[[], str]) -> None:
        self._try(lambda: self._reach(self._say, deed()))
        self._dirty = True

    def _try(self, deed: Callable[[], None]) -> None:
        """In a thread: run it, and show what the node refuses."""
        try:
            deed()
        except GadflyError as error:
            self._reach(self._say, str(error), "error")

    def _say(self, text: str, severity: str = "information") -> None:
        self.notify(clean(text), severity="error" if severity == "error" else "information", markup=False)

    def _again(self) -> None:
        self._dirty = True
        self._tick()

    def _chosen(self) -> str:
        for table in self.query(DataTable):
            if table.row_count and table.is_valid_row_index(table.cursor_row):
                return str(table.ordered_rows[table.cursor_row].key.value)
        return ""

    def _table(self) -> DataTable[Text]:
        return self.query_one(DataTable)
