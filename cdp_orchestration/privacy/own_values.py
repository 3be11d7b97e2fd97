"""The values of people that no one else bears: those that can be sought in any text, and short ones."""

import re
from collections.abc import Collection, Sequence

import duckdb

from cdp_orchestration.home.sql_text import quoted
from cdp_orchestration.landing.erasure.erasure import whole_words
from cdp_orchestration.landing.erasure.named_people import personal_data_of
from cdp_orchestration.privacy.own_rows import IS_THEIRS, Name, rows_of
from cdp_orchestration.sources import Field, Stream

_MIN_LENGTH, _MIN_DIGITS, _MIN_WORD = 6, 6, 4
_STANDARD = (
    "flatten([[full_name], [given_name], [family_name], [address_line], emails, phones, loyalty_numbers, "
    "shop_customer_ids, card_fingerprints, other_identifiers])"
)
"""SQL for the list of the values of a person record as staging writes them."""


def own_values(
    connection: duckdb.DuckDBPyConnection, streams: Sequence[Stream], records: Collection[str], names: Collection[Name]
) -> set[str]:
    """Return the values of people that no row of anyone else has among what identifies it, or as a whole text.

    Args:
        connection: the warehouse, with ``names``.
        streams: the streams of which something has landed.
        records: the people's records.
        names: what names them.
    """
    # The id of a fact stays, since the fact does
    facts = {about.record for about in map(personal_data_of, streams) if about.record and not about.are_people}
    candidates: set[str | None] = {value for kind, value in names if kind not in facts and "/" not in kind}
    candidates.update(records)
    for stream in streams:
        declared, undeclared = (_theirs(connection, stream, fields) for fields in _identifying_fields(stream))
        # Of a field of which nothing is said only what speaks of one person: it may hold words of anyone
        candidates |= declared | {value for value in undeclared if is_odd(value)}
    candidates |= _standard_values(connection, records)
    found_values = {value.strip() for value in candidates if value and len(value.strip()) > 1}
    borne = {value for stream in streams for value in _borne_by_others(connection, stream, found_values)}
    borne |= {value for stream in streams for value in _other_cells(connection, stream, found_values)}
    borne |= _standard_of_others(connection, records, found_values)
    # Where a longer value of the people was found, the shorter one in it was passed over
    beside = "\x1f".join(sorted(borne))
    own = {value for value in found_values if value.lower() not in borne}
    return {value for value in own if not re.search(whole_words({value.lower()}), beside)}


def _identifying_fields(stream: Stream) -> tuple[list[Field], list[Field]]:
    """Return the fields of a row that identify or name a person: as declared, and for want of another declaration."""
    about = personal_data_of(stream)
    naming = {path[0] for path in about.named_by} | (set(stream.key) if about.are_people else set())
    fields = [field for field in stream.fields if about.role_of(field.name) == "identifying" or field.name in naming]
    known = naming | about.roles.keys()
    return [each for each in fields if each.name in known], [each for each in fields if each.name not in known]


def _listed(fields: Sequence[Field]) -> str | None:
    """Return SQL for the list of all texts in some fields of a row; None without any field."""
    if not fields:
        return None
    return f"flatten([{', '.join(_texts(field.name, is_document=field.type == 'json') for field in fields)}])"


def _theirs(connection: duckdb.DuckDBPyConnection, stream: Stream, fields: Sequence[Field]) -> set[str]:
    """Return the texts of some fields in the rows of the people."""
    rows, values = rows_of(stream), _listed(fields)
    if not rows or not values:
        return set()
    found = connection.execute(f"select distinct unnest({values}) from {rows} where {IS_THEIRS}")
    return {value for (value,) in found.fetchall() if value}


def _texts(name: str, *, is_document: bool) -> str:
    column = f"{quoted(name)}::varchar"
    if not is_document:
        return f"[{column}]"
    # The texts and numbers at any depth; keys are followed by a colon
    leaves = "regexp_extract_all(replace({0}, '\\\\\"', ' '), '\"([^\"]*)\"\\s*(?:[,}}\\]]|$)', 1)"
    numbers = "regexp_extract_all({0}, '[:\\[,]\\s*([0-9]{{5,}})\\s*[,}}\\]]', 1)"
    return f"list_concat({leaves.format(column)}, {numbers.format(column)})"


def _standard_values(connection: duckdb.DuckDBPyConnection, records: Collection[str]) -> set[str]:
    """Return the values of the records as staging writes them."""
    found = connection.execute(
        f"select distinct unnest({_STANDARD}) from staging.person_records where list_contains(?, person_record_id)",
        [list(records)],
    ).fetchall()
    return {value for (value,) in found if value}


def _standard_of_others(
    connection: duckdb.DuckDBPyConnection, records: Collection[str], values: Collection[str]
) -> set[str]:
    """Return which values stand, in small letters, in a record of somebody else as staging writes it.

    The same number or street may have been delivered in another way of writing.
    """
    if not values:
        return set()
    found = connection.execute(
        f"select distinct unnest(regexp_extract_all(lower(array_to_string({_STANDARD}, chr(31))), ?)) "
        "from staging.person_records where not list_contains(?, person_record_id)",
        [whole_words({value.lower() for value in values}), list(records)],
    ).fetchall()
    return {value for (value,) in found}


def _borne_by_others(connection: duckdb.DuckDBPyConnection, stream: Stream, values: Collection[str]) -> set[str]:
    """Return which values stand, in small letters, in a row of somebody else as part of what identifies them."""
    declared, undeclared = _identifying_fields(stream)
    listed, rows = _listed([*declared, *undeclared]), rows_of(stream)
    if not listed or not rows or not values:
        return set()
    found = connection.execute(
        f"select distinct unnest(regexp_extract_all(lower(concat_ws(chr(31), {listed})), ?)) from {rows} "
        f"where not {IS_THEIRS}",
        [whole_words({value.lower() for value in values})],
    ).fetchall()
    return {value for (value,) in found}


def _other_cells(connection: duckdb.DuckDBPyConnection, stream: Stream, values: Collection[str]) -> set[str]:
    """Return which values are, in small letters, a whole text of a row of somebody else, whatever it says."""
    fields = [quoted(field.name) for field in stream.fields if field.type == "text"]
    rows = rows_of(stream) or f"(select *, [] as named from landing.{quoted(stream.table)})"
    theirs = IS_THEIRS if rows_of(stream) else "false"
    if not fields:
        return set()
    cells = f"select unnest([{', '.join(fields)}]) as cell from {rows} where not {theirs}"
    found = connection.execute(
        f"select distinct lower(cell) from ({cells}) where list_contains(?, lower(cell))",
        [sorted({value.lower() for value in values})],
    ).fetchall()
    return {value for (value,) in found}


def is_odd(value: str) -> bool:
    """Return whether a value is so long and odd that a text with it speaks of the person."""
    if len(value) < _MIN_LENGTH:
        return False
    digits = sum(character.isdigit() for character in value)
    has_word = any(len(word) >= _MIN_WORD and word.isalpha() for word in value.split())
    return "@" in value or digits >= _MIN_DIGITS or (" " in value and has_word)
