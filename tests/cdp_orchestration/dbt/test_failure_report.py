"""What a failed dbt test or model says: the rule, the rows by key, the delivered file, never another value."""

from collections.abc import Iterator
from typing import Any

import duckdb
import pytest

from cdp_orchestration.dbt.failure_report import FailedNode, describe_failures
from cdp_orchestration.dbt.project import manifest
from cdp_orchestration.dbt.rules_in_words import model_under_test, rule_in_words
from expectations.known_values import CHANNELS

Node = dict[str, Any]


@pytest.fixture
def warehouse() -> Iterator[duckdb.DuckDBPyConnection]:
    """Two tickets and their metrics as they landed, and a staging model of each."""
    with duckdb.connect() as connection:
        for schema in ("landing", "staging"):
            connection.execute(f"create schema {schema}")
        connection.execute(
            "create table landing.support_tickets as select * from (values "
            "('1', timestamp '2026-01-01', 'old.jsonl', timestamp '2026-01-01', 4, 'secret'), "
            "('1', timestamp '2026-01-02', 'new.jsonl', timestamp '2026-01-02', 7, 'secret'), "
            "('2', timestamp '2026-01-02', 'new.jsonl', timestamp '2026-01-02', 8, 'secret')"
            ") as rows(id, updated_at, _source_file, _loaded_at, _source_line, subject)"
        )
        connection.execute(
            "create table staging.stg_support__tickets as select * from (values "
            "('1', 'fax', 'secret'), ('1', 'web', 'secret'), ('2', 'web', null)) as rows(ticket_id, channel, subject)"
        )
        connection.execute(
            "create table staging.interactions as select 'support:ticket:' || ticket_id as interaction_id, channel "
            "from staging.stg_support__tickets"
        )
        yield connection


def _model(name: str, columns: str, *, reads: tuple[str, ...] = (), contract: bool = False) -> Node:
    return {
        "unique_id": f"model.{name}",
        "resource_type": "model",
        "language": "sql",
        "name": name,
        "schema": "staging",
        "relation_name": f'"memory"."staging"."{name}"',
        "columns": {column: {"config": {"meta": {}}} for column in columns.split()},
        "config": {"contract": {"enforced": contract}},
        "depends_on": {"nodes": list(reads)},
    }


def _test(model: str, rule: str, **arguments: Any) -> Node:
    return {
        "unique_id": f"test.{rule}.{model}",
        "resource_type": "test",
        "name": rule,
        "attached_node": f"model.{model}",
        "column_name": arguments.get("column_name"),
        "test_metadata": {"name": rule, "kwargs": {**arguments, "model": "{{ the model }}"}},
        "config": {"meta": {}},
    }


TICKETS = _model("stg_support__tickets", "ticket_id channel subject")
INTERACTIONS = _model("interactions", "interaction_id channel")
LANDED = {
    "unique_id": "source.support_tickets",
    "resource_type": "source",
    "name": "support_tickets",
    "schema": "landing",
    "relation_name": '"memory"."landing"."support_tickets"',
    "columns": {},
}
KEYS = [
    _test("stg_support__tickets", "primary_key", column_name="ticket_id"),
    _test("interactions", "primary_key", column_name="interaction_id"),
]


def _line(warehouse: duckdb.DuckDBPyConnection, failed: Node, query: str, message: str = "", *more: Node) -> str:
    nodes = {node["unique_id"]: node for node in (TICKETS, INTERACTIONS, *KEYS, failed, *more)}
    found_rows = failed["resource_type"] == "test" and not message
    node = FailedNode(failed["unique_id"], failed["name"], found_rows, message, query, 1)
    (line,) = describe_failures(warehouse, {"nodes": nodes, "sources": {LANDED["unique_id"]: LANDED}}, [node])
    return line


def test_a_repeated_key_of_a_staging_model_leads_to_the_newest_delivered_file(
    warehouse: duckdb.DuckDBPyConnection,
) -> None:
    query = "select ticket_id, count(*) as row_count from staging.stg_support__tickets group by 1 having count(*) > 1"
    assert _line(warehouse, KEYS[0], query) == (
        "model stg_support__tickets breaks the rule: ticket_id is filled and unique; 1 failing, by ticket_id: 1; "
        "delivered in support/tickets/new.jsonl line 7"
    )


