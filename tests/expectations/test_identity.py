"""The gates between identity and profiles: assignments and the edges that led to them."""

from expectations import GATES

ASSIGNMENTS = GATES["identity"]["profile_assignments"]
EDGES = GATES["identity"]["match_edges"]

ASSIGNMENT_COLUMNS = (
    "person_record_id varchar, profile_id varchar, profile_id_first varchar, link_reason varchar, "
    "match_probability double"
)
EDGE_COLUMNS = (
    "person_record_id_left varchar, person_record_id_right varchar, reason varchar, match_probability double, "
    "is_used boolean"
)


def assigned(record, profile="p1", **changes):
    return {
        "person_record_id": record,
        "profile_id": profile,
        "profile_id_first": profile,
        "link_reason": "same_loyalty_number",
        "match_probability": 1.0,
        **changes,
    }


def edge(left, right, **changes):
    return {
        "person_record_id_left": left,
        "person_record_id_right": right,
        "reason": "probabilistic_match",
        "match_probability": 0.97,
        "is_used": True,
        **changes,
    }


def store_records(store, *records):
    store("staging.person_records", "person_record_id varchar", *[{"person_record_id": each} for each in records])


def test_assignments_of_every_record_pass(store, failures):
    store_records(store, "a", "b", "c")
    store(
        "identity.profile_assignments",
        ASSIGNMENT_COLUMNS,
        assigned("a"),
        assigned("b", link_reason="probabilistic_match", match_probability=0.96),
        assigned("c", "p2", link_reason="only_record", match_probability=None),
    )

    assert failures(ASSIGNMENTS) == {}


def test_no_records_and_no_assignments_pass(store, failures):
    store_records(store)
    store("identity.profile_assignments", ASSIGNMENT_COLUMNS)

    assert failures(ASSIGNMENTS) == {}


def test_records_left_out_assigned_twice_or_out_of_nowhere_stop(store, failures):
    store_records(store, "a", "b", "c", "d")
    store(
        "identity.profile_assignments",
        ASSIGNMENT_COLUMNS,
        assigned("a"),
        assigned("b"),
        assigned("b", "p2"),
        assigned("c", None),
        assigned("ghost"),
    )

    assert failures(ASSIGNMENTS) == {
        "every person record is assigned": ("critical", 1, ("d",)),
        "every assigned record is a person record": ("critical", 1, ("ghost",)),
        "no record is assigned twice": ("critical", 2, ("b",)),
        "profile is filled": ("critical", 1, ("c",)),
    }


def test_unknown_reasons_and_impossible_probabilities_stop(store, failures):
    store_records(store, "a", "b")
    store(
        "identity.profile_assignments",
        ASSIGNMENT_COLUMNS,
        assigned("a", link_reason="gut_feeling"),
        assigned("b", match_probability=1.2),
    )

    assert failures(ASSIGNMENTS) == {
        "link reason is a known one": ("critical", 1, ("a",)),
        "match probability is from 0 to 1": ("critical", 1, ("b",)),
    }


def store_profile_of(size, store, singles=0):
    """One profile of ``size`` records, and ``singles`` profiles of one record each."""
    crowd = [assigned(f"r{n:03}", "crowd") for n in range(size)]
    others = [assigned(f"s{n:03}", f"p{n}") for n in range(singles)]
    store_records(store, *[row["person_record_id"] for row in crowd + others])
    store("identity.profile_assignments", ASSIGNMENT_COLUMNS, *crowd, *others)


def test_a_profile_of_unusual_size_warns_and_names_the_profile(store, failures):
    store_profile_of(51, store, singles=10)

    assert failures(ASSIGNMENTS) == {"no profile has more than 50 records, which is usual": ("warning", 51, ("crowd",))}


def test_a_profile_beyond_belief_stops_and_so_does_a_batch_of_few_profiles(store, failures):
    store_profile_of(201, store, singles=1)

    assert failures(ASSIGNMENTS) == {
        "no profile has more than 200 records": ("critical", 201, ("crowd",)),
        "no profile has more than 50 records, which is usual": ("warning", 201, ("crowd",)),
        "a profile has few records on average": ("critical", None, ()),
    }


def test_linking_mostly_by_similarity_and_moving_most_records_warns(store, failures):
    store_records(store, "a", "b", "c")
    similarity = {"link_reason": "probabilistic_match", "match_probability": 0.9, "profile_id_first": "p0"}
    store(
        "identity.profile_assignments",
        ASSIGNMENT_COLUMNS,
        assigned("a"),
        assigned("b", **similarity),
        assigned("c", **similarity),
    )

    assert failures(ASSIGNMENTS) == {
        "most records are linked by more than similarity": ("warning", 2, ("b", "c")),
        "most records keep their first profile": ("warning", 2, ("b", "c")),
    }


def test_edges_within_profiles_pass_and_unused_ones_may_cross(store, failures):
    store("identity.profile_assignments", ASSIGNMENT_COLUMNS, assigned("a"), assigned("b"), assigned("c", "p2"))
    store("identity.match_edges", EDGE_COLUMNS, edge("a", "b"), edge("b", "c", is_used=False))

    assert failures(EDGES) == {}


def test_edges_that_contradict_the_assignments_or_themselves_stop(store, failures):
    store("identity.profile_assignments", ASSIGNMENT_COLUMNS, assigned("a"), assigned("b"), assigned("c", "p2"))
    store(
        "identity.match_edges",
        EDGE_COLUMNS,
        edge("a", "b", match_probability=-0.1),
        edge("a", "a", reason="mirror"),
        edge("b", "c"),
        edge("b", "deleted"),
    )

    assert failures(EDGES) == {
        "match probability is from 0 to 1": ("critical", 1, ("a/b",)),
        "reason is a known one": ("critical", 1, ("a/a",)),
        "no record is linked to itself": ("critical", 1, ("a/a",)),
        "used links stay within one profile": ("critical", 2, ("b/c", "b/deleted")),
    }
