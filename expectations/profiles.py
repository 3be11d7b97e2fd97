"""Profiles: do the profiles equal what identity decided, and do their values have the right format?"""

from expectations.formats import is_email, is_phone, is_plausible_date_of_birth, matches
from expectations.gates import Gate, Measure, RowRule

_ASSIGNMENTS = {"profile_assignments": "identity.profile_assignments"}

_PROFILES_WITH_ASSIGNMENTS = """
    select
        batch.* exclude (profile_id),
        coalesce(batch.profile_id, assigned.profile_id) as profile_id,
        batch.profile_id is not null as is_profile,
        assigned.assigned_count
    from batch
    full join (
        select profile_id, count(*) as assigned_count
        from profile_assignments
        where profile_id is not null
        group by profile_id
    ) as assigned
        on batch.profile_id = assigned.profile_id
"""

_RECORDS_WITH_ASSIGNMENTS = """
    select
        coalesce(batch.person_record_id, assigned.person_record_id) as person_record_id,
        batch.profile_id,
        assigned.profile_id as assigned_profile_id,
        batch.person_record_id is not null as is_published,
        batch.match_probability
    from batch
    full join profile_assignments as assigned on batch.person_record_id = assigned.person_record_id
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
    companions=_ASSIGNMENTS,
    subject=_PROFILES_WITH_ASSIGNMENTS,
    checks=(
        Measure("there are profiles", "warning", value="count(*) filter (where is_profile)", minimum=1),
        RowRule("every assigned profile is published", "critical", "is_profile"),
        RowRule(
            "record counts are those of the assignments",
            "critical",
            "case when is_profile then coalesce(record_count = assigned_count, false) end",
        ),
        RowRule("source counts are within record counts", "critical", "source_count between 1 and record_count"),
        RowRule("e-mail looks like an e-mail", "critical", is_email("email"), mostly=0.999),
        RowRule("phone is in E.164", "critical", is_phone("phone"), mostly=0.999),
        RowRule("country code has two letters", "critical", matches("country_code", "[A-Z]{2}"), mostly=0.999),
        RowRule("date of birth is plausible", "warning", is_plausible_date_of_birth("date_of_birth"), mostly=0.999),
        RowRule("identity confidence is from 0 to 1", "critical", "identity_confidence between 0 and 1"),
        RowRule("first seen is not after last seen", "critical", "first_seen_at <= last_seen_at"),
        RowRule("profiles have a name", "warning", "full_name is not null", mostly=0.3),
        RowRule("profiles can be reached", "warning", "email is not null or phone is not null", mostly=0.3),
    ),
)

PROFILE_RECORDS = Gate(
    stage="profiles",
    table="profile_records",
    key=("person_record_id",),
    columns=("person_record_id", "profile_id", "match_probability"),
    companions=_ASSIGNMENTS,
    subject=_RECORDS_WITH_ASSIGNMENTS,
    checks=(
        RowRule("every assigned record is published", "critical", "is_published"),
        RowRule(
            "profiles are those of the assignments",
            "critical",
            "case when is_published then coalesce(profile_id = assigned_profile_id, false) end",
        ),
        RowRule("match probability is from 0 to 1", "critical", "match_probability between 0 and 1"),
    ),
)

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
    checks=(
        RowRule("hash is a SHA-256 in hexadecimal", "critical", matches("identifier_sha256", "[0-9a-f]{64}")),
        RowRule(
            "e-mails look like e-mails",
            "critical",
            f"case when identifier_type = 'email' then {is_email('identifier_value')} end",
            mostly=0.999,
        ),
        RowRule(
            "phones are in E.164",
            "critical",
            f"case when identifier_type = 'phone' then {is_phone('identifier_value')} end",
            mostly=0.999,
        ),
        RowRule(
            "at most one value is primary",
            "critical",
            "count(*) filter (where is_primary) over (partition by profile_id, identifier_type) <= 1",
        ),
        RowRule(
            "no shared value is primary while another exists",
            "warning",
            "case when is_primary and is_shared then "
            "count(*) filter (where not is_shared) over (partition by profile_id, identifier_type) = 0 end",
        ),
        RowRule("every value comes from a record", "critical", "record_count >= 1"),
        RowRule("first seen is not after last seen", "critical", "first_seen_at <= last_seen_at"),
    ),
)

PROFILE_GATES = {gate.table: gate for gate in (PROFILES, PROFILE_RECORDS, PROFILE_IDENTIFIERS)}
