"""How an error reaches the user: as plain text, whatever value it names."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import typer
from typer.core import TyperGroup

from cdp_orchestration.errors import CdpError, DbtFailedError, DeclarationError, SyncFailedError
from cdp_orchestration.terminal import tables
from cdp_orchestration.terminal.plain_text import plain

# Errors that list what failed, one a line; in any other error a line break comes from a value
_LISTS = (DbtFailedError, DeclarationError, SyncFailedError)


def show_error(error: CdpError) -> None:
    """Print an error to standard error: one line, and for an error that lists failures one indented line for each."""
    first, *details = str(error).split("\n") if isinstance(error, _LISTS) else [str(error)]
    tables.show_error(first, details)


class PlainErrors(TyperGroup):
    """A group of commands whose usage errors repeat what the user typed as plain text."""

    def make_context(self, *arguments: Any, **keywords: Any) -> Any:
        """Read the group's own options."""
        with _plain_messages():
            return super().make_context(*arguments, **keywords)

    def invoke(self, ctx: Any) -> Any:
        """Read the options of the command that is named, and run it."""
        with _plain_messages():
            return super().invoke(ctx)


@contextmanager
def _plain_messages() -> Iterator[None]:
    try:
        yield
    except typer.TyperException as error:
        error.message = plain(error.message)
        raise
