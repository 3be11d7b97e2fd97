"""Measure the tables of the stages: what readers of the next release would see, against the last accepted one."""

from collections.abc import Iterable, Iterator, Mapping

import duckdb

from cdp_orchestration.figures.figure import Figure
from cdp_orchestration.figures.store import History
from cdp_orchestration.home.warehouse import has_table

_RECORD_VALUES = {
    "name": "coalesce(full_name, family_name, given_name) is not null",
    "e-mail": "len(emails) > 0",
    "phone": "len(phones) > 0",
    "date of birth": "date_of_birth is not null",
    "postcode": "postcode is not null",
    "country": "country_code is not null",
    "loyalty number": "len(loyalty_numbers) > 0",
    "shop customer id": "len(shop_customer_ids) > 0",
    "card": "len(card_fingerprints) > 0",
    "other identifier": "len(other_identifiers) > 0",
}
_INTERACTION_VALUES = {
    "person": "person_record_id is not null",
    "amount": "amount is not null",
    "channel": "channel is not null",
    "topic": "topic is not null",
    "campaign": "campaign is not null",
    "score": "survey_score is not null",
    "text in a known language": "text_language is not null",
}

_LANGUAGES = """
select *, sum(texts) over (partition by source_system, source_record_type)::bigint as all_texts
from (
    select source_system, source_record_type, text_language, count(*) as texts
    from staging.interactions
    where text_language is not null
    group by all
)
"""


def table_figures(connection: duckdb.DuckDBPyConnection, subject: str, history: History) -> list[Figure]:
    """Return the figures of a stage's table, each with the last accepted value as the usual one.

    Args:
        connection: the warehouse.
        subject: the table with its schema; of one that is not measured there are none.
        history: the accepted figures of the table.
    """
    measure = _MEASURES.get(subject)
    if not measure:
        return []
    found = list(measure(connection))
    measured = {(figure.name, figure.of) for figure in found}
    # A group without any row is in no result; it is the one that lost most.
    gone = [of for name, of in history if name == "records" and (name, of) not in measured]
    found += [Figure("records", of, 0, 0, is_decisive=True) for of in gone]
    return [_with_usual(figure, history) for figure in found]


def _person_records(connection: duckdb.DuckDBPyConnection) -> Iterator[Figure]:
    yield from _filled(connection, "staging.person_records", _RECORD_VALUES, ("name", "e-mail", "phone"))


def _interactions(connection: duckdb.DuckDBPyConnection) -> Iterator[Figure]:
    yield from _filled(connection, "staging.interactions", _INTERACTION_VALUES, ("person", "amount"))
    for source, kind, language, rows, texts in connection.execute(_LANGUAGES).fetchall():
        yield Figure("filled", f"{source} {kind}, texts in {language}", rows / texts, texts)
    for source, kind, currency, rows, mean in connection.execute(
        "select source_system, source_record_type, currency, count(*), avg(abs(amount)) from staging.interactions "
        "where amount != 0 and currency is not null group by all"
    ).fetchall():
        yield Figure("average", f"{source} {kind}, {currency}", float(mean), rows, is_decisive=True)
    if has_table(connection, "staging", "purchase_items"):
        lines, known = connection.execute(
            "select count(*), count(interaction_id) from staging.purchase_items"
        ).fetchall()[0]
        if lines:
            yield Figure("filled", "lines, their receipt or order", known / lines, lines, is_decisive=True)


def _filled(
    connection: duckdb.DuckDBPyConnection, table: str, values: Mapping[str, str], decisive: Iterable[str]
) -> Iterator[Figure]:
    counts = ", ".join(f"count(*) filter (where {condition})" for condition in values.values())
    rows = connection.execute(
        f"select source_system, source_record_type, count(*), {counts} from {table} group by all order by all"
    ).fetchall()
    for source, kind, total, *filled in rows:
        group = f"{source} {kind}"
        yield Figure("records", group, total, total, is_decisive=True)
        for name, count in zip(values, filled, strict=True):
            yield Figure("filled", f"{group}, {name}", count / total, total, is_decisive=name in decisive)


def _assignments(connection: duckdb.DuckDBPyConnection) -> Iterator[Figure]:
    profiles, records, runs = connection.execute(
        "select count(distinct profile_id), count(*), (select count(distinct run_id) from identity.profile_events) "
        "from identity.profile_assignments"
    ).fetchall()[0]
    if not profiles:
        return
    yield Figure("records", "profiles", profiles, profiles, is_decisive=True)
    yield Figure("average", "records of a profile", records / profiles, profiles, is_decisive=True)
    if runs < 2:  # the first run creates all profiles
        return
    newest = "(select max_by(run_id, occurred_at) from identity.profile_events)"
    merged, split = connection.execute(
        "select count(distinct profile_id) filter (where event_type = 'merged'), "
        "count(distinct profile_id) filter (where event_type = 'split') "
        f"from identity.profile_events where run_id = {newest}"
    ).fetchall()[0]
    for name, count in (("merged", merged), ("split", split)):
        yield Figure(name, "profiles", count / profiles, profiles, 0.005, profiles, 0, is_decisive=True)


def _with_usual(figure: Figure, history: History) -> Figure:
    before = history.get((figure.name, figure.of))
    if figure.usual is not None or not before:
        return figure
    usual = before[-1].value
    rows = max(figure.rows, int(usual)) if figure.name == "records" else figure.rows
    return Figure(figure.name, figure.of, figure.value, rows, usual, rows, 0, figure.is_decisive)


_MEASURES = {
    "staging.person_records": _person_records,
    "staging.interactions": _interactions,
    "identity.profile_assignments": _assignments,
}
MEASURED_TABLES = tuple(_MEASURES)
