"""The input: a caller's table of person records, and the mapping that names the meaning of its columns."""

import re
from dataclasses import dataclass, fields

import duckdb
import pyarrow as pa

from identity.errors import IdentityError
from identity.workspace import Workspace, quoted

_TEXT_FIELDS = (
    "full_name",
    "given_name",
    "middle_name",
    "family_name",
    "gender",
    "city",
    "region",
    "postcode",
    "country_code",
)
# Each list field of numbers that identify one person, with the type of its values; the most trusted first
STRONG_IDENTIFIER_TYPES = {
    "loyalty_numbers": "loyalty_number",
    "shop_customer_ids": "shop_customer_id",
    "card_fingerprints": "card_fingerprint",
    "other_identifiers": "other_identifier",
}
STRONG_FIELDS = tuple(STRONG_IDENTIFIER_TYPES)
LIST_FIELDS = ("emails", "phones", "national_ids", *STRONG_FIELDS)
ATTRIBUTE_PREFIX = "attribute_"


@dataclass(frozen=True)
class RecordMapping:
    """Which columns of the caller's table hold what; a field that is None is not compared.

    Attributes:
        key: The unique key; never null.
        full_name: The whole name in one column; next to the parts, its further words are evidence, too.
        given_name: The given name.
        middle_name: Further given names.
        family_name: The family name.
        gender: The gender, in words or letters of several languages.
        date_of_birth: A date or text (YYYY-MM-DD or YYYYMMDD); an impossible date is compared by its digits.
        emails: One or several columns, each text or a list of text; the same holds for the other plural fields.
        phones: Phone numbers.
        address_line: Street and house number; several columns are joined in order.
        city: The city.
        region: The region; read, but not compared.
        postcode: The postcode.
        country_code: The country; read, but not compared.
        loyalty_numbers: Strong identifiers: two records that hold the same one are linked by rule.
        shop_customer_ids: Strong identifiers.
        card_fingerprints: Strong identifiers.
        other_identifiers: Strong identifiers of any further type, each written as <type>:<value>.
        national_ids: Tax, insurance or identity numbers, which may be mistyped, so that they do not link by rule.
        attributes: Any further columns (occupation, language, ...) that records of one person mostly share. Training
            learns how much evidence each is, and leaves out one that is none.
    """

    key: str
    full_name: str | None = None
    given_name: str | None = None
    middle_name: str | None = None
    family_name: str | None = None
    gender: str | None = None
    date_of_birth: str | None = None
    emails: str | tuple[str, ...] | None = None
    phones: str | tuple[str, ...] | None = None
    address_line: str | tuple[str, ...] | None = None
    city: str | None = None
    region: str | None = None
    postcode: str | None = None
    country_code: str | None = None
    loyalty_numbers: str | tuple[str, ...] | None = None
    shop_customer_ids: str | tuple[str, ...] | None = None
    card_fingerprints: str | tuple[str, ...] | None = None
    other_identifiers: str | tuple[str, ...] | None = None
    national_ids: str | tuple[str, ...] | None = None
    attributes: str | tuple[str, ...] | None = None

    def columns(self) -> list[str]:
        """All columns of the caller's table that are read, each once, in a fixed order."""
        named = [name for field in fields(self) for name in columns_of(getattr(self, field.name))]
        return list(dict.fromkeys(named))


PLATFORM_MAPPING = RecordMapping(
    key="person_record_id",
    full_name="full_name",
    given_name="given_name",
    middle_name="middle_name",
    family_name="family_name",
    date_of_birth="date_of_birth",
    emails="emails",
    phones="phones",
    address_line="address_line",
    city="city",
    region="region",
    postcode="postcode",
    country_code="country_code",
    loyalty_numbers="loyalty_numbers",
    shop_customer_ids="shop_customer_ids",
    card_fingerprints="card_fingerprints",
    other_identifiers="other_identifiers",
)


def columns_of(mapped: str | tuple[str, ...] | None) -> tuple[str, ...]:
    """The columns that one field of a mapping names."""
    if mapped is None:
        return ()
    return (mapped,) if isinstance(mapped, str) else mapped


