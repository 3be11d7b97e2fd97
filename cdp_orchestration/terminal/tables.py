"""Tables in the terminal, and the one way to print."""

from collections.abc import Iterable
from typing import Any

from rich.console import Console, RenderableType
from rich.table import Table


def table(title: str, headings: Iterable[str], rows: Iterable[Iterable[Any]]) -> Table:
    """Return a plain table of text."""
    rendered = Table(title=title, title_justify="left", title_style="bold")
    for heading in headings:
        rendered.add_column(heading, overflow="fold")  # an id that is cut cannot be asked for
    for row in rows:
        rendered.add_row(*("" if value is None else str(value) for value in row))
    return rendered


def show(renderable: RenderableType) -> None:
    """Print to the terminal; paths and commands stay in one piece."""
    Console(soft_wrap=True).print(renderable, highlight=False)
