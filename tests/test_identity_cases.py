"""Situations of real customer files among a thousand ordinary customers: whose records end up in one profile.

The folder of cases lies next to the repository; each case has the files of one situation, some of them in two parts
that arrive one after the other. All of them live in one home, as they would in one company. Every time,
``identity/test_edge_cases.py`` decides such situations without the stages around identity.
"""

import subprocess
from collections.abc import Callable

import pytest
from delivered_cases import deliver_cases
from release_comparison import release_of

from cdp_orchestration.demo import write_demo
from cdp_orchestration.release.reader import Release

pytestmark = pytest.mark.long

Cdp = Callable[..., "subprocess.CompletedProcess[str]"]

NUMBERS = (1, 3, 4, 5, 6, *range(8, 18), 19, 28, 29, *range(32, 36))
CASES_OF_IDENTITY = [*(f"identity/{number:02}" for number in NUMBERS), "ingest/14"]


@pytest.fixture(scope="module")
def releases(tmp_path_factory: pytest.TempPathFactory, cdp: Cdp) -> list[Release]:
    """The releases of a home that got all cases, in two deliveries, among a thousand invented customers."""
    home = tmp_path_factory.mktemp("cases") / "home"
    write_demo(home / "inbox", home / "demo_truth.csv", customers=1000, seed=7)
    releases = []
    for parts in (("inbox",), ("inbox2", "inbox3")):
        for part in parts:
            deliver_cases(home, *CASES_OF_IDENTITY, inbox=part)
        result = cdp(home, "sync")
        assert result.returncode == 0, result.stdout + result.stderr
        releases.append(release_of(home))
    return releases


@pytest.fixture
def release(releases: list[Release]) -> Release:
    """The release of both deliveries."""
    return releases[-1]


def _profiles(release: Release, *keys: str) -> list[str | None]:
    """The profile of each record, None where it is in none; a record is written as type and id."""
    query = "select source_record_type || ' ' || source_record_id, profile_id from profile_records"
    found = dict(release.connect().execute(query).fetchall())
    return [found.get(key) for key in keys]


def _are_one(release: Release, *keys: str) -> bool:
    found = _profiles(release, *keys)
    return None not in found and len(set(found)) == 1


def _are_apart(release: Release, *keys: str) -> bool:
    found = _profiles(release, *keys)
    return None not in found and len(set(found)) == len(keys)


def _names(release: Release, key: str) -> set[str]:
    (profile,) = _profiles(release, key)
    rows = release.connect().execute("select full_name from profiles where profile_id = ?", [profile]).fetchall()
    return {name for (name,) in rows}


@pytest.mark.parametrize(
    ("customer", "events"),
    [
        ("customer 6299000000101", ["c01-a0", "c01-a1", "c01-a2", "c01-a3"]),
        ("customer 6299000000102", ["c01-b0", "c01-b1"]),
        ("customer 7314001", ["sd-2"]),
        ("customer 7314002", ["sd-4"]),
    ],
)
def test_an_event_of_a_shared_browser_belongs_to_who_was_signed_in(
    release: Release, customer: str, events: list[str]
) -> None:
    (profile,) = _profiles(release, customer)
    rows = release.connect().execute(
        "select source_record_id, profile_id from touchpoints where source_record_type = 'event'"
    )
    found = dict(rows.fetchall())
    assert [found.get(event) for event in events] == [profile] * len(events)


def test_two_people_who_use_one_browser_are_two(release: Release) -> None:
    assert _are_apart(release, "customer 6299000000101", "customer 6299000000102")
    assert _are_apart(release, "customer 7314001", "customer 7314002")


def test_the_accounts_departments_of_four_firms_are_no_people(release: Release) -> None:
    assert _profiles(release, *(f"contact 003C3000000000{n}AAA" for n in range(4))) == [None] * 4


@pytest.mark.parametrize(
    ("he", "she", "joint"),
    [
        ("customer 6299000000401", "loyalty_member LMC400001", "contact 003C40000000001AAA"),
        ("customer 6299000003501", "loyalty_member LMC350001", "contact 003CZ0000000001AAA"),
    ],
)
def test_a_couple_in_one_name_field_stays_two_people(release: Release, he: str, she: str, joint: str) -> None:
    assert _are_apart(release, he, she)
    assert not {name for key in (he, she) for name in _names(release, key) if " and " in name or "&" in name}
    assert _profiles(release, joint) != [None]


