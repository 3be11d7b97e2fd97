"""An erased person's rows do not land again; a fact of theirs lands without them; what has landed is written again."""

import json
from pathlib import Path
from typing import Any

import pytest

from cdp_orchestration.home.settings import Settings
from cdp_orchestration.home.warehouse import open_warehouse
from cdp_orchestration.landing import stream_states
from cdp_orchestration.landing.erasure.erased_batches import erase_from_landing
from cdp_orchestration.landing.erasure.erased_deliveries import erase_from_inbox
from cdp_orchestration.landing.erasure.erased_people import (
    LostSuppressionKeyError,
    key_file,
    read_suppressed,
    readmit,
    suppress,
    suppressed_file,
    suppression_key,
)
from cdp_orchestration.landing.erasure.erasure import Erasure
from cdp_orchestration.sources.declared import declared_stream
from tests.cdp_orchestration.landing.conftest import Feed

NOW = "2026-11-29T10:00:00+00:00"
ZOE = Erasure(
    "request-1",
    frozenset({("crm:contact", "003zoe"), ("email", "zoe.quast@mail.example"), ("ecommerce:customer", "71")}),
    frozenset({"zoe.quast@mail.example", "Quastenberg", "003zoe"}),
)


def suppress_zoe(settings: Settings) -> None:
    suppress(settings, ZOE.names, ZOE.request_id, NOW)


def contact(feed: Feed, number: int, **changes: Any) -> dict[str, Any]:
    return feed.row(number, Birthdate="1980-02-28", **changes)


@pytest.fixture
def contacts(feeds: dict[str, Feed]) -> Feed:
    return feeds["crm_contacts"]


@pytest.fixture
def orders(feeds: dict[str, Feed]) -> Feed:
    return feeds["ecommerce_orders"]


@pytest.mark.parametrize(
    "changes",
    [
        {"Id": "003zoe"},
        {"Id": " 003zoe "},
        {"Email": "Zoe.Quast@MAIL.example "},
        {"Email": "zq@work.example; Zoë Quast <Zoe.Quast@MAIL.example>"},
        {"Email": "'zoe.quast@mail.example'."},
        {"Email": "zoe.\u00adquast\uff20mail.example"},
    ],
    ids=[
        "id",
        "id_with_blanks",
        "email_of_a_new_record",
        "one_of_several_emails_of_a_text",
        "email_in_quotes",
        "email_with_unseen_and_wide_signs",
    ],
)
def test_a_person_who_was_erased_does_not_land_again(contacts: Feed, changes: dict[str, Any]) -> None:
    suppress_zoe(contacts.settings)
    contacts.deliver("a.csv", [contact(contacts, 1), contact(contacts, 2, **changes)])
    landed = contacts.land()
    assert (landed.rows_landed, landed.refused_by_reason) == (1, {"erased_person": 1})
    assert contacts.query("select raw_row from operations.quarantined") == [(None,)]


def test_a_person_who_is_let_back_lands_again(contacts: Feed) -> None:
    suppress_zoe(contacts.settings)
    assert readmit(contacts.settings, "request-1") == 3
    contacts.deliver("a.csv", [contact(contacts, 1, Id="003zoe")])
    assert contacts.land().rows_landed == 1


def test_the_list_of_erased_people_does_not_say_who_they_are(contacts: Feed) -> None:
    suppress_zoe(contacts.settings)
    written = suppressed_file(contacts.settings).read_text(encoding="utf-8")
    assert "zoe" not in written.lower()
    assert {each.kind for each in read_suppressed(contacts.settings)} == {"crm:contact", "email", "ecommerce:customer"}


def test_a_list_without_its_key_is_named_before_anyone_comes_back(contacts: Feed) -> None:
    suppress_zoe(contacts.settings)
    key_file(contacts.settings).unlink()
    with pytest.raises(LostSuppressionKeyError, match="expected both or none"):
        suppression_key(contacts.settings)


