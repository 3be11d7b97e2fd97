"""Names and values within a statement of SQL: whatever they hold, they end nowhere but where they end."""

from pathlib import Path


def quoted(name: str) -> str:
    """Return a name as an SQL identifier."""
    return '"' + name.replace('"', '""') + '"'


def text_literal(value: str | Path) -> str:
    """Return a text, or the path of a file, as an SQL literal."""
    return "'" + str(value).replace("'", "''") + "'"
