"""Units: exact duplicates as one record that is compared once."""

import duckdb

from identity.prepare.features import attribute_columns
from identity.prepare.records import STRONG_FIELDS

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
    "generation",
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


def create_units(work: duckdb.DuckDBPyConnection, unit_keys: str | None = None) -> None:
    """Create `unit_members`, one row per record, and `units`, one row per unit: exact duplicates share a unit.

    A unit has the number of its first record and the strong identifiers of all. Records are exact duplicates when every
    comparison form is equal and identifies one person well enough: by a contact, by a full name with a street, or by a
    full name with date of birth and postcode. Sparse records are exact duplicates only when their strong identifiers
    are equal, too. A record of an override stays alone: the decision is about it and not about its duplicates.

    A unit is sparse when it has neither given name nor date of birth, or names two people, unless an override names it.
    unit_key is the same in whatever set of records the unit is found.

    Args:
        work: The workspace; needs `features` without suppressed values, and `overridden`.
        unit_keys: SQL of the rows of unit_keys_sql where they are known; None to compute them.
    """
    work.execute(
        f"""
        create or replace table unit_members as
        select record, person_record_id, min(record) over (partition by unit_key) as unit, unit_key
        from ({unit_keys or unit_keys_sql(work)})
        order by record
        """
    )
    attributes = attribute_columns(work, "features")
    work.execute(f"create or replace table units as {with_parts(f'({_units_sql(attributes)})')}")


def unit_keys_sql(work: duckdb.DuckDBPyConnection) -> str:
    """SQL of the unit that each record belongs to: (record, person_record_id, unit_key); it follows from the record.

    Args:
        work: The workspace; needs `features` without suppressed values, and `overridden`.

    Returns:
        A select statement.
    """
    compared = ", ".join((*_COMPARED, *attribute_columns(work, "features")))
    strong = ", ".join(STRONG_FIELDS)
    has_number = "(" + " or ".join(f"len({name}) > 0" for name in STRONG_FIELDS) + ")"
    return f"""
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
    """


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
