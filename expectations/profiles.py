"""Profiles: do the profiles equal what identity decided, and do their values have the right format?"""

import great_expectations.expectations as gxe
from great_expectations.expectations.row_conditions import Column

from expectations.formats import COUNTRY, EMAIL, PHONE, UPPER_CASE, is_plausible_date_of_birth
from expectations.gates import Gate
from expectations.profile_identifiers import PROFILE_IDENTIFIERS

_PROFILES_WITH_ASSIGNMENTS = f"""
    select
        profiles.* exclude (profile_id),
        coalesce(profiles.profile_id, assigned.profile_id) as profile_id,
        profiles.profile_id is not null as is_profile,
        profiles.email is not null or profiles.phone is not null as can_be_reached,
        {is_plausible_date_of_birth("profiles.date_of_birth")} as date_of_birth_is_plausible,
        assigned.assigned_count
    from {{table}} as profiles
    full join (
        select profile_id, count(*) as assigned_count
        from identity.profile_assignments
        where profile_id is not null
        group by profile_id
    ) as assigned
        on profiles.profile_id = assigned.profile_id
    cross join clock
"""

_RECORDS_WITH_ASSIGNMENTS = """
    select
        coalesce(records.person_record_id, assigned.person_record_id) as person_record_id,
        records.profile_id,
        assigned.profile_id as assigned_profile_id,
        records.person_record_id is not null as is_published,
        records.match_probability
    from {table} as records
    full join identity.profile_assignments as assigned on records.person_record_id = assigned.person_record_id
"""

PROFILES = Gate(
    stage="profiles",
    table="profiles",
    key=("profile_id",),
    columns=(
        "profile_id",
        "full_name",
        "date_of_birth",
        "email",
        "phone",
        "country_code",
        "record_count",
        "source_count",
        "first_seen_at",
        "last_seen_at",
        "identity_confidence",
    ),
    personal=("full_name", "date_of_birth", "email", "phone"),
    query=_PROFILES_WITH_ASSIGNMENTS,
    expectations=(
        gxe.ExpectTableRowCountToBeBetween(
            min_value=1,
            row_condition=Column("is_profile") == "true",
            severity="warning",
            description="there are profiles",
        ),
        gxe.ExpectColumnValuesToBeInSet(
            column="is_profile",
            value_set=[True],
            severity="critical",
            description="every assigned profile is published",
        ),
        gxe.ExpectColumnPairValuesToBeEqual(
            column_A="record_count",
            column_B="assigned_count",
            row_condition=Column("is_profile") == "true",
            ignore_row_if="neither",
            severity="critical",
            description="record counts are those of the assignments",
        ),
        gxe.ExpectColumnValuesToBeBetween(
            column="source_count", min_value=1, severity="critical", description="every profile has a source"
        ),
        gxe.ExpectColumnPairValuesAToBeGreaterThanB(
            column_A="record_count",
            column_B="source_count",
            or_equal=True,
            ignore_row_if="either_value_is_missing",
            severity="critical",
            description="source counts are within record counts",
        ),
        gxe.ExpectColumnValuesToMatchRegex(
            column="email", regex=EMAIL, mostly=0.999, severity="critical", description="e-mail looks like an e-mail"
        ),
        gxe.ExpectColumnValuesToNotMatchRegex(
            column="email", regex=UPPER_CASE, mostly=0.999, severity="critical", description="e-mail is in lower case"
        ),
        gxe.ExpectColumnValuesToMatchRegex(
            column="phone", regex=PHONE, mostly=0.999, severity="critical", description="phone is in E.164"
        ),
        gxe.ExpectColumnValuesToMatchRegex(
            column="country_code",
            regex=COUNTRY,
            mostly=0.999,
            severity="critical",
            description="country code has two letters",
        ),
        gxe.ExpectColumnValuesToBeInSet(
            column="date_of_birth_is_plausible",
            value_set=[True],
            mostly=0.999,
            severity="warning",
            description="date of birth is plausible",
        ),
        gxe.ExpectColumnValuesToBeBetween(
            column="identity_confidence",
            min_value=0,
            max_value=1,
            severity="critical",
            description="identity confidence is from 0 to 1",
        ),
        gxe.ExpectColumnPairValuesAToBeGreaterThanB(
            column_A="last_seen_at",
            column_B="first_seen_at",
            or_equal=True,
            ignore_row_if="either_value_is_missing",
            severity="critical",
            description="first seen is not after last seen",
        ),
        gxe.ExpectColumnValuesToNotBeNull(
            column="full_name", mostly=0.3, severity="warning", description="profiles have a name"
        ),
        gxe.ExpectColumnValuesToBeInSet(
            column="can_be_reached",
            value_set=[True],
            mostly=0.3,
            severity="warning",
            description="profiles can be reached",
        ),
    ),
)

PROFILE_RECORDS = Gate(
    stage="profiles",
    table="profile_records",
    key=("person_record_id",),
    columns=("person_record_id", "profile_id", "match_probability"),
    query=_RECORDS_WITH_ASSIGNMENTS,
    expectations=(
        gxe.ExpectColumnValuesToBeInSet(
            column="is_published",
            value_set=[True],
            severity="critical",
            description="every assigned record is published",
        ),
        gxe.ExpectColumnPairValuesToBeEqual(
            column_A="profile_id",
            column_B="assigned_profile_id",
            row_condition=Column("is_published") == "true",
            ignore_row_if="neither",
            severity="critical",
            description="profiles are those of the assignments",
        ),
        gxe.ExpectColumnValuesToBeBetween(
            column="match_probability",
            min_value=0,
            max_value=1,
            severity="critical",
            description="match probability is from 0 to 1",
        ),
    ),
)

PROFILE_GATES = {gate.table: gate for gate in (PROFILES, PROFILE_RECORDS, PROFILE_IDENTIFIERS)}
