"""What an erasure seeks: what names the people, and their values that no one else bears."""

import html
import json
import re
from collections.abc import Collection
from dataclasses import dataclass, field

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

ERASED = "[erased]"
"""What stands in a text where a value was."""


@dataclass(frozen=True)
class Erasure:
    """The people of one request, as their rows are found.

    Attributes:
        request_id: the request.
        names: what names them, as pairs of kind and compared form.
        values: their values as they are written somewhere, none of them borne by anyone else.
    """

    request_id: str
    names: frozenset[tuple[str, str]]
    values: frozenset[str] = field(repr=False)

    @property
    def pattern(self) -> str:
        """The regular expression of any of the values as a whole word, for RE2 and Python; it never matches without."""
        return whole_words(self.values)

    @property
    def written_pattern(self) -> str:
        """The same for values as files may have them: also with the escapes of JSON and HTML."""
        return whole_words(written(self.values))

    @property
    def mentioned_pattern(self) -> str:
        """The same, and for what names the people or their facts: a file without any of it has no row of theirs."""
        return whole_words(written({*self.values, *(value for _, value in self.names)}))


def written(values: Collection[str]) -> set[str]:
    """Return values as files may have them: as they are, and with the escapes of JSON and of HTML."""
    return {form for value in values for form in (value, json.dumps(value)[1:-1], html.escape(value))}


def without_values(rows: pa.Table, erasure: Erasure, kept: Collection[str] = ()) -> tuple[pa.Table, pa.Array]:
    """Take the values of the people out of the texts of rows, whoever these are of.

    Args:
        rows: the rows.
        erasure: the people.
        kept: columns that stay as they are.

    Returns:
        The rows, and which of them had a value.
    """
    has_text = pa.repeat(False, rows.num_rows)
    for index, column in enumerate(rows.schema):
        if column.name in kept or not pa.types.is_string(column.type):
            continue
        is_hit = pc.fill_null(pc.match_substring_regex(rows[column.name], erasure.pattern), False)
        if pc.any(is_hit).as_py():
            clean = pc.replace_substring_regex(rows[column.name], erasure.pattern, ERASED)
            rows = rows.set_column(index, column, clean)
            has_text = pc.or_(has_text, is_hit)
    return rows, has_text


def register_names(engine: duckdb.DuckDBPyConnection, names: Collection[tuple[str, str]]) -> None:
    """Let a connection read what names people as table ``names`` (kind, value)."""
    ordered = sorted(names)
    table = {"kind": [kind for kind, _ in ordered], "value": [value for _, value in ordered]}
    schema = pa.schema([("kind", pa.string()), ("value", pa.string())])
    engine.register("names", pa.table(table, schema=schema))


def whole_words(values: Collection[str]) -> str:
    """Return the regular expression of any of some values, the longest first; it never matches without a value."""
    ordered = sorted(values, key=lambda value: (-len(value), value))
    words = [_ended(value) for value in ordered if is_of_word(value[0])]
    others = [_ended(value) for value in ordered if not is_of_word(value[0])]
    begun = [f"{_BEGIN}(?:{'|'.join(words)})"] if words else []
    return f"(?i)(?:{'|'.join([*begun, *others])})" if ordered else r"[^\s\S]"


# In a document of JSON the letter of an escape, as of a line break, is no part of the word behind it
_BEGIN = r"(?:\\[bfnrt]|\b)"


def _ended(value: str) -> str:
    end = r"\b" if is_of_word(value[-1]) else ""
    return re.escape(value).replace(r"\ ", " ").replace(r"\-", "-").replace(r"\@", "@") + end


def is_of_word(sign: str) -> bool:
    """Return whether a word that begins or ends with a sign has a bound there: other alphabets have none."""
    return sign.isascii() and sign.isalnum()
