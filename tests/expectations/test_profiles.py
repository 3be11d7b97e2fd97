"""The gates between profiles and journeys: profiles, their records and their identifiers."""

import hashlib
from datetime import date

from expectations import GATES

PROFILES = GATES["profiles"]["profiles"]
RECORDS = GATES["profiles"]["profile_records"]
IDENTIFIERS = GATES["profiles"]["profile_identifiers"]

PROFILE_COLUMNS = (
    "profile_id varchar, full_name varchar, date_of_birth date, email varchar, phone varchar, country_code varchar, "
    "record_count bigint, source_count bigint, first_seen_at timestamp, last_seen_at timestamp, "
    "identity_confidence double"
)
RECORD_COLUMNS = "person_record_id varchar, profile_id varchar, match_probability double"
IDENTIFIER_COLUMNS = (
    "profile_id varchar, identifier_type varchar, identifier_value varchar, identifier_sha256 varchar, "
    "is_primary boolean, is_shared boolean, record_count bigint, first_seen_at timestamp, last_seen_at timestamp"
)
SEEN = {"first_seen_at": "2025-01-01", "last_seen_at": "2026-01-01"}
BACKWARDS = {"first_seen_at": "2026-01-01", "last_seen_at": "2025-01-01"}


def profile(profile_id, **changes):
    return {
        "profile_id": profile_id,
        "full_name": "Ida Lund",
        "date_of_birth": date(1984, 2, 29),
        "email": "ida@lund.dk",
        "phone": "+4532251200",
        "country_code": "DK",
        "record_count": 1,
        "source_count": 1,
        "identity_confidence": 1.0,
        **SEEN,
        **changes,
    }


def record(record_id, profile_id, match_probability=None):
    return {"person_record_id": record_id, "profile_id": profile_id, "match_probability": match_probability}


def identifier(profile_id, value="ida@lund.dk", **changes):
    return {
        "profile_id": profile_id,
        "identifier_type": "email",
        "identifier_value": value,
        "identifier_sha256": hashlib.sha256(value.encode()).hexdigest(),
        "is_primary": True,
        "is_shared": False,
        "record_count": 1,
        **SEEN,
        **changes,
    }


def store_assignments(store, **profile_by_record):
    rows = [record(each, profile_id) for each, profile_id in profile_by_record.items()]
    store("identity.profile_assignments", RECORD_COLUMNS, *rows)


def test_profiles_that_stand_for_their_assignments_pass(store, failures):
    store_assignments(store, a="p1", b="p1", c="p2")
    unknown = {"full_name": None, "email": None, "phone": None, "country_code": None, "first_seen_at": None}
    store("profiles.profiles", PROFILE_COLUMNS, profile("p1", record_count=2), profile("p2", **unknown))

    assert failures(PROFILES) == {}


def test_no_profiles_of_no_records_only_warn(store, failures):
    store_assignments(store)
    store("profiles.profiles", PROFILE_COLUMNS)

    assert failures(PROFILES) == {"there are profiles": ("warning", None, ())}


def test_profiles_that_differ_from_the_assignments_stop(store, failures):
    store_assignments(store, a="p1", b="p1", c="p2", d="lost")
    store("profiles.profiles", PROFILE_COLUMNS, profile("p1"), profile("p2"), profile("invented"))

    assert failures(PROFILES) == {
        "every assigned profile is published": ("critical", 1, ("lost",)),
        "record counts are those of the assignments": ("critical", 2, ("invented", "p1")),
    }


def test_malformed_golden_values_stop_and_implausible_ones_warn(store, failures):
    store_assignments(store, a="p1", b="p2", c="p3", d="p4", e="p5", f="p6", g="p7", h="p8")
    store(
        "profiles.profiles",
        PROFILE_COLUMNS,
        profile("p1"),
        profile("p2", email="ida at lund"),
        profile("p3", phone="32251200"),
        profile("p4", country_code="DNK"),
        profile("p5", identity_confidence=1.5),
        profile("p6", **BACKWARDS),
        profile("p7", source_count=2),
        profile("p8", date_of_birth=date(2040, 1, 1)),
    )

    assert failures(PROFILES) == {
        "e-mail looks like an e-mail": ("critical", 1, ("p2",)),
        "phone is in E.164": ("critical", 1, ("p3",)),
        "country code has two letters": ("critical", 1, ("p4",)),
        "identity confidence is from 0 to 1": ("critical", 1, ("p5",)),
        "first seen is not after last seen": ("critical", 1, ("p6",)),
        "source counts are within record counts": ("critical", 1, ("p7",)),
        "date of birth is plausible": ("warning", 1, ("p8",)),
    }


