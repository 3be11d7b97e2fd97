"""A day and its time that a source writes in two fields land as one time."""

import io
from datetime import datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from cdp_orchestration.home.settings import Settings
from cdp_orchestration.home.warehouse import open_warehouse
from cdp_orchestration.landing import land_stream
from cdp_orchestration.sources import DeclarationError, declared_stream, declared_streams
from tests.cdp_orchestration.landing.test_packed_files import workbook

TILL = """
source: till
streams:
  receipts:
    key: [no]
    fields:
      no: identifier
      day: {kind: timestamp, %s}
      clock: {kind: %s, staged: false}
"""
AS_DAY, AS_TIME = 1, 2  # styles of cells
GERMAN = 'format: ["%d.%m.%Y %H:%M", "%d.%m.%Y"], time_in: clock, time_zone: Europe/Berlin'


def landed(tmp_path: Path, said: str, name: str, content: bytes) -> tuple[list[datetime | None], list[str]]:
    """Return the time of each row, and the reasons of what was refused."""
    home = Settings(home=tmp_path)
    for path, data in (
        (home.own_sources / "till.yml", (TILL % (said, "text")).encode()),
        (home.inbox / "till" / "receipts" / name, content),
    ):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    land_stream(declared_stream("till/receipts", home), home)
    with open_warehouse(home.warehouse) as connection:
        times = connection.execute("select day from landing.till_receipts order by no").fetchall()
        reasons = connection.execute("select reason from operations.quarantined order by source_line").fetchall()
    return [time for (time,) in times], [reason for (reason,) in reasons]


def test_a_day_and_its_time_are_read_as_one_text(tmp_path: Path) -> None:
    text = "no,day,clock\n1,11.02.2026,08:05\n2,11.07.2026, 23:59 \n3,12.02.2026,\n4,,08:05\n5,13.02.2026,noon\n"
    assert landed(tmp_path, GERMAN, "a.csv", text.encode()) == (
        [
            datetime.fromisoformat("2026-02-11 07:05:00"),
            datetime.fromisoformat("2026-07-11 21:59:00"),
            datetime.fromisoformat("2026-02-11 23:00:00"),  # the day alone
            None,  # a time of no day
        ],
        ["not_a_timestamp"],
    )


def test_a_workbook_and_a_typed_file_have_them_as_cells_of_their_own(tmp_path: Path) -> None:
    book = workbook([["no", "day", "clock"], ["1", (AS_DAY, 46064), (AS_TIME, 0.5)]])
    typed = io.BytesIO()
    moment = datetime.fromisoformat("2026-02-11 12:00:00")
    pq.write_table(pa.table({"no": ["1"], "day": [moment.date()], "clock": [moment.time()]}), typed)

    assert landed(tmp_path / "a", "time_in: clock", "a.xlsx", book) == ([moment], [])
    assert landed(tmp_path / "b", "time_in: clock", "a.parquet", typed.getvalue()) == ([moment], [])


@pytest.mark.parametrize(
    ("said", "kind", "says"),
    [
        ("time_in: hour", "text", "time_in names field hour, which is not declared"),
        ("time_in: clock", "timestamp", "time_in names clock, of kind timestamp; expected a text"),
    ],
)
def test_the_field_of_the_time_is_a_text_of_the_stream(tmp_path: Path, said: str, kind: str, says: str) -> None:
    home = Settings(home=tmp_path)
    home.own_sources.mkdir()
    (home.own_sources / "till.yml").write_text(TILL % (said, kind), encoding="utf-8")
    with pytest.raises(DeclarationError, match=says):
        declared_streams(home)