def test_each_of_a_couple_keeps_the_tickets_from_their_common_mailbox(release: Release) -> None:
    assert _are_one(release, "loyalty_member LMC400001", "user 9799000401")
    assert _are_one(release, "customer 6299000000401", "user 9799000402")


def test_seven_bookings_through_relay_addresses_are_one_person(release: Release) -> None:
    assert _are_one(release, *(f"guest_order 549900000050{n}" for n in range(7)))
    (profile,) = _profiles(release, "guest_order 5499000000500")
    emails = "select email from profiles where profile_id = ? and email is not null"
    assert release.connect().execute(emails, [profile]).fetchall() == []


def test_namesakes_at_a_call_centre_mailbox_stay_two(release: Release) -> None:
    assert _are_apart(release, *(f"contact 003C600000000{n:02}AAA" for n in range(7)))
    assert _are_apart(release, "contact 003CX00000000000AAA", "contact 003CX00000000001AAA")


@pytest.mark.parametrize(
    "keys",
    [
        ("contact 003C80000000001AAA", "guest_order 5499000000801", "receipt TC800001"),
        ("contact 003C90000000001AAA", "customer 6299000000901", "user 9799000901"),
        ("contact 003CA0000000001AAA", "customer 6299000001001"),
        ("contact 003CB0000000001AAA", "user 9799001101"),
        ("contact 003CC0000000001AAA", "user 9799001201"),
        ("contact 003CC0000000002AAA", "user 9799001202"),
        ("contact 003CD0000000001AAA", "customer 6299000001301"),
        ("contact 003CE0000000001AAA", "customer 6299000001401", "user 9799001401"),
        ("contact 003CF0000000001AAA", "user 9799001501"),
    ],
    ids=["zero width", "emoji", "kanji", "hangul", "pinyin", "cantonese", "abdul", "prefix", "mexico"],
)
def test_another_way_to_write_a_name_or_number_is_no_other_person(release: Release, keys: tuple[str, ...]) -> None:
    assert _are_one(release, *keys)


def test_two_mailboxes_that_differ_by_a_dot_are_two_people(release: Release) -> None:
    assert _are_apart(release, "contact 003CG0000000001AAA", "contact 003CG0000000002AAA")
    assert _are_apart(release, "contact 003CY0000000001AAA", "contact 003CY0000000002AAA")


def test_erased_users_of_the_help_desk_are_no_people(release: Release) -> None:
    assert _profiles(release, *(f"user 979900170{n}" for n in range(5)), "user 9799001710") == [None] * 6
    assert _profiles(release, "contact 003CH0000000001AAA") != [None]


def test_the_customers_of_a_cashier_who_scans_her_own_card_keep_what_is_theirs(release: Release) -> None:
    customers = [f"customer 629900000190{n}" for n in range(4)]
    assert _are_apart(release, *customers, "loyalty_member LMC190001")
    (cashier,) = _profiles(release, "loyalty_member LMC190001")
    held = release.connect().execute(
        "select identifier_type, count(*) from profile_identifiers where profile_id = ? group by all", [cashier]
    )
    assert dict(held.fetchall()).get("email") == 1


def test_the_receiver_of_a_gift_is_not_its_buyer(release: Release) -> None:
    assert _are_one(release, "guest_order 5499000003201", "customer 6299000003201")
    assert _are_apart(release, "customer 6299000003201", "contact 003CW0000000001AAA")


def test_who_changes_everything_at_once_stays_one_person_or_is_looked_at(releases: list[Release]) -> None:
    keys = ("contact 003CS0000000001AAA", "customer 6299000002801")
    before, (contact, customer) = _profiles(releases[0], *keys), _profiles(releases[1], *keys)
    assert before[0] == before[1] == customer
    (reviews,) = releases[1].connect().execute(
        "select count(*) from match_edges where kept_apart_by = 'changed_identity' "
        "and 'crm:contact:003CS0000000001AAA' in (person_record_id_left, person_record_id_right)"
    ).fetchone() or (0,)
    assert contact == customer or reviews > 0


def test_a_new_given_name_is_the_name_of_the_same_person(releases: list[Release]) -> None:
    keys = ("contact 003CT0000000001AAA", "customer 6299000002901")
    before = _profiles(releases[0], *keys)
    assert before[0] == before[1] is not None
    assert _profiles(releases[1], *keys) == before
    assert {name.split()[0] for name in _names(releases[1], keys[0])} == {"Mia"}
