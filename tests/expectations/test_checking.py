"""How every gate works: fails closed, writes nothing to the terminal, reports keys and never values."""

import json
import subprocess
import sys

import great_expectations.expectations as gxe
import pytest

from expectations import GATED_TABLES, GATES, Gate, GateResult, Outcome, listed_keys
from expectations.outcomes import broken_cause
from expectations.warehouse import ExpectFigureToBeBetween

NUMBERS = "id varchar, amount varchar"


def gate_of(*expectations, columns=("id", "amount")):
    return Gate(stage="staging", table="numbers", key=("id",), columns=columns, expectations=expectations)


def filled(column, severity="critical", **more):
    return gxe.ExpectColumnValuesToNotBeNull(
        column=column, severity=severity, description=f"{column} is filled", **more
    )


def figure(description, sql, **more):
    return ExpectFigureToBeBetween(figure=sql, description=description, **{"severity": "warning", **more})


def number(row_id, amount):
    return {"id": row_id, "amount": amount}


def test_a_broken_check_fails_closed_even_if_it_was_only_a_warning(store, check):
    store("staging.numbers", NUMBERS, number("a", "secret"))
    gate = gate_of(
        figure("amounts add up", "sum(amount::integer)", min_value=0),
        figure("no such column", "sum(colour)", min_value=0),
        filled("id", "warning"),
    )

    result = check(gate)

    assert not result.is_passed
    assert [(each.check_name, each.severity, each.broken_by) for each in result.outcomes if each.broken_by] == [
        ("amounts add up", "critical", "ConversionException"),
        (
            "no such column",
            "critical",
            'BinderException: Binder Error: Referenced column "colour" not found in FROM clause!',
        ),
    ]
    assert [each.check_name for each in result.outcomes if each.is_passed] == [
        "promised columns are present",
        "id is filled",
    ]
    assert "secret" not in result.to_markdown() + str(result.validation)


def test_a_missing_table_fails_closed(check):
    result = check(gate_of(filled("id", "warning")))

    assert [each.severity for each in result.failed("critical")] == ["critical", "critical"]
    assert all(each.broken_by.startswith("CatalogException") for each in result.outcomes)


def test_a_missing_column_is_named(store, check):
    store("staging.numbers", NUMBERS)

    (failed,) = check(gate_of(columns=("id", "currency"))).failed("critical")

    assert failed.sample_keys == ("currency (missing)",)


def test_a_share_passes_at_its_threshold_and_fails_below(store, failures):
    rule = filled("amount", mostly=0.5)
    store("staging.numbers", NUMBERS, number("a", "1"), number("b", None))
    assert failures(gate_of(rule)) == {}

    store("staging.numbers", NUMBERS, number("a", "1"), number("b", None), number("c", None))
    assert failures(gate_of(rule)) == {"amount is filled": ("critical", 2, ("b", "c"))}


def test_a_failed_warning_lets_the_table_pass_and_a_failed_critical_check_does_not(store, check):
    store("staging.numbers", NUMBERS, number("a", None))

    assert check(gate_of(filled("amount", "warning"))).is_passed
    assert check(gate_of(filled("amount", "info"))).is_passed
    assert not check(gate_of(filled("amount"))).is_passed


def test_rows_without_a_value_are_not_evaluated(store, check):
    store("staging.numbers", NUMBERS, number("a", None), number("b", "7"))

    seven = gxe.ExpectColumnValuesToBeInSet(column="amount", value_set=["7"], description="amount is 7")
    (_, outcome) = check(gate_of(seven)).outcomes

    assert (outcome.is_passed, outcome.observed_value, outcome.failed_row_count) == (True, 1.0, 0)


def test_a_figure_of_nothing_passes_without_a_value(store, check):
    store("staging.numbers", NUMBERS)

    (_, outcome) = check(gate_of(figure("largest", "max(amount)", max_value=1))).outcomes

    assert (outcome.is_passed, outcome.observed_value) == (True, None)


def test_at_most_twenty_keys_are_sampled_in_order_and_missing_parts_are_marked(store, failures):
    store("staging.numbers", NUMBERS, number(None, "x"), *[number(f"{n:02}", "x") for n in range(40)])

    no_x = gxe.ExpectColumnValuesToNotBeInSet(column="amount", value_set=["x"], description="no x")
    severity, count, keys = failures(gate_of(no_x))["no x"]

    assert (severity, count) == ("critical", 41)
    assert keys == ("(empty)", *[f"{n:02}" for n in range(19)])


def test_two_expectations_of_one_description_and_one_without_any_are_refused():
    with pytest.raises(ValueError, match=r"staging\.numbers has several expectations described as \['id is filled'\]"):
        gate_of(filled("id"), filled("id", "warning"))
    with pytest.raises(ValueError, match="none without a description"):
        gate_of(gxe.ExpectColumnValuesToNotBeNull(column="id"))