def test_profiles_that_are_mostly_nameless_and_out_of_reach_warn(store, failures):
    store_assignments(store, a="p1", b="p2", c="p3", d="p4")
    nothing = {"full_name": None, "email": None, "phone": None}
    nameless = [profile(each, **nothing) for each in ("p2", "p3", "p4")]
    store("profiles.profiles", PROFILE_COLUMNS, profile("p1"), *nameless)

    assert failures(PROFILES) == {
        "profiles have a name": ("warning", 3, ("p2", "p3", "p4")),
        "profiles can be reached": ("warning", 3, ("p2", "p3", "p4")),
    }


def test_a_crosswalk_equal_to_the_assignments_passes(store, failures):
    store_assignments(store, a="p1", b="p2")
    store("profiles.profile_records", RECORD_COLUMNS, record("a", "p1", 0.9), record("b", "p2"))

    assert failures(RECORDS) == {}


def test_a_crosswalk_that_differs_from_the_assignments_stops(store, failures):
    store_assignments(store, a="p1", b="p2", c="p3")
    store(
        "profiles.profile_records",
        RECORD_COLUMNS,
        record("a", "p1", 7),
        record("b", "p1"),
        record("invented", "p1"),
    )

    assert failures(RECORDS) == {
        "every assigned record is published": ("critical", 1, ("c",)),
        "profiles are those of the assignments": ("critical", 2, ("b", "invented")),
        "match probability is from 0 to 1": ("critical", 1, ("a",)),
    }


def test_identifiers_of_one_primary_value_each_pass(store, failures):
    store(
        "profiles.profile_identifiers",
        IDENTIFIER_COLUMNS,
        identifier("p1"),
        identifier("p1", "ida.lund@firma.dk", is_primary=False, is_shared=True),
        identifier("p1", "+4532251200", identifier_type="phone", is_shared=True),
        identifier("p2", "LOY-77", identifier_type="loyalty_number"),
    )

    assert failures(IDENTIFIERS) == {}


def test_malformed_identifiers_and_two_primary_values_stop_and_their_values_are_not_shown(store, failures):
    store(
        "profiles.profile_identifiers",
        IDENTIFIER_COLUMNS,
        identifier("p1"),
        identifier("p2", "ida at lund"),
        identifier("p3", "32251200", identifier_type="phone"),
        identifier("p4", identifier_sha256="ida@lund.dk"),
        identifier("p5"),
        identifier("p5", "ida@firma.dk"),
        identifier("p6", record_count=0),
        identifier("p7", **BACKWARDS),
    )

    assert failures(IDENTIFIERS) == {
        "e-mails look like e-mails": ("critical", 1, ("p2/email",)),
        "phones are in E.164": ("critical", 1, ("p3/phone",)),
        "hash is a SHA-256 in hexadecimal": ("critical", 1, ("p4/email",)),
        "at most one value is primary": ("critical", 2, ("p5/email",)),
        "every value comes from a record": ("critical", 1, ("p6/email",)),
        "first seen is not after last seen": ("critical", 1, ("p7/email",)),
    }


def test_a_shared_primary_value_warns_only_where_an_own_one_exists(store, failures):
    store(
        "profiles.profile_identifiers",
        IDENTIFIER_COLUMNS,
        identifier("p1", is_shared=True),
        identifier("p2", is_shared=True),
        identifier("p2", "own@lund.dk", is_primary=False),
    )

    assert failures(IDENTIFIERS) == {"no shared value is primary while another exists": ("warning", 1, ("p2/email",))}
