"""What values say of how they are written: days, times, numbers; and of which rows were deleted."""

from pathlib import Path

import pytest
import yaml

from cdp_orchestration.home.settings import Settings
from cdp_orchestration.sources import declared_streams
from cdp_orchestration.sources.drafting.additions import add_source
from cdp_orchestration.sources.drafting.form_inference import form_of
from cdp_orchestration.sources.drafting.inference import infer
from cdp_orchestration.sources.drafting.samples import sample_of_rows


@pytest.mark.parametrize(
    ("heading", "values", "kind", "words"),
    [
        ("when", ["2026-01-02T03:04:05Z"], "timestamp", {}),
        ("when", ["02.01.2026"], "date", {"format": "%d.%m.%Y"}),
        ("when", ["2.1.2026 9:05", "13.1.2026 19:05"], "timestamp", {"format": "%d.%m.%Y %H:%M"}),
        ("when", ["13/01/2026", "02/01/2026"], "date", {"format": "%d/%m/%Y"}),
        ("when", ["01/13/2026", "01/02/2026"], "date", {"format": "%m/%d/%Y"}),
        ("when", ["1/13/2026 9:05 PM"], "timestamp", {"format": "%m/%d/%Y %I:%M %p"}),
        ("when", ["02-Jan-2026"], "date", {"format": "%d-%b-%Y"}),
        ("when", ["Jan 2, 2026"], "date", {"format": "%b %d, %Y"}),
        ("created", ["1767225600", "1767225601"], "timestamp", {"format": "epoch_seconds"}),
        ("created_at", ["1767225600123"], "timestamp", {"format": "epoch_milliseconds"}),
        ("customer_id", ["1767225600"], "identifier", {}),
        ("telephone", ["1767225600"], "text", {}),
        ("total", ["12.50", "-3"], "signed_amount", {}),
        ("Betrag", ["12,50", "1.234,00"], "signed_amount", {"decimal": ","}),
        ("price", ["$12.50", "$1,234.00"], "signed_amount", {"decimal": "."}),
        ("total", ["12.50", "on request"], "text", {}),
    ],
)
def test_values_say_how_they_are_written(heading, values, kind, words):
    form = form_of(heading, values, None)
    assert (form.kind, form.words, form.doubt) == (kind, words, None)


def test_a_day_that_may_be_a_month_is_asked_for():
    form = form_of("when", ["01/02/2026", "03/04/2026"], None)
    assert (form.kind, form.words) == ("text", {})
    assert form.doubt is not None
    assert '"%d/%m/%Y" or "%m/%d/%Y"' in form.doubt


@pytest.mark.parametrize(
    ("heading", "values", "deleted"),
    [
        ("is_deleted", ["0", "1"], {"field": "is_deleted", "values": True}),
        ("archived", ["false", "false"], {"field": "archived", "values": True}),
        ("deleted_at", ["2026-01-02 03:04:05", ""], {"field": "deleted_at"}),
        ("deleted_at", ["", ""], {"field": "deleted_at"}),
        ("status", ["active", "Deleted"], {"field": "status", "values": "deleted"}),
        ("status", ["active", "inactive"], None),
        ("deleted", ["on request", "never"], None),
    ],
)
def test_a_draft_says_which_rows_were_deleted(tmp_path: Path, heading, values, deleted):
    home = Settings(home=tmp_path)
    rows = [
        {"id": str(number), "email": f"{number}@example.org", heading: value} for number, value in enumerate(values)
    ]
    path = add_source(home, "club/members", infer(sample_of_rows(rows)))
    drafted = yaml.safe_load(path.read_text(encoding="utf-8"))["streams"]["members"]
    assert drafted.get("deleted") == deleted
    assert declared_streams(home)[-1].name == "members"


@pytest.mark.parametrize(
    ("heading", "value", "meaning"),
    [
        ("tel", "+49 30 1234567", "phones"),
        ("Mobil-Nr.", "0171 7654321", "phones"),
        ("Phone 1 - Value", "+1 415 555 0100", "phones"),
        ("hotel_no", "1234567", None),
        ("E-Mails", "a@x.com; b@x.com", "emails"),
        ("login", "a@x.com", "emails"),  # by its values alone
        ("contact", "+49 30 1234567", "phones"),
        ("owner_email", "sales@company.com", None),
        ("Prénom", "Zoë", "given_name"),
        ("Straße", "Hauptstr. 1", "address_line"),
        ("report", "Berlin", None),
        ("state", "Texas", "region"),
        ("state", "confirmed", None),
    ],
)
def test_a_heading_with_its_values_says_what_it_is_of_a_person(heading, value, meaning):
    found = infer(sample_of_rows([{"id": "1", heading: value}, {"id": "2", heading: value}])).meanings
    assert found == ({meaning: (heading,)} if meaning else {})