def test_an_order_of_an_erased_person_lands_without_them(orders: Feed) -> None:
    suppress_zoe(orders.settings)
    person = {"id": 71, "email": "zoe.quast@mail.example", "first_name": "Zoe"}
    row = orders.row(1, customer=person, email="zoe.quast@mail.example", total_price="12.50", currency="EUR")
    orders.deliver("a.jsonl", [row, orders.row(2)])
    orders.land()
    assert orders.landed("customer, email, billing_address, total_price, currency")[0] == (
        None, None, None, orders.landed("total_price")[1][0], "EUR",
    )  # fmt: skip
    assert orders.landed("email")[1] == ("email 2",)


@pytest.mark.parametrize(
    ("context", "kept"),
    [
        (
            {
                "campaign": {"medium": "email", "name": "Spring", "content": "zoe"},
                "device": {"type": "ios", "id": "zoes"},
                "ip": "1.2.3.4",
            },
            {"campaign": {"medium": "email", "name": "Spring"}, "device": {"type": "ios"}},
        ),
        ({"page": {"url": "https://shop.example/?email=zoe.quast@mail.example"}, "campaign": None}, None),
        ("no object", None),
    ],
)
def test_of_an_event_of_an_erased_person_the_channel_stays(feeds: dict[str, Feed], context: Any, kept: Any) -> None:
    events = feeds["ecommerce_events"]
    suppress_zoe(events.settings)
    events.deliver("a.jsonl", [events.row(1, userId="71", context=context), events.row(2, context={"ip": "5.6.7.8"})])
    events.land()
    (theirs, _), (other, _) = sorted(events.landed('context, "messageId"'), key=lambda row: str(row[1]))
    assert (json.loads(theirs) if theirs else None) == kept
    assert json.loads(other) == {"ip": "5.6.7.8"}


def test_a_broken_line_of_an_erased_person_keeps_no_text(orders: Feed) -> None:
    suppress_zoe(orders.settings)
    good = json.dumps(orders.row(1)).encode()
    orders.deliver("a.jsonl", good + b'\n{"id": 5, "email": "zoe.quast@mail.example", \n{"id": broken\n')
    orders.land()
    texts = [text for (text,) in orders.query("select raw_row from operations.quarantined")]
    assert len(texts) == 2
    assert sorted(text is None for text in texts) == [False, True]


@pytest.mark.parametrize("name", ["a.csv", "a.jsonl", "a.csv.gz", "a.parquet"])
def test_what_has_landed_and_its_file_are_written_again_without_the_person(contacts: Feed, name: str) -> None:
    settings = contacts.settings
    rows = [contact(contacts, 1), contact(contacts, 2, Id="003zoe", LastName="Quastenberg"), contact(contacts, 3)]
    contacts.deliver(name, rows)
    contacts.land()
    others = [row for row in contacts.landed() if row[0] != "003zoe"]
    with open_warehouse(settings.warehouse) as connection:
        before = stream_states(connection)["crm_contacts"]
    suppress_zoe(settings)
    (found,) = [each for each in erase_from_landing(settings, ZOE) if each.row_count]
    assert (found.people, found.facts) == (1, 0)
    assert contacts.landed() == others
    assert [each.left_because for each in erase_from_inbox(settings, ZOE)] == [None]
    assert not erase_from_inbox(settings, ZOE)
    with open_warehouse(settings.warehouse) as connection:
        assert stream_states(connection)["crm_contacts"] != before
    assert contacts.land().files_landed == 0
    contacts.settings.inbox.joinpath("crm", "contacts", name).touch()
    contacts.land()
    kept = sorted({row[:20] for row in contacts.landed()})
    assert kept == sorted(row[:20] for row in others)


def test_erasing_again_changes_nothing(contacts: Feed) -> None:
    contacts.deliver("a.csv", [contact(contacts, 1), contact(contacts, 2, Id="003zoe")])
    contacts.land()
    suppress_zoe(contacts.settings)
    erase_from_landing(contacts.settings, ZOE)
    assert not any(each.row_count for each in erase_from_landing(contacts.settings, ZOE))


