"""What somebody did is drafted as an interaction: its time, its event or money, and whose it is."""

from pathlib import Path
from typing import Any

import pytest

from cdp_orchestration.home.settings import Settings
from cdp_orchestration.sources import DeclarationError, Stream, declared_streams
from cdp_orchestration.sources.drafting.additions import add_source, preview
from cdp_orchestration.sources.drafting.inference import infer
from cdp_orchestration.sources.drafting.samples import sample_of_rows

NOON = "2026-03-01T12:00:00Z"
LATER = "2026-03-02T12:00:00Z"
MEMBERS = [
    {"Member No": "M-1", "First Name": "Ada", "Last Name": "Byron", "E-Mail": "ada@example.org", "Joined": NOON},
    {"Member No": "M-2", "First Name": "Ben", "Last Name": "Stone", "E-Mail": "ben@example.org", "Joined": LATER},
]
ACTIVITY = [
    {"id": "1", "Member No": "M-1", "Campaign": "Spring", "Action": "Open", "Timestamp": NOON},
    {"id": "2", "Member No": "M-2", "Campaign": "Spring", "Action": "Bounce", "Timestamp": NOON},
    {"id": "3", "Member No": "M-2", "Campaign": "Spring", "Action": "forwarded", "Timestamp": NOON},
]
ORDER = {"order_id": "1", "email": "ada@example.org", "total": "19.90", "currency": "EUR", "created_at": NOON}
ORDERS = [ORDER | {"status": "paid"}, ORDER | {"order_id": "2", "status": "Cancelled"}]


def _added(home: Settings, name: str, rows: list[dict[str, Any]]) -> Stream:
    add_source(home, name, infer(sample_of_rows(rows)))
    return next(each for each in declared_streams(home) if f"{each.source}/{each.name}" == name)


def test_orders_are_interactions_of_the_person_in_the_same_row(tmp_path: Path) -> None:
    orders = _added(Settings(home=tmp_path / "home"), "outlet/orders", ORDERS)

    assert orders.mapping
    did, person = orders.mapping.interaction, orders.mapping.person
    assert did
    assert person
    assert (did.occurred_at, did.amount, did.currency, did.of) == ("created_at", "total", "currency", None)
    assert did.uncounted
    assert (did.uncounted.field, did.uncounted.values) == ("status", ("cancelled",))
    assert [row.stage for row in did.taxonomy.values()] == ["purchase"]
    assert person.emails == ("email",)


def test_activity_is_of_the_member_that_an_earlier_stream_of_the_source_declares(tmp_path: Path) -> None:
    home = Settings(home=tmp_path / "home")
    _added(home, "club/members", MEMBERS)
    written = home.own_sources.joinpath("club.yml").read_text(encoding="utf-8")

    activity = _added(home, "club/activity", ACTIVITY)

    assert activity.mapping
    assert activity.mapping.person is None
    did = activity.mapping.interaction
    assert did
    assert did.of
    assert (did.event, did.campaign, did.occurred_at) == (("Action",), "Campaign", "Timestamp")
    assert (did.of.field, did.of.record_type) == ("Member No", "member")
    assert {word: row.touchpoint_type for word, row in did.taxonomy.items()} == {
        "open": "campaign_opened",
        "bounce": "campaign_bounced",
        "*": "campaign_event",
    }
    assert home.own_sources.joinpath("club.yml").read_text(encoding="utf-8").startswith(written.rstrip("\n"))


def test_a_stream_is_added_to_the_file_that_changes_a_source_that_ships(tmp_path: Path) -> None:
    home = Settings(home=tmp_path / "home")
    home.own_sources.mkdir(parents=True)
    (home.own_sources / "crm.yml").write_text(
        "source: crm\nstreams:\n  contacts:\n    renames: {Record ID: Id}\n", encoding="utf-8"
    )
    members = _added(home, "crm/members", MEMBERS)
    contacts = next(each for each in declared_streams(home) if each.table == "crm_contacts")
    assert members.is_own
    assert dict(contacts.renames) == {"Record ID": "Id"}
    with pytest.raises(DeclarationError, match="has stream contacts already"):
        _added(home, "crm/contacts", MEMBERS)


def test_an_interaction_of_no_one_that_is_known_stays_a_comment(tmp_path: Path) -> None:
    activity = _added(Settings(home=tmp_path / "home"), "club/activity", ACTIVITY)
    assert activity.mapping
    assert activity.mapping.interaction is None
    text = (tmp_path / "home" / "sources" / "club.yml").read_text(encoding="utf-8")
    assert "    #   of: {field: <field with the id>, record_type: <that of the person>}" in text


def test_money_of_an_unknown_currency_stays_a_comment(tmp_path: Path) -> None:
    rows = [{name: value for name, value in row.items() if name != "currency"} for row in ORDERS]
    orders = _added(Settings(home=tmp_path / "home"), "outlet/orders", rows)
    assert orders.mapping
    assert orders.mapping.interaction
    assert orders.mapping.interaction.amount is None
    text = (tmp_path / "home" / "sources" / "outlet.yml").read_text(encoding="utf-8")
    assert "# amount: total\n      # currency_code: <such as EUR>\n      # uncounted:" in text


@pytest.mark.parametrize(
    "more",
    [
        pytest.param({"total_spent": "19.90", "currency": "EUR", "last_order_at": LATER}, id="what they have spent"),
        pytest.param({"action": ""}, id="a column of no word"),
        pytest.param({"type": "gold", "updated_at": LATER}, id="a kind of customer"),
    ],
)
def test_a_list_of_people_is_no_interaction(more: dict[str, str]) -> None:
    rows = [{"customer_id": str(number), "email": f"p{number}@example.org", "created_at": NOON} for number in (1, 2)]
    found = infer(sample_of_rows([row | more for row in rows]))
    assert found.is_person
    assert found.interaction is None


def test_a_person_may_say_that_a_row_is_no_interaction() -> None:
    found = infer(sample_of_rows(ORDERS)).corrected(key=["order_id"], cursor="", is_person=True, is_interaction=False)
    assert found.interaction is None


def test_the_first_rows_are_shown_as_what_was_done_and_who_did_it() -> None:
    sample = sample_of_rows(ORDERS)
    header, rows = preview(sample, infer(sample))
    assert tuple(header) == ("occurred_at", "amount", "currency", "emails")
    assert rows[0] == (NOON, "19.90", "EUR", "ada@example.org")


def test_a_stream_that_is_declared_or_a_file_that_goes_on_after_its_streams_is_left_as_it_is(tmp_path: Path) -> None:
    home = Settings(home=tmp_path / "home")
    _added(home, "club/members", MEMBERS)
    with pytest.raises(DeclarationError, match="has stream members already"):
        _added(home, "club/members", MEMBERS)
    path = home.own_sources / "club.yml"
    path.write_text(path.read_text(encoding="utf-8") + "label: The club\n", encoding="utf-8")
    with pytest.raises(DeclarationError, match="goes on after its streams; add stream activity to it by hand"):
        _added(home, "club/activity", ACTIVITY)
    assert path.read_text(encoding="utf-8").endswith("label: The club\n")
