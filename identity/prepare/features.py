"""Features and units: every record in its comparison forms, and exact duplicates as one unit that is compared once."""

from typing import Protocol

import duckdb
import pyarrow as pa

from identity.prepare.contacts import OWN_WORDS, canonical_email, canonical_number, canonical_phone, each_of
from identity.prepare.latin_records import create_latin_records
from identity.prepare.mailbox_names import add_mailbox_names
from identity.prepare.names import create_name_forms
from identity.prepare.placeholder_dates import create_placeholder_dates
from identity.prepare.records import ATTRIBUTE_PREFIX, STRONG_FIELDS, STRONG_IDENTIFIER_TYPES


class Learnt(Protocol):
    """What was learnt from one population about single values; see create_name_forms and create_placeholder_dates."""

    @property
    def word_roles(self) -> pa.Table:
        """One row per word of a name: (word, given_share, given_count)."""

    @property
    def placeholder_dates(self) -> tuple[str, ...]:
        """Dates of birth (YYYYMMDD) that stand for none."""


# What two records must share in full to be exact duplicates.
_COMPARED = (
    "given_name",
    "family_name",
    "given_joined",
    "family_joined",
    "name_script",
    "given_tokens",
    "family_tokens",
    "given_roots",
    "date_of_birth",
    "emails",
    "email_users",
    "narrow_emails",
    "own_emails",
    "email_grams",
    "is_mailbox_named",
    "is_usual_given",
    "phones",
    "narrow_phones",
    "street",
    "city",
    "postcode",
    "further_names",
    "joint_names",
    "gender",
    "national_ids",
)
_COMPARED_LISTS = (
    "given_tokens",
    "family_tokens",
    "given_roots",
    "emails",
    "email_users",
    "narrow_emails",
    "own_emails",
    "email_grams",
    "phones",
    "narrow_phones",
    "further_names",
    "joint_names",
    "national_ids",
)


def create_features(work: duckdb.DuckDBPyConnection, learnt: Learnt | None = None) -> None:
    """Create table `features`: one row per row of `records` with its comparison forms.

    date_of_birth is text (YYYYMMDD), null where it is a placeholder. E-mails are without plus-tag (and without dots
    where the provider ignores them), phones are digits, strong identifiers have no blanks and leading zeros; street,
    city and postcode are lower case letters and digits.
    The columns that describe e-mails are added when suppressed values are removed; see `identity.prepare.contacts`.

    Args:
        work: The workspace; needs `records`.
        learnt: Word roles and placeholder dates, of a trained model; None to learn them from these records.
    """
    create_latin_records(work)
    create_name_forms(work, learnt.word_roles if learnt else None)
    create_placeholder_dates(work, learnt.placeholder_dates if learnt else None)
    numbers = (
        f"{each_of(column, canonical_number('x', kind))} as {column}"
        for column, kind in STRONG_IDENTIFIER_TYPES.items()
    )
    carried = ", ".join((*numbers, *attribute_columns(work, "records")))
    work.execute(f"create or replace table features as {_features_sql(carried)}")
    add_mailbox_names(work)
    # each is as large as the features
    work.execute("drop table latin_records; drop table name_parts; drop table name_words; drop table name_forms")


def _features_sql(carried: str) -> str:
    return f"""
        with forms as (
            select
                latin_records.record,
                latin_records.person_record_id,
                name_forms.* exclude (record),
                latin_records.name_script,
                if(date_of_birth in (from placeholder_dates), null, date_of_birth) as date_of_birth,
                {_GENDER} as gender,
                {each_of("national_ids", "nullif(regexp_replace(lower(x), '[^a-z0-9]', '', 'g'), '')")} as national_ids,
                {each_of("emails", canonical_email("x"))} as emails,
                {each_of("phones", canonical_phone("x"))} as phones,
                nullif(trim(regexp_replace(address_line, '[^a-z0-9]+', ' ', 'g')), '') as street,
                nullif(trim(regexp_replace(city, '[^a-z0-9]+', ' ', 'g')), '') as city,
                nullif(regexp_replace(postcode, '[^a-z0-9]+', '', 'g'), '') as postcode,
                {carried}
            from latin_records
            inner join name_forms on latin_records.record = name_forms.record
        )

        select *, {OWN_WORDS} as own_words
        from forms
    """


