"""Rows of people who were erased: one that is a person does not land, one that is a fact lands without its person."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from cdp_orchestration.home.settings import Settings
from cdp_orchestration.home.sql_text import quoted, text_literal
from cdp_orchestration.landing import refusals
from cdp_orchestration.landing.erasure.erased_people import (
    HASHED,
    create_suppressed,
    learn,
    read_suppressed,
    unlearn,
)
from cdp_orchestration.landing.erasure.erased_texts import without_erased_texts
from cdp_orchestration.landing.erasure.erasure import Erasure, without_values
from cdp_orchestration.landing.erasure.named_people import fact, named_people, one_form, personal_data_of
from cdp_orchestration.landing.raw_rows import CORRECTED_TIMES, SOURCE_LINE, RawRows
from cdp_orchestration.landing.refusals import RefusedRow
from cdp_orchestration.sources import Stream
from cdp_orchestration.sources.personal_data import EMAIL, KEPT_ROLES, PHONE

_OWN_COLUMNS = frozenset({"_batch_id", "_loaded_at", "_source_file", SOURCE_LINE, CORRECTED_TIMES})
_PIECES = re.compile(r'[\s,;|<>"\'{}\[\]()=]+')
_STAND_IN = "erased-"
# Without the escape of a JSON text or the part of a URL that stands before it
_ADDRESS = r"(?:\\[bfnrt])?([^\s<>\",;:|=&?/()\[\]{}\\]+@[^\s<>\",;:|=&?/()\[\]{}\\]*[\p{L}\p{N}])"
_NUMBER = r"([+(]?[0-9][0-9 ()/.\-]{4,}[0-9])"


def without_erased(rows: Iterable[RawRows], stream: Stream, settings: Settings) -> Iterator[RawRows]:
    """Yield the rows of a file without the people who were erased, before anything is checked or stored.

    Args:
        rows: the rows of one file, part by part.
        stream: the stream.
        settings: the home, whose list of erased people counts.

    Yields:
        The rows: one that is an erased person is refused without its values, a fact of one has only what is not about
        people. A refused line that names one keeps no text. The id of a refused person is noted, so that their facts
        are known by it.
    """
    if not read_suppressed(settings):
        yield from rows
        return
    named = named_people(stream)
    with duckdb.connect(":memory:") as engine:
        create_suppressed(engine, settings)
        for raw in rows:
            kept = replace(raw, refused=[_without_text(row, engine, stream) for row in raw.refused])
            kept = _without_people(kept, engine, stream, named, settings) if named else kept
            clean = without_erased_texts(kept.table, stream, engine)
            yield replace(kept, table=_without_contacts(clean, engine, stream))


def _without_people(
    raw: RawRows, engine: duckdb.DuckDBPyConnection, stream: Stream, named: str, settings: Settings
) -> RawRows:
    are_people = personal_data_of(stream).are_people
    engine.register("read", raw.table)
    engine.execute(_NAMED_LINES.format(named=named))
    engine.unregister("read")
    engine.execute(_ERASED_LINES, {"are_people": are_people})
    lines = engine.execute(f"select {SOURCE_LINE} from erased_lines order by all").to_arrow_table()[SOURCE_LINE]
    if are_people:
        _note_ids(engine, stream, settings)
    if not len(lines):
        return raw
    is_erased = pc.is_in(raw.table[SOURCE_LINE], value_set=lines.combine_chunks())
    if are_people:
        refused = [RefusedRow(line, refusals.ERASED_PERSON, None) for line in lines.to_pylist()]
        return replace(raw, table=raw.table.filter(pc.invert(is_erased)), refused=[*raw.refused, *refused])
    return replace(raw, table=without_person(raw.table, is_erased, stream, engine))


def _without_contacts(rows: pa.Table, engine: duckdb.DuckDBPyConnection, stream: Stream) -> pa.Table:
    """Take the e-mail addresses and phone numbers of erased people out of the texts of others."""
    about = personal_data_of(stream)
    kept = {*_OWN_COLUMNS, *stream.key, *(name for name, role in about.roles.items() if role in KEPT_ROLES)}
    texts = [each.name for each in rows.schema if pa.types.is_string(each.type) and each.name not in kept]
    # A document has many numbers, and hardly one that stands in a sentence
    sentences = [field.name for field in stream.fields if field.type == "text" and field.name in texts]
    sought = [*((EMAIL, name, _ADDRESS, "@") for name in texts), *((PHONE, name, _NUMBER, "") for name in sentences)]
    if not sought:
        return rows
    engine.register("read", rows)
    pieces = " union all ".join(
        f"select {text_literal(kind)} as kind, "
        f"unnest(regexp_extract_all({quoted(name)}, {text_literal(pattern)}, 1)) as piece "
        f"from read where contains({quoted(name)}, {text_literal(sign)})"
        for kind, name, pattern, sign in sought
    )
    forms = f"if(kind = {text_literal(EMAIL)}, {one_form(EMAIL, 'piece')}, {one_form(PHONE, 'piece')})"
    named = f"{{'kind': kind, 'value': {forms}}}"
    found = engine.execute(
        f"select distinct piece "
        f"from (select piece, {named} as named from (select distinct kind, piece from ({pieces}))) "
        f"where {HASHED} in (select hash from suppressed) order by piece"
    ).fetchall()
    engine.unregister("read")
    erasure = Erasure("", frozenset(), frozenset(piece for (piece,) in found))
    return without_values(rows, erasure, kept)[0] if found else rows


def _note_ids(engine: duckdb.DuckDBPyConnection, stream: Stream, settings: Settings) -> None:
    """Note the ids of the erased lines, and forget those of others that were noted before."""
    kind = personal_data_of(stream).record or ""
    new = engine.execute(_NEW_IDS, {"kind": kind}).fetchall()
    former = engine.execute(_FORMER_IDS, {"kind": kind}).fetchall()
    learn(settings, kind, new)
    unlearn(settings, {hashed for (hashed,) in former})
    if new or former:
        create_suppressed(engine, settings)


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


_NAMED_LINES = f"""
create or replace temp table named_lines as
with named as (
    select {SOURCE_LINE}, unnest({{named}}) as named from read
),

hashed as (
    select named, {HASHED} as hash from (select distinct named from named)
)

select {SOURCE_LINE}, hashed.named.kind as kind, hash
from named
inner join hashed on named.named = hashed.named
"""
# A row that is a person is not refused for its own id alone, where that was learnt from another version of it
_ERASED_LINES = f"""
create or replace temp table erased_lines as
select {SOURCE_LINE}, min(request_id) as request_id
from named_lines
inner join suppressed using (hash)
where not (is_learnt and $are_people)
group by {SOURCE_LINE}
"""
_NEW_IDS = f"""
select hash, min(request_id)
from named_lines
inner join erased_lines using ({SOURCE_LINE})
where kind = $kind and hash not in (select hash from suppressed)
group by hash
order by hash
"""
_FORMER_IDS = f"""
select distinct hash
from named_lines
where kind = $kind
    and hash in (select hash from suppressed where is_learnt)
    and hash not in (select hash from named_lines semi join erased_lines using ({SOURCE_LINE}))
"""