def test_a_value_of_the_person_in_the_text_of_another_one_goes(feeds: dict[str, Feed]) -> None:
    tickets = feeds["support_tickets"]
    tickets.deliver("a.jsonl", [tickets.row(1, description="Please ask Zoe.Quast@mail.example, my wife.")])
    tickets.land()
    suppress_zoe(tickets.settings)
    (found,) = [each for each in erase_from_landing(tickets.settings, ZOE) if each.row_count]
    assert (found.facts, found.texts) == (0, 1)
    assert tickets.landed("description, requester_id") == [("Please ask [erased], my wife.", "requester_id 1")]


def test_a_value_behind_a_line_break_of_a_document_goes(feeds: dict[str, Feed]) -> None:
    tickets = feeds["support_tickets"]
    rating = {"score": "good", "comment": "Thanks to\nQuastenberg\nand to all"}
    tickets.deliver("a.jsonl", [tickets.row(1, satisfaction_rating=rating)])
    tickets.land()
    suppress_zoe(tickets.settings)
    erase_from_landing(tickets.settings, ZOE)
    ((rated,),) = tickets.landed("satisfaction_rating")
    assert json.loads(rated) == {"score": "good", "comment": "Thanks to[erased]\nand to all"}


def test_a_refused_row_of_the_person_loses_its_text(orders: Feed) -> None:
    orders.deliver("a.jsonl", [orders.row(1, email="zoe.quast@mail.example", total_price="12,50,0"), orders.row(2)])
    orders.land()
    suppress_zoe(orders.settings)
    (found,) = [each for each in erase_from_landing(orders.settings, ZOE) if each.row_count]
    assert found.refusals == 1
    assert orders.query("select reason, raw_row from operations.quarantined") == [("not_a_decimal", None)]


def test_an_archive_that_has_landed_leaves_the_inbox(contacts: Feed) -> None:
    import io
    import zipfile

    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        lines = "Id,LastName,SystemModstamp\n1,One,2026-01-01T00:00:00Z\n003zoe,Quastenberg,2026-01-01T00:00:00Z\n"
        archive.writestr("a.csv", lines)
    contacts.deliver("a.zip", packed.getvalue())
    contacts.land()
    suppress_zoe(contacts.settings)
    erase_from_landing(contacts.settings, ZOE)
    assert [each.left_because for each in erase_from_inbox(contacts.settings, ZOE)] == [None]
    assert not (contacts.folder / "a.zip").exists()
    assert contacts.landed("Id") == [("1",)]


OPENED = """
source: newsletter
streams:
  activity:
    key: [contact, campaign]
    cursor: at
    fields: {contact: identifier, campaign: text, at: timestamp}
    interaction:
      record_type: opened
      occurred_at: at
      of: {field: contact, record_type: contact, source: crm}
      taxonomy: {"*": {touchpoint_type: opened, channel: email, stage: awareness}}
"""


def test_a_fact_that_names_the_person_in_its_key_alone_loses_them(tmp_path: Path) -> None:
    home = Settings(home=tmp_path)
    home.own_sources.mkdir()
    (home.own_sources / "newsletter.yml").write_text(OPENED, encoding="utf-8")
    activity = Feed(declared_stream("newsletter/activity", home), home)
    delivered = b"contact,campaign,at\n003zoe,Spring,2026-01-01T00:00:00Z\n2,Spring,2026-01-02T00:00:00Z\n"
    path = activity.deliver("a.csv", delivered)
    activity.land()
    suppress_zoe(home)

    (found,) = [each for each in erase_from_landing(home, ZOE) if each.row_count]
    erase_from_inbox(home, ZOE)

    assert found.facts == 1
    (without, campaign), other = activity.landed("contact, campaign")
    assert without.startswith("erased-")
    assert (campaign, other) == ("Spring", ("2", "Spring"))
    assert "003zoe" not in path.read_text(encoding="utf-8")
    assert activity.land().files_landed == 0


def test_an_event_of_an_erased_person_who_is_called_by_a_mailbox_lands_without_them(feeds: dict[str, Feed]) -> None:
    events = feeds["ecommerce_events"]
    suppress_zoe(events.settings)
    users = ("Zoe.Quast@mail.example", "kept@mail.example", "71")
    events.deliver("a.jsonl", [events.row(number, userId=user) for number, user in enumerate(users)])
    events.land()
    assert events.landed('"userId"') == [(None,), ("kept@mail.example",), (None,)]
