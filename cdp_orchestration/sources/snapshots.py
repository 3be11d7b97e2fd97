"""Snapshots of a stream, in SQL: files that together hold every row, so that what the newest one lacks was deleted."""

from cdp_orchestration.connectors.row_files import PART
from cdp_orchestration.home.sql_text import quoted, text_literal
from cdp_orchestration.sources.field import DUCKDB_TYPES
from cdp_orchestration.sources.stream import Stream

CONFIRMED = "operations.confirmed_snapshots"  # the batches of snapshots that a person has confirmed
ERASED_ROWS = "operations.erased_rows"  # the requests by which rows of a stream have lost a person


def _name(file: str) -> str:
    return f"coalesce(nullif(regexp_extract({file}, '^(.*){PART}', 1), ''), {file})"


def _position(file: str, landed_at: str) -> str:
    # In the order of newest_version: a file that comes late counts where its name stands, so that what counts does not
    # depend on when files land. Versions of one file follow each other, and what was fetched follows any other file.
    return f"row({file} like '________T______.______Z-_____%', {_name(file)}, {landed_at})"


_IS_ROW = "(starts_with(raw_row, '{') and json_valid(raw_row))"
# Between the signs that part values, and between all signs that are not of a word.
_WORDS = (
    "list_concat(list_transform(regexp_split_to_array(raw_row, '[,;|\\t\"]+'), lambda part: trim(part)), "
    "regexp_split_to_array(raw_row, '[^\\pL\\pN_.@-]+'))"
)
_NAME = _name("_source_file")
POSITION = _position("_source_file", "_loaded_at")


def _pointer(name: str) -> str:
    """Return where a member of an object stands as an SQL text; a name may have quotes, dots and slashes."""
    return text_literal("/" + name.replace("~", "~0").replace("/", "~1"))


def refused_keys(stream: Stream, relation: str) -> str:
    """Return a query with what may be keys of refused rows: as text, with the position of the snapshot.

    A row that a snapshot has and landing refuses exists: its former version stays. Of a line that is no row, such as
    one with too many values, any value may be the key; of several fields, each landed key of which the line has all.

    Args:
        stream: the stream.
        relation: its landing table, as SQL.
    """
    types = _types(stream)
    values = {name: f"trim(json_extract_string(raw_row, {_pointer(name)}))" for name in stream.key}
    position = f"{_position('source_file', 'refused_at')} as position"
    refused = (
        f"from operations.quarantined where source = '{stream.source}' and stream = '{stream.name}' "
        "and not is_row_landed"
    )
    if len(stream.key) == 1:
        (name,) = stream.key
        words = f"select unnest(if({_IS_ROW}, [{values[name]}], {_WORDS})) as word, {position} {refused}"
        return f"select {_as_landed('word', types[name])} as {quoted(name)}, position from ({words})"
    columns = ", ".join(f"{_as_landed(value, types[name])} as {quoted(name)}" for name, value in values.items())
    return f"select {columns}, {position} {refused} and {_IS_ROW} union all {_keys_of_lines(stream, relation, refused)}"


def _types(stream: Stream) -> dict[str, str]:
    return {field.name: DUCKDB_TYPES[field.type] for field in stream.fields}


def _as_landed(text: str, kind: str) -> str:
    return f"coalesce(try_cast({text} as {kind})::varchar, {text})"


def _keys_of_lines(stream: Stream, relation: str, refused: str) -> str:
    """Return the landed keys of which a line that is no row has every value."""
    names = [quoted(name) for name in stream.key]
    types = _types(stream)
    lines = (
        f"select row_number() over () as line, {_WORDS} as words, {_position('source_file', 'refused_at')} as position "
        f"{refused} and not {_IS_ROW}"
    )
    words = f"(select line, position, unnest(list_distinct(words)) as word from ({lines}))"
    joins = [
        f"inner join {words} as part_{number} on keys.{name} = try_cast(part_{number}.word as {types[field]})"
        + (f" and part_{number}.line = part_0.line" if number else "")
        for number, (field, name) in enumerate(zip(stream.key, names, strict=True))
    ]
    columns = ", ".join(f"keys.{name}::varchar as {name}" for name in names)
    return (
        f"select {columns}, part_0.position from (select distinct {', '.join(names)} from {relation}) as keys "
        + " ".join(joins)
    )


def snapshots(relation: str, *, has_decisions: bool = True) -> str:
    """Return a query with one row per snapshot of a landing table.

    A snapshot is one delivered version of a file, or all parts of a fetch. What it lacks counts as deleted only where
    it is believed: all of its parts are there, and it has at least half of the rows of the last whole one before. Of
    one that shrank more, the next one decides, or a person: the loss is real if that has lost the rows as well.

    Args:
        relation: the landing table, as SQL.
        has_decisions: whether the warehouse has the table of what people have confirmed, as it has once it has landed.

    Returns:
        A query with the columns position (comparable with that of a row), began_at, row_count, former_count,
        is_complete and is_believed.
    """
    is_confirmed = f"bool_or(_batch_id in (select batch_id from {CONFIRMED}))" if has_decisions else "false"
    return f"""
        select
            *,
            lag(if(is_complete, row_count, null) ignore nulls) over (order by position) as former_count,
            is_complete and (is_confirmed or row_count * 2 >= coalesce(former_count, 0)) as is_believed
        from (
            select
                min({POSITION}) as position,
                min(_loaded_at) as began_at,
                count(*) as row_count,
                {is_confirmed} as is_confirmed,
                count(distinct _source_file)
                    >= coalesce(max(try_cast(regexp_extract(_source_file, '{PART}', 1) as integer)), 1) as is_complete
            from {relation}
            group by if({_NAME} = _source_file, _batch_id, {_NAME})
        )
    """
