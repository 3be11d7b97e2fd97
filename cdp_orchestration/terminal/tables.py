"""What a command prints: tables, facts and lines of plain text, JSON, and errors."""

import os
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from rich.console import Console, Group, RenderableType
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from cdp_orchestration.terminal.plain_text import json_text, plain, text

_WIDEST = 7  # columns
_TURNED_ROWS = 3
_LONGEST_NAME = 40
_NO_TERMINAL = 10_000  # signs a line: what reads a pipe or a file looks for whole names


def table(title: str, headings: Iterable[str], rows: Iterable[Iterable[Any]]) -> Table:
    """Return a table whose title, headings and cells are plain text."""
    rendered = Table(title=text(title), title_justify="left", title_style="bold")
    shown = [list(map(text, row)) for row in rows]
    # What a row is called stays in one piece, as it is what commands take; the other columns give way
    names = [row[0] for row in shown]
    are_words = all(" " not in name.plain and name.cell_len <= _LONGEST_NAME for name in names)
    for position, heading in enumerate(headings):
        # an id that is cut cannot be asked for
        rendered.add_column(text(heading), overflow="fold", no_wrap=are_words and position == 0)
    for cells in shown:
        rendered.add_row(*cells)
    return rendered


def turned_where_wide(headings: Sequence[str], rows: Sequence[Sequence[Any]]) -> tuple[Sequence[str], Sequence[Any]]:
    """Return headings and rows of a table as they are, or, of more columns than a line can show, a line each column."""
    if len(headings) <= _WIDEST:
        return headings, rows
    shown = rows[:_TURNED_ROWS]
    return ("", *(f"row {number + 1}" for number in range(len(shown)))), list(zip(headings, *shown, strict=True))


def facts(title: str, values: Mapping[str, Any]) -> Panel:
    """Return names with their values in a panel, one a line; a name without a value is left out."""
    grid = Table.grid(padding=(0, 2))
    for name, value in values.items():
        if value is not None:
            grid.add_row(text(name, "dim"), text(value))
    return panel(title, grid)


def panel(title: str, content: RenderableType) -> Panel:
    """Return a panel with a title of plain text."""
    return Panel(content, title=text(title), title_align="left", expand=False)


def lines(sentences: Iterable[str]) -> Text:
    """Return sentences as plain text, each on a line of its own."""
    return Text("\n").join(map(text, sentences))


def show(*parts: str | RenderableType) -> None:
    """Print to standard output, a string as one line of plain text; paths and commands stay in one piece."""
    _console().print(Group(*(text(part) if isinstance(part, str) else part for part in parts)))


def show_json(value: object) -> None:
    """Print a value as JSON, to standard output."""
    _console().out(json_text(value), highlight=False)


def show_error(message: str, details: Iterable[str] = ()) -> None:
    """Print an error to standard error: the message on one line, each detail on a further line, indented."""
    first = Text.assemble(("error:", "red"), " ", plain(message))
    _console(is_error=True).print(Group(first, *(text(f"  {plain(detail)}") for detail in details)))


def show_wait(sentence: str) -> None:
    """Print to standard error what a command waits for."""
    _console(is_error=True).print(text(sentence))


def _console(*, is_error: bool = False) -> Console:
    console = Console(stderr=is_error, soft_wrap=True, markup=False, emoji=False, highlight=False)
    if not console.is_terminal and "COLUMNS" not in os.environ:
        console.width = _NO_TERMINAL
    return console