def test_a_value_that_is_not_accepted_is_reported_by_the_keys_of_its_rows_and_not_by_itself(
    warehouse: duckdb.DuckDBPyConnection,
) -> None:
    failed = _test("interactions", "accepted_values", column_name="channel", values=["web", "store"])
    query = "select channel as value_field from staging.interactions where channel not in ('web', 'store') -- the rows"
    assert _line(warehouse, failed, query) == (
        "model interactions breaks the rule: channel is one of web, store; 1 failing, by interaction_id: "
        "support:ticket:1; delivered in support/tickets/new.jsonl line 7"
    )


def test_of_several_rules_on_a_row_only_the_broken_ones_are_named_with_their_counts(
    warehouse: duckdb.DuckDBPyConnection,
) -> None:
    failed = _test("stg_support__tickets", "valid_rows", rules=["ticket_id <> ''", "subject  <>\n'secret'"])
    query = "select [null, 2] as broken_rules, * from staging.stg_support__tickets where subject = 'secret'"
    assert _line(warehouse, failed, query) == (
        "model stg_support__tickets breaks the rule: subject <> 'secret' (2 failing); 2 failing, by ticket_id: 1; "
        "delivered in support/tickets/new.jsonl line 7"
    )


def test_a_value_that_is_in_no_known_list_is_reported_by_the_keys_of_its_rows(
    warehouse: duckdb.DuckDBPyConnection,
) -> None:
    failed = _test("interactions", "known_value", column_name="channel", of="channels")
    query = "select channel, count(*) as row_count from staging.interactions where channel not in ('web') group by 1"
    assert _line(warehouse, failed, query) == (
        f"model interactions breaks the rule: channel is one of {', '.join(CHANNELS)}; 1 failing, by interaction_id: "
        "support:ticket:1; delivered in support/tickets/new.jsonl line 7"
    )


def test_known_values_of_a_row_are_numbered_before_its_other_rules(warehouse: duckdb.DuckDBPyConnection) -> None:
    failed = _test("interactions", "valid_rows", known={"channel": "channels"}, rules=["interaction_id <> ''"])
    query = "select [1, null] as broken_rules, * from staging.interactions where channel <> 'web'"
    (found, *_) = _line(warehouse, failed, query).split(" (")
    assert found == f"model interactions breaks the rule: channel is one of {', '.join(CHANNELS)}"


def test_at_most_five_keys_are_shown_and_dots_stand_for_the_others(warehouse: duckdb.DuckDBPyConnection) -> None:
    failed = _test("interactions", "never_null", columns=["channel", "interaction_id"])
    query = "select 'x:' || n as interaction_id, null as channel from range(9) as numbers(n)"
    assert _line(warehouse, failed, query) == (
        "model interactions breaks the rule: channel and interaction_id are filled; 9 failing, by interaction_id: "
        "x:0, x:1, x:2, x:3, x:4, ..."
    )


def test_a_personal_key_is_not_shown(warehouse: duckdb.DuckDBPyConnection) -> None:
    emails = _model("emails", "email")
    key = _test("emails", "primary_key", column_name="email")
    query = "select 'secret@mail.org' as email, 2 as row_count"
    assert _line(warehouse, key, query, "", emails) == (
        "model emails breaks the rule: email is filled and unique; 1 failing (no key that may be shown)"
    )


def test_a_test_that_cannot_run_states_why(warehouse: duckdb.DuckDBPyConnection) -> None:
    message = "Runtime Error in test x (x.yml)\n  Conversion Error: Could not convert string 'secret' to INT32"
    assert _line(warehouse, KEYS[1], "", message) == (
        "model interactions, test of interaction_id is filled and unique: could not run, "
        "Conversion Error: a text cannot be converted to INT32"
    )


def test_a_model_that_fails_on_one_row_of_landing_names_its_file_and_line(warehouse: duckdb.DuckDBPyConnection) -> None:
    warehouse.execute("update landing.support_tickets set subject = '5' where _source_line <> 8")
    model = _model("numbers", "number", reads=("source.support_tickets",))
    query = 'select subject::integer as number from "memory"."landing"."support_tickets"'
    message = "Runtime Error in model numbers (x.sql)\n  Conversion Error: Could not convert string 'secret' to INT32"
    assert _line(warehouse, model, query, message) == (
        "model numbers could not be built: Conversion Error: a text cannot be converted to INT32; it can be built "
        "without support/tickets/new.jsonl line 8"
    )


