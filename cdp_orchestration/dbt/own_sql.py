"""Parts of the SQL of generated models: the fields of a declared stream as they stand in landing.

Names and values come from a checked declaration (``sources/mappings.py`` refuses double quotes and braces in them), and
stand in literals that escape the rest, so that none of them can be SQL or Jinja.
"""

from collections.abc import Iterable

from cdp_orchestration.home.sql_text import quoted, text_literal
from cdp_orchestration.sources import Stream
from cdp_orchestration.sources.declaration import StreamDeclaration
from cdp_orchestration.sources.interaction_mapping import DEFAULT_EVENT, InteractionMapping


def mapping_of(stream: Stream) -> StreamDeclaration:
    """Return what a stream's rows are, as declared."""
    assert stream.mapping is not None  # noqa: S101 - every declared stream has one
    return stream.mapping


def has_event_words(mapped: InteractionMapping) -> bool:
    """Return whether the words of an event decide what it is; else each row is what "*" says, and no event unknown."""
    return bool(mapped.event) and set(mapped.taxonomy) != {DEFAULT_EVENT}


def record_id(stream: Stream) -> str:
    """Return the id of a row: the fields of its key."""
    parts = [f"trim({as_text(name)})" for name in stream.key]
    return parts[0] if len(parts) == 1 else f"concat_ws(':', {', '.join(parts)})"


def is_one_of(column: str, values: Iterable[str | bool | int]) -> str:
    """Return the condition that a column, as SQL, has one of some values, in letters of either case."""
    listed = ", ".join(text_literal(str(value).strip().lower()) for value in values)
    return f"lower(trim({column}::varchar)) in ({listed})" if listed else "false"


def text_list(fields: Iterable[str]) -> str:
    """Return the list of the texts of some fields."""
    return f"[{', '.join(as_text(field) for field in fields)}]::varchar[]"


def as_text(field: str) -> str:
    """Return a field as text."""
    return f"{quoted(field)}::varchar"


def as_jinja(text: str) -> str:
    """Return a text as a Jinja literal: an argument of a macro in a model."""
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"
