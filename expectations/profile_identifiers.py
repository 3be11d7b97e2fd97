"""Profiles, identifiers: have they the right format, and is at most one of a type primary?"""

import great_expectations.expectations as gxe
from great_expectations.expectations.row_conditions import Column

from expectations.formats import EMAIL, PHONE, SHA_256, UPPER_CASE
from expectations.gates import Gate

_IDENTIFIERS_OF_PROFILES = """
    select
        *,
        count(*) filter (where is_primary) over of_one_type as primary_count,
        case when is_primary and is_shared
            then count(*) filter (where not is_shared) over of_one_type = 0
        end as is_rightly_primary
    from {table}
    window of_one_type as (partition by profile_id, identifier_type)
"""

PROFILE_IDENTIFIERS = Gate(
    stage="profiles",
    table="profile_identifiers",
    key=("profile_id", "identifier_type"),  # not the value, which is personal
    columns=(
        "profile_id",
        "identifier_type",
        "identifier_value",
        "identifier_sha256",
        "is_primary",
        "is_shared",
        "record_count",
        "first_seen_at",
        "last_seen_at",
    ),
    personal=("identifier_value", "identifier_sha256"),
    query=_IDENTIFIERS_OF_PROFILES,
    expectations=(
        gxe.ExpectColumnValuesToMatchRegex(
            column="identifier_sha256",
            regex=SHA_256,
            severity="critical",
            description="hash is a SHA-256 in hexadecimal",
        ),
        gxe.ExpectColumnValuesToMatchRegex(
            column="identifier_value",
            regex=EMAIL,
            row_condition=Column("identifier_type") == "email",
            mostly=0.999,
            severity="critical",
            description="e-mails look like e-mails",
        ),
        gxe.ExpectColumnValuesToNotMatchRegex(
            column="identifier_value",
            regex=UPPER_CASE,
            row_condition=Column("identifier_type") == "email",
            mostly=0.999,
            severity="critical",
            description="e-mails are in lower case",
        ),
        gxe.ExpectColumnValuesToMatchRegex(
            column="identifier_value",
            regex=PHONE,
            row_condition=Column("identifier_type") == "phone",
            mostly=0.999,
            severity="critical",
            description="phones are in E.164",
        ),
        gxe.ExpectColumnValuesToBeBetween(
            column="primary_count", max_value=1, severity="critical", description="at most one value is primary"
        ),
        gxe.ExpectColumnValuesToBeInSet(
            column="is_rightly_primary",
            value_set=[True],
            severity="warning",
            description="no shared value is primary while another exists",
        ),
        gxe.ExpectColumnValuesToBeBetween(
            column="record_count", min_value=1, severity="critical", description="every value comes from a record"
        ),
        gxe.ExpectColumnPairValuesAToBeGreaterThanB(
            column_A="last_seen_at",
            column_B="first_seen_at",
            or_equal=True,
            ignore_row_if="either_value_is_missing",
            severity="critical",
            description="first seen is not after last seen",
        ),
    ),
)
