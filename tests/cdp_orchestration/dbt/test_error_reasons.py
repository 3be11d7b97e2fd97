"""The reason of a failed model names kinds, types and columns, and never repeats a value of a row."""

import duckdb
import pytest

from cdp_orchestration.dbt.error_reasons import reason_without_values

SECRET = 'O\'Brien "x" <secret@mail.org>\nwhen casting from source column secret'


@pytest.mark.parametrize(
    ("expression", "reason"),
    [
        ("text::date", "Conversion Error: a text cannot be converted to date, from column text"),
        ("text::timestamp", "Conversion Error: a text cannot be converted to timestamp, from column text"),
        ("text::integer", "Conversion Error: a text cannot be converted to INT32, from column text"),
        ("text::decimal(18, 2)", "Conversion Error: a text cannot be converted to DECIMAL(18,2), from column text"),
        ("text::json", "Conversion Error: a text is not valid JSON, from column text"),
        ("amount::integer", "Conversion Error: a number is too large for INT32, from column amount"),
        ("(amount * 1.5)::decimal(4, 2)", "Conversion Error: a number is too large for DECIMAL(4,2)"),
        ("amount * amount * amount", "Out of Range Error: the result of a calculation (multiplication) is too large"),
        ("strptime(text, '%Y')", "Invalid Input Error: a text does not have the expected date format"),
        ("error(text)", "Invalid Input Error: the engine refused a value"),
        ("regexp_matches(text, text || '(')", "Invalid Input Error: the engine refused a value"),
    ],
)
def test_the_engine_s_reason_stays_and_the_value_that_it_quotes_does_not(expression: str, reason: str) -> None:
    found = reason_without_values(_message_of(f"select {expression} from delivered"))
    assert found == reason
    assert "secret" not in found
    assert "77777" not in found


def test_a_constraint_names_the_column_and_a_repeated_key_is_not_quoted() -> None:
    assert reason_without_values(_message_of("insert into filled select null")) == (
        "Constraint Error: filled.email is empty in at least one row"
    )
    assert reason_without_values(_message_of("insert into keyed select 'secret' from range(2)")) == (
        "Constraint Error: a key is repeated"
    )


def test_a_missing_column_is_named_since_names_are_no_values() -> None:
    assert reason_without_values(_message_of("select colour from delivered")) == (
        'Binder Error: Referenced column "colour" not found in FROM clause!'
    )


def test_of_a_python_model_only_the_kind_of_exception_stays() -> None:
    message = (
        "Runtime Error in model scores (models/scores.py)\n  Python model failed:\n"
        '  Traceback (most recent call last):\n    File "scores.py", line 3, in model\n'
        "  pyarrow.lib.ArrowInvalid: Could not convert 'secret@mail.org' with type str"
    )
    assert reason_without_values(message) == "pyarrow.lib.ArrowInvalid in the model's Python code"


def test_a_message_of_an_unknown_form_is_not_repeated() -> None:
    assert reason_without_values("secret@mail.org") == "an error without a known kind"


def _message_of(query: str) -> str:
    """The message of a failed model as dbt puts it around the engine's text."""
    with duckdb.connect() as connection:
        connection.execute("create table delivered (text varchar, amount bigint)")
        connection.execute("create table filled (email varchar not null)")
        connection.execute("create table keyed (email varchar primary key)")
        connection.execute("insert into delivered values (?, 7777777777)", [SECRET])
        with pytest.raises(duckdb.Error) as failed:
            connection.execute(query).fetchall()
    return f"Runtime Error in model x (models/staging/x.sql)\n  {failed.value}"