def read_caller_records(
    source: duckdb.DuckDBPyConnection,
    person_records: str | pa.Table,
    mapping: RecordMapping,
    workspace: Workspace,
) -> int:
    """Create view `caller_records`: one row per person record with the caller's mapped columns, unchanged.

    Args:
        source: The caller's connection.
        person_records: The (qualified) name of a table of `source`, or an Arrow table.
        mapping: The meaning of the columns.
        workspace: Where the view is created.

    Returns:
        The number of person records.

    Raises:
        IdentityError: A mapped column is missing, or the key is null or repeated.
    """
    work = workspace.connection
    if isinstance(person_records, pa.Table):
        found = person_records.column_names
        work.register("caller_arrow", person_records)
        relation = "caller_arrow"
    else:
        # a cursor does not disturb the caller's open results
        found = source.cursor().sql(f"select * from {person_records}").columns
        relation = f"{quoted(workspace.caller_catalog)}.{person_records}"
    missing = [name for name in mapping.columns() if name not in found]
    if missing:
        raise IdentityError(
            f"The person records lack the mapped column(s) {', '.join(missing)}; found {', '.join(found)}. "
            "Map only columns that exist, or set the field to None."
        )
    columns = ", ".join(quoted(name) for name in mapping.columns())
    work.execute(f"create temp view caller_records as select {columns} from {relation}")
    return _check_key(work, mapping.key)


def load_records(work: duckdb.DuckDBPyConnection, mapping: RecordMapping, only: str | None = None) -> None:
    """Create table `records` from `caller_records`: one row per person record, in the order of its key.

    Columns: record (int, the rank of the key), person_record_id, the text fields, date_of_birth (YYYYMMDD),
    address_line, the list fields, and `attribute_<column>` for each attribute.

    Args:
        work: The workspace; needs `caller_records`.
        mapping: The meaning of the columns.
        only: The name of a table (person_record_id) of the records to load; None for all.
    """
    types = work.execute("select column_name, column_type from (describe caller_records)").fetchall()
    lists = {name for name, kind in types if kind.endswith("[]")}
    key = f"cast({quoted(mapping.key)} as varchar)"
    selected = [f"{_text(getattr(mapping, name))} as {name}" for name in _TEXT_FIELDS]
    selected += [f"lower({_text(name)}) as {attribute_column(name)}" for name in columns_of(mapping.attributes)]
    selected += [f"{_list(getattr(mapping, name), lists)} as {name}" for name in LIST_FIELDS]
    work.execute(
        f"""
        create or replace table records as
        select
            cast(row_number() over (order by {key}) - 1 as integer) as record,
            {key} as person_record_id,
            {_date(mapping.date_of_birth)} as date_of_birth,
            {_joined(mapping.address_line)} as address_line,
            {", ".join(selected)}
        from caller_records
        {f"where {key} in (select person_record_id from {only})" if only else ""}
        order by record
        """
    )


def _check_key(work: duckdb.DuckDBPyConnection, key: str) -> int:
    total, filled, distinct = work.execute(
        f"select count(*), count({quoted(key)}), count(distinct cast({quoted(key)} as varchar)) from caller_records"
    ).fetchall()[0]
    if filled < total or distinct < total:
        raise IdentityError(
            f"The key {key} of the person records must be filled and unique; found {total} rows, {filled} with a key, "
            f"{distinct} distinct. Remove the {total - distinct} repeated or empty one(s)."
        )
    return int(total)


def attribute_column(column: str) -> str:
    """The column of `units` that holds an attribute: its name in the caller's table, made safe for SQL."""
    return ATTRIBUTE_PREFIX + re.sub("[^a-z0-9]+", "_", column.lower())


def _text(column: str | None) -> str:
    return "cast(null as varchar)" if column is None else f"nullif(trim(cast({quoted(column)} as varchar)), '')"


def _joined(columns: str | tuple[str, ...] | None) -> str:
    parts = ", ".join(_text(column) for column in columns_of(columns))
    return f"nullif(concat_ws(' ', {parts}), '')" if parts else "cast(null as varchar)"


def _date(column: str | None) -> str:
    if column is None:
        return "cast(null as varchar)"
    text = f"trim(cast({quoted(column)} as varchar))"
    # a mistyped date (31 February, month 81) still shares most of its digits with the right one
    digits = f"regexp_extract({text}, '^([0-9]{{4}})-?([0-9]{{2}})-?([0-9]{{2}})( |T|$)', ['y', 'm', 'd'])"
    return f"coalesce(strftime(try_cast({text} as date), '%Y%m%d'), nullif({digits}.y || {digits}.m || {digits}.d, ''))"


def _list(columns: str | tuple[str, ...] | None, lists: set[str]) -> str:
    parts = [
        f"coalesce({quoted(column)}, [])" if column in lists else f"[cast({quoted(column)} as varchar)]"
        for column in columns_of(columns)
    ]
    if not parts:
        return "cast([] as varchar[])"
    trimmed = f"list_transform(flatten([{', '.join(parts)}]), lambda x: nullif(trim(cast(x as varchar)), ''))"
    return f"list_sort(list_distinct(list_filter({trimmed}, lambda x: x is not null)))"