@pytest.mark.parametrize(
    ("times", "cursor"),
    [
        (["created_at", "updated_at"], "updated_at"),
        (["created_at", "starts_at"], None),  # as a cursor the first would leave no time after it
        (["ordered_on"], "ordered_on"),
        (["Geändert am", "Angelegt am"], "Geändert am"),
    ],
)
def test_the_cursor_is_when_a_row_last_changed(times: list[str], cursor: str | None) -> None:
    assert infer(sample_of_rows([{"id": "1", **dict.fromkeys(times, "2026-01-02 03:04:05")}])).cursor == cursor


def test_rows_of_the_same_people_are_what_they_did():
    rows = [
        {"id": str(number), "mail": f"{number % 2}@example.org", "checkin": f"2026-01-0{number + 1}", "amount": "9.50"}
        for number in range(4)
    ]
    found = infer(sample_of_rows(rows))
    assert found.interaction is not None
    assert (found.interaction.occurred_at, found.interaction.money and found.interaction.money.amount) == (
        "checkin",
        "amount",
    )
    assert found.kinds["checkin"] == "timestamp"


def test_an_object_that_a_row_lacks_is_no_column():
    found = infer(sample_of_rows([{"id": "1", "order": None}, {"id": "2", "order": {"total": "9.50"}}]))
    assert list(found.kinds) == ["id", "order.total"]


@pytest.mark.parametrize(
    ("day", "heading", "value", "words"),
    [
        ("2026-03-01", "Time", "10:15", {"time_in": "Time"}),
        ("01.03.2026", "Uhrzeit", "10:15:00", {"format": "%d.%m.%Y %H:%M:%S", "time_in": "Uhrzeit"}),
        ("2026-03-01", "Time", "10:15 AM", {"format": "%Y-%m-%d %I:%M %p", "time_in": "Time"}),
        ("2026-03-01", "Duration", "00:45", {}),
        ("2026-03-01", "Wait Time", "00:45", {}),
        ("2026-03-01 10:15:00", "Time", "10:15", {}),
    ],
)
def test_a_day_is_joined_with_the_time_that_stands_beside_it(day, heading, value, words):
    rows = [{"order_id": number, "Date": day, heading: value, "total": "9.50"} for number in ("1", "2")]
    found = infer(sample_of_rows(rows), "orders")
    assert found.forms["Date"].words.keys() >= words.keys()
    assert {word: found.forms["Date"].words.get(word) for word in ("time_in", *words)} == {"time_in": None} | words


@pytest.mark.parametrize(
    ("heading", "channel"),
    [("Do Not Mail", "post"), ("donotbulkpostalmail", "post"), ("donotemail", "email"), ("Do Not Call", "call")],
)
def test_a_mail_that_is_refused_is_a_letter_unless_it_is_called_an_email(heading, channel):
    found = infer(sample_of_rows([{"id": "1", heading: "true"}, {"id": "2", heading: "false"}]))
    assert found.consents == ((heading, channel, (), ("true",)),)


def test_a_shopper_is_no_shop():
    found = infer(sample_of_rows([{"id": "1", "shopper_email": "ann@mail.org", "shop_email": "us@shop.com"}]))
    assert found.meanings == {"emails": ("shopper_email",)}


def test_a_day_that_may_be_a_month_is_written_as_the_other_days_of_the_sample() -> None:
    rows = [
        {"id": "1", "Birthday": "3/15/1985", "Modified On": "3/1/2026 10:00 AM"},
        {"id": "2", "Birthday": None, "Modified On": "3/2/2026 11:30 PM"},
    ]
    found = infer(sample_of_rows(rows))
    assert found.forms["Modified On"].words == {"format": "%m/%d/%Y %I:%M %p"}
    assert found.cursor == "Modified On"


def test_days_of_two_orders_decide_for_no_other_day() -> None:
    rows = [{"id": "1", "a": "3/15/1985", "b": "15/3/1985", "c": "3/1/2026"}]
    assert infer(sample_of_rows(rows)).kinds["c"] == "text"


def test_first_and_last_beside_each_other_are_names_and_an_opt_in_is_one_to_mail() -> None:
    rows = [{"id": "1", "email": "ann@mail.org", "first": "Ann", "last": "Lee", "optin": "yes"}]
    found = infer(sample_of_rows(rows))
    assert {part: found.meanings[part] for part in ("given_name", "family_name")} == {
        "given_name": ("first",),
        "family_name": ("last",),
    }
    assert found.consents == (("optin", "email", ("yes",), ("no",)),)


def test_a_first_without_a_last_is_no_name() -> None:
    assert "given_name" not in infer(sample_of_rows([{"id": "1", "email": "a@b.org", "first": "May"}])).meanings
