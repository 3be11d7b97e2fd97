"""What people write into small files is read whole or refused with its line, and what we write is no formula."""

import csv
from pathlib import Path

import pytest
from examples import examples
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cdp_orchestration.errors import DecisionError
from cdp_orchestration.home.settings import Settings
from cdp_orchestration.identity_stage.csv_rows import numbered_rows, read_rows, write_rows
from cdp_orchestration.identity_stage.decisions import read_blocklist, read_limits, read_overrides
from cdp_orchestration.identity_stage.labels import read_labels

COLUMNS = ("left", "right", "why")
TEXTS = st.text(st.sampled_from("=+-@'\t\r\n, \"ab1"), max_size=6) | st.text(
    st.characters(codec="utf-8", exclude_characters="\0"), max_size=8
)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "decisions.csv"


def _refused(file: Path, content: str | bytes) -> str:
    file.write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(DecisionError) as refusal:
        read_rows(file, COLUMNS)
    assert str(file) in str(refusal.value)
    return str(refusal.value).removeprefix(str(file)).strip()


@pytest.mark.parametrize(
    ("content", "found"),
    [
        ('left,right,why\na,b,\nc,"d,open\n', "line 3: found a quote that is not closed"),
        ('left,right,why\na,b,"open\nc,d,"closed"\n', "line 2: found a quote that is not closed"),
        ('left,right,why\na,b,"open\nc,d,closed"\n', "line 2: found a value that holds a whole line"),
        ('left,right,why\na,"b,open\nc,d",closed\n', "line 2: found a value that holds a whole line"),
        ("left,right,why\na,b,ok\nc,d\n", "line 3: found 2 value(s); expected 3, as in the heading"),
        ("left,right,why\na,b,yes, we are sure\n", "line 2: found 4 value(s); expected 3, as in the heading"),
        ("left,right,left,why\na,b,c,d\n", "line 1: found the column left twice"),
        ("left;right;why\na;b;c\n", "line 1 lacks the column(s) left, right, why; found 1 column(s), with semicolons"),
        ("left\tright\twhy\n", "line 1 lacks the column(s) left, right, why; found 1 column(s), with tabs"),
        ("left,why\na,b\n", "line 1 lacks the column(s) right"),
        ("", "line 1 lacks the column(s) left, right, why; found 0 column(s)"),
        ("left,right,why\na,b,\nc,d,Müller\n".encode("cp1252"), "line 3: found text that is not UTF-8"),
        ("left,right,why\na,b,c\n".encode("utf-16"), "line 1: found text that is not UTF-8"),
        ("left,right,why\na,b\0,c\n", "line 2: found a zero character"),
    ],
)
def test_a_file_that_cannot_be_read_whole_is_refused_with_its_line(
    file: Path, content: str | bytes, found: str
) -> None:
    assert _refused(file, content).startswith(found)


def test_what_spreadsheets_add_is_no_value(file: Path) -> None:
    file.write_bytes('\ufeff left , right,why\r\n\r\na, b ,"two\r\nlines",,\r\n,,\r\nc,d,e\r\n'.encode())
    assert numbered_rows(file, ("left", "right")) == [
        (3, {"left": "a", "right": "b"}),
        (6, {"left": "c", "right": "d"}),
    ]


@settings(max_examples=examples(15), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(TEXTS, TEXTS, TEXTS), max_size=3))
def test_no_cell_is_a_formula_and_each_is_read_back_as_it_was(file: Path, rows: list[tuple[str, str, str]]) -> None:
    rows = [row for row in rows if "".join(row).strip() and not any(_holds_a_line(value) for value in row)]
    write_rows(file, COLUMNS, [dict(zip(COLUMNS, row, strict=True)) for row in rows])
    with file.open(encoding="utf-8", newline="") as written:
        cells = [value for row in csv.reader(written) for value in row]
    assert [cell for cell in cells if cell.lstrip(" ").startswith(("=", "+", "-", "@", "\t", "\r"))] == []
    found = [tuple(row.values()) for row in read_rows(file, COLUMNS)]
    assert [_trimmed(row) for row in found] == [_trimmed(row) for row in rows]


def _holds_a_line(value: str) -> bool:
    return ("\n" in value or "\r" in value) and value.count(",") >= 2


def _trimmed(row: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(value.strip() for value in row)


@pytest.mark.parametrize("value", ["=1+1", "+44 20 7946", "-3.5", "@sum", "\t=x", "\rx", "'=x", "''+1", " =x"])
def test_a_value_that_begins_like_a_formula_is_read_back_unchanged(file: Path, value: str) -> None:
    write_rows(file, COLUMNS, [dict.fromkeys(COLUMNS, value)])
    assert read_rows(file, COLUMNS) == [dict.fromkeys(COLUMNS, value)]


OVERRIDES = "decision,person_record_id_left,person_record_id_right,decided_by,decided_at,why\n"


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("must_link,a,,me,,\n", "line 3: found 'must_link' of 1 record"),
        ("must-link,a,c,me,,\n", "line 3: found 'must-link' of 2 record"),
        ("cannot_link,a,a,me,,\n", "line 3: found 'cannot_link' of 1 record"),
        ("cannot_link,b,a,me,,\n", "line 2: The overrides contradict each other: b and a"),
        ("must_link,a,c\n", "line 3: found 3 value(s); expected 6"),
    ],
)
def test_an_override_that_is_no_decision_is_named_with_its_line(tmp_path: Path, line: str, found: str) -> None:
    home = Settings(tmp_path)
    home.identity_overrides.parent.mkdir()
    home.identity_overrides.write_text(f"{OVERRIDES}must_link,a,b,me,2026-11-01,\n{line}", "utf-8")
    with pytest.raises(DecisionError) as refusal:
        read_overrides(home)
    assert found in str(refusal.value)


@pytest.mark.parametrize("value", ["nan", "NaN", "inf", "-inf", "1e999", ""])
@pytest.mark.parametrize("limit", ["link_probability", "emails_per_profile"])
def test_a_limit_that_is_no_number_is_refused(tmp_path: Path, limit: str, value: str) -> None:
    home = Settings(tmp_path)
    home.identity_limits.parent.mkdir()
    home.identity_limits.write_text(f"limit,value,why\nphones_per_profile,4,\n\n{limit},{value},\n", "utf-8")
    with pytest.raises(DecisionError, match=rf"line 4: found {limit} = '.*'; expected a"):
        read_limits(home)


def test_a_limit_that_is_given_twice_is_refused(tmp_path: Path) -> None:
    home = Settings(tmp_path)
    home.identity_limits.parent.mkdir()
    home.identity_limits.write_text("limit,value,why\nphones_per_profile,4,\nphones_per_profile,5,\n", "utf-8")
    with pytest.raises(DecisionError, match="line 3: found phones_per_profile again"):
        read_limits(home)


def test_a_blocklist_and_labels_are_refused_with_their_lines(tmp_path: Path) -> None:
    home = Settings(tmp_path)
    home.identifier_blocklist.parent.mkdir()
    home.identifier_blocklist.write_text("identifier_type,identifier_value,why\nemail,,till\n", "utf-8")
    with pytest.raises(DecisionError, match="line 2: found no identifier_value"):
        read_blocklist(home)
    heading = "person_record_id_left,person_record_id_right,answer,match_weight,model_version,decided_by,decided_at"
    home.identity_labels.write_text(f"{heading}\n\na,b,same,nan,v,me,now\n", "utf-8")
    with pytest.raises(DecisionError, match="line 3: found match_weight 'nan'"):
        read_labels(home)
