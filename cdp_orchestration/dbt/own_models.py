"""The dbt models of a stream that an installation declares: staging, person records, interactions, from its mapping.

Names and values come from a checked declaration (``sources/mappings.py`` refuses quotes and braces in them), so that
none of them can be SQL or Jinja.
"""

from collections.abc import Iterable

from cdp_orchestration.dbt.own_amounts import amount_columns
from cdp_orchestration.dbt.own_answers import answer_columns
from cdp_orchestration.dbt.own_model_files import shipped_models
from cdp_orchestration.dbt.own_sql import as_jinja, as_text, has_event_words, is_one_of, mapping_of, record_id
from cdp_orchestration.home.sql_text import quoted
from cdp_orchestration.sources import Stream
from cdp_orchestration.sources.declaration import StreamDeclaration
from cdp_orchestration.sources.declared import IS_DELETED, RECORD_ID
from cdp_orchestration.sources.interaction_mapping import InteractionMapping
from cdp_orchestration.sources.mappings import PersonMapping
from cdp_orchestration.sources.snapshots import POSITION, refused_keys, snapshots

_CLEANED = {"text": "filled", "json": "filled"}
# The columns of a person record of which one says who it is; where somebody lives or which language does not.
_NAMING = ("full_name", "given_name", "middle_name", "family_name", "date_of_birth", "address_line")


def person_model(stream: Stream) -> str | None:
    """Return the name of the model of a stream's person records, None for a shipped stream and one without persons."""
    return _free_name(f"{stream.table}_person_records") if stream.is_own and mapping_of(stream).person else None


def interaction_model(stream: Stream) -> str | None:
    """Return the name of the model of a stream's interactions, None for a shipped stream and one without any."""
    return _free_name(f"{stream.table}_interactions") if stream.is_own and mapping_of(stream).interaction else None


def _free_name(name: str) -> str:
    # A stream `ticket` of the source `support` would have the name of a model that ships.
    return f"own_{name}" if name in shipped_models() else name


def amount_model(stream: Stream) -> str | None:
    """Return the name of the model of a stream's interactions, None where they move no money."""
    name = interaction_model(stream)
    mapped = mapping_of(stream).interaction if name else None
    return name if mapped and mapped.amount else None


def text_model(stream: Stream) -> str | None:
    """Return the name of the model of a stream's interactions, None where customers wrote nothing."""
    name = interaction_model(stream)
    mapped = mapping_of(stream).interaction if name else None
    return name if mapped and mapped.comment else None


def rated_text_model(stream: Stream) -> str | None:
    """Return the name of the model of a stream's interactions, None where no text stands beside a score."""
    name = text_model(stream)
    mapped = mapping_of(stream).interaction if name else None
    return name if mapped and mapped.score else None


def own_models(stream: Stream) -> dict[str, str]:
    """Return the SQL of each model of a home's own stream by the model's name."""
    mapping = mapping_of(stream)
    models = {stream.staging_model: _staging(stream, mapping)}
    if (name := person_model(stream)) and mapping.person:
        models[name] = _person_records(stream, mapping.person, mapping.interaction)
    if (name := interaction_model(stream)) and mapping.interaction:
        models[name] = _interactions(stream, mapping.interaction, mapping.person)
    return models


def _staging(stream: Stream, mapping: StreamDeclaration) -> str:
    cursor = f", {as_jinja(stream.cursor)}" if stream.cursor else ""
    key = ", ".join(map(as_jinja, stream.key))
    columns = [f"{record_id(stream)} as {RECORD_ID}"]
    for field in stream.fields:
        if field.staged_name:
            cleaner = _CLEANED.get(field.type)
            value = f"{{{{ {cleaner}({as_jinja(quoted(field.name))}) }}}}" if cleaner else quoted(field.name)
            columns.append(f"{value} as {quoted(field.staged_name)}")
    landed, relation = ["*"], f"{{{{ source('landing', '{stream.table}') }}}}"
    columns.append(f"coalesce({_is_deleted(stream, mapping, relation)}, false) as {IS_DELETED}")
    if mapping.deleted and mapping.deleted.absent_from_snapshot:
        seen = ", ".join(quoted(name) for name in stream.key)
        landed += [
            f"max({POSITION}) over (partition by {seen}) as _last_seen_in",
            f"(select max(position) from ({snapshots(relation)}) where is_believed) as _newest_snapshot",
        ]
    return _query(
        _select("landed", landed, relation),
        f"delivered as (\n    {{{{ newest_version('landed', [{key}]{cursor}) }}}}\n)",
        _select("renamed", columns, "delivered"),
    )


def _is_deleted(stream: Stream, mapping: StreamDeclaration, relation: str) -> str:
    shown = mapping.deleted
    if shown is None:
        return "false"
    conditions = []
    if shown.field and shown.values:
        conditions.append(is_one_of(quoted(shown.field), shown.values))
    elif shown.field:
        conditions.append(f"nullif(trim({as_text(shown.field)}), '') is not null")
    if shown.absent_from_snapshot:
        refused = refused_keys(stream, relation)
        is_same = " and ".join(f"refused.{quoted(name)} = delivered.{as_text(name)}" for name in stream.key)
        is_refused = f"select 1 from ({refused}) as refused where {is_same} and refused.position >= _newest_snapshot"
        conditions.append(f"(_last_seen_in < _newest_snapshot and not exists ({is_refused}))")
    return " or ".join(conditions) or "false"


