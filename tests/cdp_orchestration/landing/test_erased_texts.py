"""What was taken out of a text of somebody else stays out of it when an export has the row again."""

import json

import pytest

from cdp_orchestration.home.settings import Settings
from cdp_orchestration.landing.erasure.erased_batches import erase_from_landing
from cdp_orchestration.landing.erasure.erased_people import readmit, suppress, suppressed_file
from cdp_orchestration.landing.erasure.erasure import Erasure
from tests.cdp_orchestration.landing.conftest import Feed

NAME, STREET = "Zoë Quastenberg", "Elmweg 12"
ZOE = Erasure("request-1", frozenset({("crm:contact", "003zoe")}), frozenset({NAME, STREET, "佐藤美咲"}))


@pytest.fixture
def tickets(feeds: dict[str, Feed]) -> Feed:
    return feeds["support_tickets"]


def erase_zoe(settings: Settings) -> None:
    suppress(settings, ZOE.names, ZOE.request_id, "2026-11-29T10:00:00+00:00")
    erase_from_landing(settings, ZOE)


def test_an_export_brings_back_no_name_in_a_text_that_has_lost_it(tickets: Feed) -> None:
    rows = [tickets.row(1, description=f"My wife {NAME}, {STREET}"), tickets.row(2, description="Hello")]
    tickets.deliver("a.jsonl", rows)
    tickets.land()
    erase_zoe(tickets.settings)
    rows[0] |= {"description": f"My wife {NAME.upper()}, {STREET}\nPS: {NAME} it is", "status": "open"}
    tickets.deliver("b.jsonl", rows)
    tickets.land()
    assert tickets.landed("description") == [
        ("My wife [erased], [erased]",),
        ("Hello",),
        ("My wife [erased], [erased]\nPS: [erased] it is",),
        ("Hello",),
    ]


def test_what_somebody_else_writes_anew_is_theirs(tickets: Feed) -> None:
    tickets.deliver("a.jsonl", [tickets.row(1, description=f"Ask {NAME}")])
    tickets.land()
    erase_zoe(tickets.settings)
    tickets.deliver("b.jsonl", [tickets.row(2, description=f"Ask {NAME}")])
    tickets.land()
    assert tickets.landed("description") == [("Ask [erased]",), (f"Ask {NAME}",)]


@pytest.mark.parametrize(
    ("said", "left"),
    [
        ("担当は佐藤美咲です", "担当は[erased]です"),
        (f"Dear\n{NAME}\nbye", "Dear[erased]\nbye"),
        (f"<b>{STREET}</b>", "<b>[erased]</b>"),
        (f"{STREET}0", f"{STREET}0"),
        (f"Oak{STREET}", f"Oak{STREET}"),
    ],
)
def test_a_document_that_has_lost_them_comes_without_them(tickets: Feed, said: str, left: str) -> None:
    row = tickets.row(1, description=f"Ask {NAME}", satisfaction_rating={"score": "good", "comment": said})
    tickets.deliver("a.jsonl", [row])
    tickets.land()
    erase_zoe(tickets.settings)
    escaped = json.dumps(row).encode() + b"\n"
    for name, content in (("b.jsonl", [row]), ("c.jsonl", escaped)):
        tickets.deliver(name, content)
        tickets.land()
    rated = [json.loads(each)["comment"] for (each,) in tickets.landed("satisfaction_rating")]
    assert rated == [left] * 3


def test_the_key_of_a_spreadsheet_is_known_and_the_list_names_no_one(tickets: Feed) -> None:
    tickets.deliver("a.jsonl", [tickets.row(1, id=41, description=f"Ask {NAME}")])
    tickets.land()
    erase_zoe(tickets.settings)
    tickets.deliver("b.csv", [tickets.row(1, id=" 41.0", description=f"Ask {NAME}")])
    tickets.land()
    assert {text for (text,) in tickets.landed("description")} == {"Ask [erased]"}
    written = suppressed_file(tickets.settings).read_text(encoding="utf-8")
    assert "Quastenberg" not in written
    assert '"41"' not in written


def test_a_text_is_noted_once_and_forgotten_with_the_request(tickets: Feed) -> None:
    row = tickets.row(1, description=f"Ask {NAME}")
    for name in ("a.jsonl", "b.jsonl"):
        tickets.deliver(name, [row])
        tickets.land()
    erase_zoe(tickets.settings)
    noted = suppressed_file(tickets.settings).read_bytes()
    erase_zoe(tickets.settings)
    assert suppressed_file(tickets.settings).read_bytes() == noted
    readmit(tickets.settings, "request-1")
    tickets.deliver("c.jsonl", [row])
    tickets.land()
    assert tickets.landed("description")[-1] == (f"Ask {NAME}",)
