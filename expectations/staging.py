"""Staging: are these person records fit for linking, and these interactions fit for journeys?

An empty table is a warning: every source is optional, and a new installation has an empty inbox.
Staging promises formats, so a wrong format is a fault of the models and critical; one in a thousand is allowed,
because validators differ on rare values. A value that a source got wrong, such as a date of birth in 2099, is a
warning.
"""

from expectations.formats import (
    every,
    is_alone,
    is_email,
    is_one_of,
    is_past,
    is_phone,
    is_plausible_date_of_birth,
    matches,
)
from expectations.gates import Gate, Measure, RowRule
from expectations.known_values import CHANNELS, STAGES

_RECORD_PARTS = ("source_system", "source_record_type", "source_record_id")
_LISTS = ("emails", "phones", "loyalty_numbers", "shop_customer_ids", "card_fingerprints", "other_identifiers")
_NAMES = ("full_name", "given_name", "family_name")

# Only the clearest ones: a check that is independent of the longer list with which staging clears placeholders.
_PLACEHOLDER_NAMES = "'', '-', 'n/a', 'none', 'null', 'nil', 'nan', 'unknown', 'not provided', 'anonymous', 'undefined'"
_PLACEHOLDER_EMAIL = "(no-?reply|donotreply|noemail|no-email)@.*|.*@(example\\.(com|org|net)|localhost|invalid)"
_PLACEHOLDER_PHONE = r"\+?(0+|1+|2+|3+|4+|5+|6+|7+|8+|9+)|\+?[0-9]{1,3}(0{7,}|9{7,})"

_HAS_IDENTIFIER = " or ".join(f"len({column}) > 0" for column in _LISTS)
_HOLDS_NO_PLACEHOLDER = " and ".join(
    [
        *(f"coalesce(lower({name}) not in ({_PLACEHOLDER_NAMES}), true)" for name in _NAMES),
        f"len(list_filter(emails, lambda item: {matches('item', _PLACEHOLDER_EMAIL)})) = 0",
        f"len(list_filter(phones, lambda item: {matches('item', _PLACEHOLDER_PHONE)})) = 0",
    ]
)


def _most_records_of_one(values: str) -> str:
    """Return SQL for the number of records that hold the most frequent item of a list column."""
    return (
        f"(select max(n) from (select count(*) as n from (select unnest({values}) as item from batch) group by item))"
    )


PERSON_RECORDS = Gate(
    stage="staging",
    table="person_records",
    key=("person_record_id",),
    columns=("person_record_id", *_RECORD_PARTS, *_NAMES, *_LISTS, "date_of_birth", "country_code"),
    checks=(
        Measure("there are person records", "warning", value="count(*)", minimum=1),
        RowRule("source, type and id name one record", "critical", is_alone(*_RECORD_PARTS)),
        RowRule(
            "identifier lists are never null",
            "critical",
            " and ".join(f"{column} is not null" for column in _LISTS),
        ),
        RowRule("e-mails look like e-mails", "critical", every("emails", is_email("item")), mostly=0.999),
        RowRule("phones are in E.164", "critical", every("phones", is_phone("item")), mostly=0.999),
        RowRule("country codes have two letters", "critical", matches("country_code", "[A-Z]{2}"), mostly=0.999),
        RowRule("dates of birth are plausible", "warning", is_plausible_date_of_birth("date_of_birth"), mostly=0.999),
        RowRule("no value is a placeholder", "warning", _HOLDS_NO_PLACEHOLDER, mostly=0.999),
        RowRule(
            # A visitor who never signed in has neither, even in a good source.
            "records carry an identifier or a name",
            "warning",
            f"case when source_record_type <> 'anonymous_visitor' then full_name is not null or {_HAS_IDENTIFIER} end",
            mostly=0.5,
        ),
        # More is a service desk's own address or a placeholder that is missing from the list.
        Measure("no e-mail is on very many records", "warning", value=_most_records_of_one("emails"), maximum=100),
        Measure("no phone is on very many records", "warning", value=_most_records_of_one("phones"), maximum=100),
    ),
)

INTERACTIONS = Gate(
    stage="staging",
    table="interactions",
    key=("interaction_id",),
    columns=(
        "interaction_id",
        *_RECORD_PARTS,
        "person_record_id",
        "occurred_at",
        "channel",
        "stage",
        "amount",
        "currency",
        "satisfaction_score",
        "effort_score",
        "duration_minutes",
    ),
    checks=(
        Measure("there are interactions", "warning", value="count(*)", minimum=1),
        RowRule("source, type and id name one interaction", "critical", is_alone(*_RECORD_PARTS)),
        RowRule("time is known", "critical", "occurred_at is not null", mostly=0.99),
        RowRule("time is plausible", "warning", is_past("occurred_at"), mostly=0.999),
        RowRule("channel is a known one", "critical", is_one_of("channel", CHANNELS)),
        RowRule("stage is a known one", "critical", is_one_of("stage", STAGES)),
        RowRule("channel and stage are found", "warning", "channel is not null and stage is not null", mostly=0.95),
        RowRule("amounts are sane", "warning", "abs(amount) <= 1000000", mostly=0.999),
        RowRule("amounts have a currency", "warning", "case when amount <> 0 then currency is not null end"),
        RowRule("currencies have three letters", "critical", matches("currency", "[A-Z]{3}"), mostly=0.999),
        RowRule(
            "orders add and refunds subtract",
            "critical",
            "case when source_record_type = 'order' then amount >= 0 "
            "when source_record_type in ('refund', 'cancellation') then amount <= 0 end",
            mostly=0.999,
        ),
        RowRule("interactions name a person", "warning", "person_record_id is not null", mostly=0.5),
        RowRule("satisfaction is from 0 to 100", "critical", "satisfaction_score between 0 and 100"),
        RowRule("effort is from 0 to 100", "critical", "effort_score between 0 and 100"),
        RowRule("durations are not negative", "warning", "duration_minutes >= 0", mostly=0.999),
    ),
)

STAGING_GATES = {gate.table: gate for gate in (PERSON_RECORDS, INTERACTIONS)}
