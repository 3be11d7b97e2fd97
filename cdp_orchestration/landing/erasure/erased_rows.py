"""Rows of people who were erased: one that is a person does not land, one that is a fact lands without its person."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from cdp_orchestration.home.settings import Settings
from cdp_orchestration.home.sql_text import text_literal
from cdp_orchestration.landing import refusals
from cdp_orchestration.landing.erasure.erased_people import HASHED, create_suppressed, read_suppressed
from cdp_orchestration.landing.erasure.named_people import fact, named_people, one_form, personal_data_of
from cdp_orchestration.landing.raw_rows import CORRECTED_TIMES, SOURCE_LINE, RawRows
from cdp_orchestration.landing.refusals import RefusedRow
from cdp_orchestration.sources import Stream
from cdp_orchestration.sources.personal_data import EMAIL, KEPT_ROLES, PHONE

_OWN_COLUMNS = frozenset({"_batch_id", "_loaded_at", "_source_file", SOURCE_LINE, CORRECTED_TIMES})
_PIECES = re.compile(r'[\s,;|<>"\'{}\[\]()=]+')
_STAND_IN = "erased-"


def without_erased(rows: Iterable[RawRows], stream: Stream, settings: Settings) -> Iterator[RawRows]:
    """Yield the rows of a file without the people who were erased, before anything is checked or stored.

    Args:
        rows: the rows of one file, part by part.
        stream: the stream.
        settings: the home, whose list of erased people counts.

    Yields:
        The rows: one that is an erased person is refused without its values, a fact of one has only what is not about
        people. A refused line that names one keeps no text.
    """
    if not read_suppressed(settings):
        yield from rows
        return
    named = named_people(stream)
    with duckdb.connect(":memory:") as engine:
        create_suppressed(engine, settings)
        for raw in rows:
            kept = replace(raw, refused=[_without_text(row, engine, stream) for row in raw.refused])
            yield _without_people(kept, engine, stream, named) if named else kept


def _without_people(raw: RawRows, engine: duckdb.DuckDBPyConnection, stream: Stream, named: str) -> RawRows:
    engine.register("read", raw.table)
    found = engine.execute(_ERASED_LINES.format(named=named)).to_arrow_table()
    engine.unregister("read")
    if not found.num_rows:
        return raw
    is_erased = pc.is_in(raw.table[SOURCE_LINE], value_set=found[SOURCE_LINE].combine_chunks())
    if personal_data_of(stream).are_people:
        refused = [RefusedRow(line, refusals.ERASED_PERSON, None) for line in found[SOURCE_LINE].to_pylist()]
        return replace(raw, table=raw.table.filter(pc.invert(is_erased)), refused=[*raw.refused, *refused])
    return replace(raw, table=without_person(raw.table, is_erased, stream, engine))


def without_person(
    rows: pa.Table, is_erased: pa.ChunkedArray, stream: Stream, engine: duckdb.DuckDBPyConnection
) -> pa.Table:
    """Return facts of which some have lost their person.

    Args:
        rows: the rows, as read or as landed.
        is_erased: which of them are of an erased person.
        stream: the stream.
        engine: a database that has ``keyed_hash``, for parts of keys that name the person.

    Returns:
        The same rows; of the erased ones only ids and what is not about people are left.
    """
    about = personal_data_of(stream)
    naming = {path[0] for path in about.named_by}
    kept = _OWN_COLUMNS | {name for name, role in about.roles.items() if role in KEPT_ROLES and name not in naming}
    for index, name in enumerate(rows.column_names):
        if name in kept:
            continue
        emptied = pa.nulls(rows.num_rows, rows.schema.field(name).type)
        if members := about.kept_members(name):
            emptied = _kept_members(rows[name], members, engine)
        elif name in stream.key:
            emptied = _stand_ins(rows[name], about.named_by[(name,)], engine)
        rows = rows.set_column(index, rows.schema.field(name), pc.if_else(is_erased, emptied, rows[name]))
    return rows


def _kept_members(values: pa.ChunkedArray, members: Sequence[str], engine: duckdb.DuckDBPyConnection) -> pa.Array:
    """Return JSON objects with nothing but some members, null where an object has none of them."""
    engine.register("documents", pa.table({"value": values.cast(pa.string()), "place": pa.array(range(len(values)))}))
    kept = "'{}'"
    for member in members:
        one = _at(member)
        for name in reversed(member.split(".")):
            one = f"json_object({text_literal(name)}, {one})"
        kept = f"json_merge_patch({kept}, if({_at(member)} is null, '{{}}', {one}))"
    found = engine.execute(
        f"select case when json_valid(value) then nullif(cast({kept} as varchar), '{{}}') end as kept "
        "from documents order by place"
    ).to_arrow_table()
    engine.unregister("documents")
    return found["kept"].cast(values.type).combine_chunks()


def _at(member: str) -> str:
    return f"json_extract(value, {text_literal(f'$.{member}')})"


def _stand_ins(values: pa.ChunkedArray, kind: str, engine: duckdb.DuckDBPyConnection) -> pa.Array:
    """Return in place of each value of a key one that is always the same for it, and that does not name it."""
    engine.register("key_values", pa.table({"value": values.cast(pa.string()), "place": pa.array(range(len(values)))}))
    named = f"{{'kind': ?, 'value': {one_form(kind, 'value')}}}"
    found = engine.execute(
        f"select '{_STAND_IN}' || left({HASHED}, 16) as stand_in "
        f"from (select place, {named} as named from key_values) order by place",
        [kind],
    ).to_arrow_table()
    engine.unregister("key_values")
    return found["stand_in"].combine_chunks()


def _without_text(row: RefusedRow, engine: duckdb.DuckDBPyConnection, stream: Stream) -> RefusedRow:
    """Return a refusal without its text, if that names an erased person in any of the ways of the stream."""
    about = personal_data_of(stream)
    kinds = {*about.named_by.values(), EMAIL, PHONE, *(kind for kind in (about.record, fact(stream)) if kind)}
    pieces = [piece for piece in _PIECES.split(row.raw_row or "") if piece]
    if not pieces:
        return row
    forms = ", ".join(f"{{'kind': '{kind}', 'value': {one_form(kind, 'piece')}}}" for kind in sorted(kinds))
    found = engine.execute(
        f"select count(*) from (select unnest([{forms}]) as named from (select unnest(?::varchar[]) as piece)) "
        f"where {HASHED} in (select hash from suppressed)",
        [pieces],
    ).fetchone()
    return replace(row, raw_row=None) if found and found[0] else row


_ERASED_LINES = f"""
with named as (
    select {SOURCE_LINE}, unnest({{named}}) as named from read
),

hashed as (
    select named, {HASHED} as hash from (select distinct named from named)
)

select distinct {SOURCE_LINE}
from named
inner join hashed on named.named = hashed.named
semi join suppressed on hashed.hash = suppressed.hash
order by all
"""