def _person_records(stream: Stream, person: PersonMapping, interaction: InteractionMapping | None) -> str:
    staged = _staged_names(stream)
    columns = [
        f"'{stream.source}:{person.record_type}:' || {RECORD_ID} as person_record_id",
        f"'{stream.source}' as source_system",
        f"'{person.record_type}' as source_record_type",
        RECORD_ID,
    ]
    times = {"date_of_birth", "created_at"}
    # Another model reads these of every source.
    columns += [
        f"null::varchar as {name}" for name in ("given_name", "family_name") if name not in person.single_fields
    ]
    columns += [] if person.emails else ["[]::varchar[] as emails"]
    for column, field in person.single_fields.items():
        value = staged[field] if column in times else f"{staged[field]}::varchar"
        columns.append(f"{value} as {column}")
    for column, fields in person.list_fields.items():
        form = "{{{{ loyalty_number('{0}::varchar') }}}}" if column == "loyalty_numbers" else "{0}::varchar"
        columns.append(f"[{', '.join(form.format(staged[field]) for field in fields)}] as {column}")
    further = [
        f"'{kind}:' || nullif(trim({staged[field]}::varchar), '')"
        for kind, fields in person.identifiers.items()
        for field in fields
    ]
    columns += [f"[{', '.join(further)}] as other_identifiers"] if further else []
    columns.append(f"{staged[stream.cursor] if stream.cursor else 'null::timestamp'} as updated_at")
    naming = _naming_fields(stream, person, interaction) if interaction else []
    named = " or ".join(f"nullif(trim({staged[name]}::varchar), '') is not null" for name in naming)
    condition = f"not {IS_DELETED} and ({named})" if named else f"not {IS_DELETED}"
    return _query(_select("person_records", columns, _ref(stream), condition))


def _naming_fields(stream: Stream, person: PersonMapping, interaction: InteractionMapping) -> list[str]:
    """Return the fields in which a row that is an interaction names its person; without them it is of no one."""
    fields = [name for part, name in person.single_fields.items() if part in _NAMING]
    fields += [name for names in (*person.list_fields.values(), *person.identifiers.values()) for name in names]
    kept = {*stream.key, *interaction.plain_fields}  # of a fact whose person was erased these stay
    return [name for name in dict.fromkeys(fields) if name not in kept]


def _interactions(stream: Stream, mapped: InteractionMapping, person: PersonMapping | None) -> str:
    staged = _staged_names(stream)
    kind = f"{stream.source}.{mapped.record_type}"
    events = mapped.event if has_event_words(mapped) else ()
    words = "".join(f", {{{{ event_word('{staged[field]}::varchar') }}}}" for field in events)
    event = f"concat_ws('.', '{kind}'{words})"
    if mapped.of:
        of = f"'{mapped.of.source or stream.source}:{mapped.of.record_type}:' || {staged[mapped.of.field]}"
    else:
        of = f"'{stream.source}:{person.record_type if person else ''}:' || {RECORD_ID}"
    times = [staged[mapped.occurred_at], *([staged[stream.cursor]] if stream.cursor else [])]
    occurred_at = f"coalesce({', '.join(dict.fromkeys(times))})"
    own_id = f"'{stream.source}:{mapped.record_type}:' || {RECORD_ID}"
    columns = [
        f"{own_id} as interaction_id",
        f"'{stream.source}' as source_system",
        f"'{mapped.record_type}' as source_record_type",
        RECORD_ID,
        f"{of} as person_record_id",
        f"({occurred_at})::timestamp as occurred_at",
        f"{event} as source_event",
        *(f"{staged[field]}::varchar as {name}" for name, field in _optional(mapped).items()),
        *amount_columns(stream, mapped, staged, own_id, event),
        *answer_columns(stream, mapped, staged),
    ]
    return _query(
        _select("interactions", columns, _ref(stream), f"not {IS_DELETED} and {occurred_at} is not null"),
    )


def _optional(mapped: InteractionMapping) -> dict[str, str]:
    return {name: field for name, field in (("campaign", mapped.campaign), ("topic", mapped.topic)) if field}


def _staged_names(stream: Stream) -> dict[str, str]:
    return {field.name: quoted(field.staged_name) for field in stream.fields if field.staged_name}


def _ref(stream: Stream) -> str:
    return f"{{{{ ref('{stream.staging_model}') }}}}"


def _select(name: str, columns: Iterable[str], relation: str, condition: str | None = None) -> str:
    listed = ",\n        ".join(columns)
    where = f"\n    where {condition}" if condition else ""
    return f"{name} as (\n    select\n        {listed}\n    from {relation}{where}\n)"


def _query(*ctes: str) -> str:
    last = ctes[-1].partition(" ")[0]
    return "with " + ",\n\n".join(ctes) + f"\n\nselect * from {last}\n"
