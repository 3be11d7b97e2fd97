"""Identity: is every person record in exactly one profile, and is no profile larger than one person's can be?

Both directions are checked, so the row counts of assignments and person records are equal too.
"""

from expectations.formats import is_alone, is_one_of
from expectations.gates import Gate, Measure, RowRule
from expectations.known_values import LINK_REASONS

LARGEST_CREDIBLE_PROFILE = 200
LARGEST_USUAL_PROFILE = 50

_ASSIGNMENTS_WITH_RECORDS = """
    select
        coalesce(assigned.person_record_id, person_records.person_record_id) as person_record_id,
        coalesce(assigned.is_assigned, false) as is_assigned,
        person_records.person_record_id is not null as is_known,
        assigned.profile_id,
        assigned.profile_id_first,
        assigned.link_reason,
        assigned.match_probability,
        case when assigned.profile_id is not null
            then count(*) over (partition by assigned.profile_id)
        end as profile_size
    from (select *, true as is_assigned from batch) as assigned
    full join (select person_record_id from person_records) as person_records
        on assigned.person_record_id = person_records.person_record_id
"""

_EDGES_WITH_ASSIGNMENTS = """
    select
        batch.*,
        left_side.profile_id as profile_id_left,
        right_side.profile_id as profile_id_right
    from batch
    left join profile_assignments as left_side on batch.person_record_id_left = left_side.person_record_id
    left join profile_assignments as right_side on batch.person_record_id_right = right_side.person_record_id
"""

PROFILE_ASSIGNMENTS = Gate(
    stage="identity",
    table="profile_assignments",
    key=("person_record_id",),
    columns=("person_record_id", "profile_id", "profile_id_first", "link_reason", "match_probability"),
    companions={"person_records": "staging.person_records"},
    subject=_ASSIGNMENTS_WITH_RECORDS,
    checks=(
        RowRule("every person record is assigned", "critical", "is_assigned"),
        RowRule("every assigned record is a person record", "critical", "is_known"),
        RowRule("no record is assigned twice", "critical", is_alone("person_record_id")),
        RowRule("profile is filled", "critical", "case when is_assigned then profile_id is not null end"),
        Measure(
            "largest profile is credible",
            "critical",
            value="max(profile_size)",
            maximum=LARGEST_CREDIBLE_PROFILE,
            failing=f"profile_size > {LARGEST_CREDIBLE_PROFILE}",
            key=("profile_id",),
        ),
        Measure(
            "largest profile is of a usual size",
            "warning",
            value="max(profile_size)",
            maximum=LARGEST_USUAL_PROFILE,
            failing=f"profile_size > {LARGEST_USUAL_PROFILE}",
            key=("profile_id",),
        ),
        Measure(
            "records per profile on average",
            "critical",
            value="count(profile_id) / nullif(count(distinct profile_id), 0)",
            minimum=1,
            maximum=20,
        ),
        RowRule("link reason is a known one", "critical", is_one_of("link_reason", LINK_REASONS)),
        RowRule("match probability is from 0 to 1", "critical", "match_probability between 0 and 1"),
        RowRule(
            "most records are linked by more than similarity",
            "warning",
            "link_reason not in ('probabilistic_match', 'joined_clusters')",
            mostly=0.5,
        ),
        RowRule("most records keep their first profile", "warning", "profile_id = profile_id_first", mostly=0.75),
    ),
)

MATCH_EDGES = Gate(
    stage="identity",
    table="match_edges",
    key=("person_record_id_left", "person_record_id_right"),
    columns=("person_record_id_left", "person_record_id_right", "reason", "match_probability", "is_used"),
    companions={"profile_assignments": "identity.profile_assignments"},
    subject=_EDGES_WITH_ASSIGNMENTS,
    checks=(
        RowRule("match probability is from 0 to 1", "critical", "match_probability between 0 and 1"),
        RowRule("reason is a known one", "critical", is_one_of("reason", LINK_REASONS)),
        RowRule("no record is linked to itself", "critical", "person_record_id_left <> person_record_id_right"),
        RowRule(
            "used links stay within one profile",
            "critical",
            "case when is_used then coalesce(profile_id_left = profile_id_right, false) end",
        ),
    ),
)

IDENTITY_GATES = {gate.table: gate for gate in (PROFILE_ASSIGNMENTS, MATCH_EDGES)}
