"""The CSV reader gives correct line numbers and loses no good row, whatever broken lines are between them."""

import io

import pytest
from examples import examples
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cdp_orchestration.landing.files.csv_files import read_csv
from cdp_orchestration.landing.raw_rows import arrow_engine
from cdp_orchestration.sources import Field, Stream

NOTES = Stream(
    "a", "notes", "three columns", ("id",), None, (Field("id", "text"), Field("title", "text"), Field("body", "text"))
)
HEADER = "id,title,body\n"


def read(text, block_bytes=1 << 20):
    with arrow_engine() as engine:
        chunks = list(read_csv(io.BytesIO(text.encode()), NOTES, engine, block_bytes))
    rows = [row for chunk in chunks for row in chunk.table.select(["_source_line", "id", "body"]).to_pylist()]
    return (
        [(row["_source_line"], row["id"], row["body"]) for row in rows],
        [(row.source_line, row.reason) for chunk in chunks for row in chunk.refused],
    )


def test_values_over_several_lines_stay_whole_and_later_rows_have_the_right_line():
    rows, refused = read(HEADER + '1,a,"one\ntwo, ""three"""\n2,b,x\n')
    assert rows == [(2, "1", 'one\ntwo, "three"'), (4, "2", "x")]
    assert refused == []


@pytest.mark.parametrize("block_bytes", [1, 7, 16, 64])
def test_a_value_split_by_a_block_is_read_whole(block_bytes):
    rows, refused = read(HEADER + '1,a,"one\ntwo\nthree"\n2,b,x\n3,"c\nd",y', block_bytes)
    assert rows == [(2, "1", "one\ntwo\nthree"), (5, "2", "x"), (6, "3", "y")]
    assert refused == []


@pytest.mark.parametrize("block_bytes", [16, 1 << 20])
def test_an_open_quote_swallows_no_row_up_to_a_later_quote(block_bytes):
    rows, refused = read(HEADER + '1,"a,x\n2,b,x\n3,c,x\n4,"d",x\n5,e 5",x\n6,f,x\n', block_bytes)
    assert refused == [(2, "broken_quote")]
    assert [line for line, _, _ in rows] == [3, 4, 5, 6, 7]


def test_an_open_quote_in_the_last_line_is_refused():
    assert read(HEADER + '1,a,x\n2,b,"x')[1] == [(3, "broken_quote")]


def test_blank_lines_are_counted_as_lines_and_not_as_rows():
    assert read(HEADER + "\n1,a,x\n\n\n2,b,x\n\n") == ([(3, "1", "x"), (6, "2", "x")], [])


def test_unicode_line_separators_do_not_end_a_line():
    assert read(HEADER + '1,a,"x\u2028y\x0bz"\n2,b,x\n')[0] == [(2, "1", "x\u2028y\x0bz"), (3, "2", "x")]


def test_a_header_alone_gives_no_rows():
    assert read(HEADER) == ([], [])


# At most one comma: a line inside a value that looks like a whole row would be read as one.
good_value = st.text(st.sampled_from('ab "\n\r'), max_size=6) | st.just("a,\nb")
bad_line = st.sampled_from(["a", 'x,"y', '"x"y,z,w', "a,b,c,d", '"'])


@given(pieces=st.lists(st.tuples(good_value) | bad_line, max_size=12), block_bytes=st.sampled_from([5, 40, 1 << 20]))
@settings(max_examples=examples(15), deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_every_good_row_survives_between_broken_lines(pieces, block_bytes):
    text, line, good, broken = HEADER, 2, [], []
    for number, piece in enumerate(pieces):
        if isinstance(piece, str):
            text += piece + "\n"
            broken.append(line)
            line += 1
        else:
            body = piece[0].replace('"', '""')
            text += f'"k{number}","t","{body}"\n'
            good.append((line, f"k{number}", piece[0] or None))
            line += 1 + body.count("\n")
    rows, refused = read(text, block_bytes)
    assert rows == good
    assert [line for line, _ in refused] == broken
