"""Features: every record in its comparison forms."""

from typing import Protocol

import duckdb
import pyarrow as pa

from identity.prepare.contacts import OWN_WORDS, canonical_email, canonical_number, canonical_phone, each_of
from identity.prepare.latin_records import create_latin_records
from identity.prepare.mailbox_names import add_mailbox_names
from identity.prepare.names import create_name_forms
from identity.prepare.placeholder_dates import create_placeholder_dates
from identity.prepare.records import ATTRIBUTE_PREFIX, STRONG_IDENTIFIER_TYPES


class Learnt(Protocol):
    """What was learnt from one population about single values; see create_name_forms and create_placeholder_dates."""

    @property
    def word_roles(self) -> pa.Table:
        """One row per word of a name: (word, given_share, given_count)."""

    @property
    def placeholder_dates(self) -> tuple[str, ...]:
        """Dates of birth (YYYYMMDD) that stand for none."""


def create_features(work: duckdb.DuckDBPyConnection, learnt: Learnt | None = None) -> None:
    """Create table `features`: one row per row of `records` with its comparison forms.

    date_of_birth is text (YYYYMMDD), null where it is a placeholder. E-mails are without plus-tag (and without dots
    where the provider ignores them), phones are digits, strong identifiers have no blanks and leading zeros; street,
    city and postcode are lower case letters and digits. generation is 1 for a senior, 2 for a junior, and so on.
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
                {_GENERATION} as generation,
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


def attribute_columns(work: duckdb.DuckDBPyConnection, table: str) -> tuple[str, ...]:
    """The columns of a table that hold the caller's attributes, in their order."""
    found = work.execute(f"select column_name from (describe {table})").fetchall()
    return tuple(name for (name,) in found if name.startswith(ATTRIBUTE_PREFIX))


_GENDER = """
    case
        when lower(gender) in ('m', 'male', 'man', 'mr', 'homme', 'hombre', 'uomo', 'maennlich', 'mannlich') then 'male'
        when lower(gender) in ('f', 'w', 'female', 'woman', 'mrs', 'ms', 'femme', 'mujer', 'donna', 'weiblich')
            then 'female'
        else lower(gender)
    end
"""

# What separates a father from a son of one name, behind a word of the name: before one "Sr." is a courtesy title
_GENERATION_WORDS = {
    1: r"sr|snr|senior|sen\.|pere|pai|padre|the elder|d\. ?a\.|der altere|der aeltere",
    2: r"jr|jnr|junior|jun\.|ii|fils|filho|hijo|the younger|d\. ?j\.|der jungere|der juengere",
    3: "iii|neto",
    4: "iv",
}
# "Thomas Junior" has Junior for a family name
_NAMES_IN_FIELDS = """concat_ws(
    ' | ', latin_records.given_name, latin_records.family_name,
    if(regexp_matches(latin_records.full_name, '[a-z]+[^a-z]+[a-z]+[^a-z]+[a-z]'), latin_records.full_name, null)
)"""
_GENERATIONS = " ".join(
    f"when regexp_matches({_NAMES_IN_FIELDS}, '[a-z]{{2}}[,.]?[ (]+({words})([ ,.|)]|$)') then {generation}"
    for generation, words in _GENERATION_WORDS.items()
)
_GENERATION = f"case {_GENERATIONS} end"
