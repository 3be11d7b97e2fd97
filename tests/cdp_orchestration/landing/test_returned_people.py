"""An erased person who comes back under a new id, or in a text of somebody else: neither brings them back."""

import json
from typing import Any

import pytest

from cdp_orchestration.home.settings import Settings
from cdp_orchestration.home.warehouse import open_warehouse
from cdp_orchestration.landing import stream_states
from cdp_orchestration.landing.erasure.erased_people import read_suppressed, readmit, suppress
from tests.cdp_orchestration.landing.conftest import Feed

NOW = "2026-11-29T10:00:00+00:00"
MAILBOX = "zoe.quast@mail.example"


@pytest.fixture
def users(feeds: dict[str, Feed]) -> Feed:
    return feeds["support_users"]


@pytest.fixture
def tickets(feeds: dict[str, Feed]) -> Feed:
    return feeds["support_tickets"]


def suppress_mailbox(settings: Settings, kind: str = "email", value: str = MAILBOX) -> None:
    suppress(settings, {(kind, value)}, "request-1", NOW)


def user(feed: Feed, number: int, **changes: Any) -> dict[str, Any]:
    return feed.row(number, id=700 + number, **changes)


def ticket(feed: Feed, number: int, requester: int) -> dict[str, Any]:
    return feed.row(number, id=number, requester_id=requester, description=f"Zoe Quast here, number {number}")


def texts(tickets: Feed) -> list[tuple[Any, ...]]:
    return sorted(tickets.landed("id, requester_id, description"), key=str)


OF_ANOTHER = ("2", "702", "Zoe Quast here, number 2")


def test_what_they_write_under_the_new_id_lands_without_them(users: Feed, tickets: Feed) -> None:
    suppress_mailbox(users.settings)
    users.deliver("a.jsonl", [user(users, 1, email=MAILBOX), user(users, 2)])
    assert users.land().refused_by_reason == {"erased_person": 1}
    tickets.deliver("a.jsonl", [ticket(tickets, 1, 701), ticket(tickets, 2, 702)])
    tickets.land()
    assert texts(tickets) == [("1", None, None), OF_ANOTHER]


def test_what_had_landed_before_their_row_was_refused_loses_them(users: Feed, tickets: Feed) -> None:
    suppress_mailbox(users.settings)
    tickets.deliver("a.jsonl", [ticket(tickets, 1, 701), ticket(tickets, 2, 702)])
    tickets.land()
    with open_warehouse(users.settings.warehouse) as connection:
        before = stream_states(connection)["support_tickets"]
    users.deliver("a.jsonl", [user(users, 1, email=MAILBOX), user(users, 2)])
    users.land()
    assert texts(tickets) == [("1", None, None), OF_ANOTHER]
    with open_warehouse(users.settings.warehouse) as connection:
        assert stream_states(connection)["support_tickets"] != before


def test_the_list_has_the_new_id_once_and_not_as_it_is(users: Feed) -> None:
    suppress_mailbox(users.settings)
    for name in ("a.jsonl", "b.jsonl"):
        users.deliver(name, [user(users, 1, email=MAILBOX)])
        users.land()
    learnt = [each for each in read_suppressed(users.settings) if each.is_learnt]
    assert [(each.kind, each.request_id, len(each.hash)) for each in learnt] == [("support:user", "request-1", 32)]


def test_who_has_got_the_number_of_an_erased_person_lands_once_it_is_no_longer_theirs(
    users: Feed, tickets: Feed
) -> None:
    suppress_mailbox(users.settings, "phone", "447911123456")
    users.deliver("a.jsonl", [user(users, 1, phone="+44 7911 123456")])
    assert users.land().rows_refused == 1
    users.deliver("b.jsonl", [user(users, 1, phone="+44 7911 999999")])
    assert users.land().rows_landed == 1
    tickets.deliver("a.jsonl", [ticket(tickets, 1, 701)])
    tickets.land()
    assert texts(tickets) == [("1", "701", "Zoe Quast here, number 1")]


