"""Rows whose program leaves out empty values at their end land; what may be a broken or cut one stays refused."""

import csv
import io

import pytest

NAMES = "Id,SystemModstamp,FirstName,LastName,Email,Phone"
AT = "2026-03-01T10:00:00Z"


@pytest.fixture
def contacts(feeds):
    return feeds["crm_contacts"]


def excel(rows: list[list[str]], block: int = 16) -> bytes:
    """Write rows as Excel does: of each sixteen lines, the columns up to the last one that any of them fills."""
    text = io.StringIO()
    for start in range(0, len(rows), block):
        some = rows[start : start + block]
        width = max(max(index + 1 for index, value in enumerate(row) if value) for row in some)
        csv.writer(text).writerows(row[:width] for row in some)
    return text.getvalue().encode()


def test_the_rows_of_excel_land_with_nothing_in_the_columns_that_it_leaves_out(contacts):
    rows = [[str(number), AT, "Ada", "Byron", "", "1" if number < 20 else ""] for number in range(60)]
    contacts.deliver("a.csv", excel([NAMES.split(","), *rows]))

    landed = contacts.land()

    assert (landed.rows_landed, landed.rows_refused, landed.rows_filled) == (60, 0, 29)
    assert contacts.query('select count("Phone"), count("LastName") from landing.crm_contacts') == [(20, 60)]
    assert sorted(line for _, line in contacts.lines()) == list(range(2, 62))
    assert contacts.query("select filled_row_count from operations.landing_batches") == [(29,)]


def test_a_program_may_leave_them_out_row_by_row(contacts):
    lines = [NAMES, f"1,{AT},Ada,Byron,a@x.com,1", f"2,{AT},Bo", f"3,{AT}", f'4,{AT},"Cy, jr",Di', f"5,{AT},E,F,,2", ""]
    contacts.deliver("a.csv", "\r\n".join(lines).encode())

    landed = contacts.land()

    assert (landed.rows_landed, landed.rows_filled) == (5, 3)
    assert contacts.query('select "FirstName" from landing.crm_contacts order by "Id"') == [
        ("Ada",), ("Bo",), (None,), ("Cy, jr",), ("E",)
    ]  # fmt: skip


@pytest.mark.parametrize(
    "broken",
    [
        [f"2,{AT},Bo,Main", "Street 5,b@x.com,2"],
        [f"2,{AT},Bo", "Main,Street 5", "b@x.com,x,2"],
        ["2"],
        [f"2,{AT},Bo,Stone,b@x.com,2,9"],
    ],
)
def test_a_row_that_is_broken_over_lines_or_lacks_its_cursor_is_refused(contacts, broken):
    lines = [NAMES, f"1,{AT},Ada,Byron,a@x.com,1", *broken, f"3,{AT},Cy,Di,c@x.com,3", ""]
    contacts.deliver("a.csv", "\n".join(lines).encode())

    landed = contacts.land()

    assert (landed.rows_landed, landed.rows_filled, landed.rows_refused) == (2, 0, len(broken))


def test_a_last_line_without_an_end_is_still_a_file_that_is_cut_off(contacts):
    contacts.deliver("a.csv", f"{NAMES}\n1,{AT},Ada,Byron,a@x.com,1\n2,{AT},Bo\n3,{AT},Cy".encode())

    landed = contacts.land()

    assert landed.refused_by_reason == {"unfinished_file": 1}


@pytest.mark.parametrize("line", ["Total,1", "the old town, opposite the station"])
@pytest.mark.parametrize("more", ["", "S2,South,Ulm,DE\n"])
def test_a_short_line_alone_is_no_row_of_a_stream_without_a_time(feeds, line, more):
    stores = feeds["in_store_stores"]
    assert stores.stream.cursor is None
    stores.deliver("a.csv", f"store_id,name,city,country\nS1,North,Bonn,DE\n{line}\n{more}".encode())

    landed = stores.land()

    assert (landed.rows_landed, landed.rows_refused) == (1 + bool(more), 1)


def test_several_short_lines_are_rows_of_a_stream_without_a_time(feeds):
    stores = feeds["in_store_stores"]
    stores.deliver("a.csv", b"store_id,name,city,country\nS1,North,Bonn,DE\nS2,South\nS3,East\nS4,West\n")

    landed = stores.land()

    assert (landed.rows_landed, landed.rows_filled) == (4, 3)
