"""Identity: is every person record in exactly one profile, and is no profile larger than one person's can be?

Both directions are checked, so the row counts of assignments and person records are equal too.
"""

import great_expectations.expectations as gxe
from great_expectations.expectations.row_conditions import Column

from expectations.gates import Gate
from expectations.known_values import LINK_REASONS
from expectations.warehouse import ExpectFigureToBeBetween

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
    from (select *, true as is_assigned from {table}) as assigned
    full join (select person_record_id from staging.person_records) as person_records
        on assigned.person_record_id = person_records.person_record_id
"""

_EDGES_WITH_ASSIGNMENTS = """
    select
        edges.*,
        edges.person_record_id_left <> edges.person_record_id_right as links_two_records,
        left_side.profile_id as profile_id_left,
        right_side.profile_id as profile_id_right
    from {table} as edges
    left join identity.profile_assignments as left_side
        on edges.person_record_id_left = left_side.person_record_id
    left join identity.profile_assignments as right_side
        on edges.person_record_id_right = right_side.person_record_id
"""

PROFILE_ASSIGNMENTS = Gate(
    stage="identity",
    table="profile_assignments",
    key=("person_record_id",),
    key_of={"profile_size": ("profile_id",)},
    columns=("person_record_id", "profile_id", "profile_id_first", "link_reason", "match_probability"),
    query=_ASSIGNMENTS_WITH_RECORDS,
    expectations=(
        gxe.ExpectColumnValuesToBeInSet(
            column="is_assigned", value_set=[True], severity="critical", description="every person record is assigned"
        ),
        gxe.ExpectColumnValuesToBeInSet(
            column="is_known",
            value_set=[True],
            severity="critical",
            description="every assigned record is a person record",
        ),
        gxe.ExpectColumnValuesToBeUnique(
            column="person_record_id", severity="critical", description="no record is assigned twice"
        ),
        gxe.ExpectColumnValuesToNotBeNull(
            column="profile_id",
            row_condition=Column("is_assigned") == "true",
            severity="critical",
            description="profile is filled",
        ),
        gxe.ExpectColumnValuesToBeBetween(
            column="profile_size",
            max_value=LARGEST_CREDIBLE_PROFILE,
            severity="critical",
            description=f"no profile has more than {LARGEST_CREDIBLE_PROFILE} records",
        ),
        gxe.ExpectColumnValuesToBeBetween(
            column="profile_size",
            max_value=LARGEST_USUAL_PROFILE,
            severity="warning",
            description=f"no profile has more than {LARGEST_USUAL_PROFILE} records, which is usual",
        ),
        ExpectFigureToBeBetween(
            figure="count(profile_id) / nullif(count(distinct profile_id), 0)",
            min_value=1,
            max_value=20,
            severity="critical",
            description="a profile has few records on average",
        ),
        gxe.ExpectColumnValuesToBeInSet(
            column="link_reason",
            value_set=list(LINK_REASONS),
            severity="critical",
            description="link reason is a known one",
        ),
        gxe.ExpectColumnValuesToBeBetween(
            column="match_probability",
            min_value=0,
            max_value=1,
            severity="critical",
            description="match probability is from 0 to 1",
        ),
        gxe.ExpectColumnValuesToNotBeInSet(
            column="link_reason",
            value_set=["probabilistic_match", "joined_clusters"],
            mostly=0.5,
            severity="warning",
            description="most records are linked by more than similarity",
        ),
        gxe.ExpectColumnPairValuesToBeEqual(
            column_A="profile_id",
            column_B="profile_id_first",
            ignore_row_if="either_value_is_missing",
            mostly=0.75,
            severity="warning",
            description="most records keep their first profile",
        ),
    ),
)

MATCH_EDGES = Gate(
    stage="identity",
    table="match_edges",
    key=("person_record_id_left", "person_record_id_right"),
    columns=("person_record_id_left", "person_record_id_right", "reason", "match_probability", "is_used"),
    query=_EDGES_WITH_ASSIGNMENTS,
    expectations=(
        gxe.ExpectColumnValuesToBeBetween(
            column="match_probability",
            min_value=0,
            max_value=1,
            severity="critical",
            description="match probability is from 0 to 1",
        ),
        gxe.ExpectColumnValuesToBeInSet(
            column="reason", value_set=list(LINK_REASONS), severity="critical", description="reason is a known one"
        ),
        gxe.ExpectColumnValuesToBeInSet(
            column="links_two_records",
            value_set=[True],
            severity="critical",
            description="no record is linked to itself",
        ),
        gxe.ExpectColumnPairValuesToBeEqual(
            column_A="profile_id_left",
            column_B="profile_id_right",
            row_condition=Column("is_used") == "true",
            ignore_row_if="neither",
            severity="critical",
            description="used links stay within one profile",
        ),
    ),
)

IDENTITY_GATES = {gate.table: gate for gate in (PROFILE_ASSIGNMENTS, MATCH_EDGES)}
