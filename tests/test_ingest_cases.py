"""Files as real programs write them, delivered and landed: read where they mean one thing, otherwise refused.

The folder of cases lies next to the repository. Each case is delivered whole, with its own names, to a home of its own.
"""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from delivered_cases import deliver_case_alone

from cdp_orchestration.home.settings import Settings
from cdp_orchestration.home.warehouse import open_warehouse
from cdp_orchestration.landing import LandedStream, land_stream
from cdp_orchestration.sources import shipped_streams

pytestmark = pytest.mark.slow

Row = tuple[Any, ...]


class LandedCase:
    """The home of one case after its streams have landed."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        folders = {stream: settings.inbox / stream.source / stream.name for stream in shipped_streams()}
        self.streams: dict[str, LandedStream] = {
            stream.table: land_stream(stream, settings) for stream, folder in folders.items() if folder.is_dir()
        }

    def ask(self, query: str) -> list[Row]:
        with open_warehouse(self._settings.warehouse) as connection:
            return connection.execute(query).fetchall()

    def rows(self, table: str, columns: str) -> list[Row]:
        return self.ask(f"select {columns} from landing.{table} order by _source_file, _source_line")

    def refusals(self) -> list[Row]:
        return self.ask("select source_line, field, reason from operations.quarantined order by all")


@pytest.fixture
def land(tmp_path: Path) -> Iterator[Callable[[str], LandedCase]]:
    """Land one case in a new home."""
    with ExitStack() as open_meanwhile:

        def land_case(number: str) -> LandedCase:
            settings = Settings(tmp_path / "home")
            deliver_case_alone(settings.home, f"ingest/{number}")
            # While one connection is open, others of this process open immediately.
            open_meanwhile.enter_context(open_warehouse(settings.warehouse))
            return LandedCase(settings)

        yield land_case


TEN = datetime(2026, 10, 1, 10)  # noqa: DTZ001
ONE_CONTACT = [("003A", "Ada", "Lind", "a@b.se")]
NAMES = "Id, FirstName, LastName, Email"


@pytest.mark.parametrize(
    ("case", "table", "columns", "rows"),
    [
        pytest.param("08", "ecommerce_events", "messageId, event", [("sg-1", "Product Viewed")], id="ends in gz"),
        pytest.param("30", "in_store_transactions", "total_amount", [(Decimal("12.5"),)], id="semicolons"),
        pytest.param("31", "crm_contacts", NAMES, ONE_CONTACT, id="a line that names the sign"),
        pytest.param("32", "crm_contacts", NAMES, ONE_CONTACT, id="UTF-16 with its mark"),
        pytest.param("33", "crm_contacts", NAMES, ONE_CONTACT, id="upper case"),
        pytest.param("34", "support_users", "id, name", [("1", "Ada"), ("2", "Bo")], id="the answer of an API"),
        pytest.param("35", "ecommerce_customers", "id, email", [("1", "a@b.se"), ("2", "c@b.se")], id="array"),
        pytest.param("36", "ecommerce_customers", "id", [("0",), ("1",), ("2",)], id="pretty array"),
        pytest.param("44", "ecommerce_customers", "id", [("1",), ("2",)], id="a folder of Spark"),
        pytest.param("45", "in_store_stores", "store_id, name, country", [("S1", "Nord", "SE")], id="GeoParquet"),
        pytest.param("48", "in_store_stores", "store_id", [], id="Parquet without rows"),
        pytest.param("52", "ecommerce_events", "messageId", [("a",), ("b",)], id="gzip of several members"),
    ],
)
def test_a_file_that_means_one_thing_is_read(land, case: str, table: str, columns: str, rows: list[Row]) -> None:
    landed = land(case)
    assert landed.rows(table, columns) == rows
    assert landed.refusals() == []


@pytest.mark.parametrize(
    ("case", "reason", "named"),
    [
        pytest.param("37", "admin_export", ["REST Admin API", "Lineitem name"], id="the shop's admin pages"),
        pytest.param("39", "retyped_required_column", ["2 of 2 rows", "line 1", "2026-10-01T10:00:00Z"], id="epoch"),
        pytest.param("43", "broken_header", ["line feed", "UTF-8"], id="lines of an old Macintosh"),
        pytest.param("50", "graphql_export", ["REST Admin API", "found: id, name"], id="GraphQL bulk file"),
        pytest.param("53", "unfinished_file", ["line 3", "again"], id="an unfinished file"),
        pytest.param("54", "retyped_required_column", ["2 of 2 rows", "line 2", "2026-10-01T10:00:00Z"], id="dates"),
    ],
)
def test_a_file_of_another_form_is_refused_once_with_cause_and_cure(
    land, case: str, reason: str, named: list[str]
) -> None:
    landed = land(case)
    ((line, found, message),) = landed.ask("select source_line, reason, message from operations.quarantined")
    assert (line, found) == (None, reason)
    assert [words for words in named if words not in message] == []
    assert [stream.rows_landed for stream in landed.streams.values()] == [0]


def test_an_id_that_excel_shortened_is_refused_by_name(land) -> None:
    landed = land("01")
    assert landed.rows("crm_contacts", "Id") == []
    assert landed.rows("ecommerce_orders", "id") == []
    found = landed.ask("select distinct stream, source_line, reason from operations.quarantined order by all")
    assert [row[:2] for row in found] == [("contacts", 2), ("contacts", 3), ("orders", 2), ("orders", 3), ("orders", 4)]
    assert {row[2] for row in found} == {"lost_digits"}
    assert all("Excel" in row[0] for row in landed.ask("select message from operations.quarantined"))


def test_headings_in_other_case_are_matched_and_those_not_read_are_named(land) -> None:
    landed = land("16")
    assert landed.rows("crm_contacts", "FirstName, LastName, Email") == [
        ("Marguerite", "Ashdown", "marguerite@ashdown.example.net"),
        ("Torquil", "Ashdown", "torquil@ashdown.example.net"),
    ]
    ((unread, missing),) = landed.streams["crm_contacts"].unread_columns.values()
    assert unread == ("Mobile",)
    assert "MobilePhone" in missing


def test_times_that_name_utc_are_read(land) -> None:
    landed = land("38")
    assert landed.rows("ecommerce_customers", "created_at, updated_at") == [
        (TEN, datetime(2026, 10, 1, 10, microsecond=123456)),  # noqa: DTZ001
        (TEN, datetime(2026, 10, 2, 10)),  # noqa: DTZ001
    ]
    assert landed.refusals() == []


def test_each_time_is_read_as_what_it_means_or_refused(land) -> None:
    landed = land("40")
    known = dict(landed.rows("ecommerce_customers", "id, created_at::varchar"))
    assert known.pop("8")[:4] < "9999"  # created when it was received
    assert known == {
        "0": "2026-10-01 10:00:00",
        "1": "2026-10-02 00:00:00",
        "2": "2026-03-29 01:30:00",
        "3": "2026-10-01 04:30:00",
        "5": "2026-10-01 10:00:00.5",
        "7": "2026-10-01 10:00:00.123456",
        "9": "2026-10-01 10:00:00",
        "10": "2026-10-01 10:00:00",
    }
    refused = {(line, field) for line, field, _ in landed.refusals()}
    assert refused == {(line, field) for line in (5, 7, 9) for field in ("created_at", "updated_at")}
    ((newest,),) = landed.ask("select max(updated_at) from landing.ecommerce_customers")
    assert newest <= datetime.now(UTC).replace(tzinfo=None)


def test_words_for_nothing_are_empty_dates_and_flags(land) -> None:
    landed = land("41")
    assert landed.rows("crm_contacts", "Id, Birthdate, IsDeleted, CreatedDate") == [
        ("003A", None, None, None),
        ("003B", None, False, None),
        ("003C", None, False, None),
        ("003D", date(1980, 1, 1), False, TEN),
    ]
    assert landed.refusals() == []


def test_a_line_with_other_quotes_is_refused_alone(land) -> None:
    landed = land("42")
    assert landed.rows("crm_contacts", "Id, MailingStreet") == [("003B", "Gata 1")]
    assert landed.refusals() == [(2, None, "broken_quote")]


def test_what_stands_beside_the_data_is_no_data(land) -> None:
    assert land("44").streams["ecommerce_customers"].files_seen == 2


def test_a_column_of_bytes_that_is_left_out_is_noted(land) -> None:
    assert land("45").streams["in_store_stores"].left_out_columns == ("geometry",)


def test_each_type_of_parquet_is_read_as_what_it_means(land) -> None:
    landed = land("46")
    columns = "member_id, loyalty_number, email_opt_in, date_of_birth, enrolled_at"
    assert landed.rows("in_store_loyalty_members", columns) == [
        ("M1", "4000123456789012345", True, date(1980, 2, 3), TEN),
        ("M2", "4000123456789012346", False, None, TEN),
    ]
    assert landed.refusals() == []


def test_decimals_of_any_width_are_amounts(land) -> None:
    landed = land("47")
    assert landed.rows("in_store_transactions", "total_amount, is_return") == [
        (Decimal("12.5"), False),
        (Decimal("7.1235"), None),
    ]


def test_half_an_emoji_and_no_number_cost_no_row(land) -> None:
    landed = land("49")
    subjects = landed.rows("support_tickets", "subject")
    assert subjects[:2] == [("thanks \N{REPLACEMENT CHARACTER}",), ("ok",)]
    assert len(subjects) == 3
    assert landed.refusals() == []


def test_unfinished_files_and_leavings_of_programs_are_no_data(land) -> None:
    landed = land("51")
    contacts = landed.streams["crm_contacts"]
    assert contacts.rows_landed == 0
    assert dict(contacts.refused_files) == {
        "README.txt": "missing_required_column",
        "b.zip": "archive",
        "c.xlsx": "workbook",
    }


def test_columns_and_rows_that_a_spreadsheet_left_empty_say_nothing(land) -> None:
    landed = land("55")
    assert landed.rows("crm_contacts", NAMES) == ONE_CONTACT
    assert landed.refusals() == []