def test_a_personal_key_is_refused():
    with pytest.raises(ValueError, match=r"failing rows by \['email'\], which are personal"):
        Gate("staging", "numbers", ("email",), (), (), personal=("email",))


def test_gates_are_filed_under_their_own_stage_and_table():
    filed = [(stage, table, gate) for stage, tables in GATES.items() for table, gate in tables.items()]

    assert {stage: tuple(tables) for stage, tables in GATES.items()} == dict(GATED_TABLES)
    assert [gate for stage, table, gate in filed if (gate.stage, gate.table) != (stage, table)] == []


def test_the_page_puts_failed_checks_first_and_escapes_cell_borders():
    good = Outcome("rows", "critical", True, 2.0, "at least 1", None, ())
    bad = Outcome("a|b", "warning", False, 0.9951, "every row", 7, ("k1", "k|2"), is_share=True)

    page = GateResult("staging", "numbers", (good, bad)).to_markdown()

    assert page.splitlines() == [
        "### staging.numbers: passed, 1 warning of 2 checks failed",
        "",
        "| check | result | observed | expected | failing rows | examples |",
        "| --- | --- | ---: | --- | ---: | --- |",
        r"| a\|b | **warning** | 99.51% | every row | 7 | `k1`, `k\|2` |",
        "| rows | passed | 2 | at least 1 |  |  |",
    ]


def test_a_failure_in_one_line_states_what_was_found_what_is_allowed_and_which_rows():
    size = Outcome("largest profile", "critical", False, 400.0, "at most 200", 400, ("p1",))
    share = Outcome("e-mails", "critical", False, 0.5, "every row", 1, ("r1",), is_share=True)
    many = Outcome("no x", "critical", False, 0.25, "at least 99.00% of rows", 6, tuple("abcdef"), is_share=True)
    average = Outcome("average", "critical", False, 21.5, "between 1 and 20", None, ())
    columns = Outcome(
        "promised columns are present", "critical", False, 1.0, "at most 0", None, ("currency (missing)",)
    )
    broken = Outcome("time", "critical", False, None, "every row", None, (), broken_by="ConversionException")

    assert [each.failure() for each in (size, share, many, average, columns, broken)] == [
        "largest profile: found 400, allowed at most 200; 400 failing: p1",
        "e-mails: found 50.00% of rows, allowed every row; 1 failing: r1",
        "no x: found 25.00% of rows, allowed at least 99.00% of rows; 6 failing: a, b, c, d, e, ...",
        "average: found 21.5, allowed between 1 and 20",
        "promised columns are present: found 1, allowed at most 0: currency (missing)",
        "time: could not be evaluated (ConversionException)",
    ]


def test_a_key_that_a_source_chose_to_break_the_report_stays_on_its_line():
    assert listed_keys(["a\n\x1b[31mb", "k" * 500]) == f"a\ufffd\ufffd[31mb, {'k' * 120}..."


@pytest.mark.parametrize(
    ("last_line", "cause"),
    [
        ("package.MetricResolutionError: BinderException: no column", "BinderException: no column"),
        ("ValueError: could not parse ida@lund.dk", "ValueError"),
        ("ida@lund.dk", "exception in Great Expectations"),
        ("Lund", "exception in Great Expectations"),
        ("", "exception in Great Expectations"),
    ],
)
def test_of_an_error_that_is_not_the_engines_own_the_kind_alone_is_said(last_line, cause):
    known = "BinderException: no column"
    info = {"metric": {"raised_exception": True, "exception_traceback": f"Traceback\n  File x\n{last_line}\n"}}

    assert broken_cause(info, {known: known}) == cause


QUIET = """
import json, sys, duckdb
from expectations import Gate
loaded_at_import = "great_expectations" in sys.modules
from expectations import check_table
from expectations.warehouse import ExpectFigureToBeBetween
connection = duckdb.connect()
connection.execute("create table t as select 1 as id")
rows = ExpectFigureToBeBetween(figure="count(*)", min_value=1, severity="critical", description="rows")
gate = Gate("staging", "t", ("id",), ("id",), (rows,))
import logging, socket
logging.basicConfig(level=logging.INFO)
def refuse(*_): raise AssertionError("network")
socket.socket.connect = refuse
results = [check_table(connection, "t", gate) for _ in range(2)]
from pathlib import Path
from expectations.project import GateProject
home = Path(sys.argv[1])
GateProject(home, home / "reports").record(results[:1], "run")
print(json.dumps([loaded_at_import, [each.is_passed for each in results]]))
"""


@pytest.mark.slow
def test_great_expectations_loads_late_says_nothing_and_opens_no_connection(tmp_path):
    command = [sys.executable, "-c", QUIET, str(tmp_path)]
    run = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)

    assert (run.returncode, run.stderr) == (0, "")
    assert json.loads(run.stdout) == [False, [True, True]]
