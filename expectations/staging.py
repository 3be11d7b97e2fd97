"""Staging: are these person records fit for linking, and these interactions fit for journeys?

An empty table is a warning: every source is optional, and a new installation has an empty inbox.
Staging promises formats, so a wrong format is a fault of the models and critical; one in a thousand is allowed,
because validators differ on rare values. A value that a source got wrong, such as a date of birth in 2099, is a
warning.
"""

import great_expectations.expectations as gxe
from great_expectations.expectations.row_conditions import Column

from expectations.formats import (
    COUNTRY,
    EMAIL,
    PHONE,
    UPPER_CASE,
    every,
    is_plausible_date_of_birth,
    matches,
    no_item,
)
from expectations.gates import Gate
from expectations.interactions import INTERACTIONS, RECORD_PARTS

_NAMES = ("full_name", "given_name", "family_name")
_LISTS = {
    "emails": "e-mails",
    "phones": "phones",
    "loyalty_numbers": "loyalty numbers",
    "shop_customer_ids": "shop customer ids",
    "card_fingerprints": "card fingerprints",
    "other_identifiers": "other identifiers",
}

# Only the clearest ones: a check that is independent of the longer list with which staging clears placeholders.
_PLACEHOLDER_NAMES = "'', '-', 'n/a', 'none', 'null', 'nil', 'nan', 'unknown', 'not provided', 'anonymous', 'undefined'"
_PLACEHOLDER_EMAIL = r"^((no-?reply|donotreply|noemail|no-email)@.*|.*@(example\.(com|org|net)|localhost|invalid))$"
_PLACEHOLDER_PHONE = r"^(\+?(0+|1+|2+|3+|4+|5+|6+|7+|8+|9+)|\+?[0-9]{1,3}(0{7,}|9{7,}))$"

_PERSON_RECORDS_QUERY = f"""
    select
        *,
        {every("emails", f"{matches('item', EMAIL)} and not {matches('item', UPPER_CASE)}")} as emails_are_valid,
        {every("phones", matches("item", PHONE))} as phones_are_valid,
        {is_plausible_date_of_birth("date_of_birth")} as date_of_birth_is_plausible,
        {" and ".join(f"coalesce(lower({name}) not in ({_PLACEHOLDER_NAMES}), true)" for name in _NAMES)}
            as names_are_meant,
        {no_item("emails", matches("item", _PLACEHOLDER_EMAIL))} as emails_are_meant,
        {no_item("phones", matches("item", _PLACEHOLDER_PHONE))} as phones_are_meant,
        full_name is not null or {" or ".join(f"len({column}) > 0" for column in _LISTS)} as has_identifier_or_name
    from {{table}}
    cross join clock
"""


def _on_more_than_a_hundred_records(values: str) -> str:
    """Return the query of the items of a list column that are on more than 100 records."""
    items = f"select unnest({values}) as item from {{batch}}"
    return f"select item from ({items}) as items group by item having count(*) > 100"


PERSON_RECORDS = Gate(
    stage="staging",
    table="person_records",
    key=("person_record_id",),
    columns=("person_record_id", *RECORD_PARTS, *_NAMES, *_LISTS, "date_of_birth", "country_code"),
    personal=(*_NAMES, *_LISTS, "date_of_birth"),
    query=_PERSON_RECORDS_QUERY,
    expectations=(
        gxe.ExpectTableRowCountToBeBetween(min_value=1, severity="warning", description="there are person records"),
        gxe.ExpectCompoundColumnsToBeUnique(
            column_list=list(RECORD_PARTS), severity="critical", description="source, type and id name one record"
        ),
        *(
            gxe.ExpectColumnValuesToNotBeNull(
                column=column, severity="critical", description=f"the list of {words} is never null"
            )
            for column, words in _LISTS.items()
        ),
        gxe.ExpectColumnValuesToBeInSet(
            column="emails_are_valid",
            value_set=[True],
            mostly=0.999,
            severity="critical",
            description="e-mails look like e-mails",
        ),
        gxe.ExpectColumnValuesToBeInSet(
            column="phones_are_valid",
            value_set=[True],
            mostly=0.999,
            severity="critical",
            description="phones are in E.164",
        ),
        gxe.ExpectColumnValuesToMatchRegex(
            column="country_code",
            regex=COUNTRY,
            mostly=0.999,
            severity="critical",
            description="country codes have two letters",
        ),
        gxe.ExpectColumnValuesToBeInSet(
            column="date_of_birth_is_plausible",
            value_set=[True],
            mostly=0.999,
            severity="warning",
            description="dates of birth are plausible",
        ),
        gxe.ExpectColumnValuesToBeInSet(
            column="names_are_meant",
            value_set=[True],
            mostly=0.999,
            severity="warning",
            description="no name is a placeholder",
        ),
        gxe.ExpectColumnValuesToBeInSet(
            column="emails_are_meant",
            value_set=[True],
            mostly=0.999,
            severity="warning",
            description="no e-mail is a placeholder",
        ),
        gxe.ExpectColumnValuesToBeInSet(
            column="phones_are_meant",
            value_set=[True],
            mostly=0.999,
            severity="warning",
            description="no phone is a placeholder",
        ),
        gxe.ExpectColumnValuesToBeInSet(
            # A visitor who never signed in has neither, even in a good source.
            column="has_identifier_or_name",
            value_set=[True],
            row_condition=Column("source_record_type") != "anonymous_visitor",
            mostly=0.5,
            severity="warning",
            description="records carry an identifier or a name",
        ),
        # More is a service desk's own address or a placeholder that is missing from the list.
        gxe.UnexpectedRowsExpectation(
            unexpected_rows_query=_on_more_than_a_hundred_records("emails"),
            severity="warning",
            description="no e-mail is on very many records",
        ),
        gxe.UnexpectedRowsExpectation(
            unexpected_rows_query=_on_more_than_a_hundred_records("phones"),
            severity="warning",
            description="no phone is on very many records",
        ),
    ),
)

STAGING_GATES = {gate.table: gate for gate in (PERSON_RECORDS, INTERACTIONS)}
