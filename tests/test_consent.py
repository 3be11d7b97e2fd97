"""No one who refused is contactable: by address over a whole release, read and reckoned without the models."""

from pathlib import Path
from typing import Any

import duckdb
import pytest
from consenting_people import (
    CAME_BACK,
    HAPPY,
    LEFT_AGAIN,
    MERGED_AWAY,
    ODD_CHANNEL,
    PENDING,
    TEXTS_ONLY,
    UNCONFIRMED,
    UNSAID,
    Person,
)
from delivered_refusals import refused_addresses
from release_comparison import release_of

pytestmark = [pytest.mark.slow, pytest.mark.scenario]

Row = dict[str, Any]


@pytest.fixture(scope="module")
def home(grown_home: Path) -> Path:
    """A home whose people said something in its first delivery, and something else in a later one; it is only read."""
    return grown_home


def published(home: Path, table: str) -> list[Row]:
    release = home / "releases" / release_of(home).release_id
    (path,) = release.rglob(f"{table}.parquet")
    return duckdb.read_parquet(str(path)).to_arrow_table().to_pylist()


def profile_of(home: Path, person: Person) -> Row:
    (profile,) = [row for row in published(home, "profiles") if row["email"] == person.email]
    return profile


@pytest.mark.parametrize("person", [UNSAID, MERGED_AWAY, LEFT_AGAIN, ODD_CHANNEL, UNCONFIRMED])
def test_who_refused_e_mail_is_not_written_to(home: Path, person: Person) -> None:
    profile = profile_of(home, person)
    assert (profile["email_consent"], profile["is_contactable"]) == (False, False)


def test_a_double_opt_in_that_is_pending_is_no_consent(home: Path) -> None:
    profile = profile_of(home, PENDING)
    assert (profile["email_consent"], profile["is_contactable"]) == (None, False)


def test_a_later_confirmation_lifts_the_refusal_and_both_stay_in_the_history(home: Path) -> None:
    profile = profile_of(home, CAME_BACK)
    assert (profile["email_consent"], profile["is_contactable"]) == (True, True)
    history = [row for row in published(home, "consent_history") if row["profile_id"] == profile["profile_id"]]
    assert {
        (row["state"], row["lifted_at"] and f"{row['lifted_at']:%Y-%m-%d}")
        for row in history
        if row["channel"] == "email"
    } == {
        ("refused", "2026-03-01"),
        ("granted", None),
    }


def test_who_never_refused_is_written_to(home: Path) -> None:
    profile = profile_of(home, HAPPY)
    assert (profile["email_consent"], profile["is_contactable"]) == (True, True)


def test_a_consent_to_text_messages_is_none_to_call(home: Path) -> None:
    profile = profile_of(home, TEXTS_ONLY)
    found = (profile["sms_consent"], profile["call_consent"], profile["phone_consent"], profile["is_contactable"])
    assert found == (True, None, None, True)


def test_a_refusal_of_a_deleted_record_stays_in_the_history_of_its_person(home: Path) -> None:
    profile_id = profile_of(home, MERGED_AWAY)["profile_id"]
    history = [row for row in published(home, "consent_history") if row["profile_id"] == profile_id]
    deleted = [(row["source_record_id"], row["state"]) for row in history if row["is_record_deleted"]]
    assert (MERGED_AWAY.contact_id, "refused") in deleted


def test_no_address_that_was_refused_is_contactable_in_any_table(home: Path) -> None:
    refused = refused_addresses(home)
    profiles = {row["profile_id"]: row for row in published(home, "profiles")}

    def is_refused(profile_id: str, channel: str) -> bool:
        address = profiles[profile_id]["email" if channel == "email" else "phone"]
        return (channel, address) in refused

    consents = published(home, "profile_consents")
    contactable = {(row["profile_id"], row["channel"]) for row in consents if row["is_contactable"]}
    columns = {"email": "email_consent", "sms": "sms_consent", "call": "call_consent"}
    contactable |= {
        (profile_id, channel)
        for profile_id, row in profiles.items()
        for channel, column in columns.items()
        if row[column]
    }
    contactable |= {
        (row["profile_id"], "email" if row["suggested_channel"] == "email" else "call")
        for row in published(home, "moments")
        if row["is_contactable"] and row["purpose"] == "marketing"
    }
    written_to = ("loyal_and_contactable", "win_back", "abandoned_lately")
    contactable |= {
        (row["profile_id"], "email")
        for row in published(home, "audiences")
        if row["audience"] in written_to and row["left_at"] is None
    }

    assert len(contactable) > 20
    assert len({address for _, address in refused} & {row["email"] for row in profiles.values()}) > 5
    assert [pair for pair in contactable if pair[1] in columns and is_refused(*pair)] == []