def test_who_is_let_back_is_let_back_under_the_new_id_as_well(users: Feed, tickets: Feed) -> None:
    suppress_mailbox(users.settings)
    users.deliver("a.jsonl", [user(users, 1, email=MAILBOX)])
    users.land()
    assert readmit(users.settings, "request-1") == 2
    tickets.deliver("a.jsonl", [ticket(tickets, 1, 701)])
    tickets.land()
    assert texts(tickets) == [("1", "701", "Zoe Quast here, number 1")]


def test_an_id_that_was_learnt_is_refused_for_itself_once_it_is_erased(users: Feed) -> None:
    suppress_mailbox(users.settings)
    users.deliver("a.jsonl", [user(users, 1, email=MAILBOX)])
    users.land()
    suppress(users.settings, {("support:user", "701")}, "request-2", NOW)
    users.deliver("b.jsonl", [user(users, 1, email="other@mail.example")])
    assert users.land().refused_by_reason == {"erased_person": 1}


def test_an_export_brings_their_address_back_in_no_text_of_another_one(tickets: Feed) -> None:
    suppress_mailbox(tickets.settings)
    said = f'My wife ("Zoe.Quast@mail.example") and I, https://x.example/?to={MAILBOX}, not me@mail.example!'
    rating = {"score": "good", "comment": f"write to\n{MAILBOX}\nplease"}
    tickets.deliver("a.jsonl", [tickets.row(1, description=said, satisfaction_rating=rating)])
    assert tickets.land().rows_landed == 1
    ((text, rated),) = tickets.landed("description, satisfaction_rating")
    assert text == 'My wife ("[erased]") and I, https://x.example/?to=[erased], not me@mail.example!'
    assert json.loads(rated) == {"score": "good", "comment": "write to[erased]\nplease"}


@pytest.mark.parametrize("number", ["+44 7911 123456", "(0044) 7911-123456", "447911123456"])
def test_an_export_brings_their_number_back_in_no_text_of_another_one(tickets: Feed, number: str) -> None:
    suppress_mailbox(tickets.settings, "phone", "447911123456")
    tickets.deliver("a.jsonl", [tickets.row(1, description=f"Call Zoe at {number}, not at 0447911123457: order 4711.")])
    assert tickets.land().rows_landed == 1
    assert tickets.landed("description") == [("Call Zoe at [erased], not at 0447911123457: order 4711.",)]


def test_facts_are_searched_by_the_next_stream_where_a_kill_came_first(
    users: Feed, tickets: Feed, monkeypatch: pytest.MonkeyPatch
) -> None:
    suppress_mailbox(users.settings)
    tickets.deliver("a.jsonl", [ticket(tickets, 1, 701), ticket(tickets, 2, 702)])
    tickets.land()
    users.deliver("a.jsonl", [user(users, 1, email=MAILBOX)])
    with monkeypatch.context() as killed:
        killed.setattr("cdp_orchestration.landing.land.erase_facts_of_returned", lambda _: None)
        users.land()
    assert len([text for _, _, text in texts(tickets) if text]) == 2
    users.land()
    assert texts(tickets) == [("1", None, None), OF_ANOTHER]


def test_facts_of_an_id_that_is_learnt_once_more_are_built_anew(users: Feed, tickets: Feed) -> None:
    suppress_mailbox(users.settings)
    tickets.deliver("a.jsonl", [ticket(tickets, 1, 701)])
    tickets.land()
    users.deliver("a.jsonl", [user(users, 1, email=MAILBOX)])
    users.land()
    users.deliver("b.jsonl", [user(users, 1, email="other@mail.example")])
    users.land()
    tickets.deliver("b.jsonl", [ticket(tickets, 2, 701)])
    tickets.land()
    assert texts(tickets) == [("1", None, None), ("2", "701", "Zoe Quast here, number 2")]
    with open_warehouse(users.settings.warehouse) as connection:
        before = stream_states(connection)["support_tickets"]
    users.deliver("c.jsonl", [user(users, 1, email=MAILBOX)])
    users.land()
    assert texts(tickets) == [("1", None, None), ("2", None, None)]
    with open_warehouse(users.settings.warehouse) as connection:
        assert stream_states(connection)["support_tickets"] != before
