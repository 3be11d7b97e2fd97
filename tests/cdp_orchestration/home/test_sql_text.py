"""Names and values in a statement end where they end, whatever they hold."""

import duckdb
import pytest

from cdp_orchestration.home.sql_text import quoted, text_literal

HOSTILE = ["O'Neill", "''", "'; drop table t; --", 'a"b', "\\'", "{x}", "$1", ""]


@pytest.mark.parametrize("text", HOSTILE)
def test_a_literal_is_the_text(text):
    assert duckdb.execute(f"select {text_literal(text)}").fetchall() == [(text,)]


@pytest.mark.parametrize("name", [name for name in HOSTILE if name])
def test_an_identifier_is_the_name(name):
    assert duckdb.execute(f"select 1 as {quoted(name)}").description[0][0] == name
