"""What opens over the table: a story to read, and lines to fill in."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.screen import ModalScreen, Screen
from textual.widgets import Input, Label, Static

BACK: list[BindingType] = [Binding("escape,q", "app.pop_screen", "back")]


class StoryScreen(Screen[None]):
    """One component's story; scrolls."""

    BINDINGS: ClassVar[list[BindingType]] = BACK

    def __init__(self, lines: Sequence[str]) -> None:
        super().__init__()
        self._lines = lines

    def compose(self) -> ComposeResult:
        with VerticalScroll():
            yield Static(Text.from_ansi("\n".join(self._lines)), id="story")
        yield Label("Esc back", classes="hint")


class Form(ModalScreen[list[str] | None]):
    """A question with one or more lines to fill in. Gives the lines, or None when left with Esc."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "leave", "leave")]

    def __init__(self, question: str, *fields: tuple[str, str]) -> None:
        """Each field is (what to write there, what stands there already)."""
        super().__init__()
        self._question, self._fields = question, fields

    def compose(self) -> ComposeResult:
        with Vertical(id="form"):
            yield Label(Text(self._question))
            for placeholder, value in self._fields:
                yield Input(value=value, placeholder=placeholder)
            yield Label("Enter to go on, Esc to leave", classes="hint")

    def on_mount(self) -> None:
        self.query(Input).first().focus()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        inputs = list(self.query(Input))
        here = inputs.index(event.input)
        if here + 1 < len(inputs):
            inputs[here + 1].focus()
        else:
            self.dismiss([one.value.strip() for one in inputs])

    def action_leave(self) -> None:
        self.dismiss(None)