def create_units(work: duckdb.DuckDBPyConnection) -> None:
    """Create `unit_members`, one row per record, and `units`, one row per unit: exact duplicates share a unit.

    A unit has the number of its first record and the strong identifiers of all. Records are exact duplicates when every
    comparison form is equal and identifies one person well enough: by a contact, by a full name with a street, or by a
    full name with date of birth and postcode. Sparse records are exact duplicates only when their strong identifiers
    are equal, too. A record of an override stays alone: the decision is about it and not about its duplicates.

    A unit is sparse when it has neither given name nor date of birth, or names two people, unless an override names it.
    unit_key is the same in whatever set of records the unit is found.

    Args:
        work: The workspace; needs `features` without suppressed values, and `overridden`.
    """
    attributes = attribute_columns(work, "features")
    compared = ", ".join((*_COMPARED, *attributes))
    strong = ", ".join(STRONG_FIELDS)
    has_number = "(" + " or ".join(f"len({name}) > 0" for name in STRONG_FIELDS) + ")"
    work.execute(
        f"""
        create or replace table unit_members as
        with keyed as (
            select
                record,
                person_record_id,
                case
                    when person_record_id in (select person_record_id from overridden) then hash(person_record_id)
                    when ({_IDENTIFIES_PERSON}) and not ({has_number} and {_IS_SPARSE}) then hash({compared})
                    when {has_number} then hash({compared}, {strong})
                    else hash(person_record_id)
                end as unit_key
            from features
        )

        select record, person_record_id, min(record) over (partition by unit_key) as unit, unit_key
        from keyed
        order by record
        """
    )
    work.execute(f"create or replace table units as {with_parts(f'({_units_sql(attributes)})')}")


def attribute_columns(work: duckdb.DuckDBPyConnection, table: str) -> tuple[str, ...]:
    """The columns of a table that hold the caller's attributes, in their order."""
    found = work.execute(f"select column_name from (describe {table})").fetchall()
    return tuple(name for (name,) in found if name.startswith(ATTRIBUTE_PREFIX))


def _units_sql(attributes: tuple[str, ...]) -> str:
    strong = ", ".join(f"list_sort(list_distinct(flatten(list({name})))) as {name}" for name in STRONG_FIELDS)
    numbers = ", ".join(f"nullif(coalesce(strong.{name}, features.{name}), []) as {name}" for name in STRONG_FIELDS)
    lists = ", ".join(f"nullif(features.{name}, []) as {name}" for name in _COMPARED_LISTS)
    return f"""
        -- few records have an exact duplicate whose numbers are to be added
        with duplicated as (select distinct unit from unit_members where unit <> record),

        strong as (
            select unit_members.unit, {strong}
            from unit_members
            semi join duplicated on unit_members.unit = duplicated.unit
            inner join features on unit_members.record = features.record
            group by unit_members.unit
        )

        select
            features.record as unit,
            {numbers},
            {", ".join("features." + name for name in (*_COMPARED, *attributes) if name not in _COMPARED_LISTS)},
            {lists},
            {_IS_SPARSE}
                and features.person_record_id not in (select person_record_id from overridden) as is_sparse
        from features
        semi join (from unit_members where unit = record) as firsts on features.record = firsts.record
        left join strong on features.record = strong.unit
    """


# a date of birth beside two names is that of one of them
_IS_SPARSE = (
    "features.given_name is null and (features.date_of_birth is null or coalesce(len(features.joint_names), 0) > 0)"
)

_IDENTIFIES_PERSON = """
    len(emails) > 0 or len(phones) > 0
    or (given_name is not null and family_name is not null and street is not null)
    or (given_name is not null and family_name is not null and date_of_birth is not null and postcode is not null)
"""


def _bits(name: str) -> str:
    # one bit of 60 for each element: one fast "and" shows of most lists that they have no element in common
    return f"list_bit_or(list_transform({name}, lambda x: cast(1 as bigint) << cast(hash(x) % 60 as integer)))"


# The columns of `units` that follow from its others, for comparisons and blocks to read.
# The leading part of a postcode names a district in most systems (UK outward code, US sectional centre, ...).
_PARTS = {
    "as_given": "given_name",
    "as_family": "family_tokens[1]",
    **{f"{name}_bits": f"coalesce({_bits(name)}, cast(0 as bigint))" for name in _COMPARED_LISTS},
    "birth_year": "substr(date_of_birth, 1, 4)",
    "birth_month": "substr(date_of_birth, 5, 2)",
    "birth_day": "substr(date_of_birth, 7, 2)",
    "house_number": "regexp_extract(street, '[0-9]+')",
    "postcode_area": "left(postcode, greatest(2, length(postcode) - if(length(postcode) > 5, 3, 2)))",
    "any_place": "coalesce(street, postcode, city)",
    "mailbox_user": "replace(split_part(emails[1], '@', 1), '.', '')",
    "is_mailbox_numbered": "regexp_matches(emails[1], '[0-9]{2}')",
}
UNIT_PARTS = tuple(_PARTS)


def with_parts(units: str) -> str:
    """SQL of all columns of `units`, from a table or subquery that has all but those in UNIT_PARTS."""
    return f"select *, {', '.join(f'{form} as {name}' for name, form in _PARTS.items())} from {units}"


_GENDER = """
    case
        when lower(gender) in ('m', 'male', 'man', 'mr', 'homme', 'hombre', 'uomo', 'maennlich', 'mannlich') then 'male'
        when lower(gender) in ('f', 'w', 'female', 'woman', 'mrs', 'ms', 'femme', 'mujer', 'donna', 'weiblich')
            then 'female'
        else lower(gender)
    end
"""