def test_a_model_that_fails_on_one_row_of_another_model_names_its_key_and_the_file(
    warehouse: duckdb.DuckDBPyConnection,
) -> None:
    warehouse.execute("update staging.stg_support__tickets set ticket_id = '3' where channel = 'fax'")
    warehouse.execute("update staging.stg_support__tickets set subject = '5' where ticket_id <> '1'")
    model = _model("numbers", "number", reads=("model.interactions", "model.stg_support__tickets"))
    query = (
        'select tickets.subject::integer as number from "memory"."staging"."stg_support__tickets" as tickets '
        'left join "memory"."staging"."interactions" as interactions on tickets.channel = interactions.channel'
    )
    message = "Runtime Error in model numbers (x.sql)\n  Conversion Error: Could not convert string 'secret' to INT32"
    assert _line(warehouse, model, query, message) == (
        "model numbers could not be built: Conversion Error: a text cannot be converted to INT32; it can be built "
        "without the row of stg_support__tickets with ticket_id 1, delivered in support/tickets/new.jsonl line 7"
    )


def test_a_model_that_was_built_for_a_bucket_of_profiles_names_its_row_as_well(
    warehouse: duckdb.DuckDBPyConnection,
) -> None:
    warehouse.execute("create schema profiles; create table profiles.int_profile_inputs as select '1' as profile_id")
    model = _model("numbers", "number", reads=("model.stg_support__tickets",))
    query = (
        'select subject::integer as number from "memory"."staging"."stg_support__tickets" '
        "where ticket_id in (select bucket.profile_id from profiles_of_bucket as bucket)"
    )
    message = "Runtime Error in model numbers (x.sql)\n  Conversion Error: Could not convert string 'secret' to INT32"
    assert "it can be built without the row of stg_support__tickets with ticket_id 1" in (
        _line(warehouse, model, query, message)
    )


def test_a_model_that_fails_on_a_pair_of_joined_rows_names_both(warehouse: duckdb.DuckDBPyConnection) -> None:
    warehouse.execute("delete from staging.stg_support__tickets where channel = 'fax'")
    warehouse.execute("update staging.stg_support__tickets set subject = '5' where ticket_id = '2'")
    warehouse.execute("update staging.interactions set channel = 'app' where interaction_id <> 'support:ticket:2'")
    warehouse.execute("update staging.stg_support__tickets set channel = 'app' where ticket_id = '1'")
    warehouse.execute(
        "delete from staging.interactions using (select max(rowid) as twin from staging.interactions "
        "where channel = 'app') where rowid = twin"
    )
    model = _model("numbers", "number", reads=("model.interactions", "model.stg_support__tickets"))
    query = (
        'select tickets.subject::integer as number from "memory"."staging"."stg_support__tickets" as tickets '
        'inner join "memory"."staging"."interactions" as interactions on tickets.channel = interactions.channel'
    )
    message = "Runtime Error in model numbers (x.sql)\n  Conversion Error: Could not convert string 'secret' to INT32"
    assert _line(warehouse, model, query, message).endswith(
        "it can be built without the row of interactions with interaction_id support:ticket:1, delivered in "
        "support/tickets/new.jsonl line 7, or without the row of stg_support__tickets with ticket_id 1, delivered in "
        "support/tickets/new.jsonl line 7"
    )


def test_a_part_of_a_record_leads_to_the_one_stream_from_which_its_model_is_made(
    warehouse: duckdb.DuckDBPyConnection,
) -> None:
    comments = _model("comments", "comment_id", reads=("model.stg_support__tickets",))
    key = _test("comments", "primary_key", column_name="comment_id")
    query = "select 'support:comment:1:5' as comment_id, 2 as row_count"
    assert _line(warehouse, key, query, "", comments).endswith("delivered in support/tickets/new.jsonl line 7")


def test_a_model_that_two_rows_break_together_names_no_row(warehouse: duckdb.DuckDBPyConnection) -> None:
    model = _model("sums", "total", reads=("source.support_tickets",))
    query = (
        'select sum(9::tinyint)::decimal(1, 0) as total from "memory"."landing"."support_tickets" having count(*) > 0'
    )
    message = 'Runtime Error in model sums (x.sql)\n  Conversion Error: Casting value "27" to type DECIMAL(1,0) failed'
    assert _line(warehouse, model, query, message) == (
        "model sums could not be built: Conversion Error: a number is too large for DECIMAL(1,0)"
    )


def test_every_test_of_the_project_has_its_rule_in_words_and_its_model() -> None:
    project = manifest()
    tests = [node for node in project["nodes"].values() if node["resource_type"] == "test"]
    words = {test["name"]: rule_in_words(test) for test in tests}
    assert len(words) > 100
    assert {name for name, rule in words.items() if "{" in rule or "model" in rule.split()[:1]} == set()
    assert [test["name"] for test in tests if model_under_test(project, test) is None] == []
