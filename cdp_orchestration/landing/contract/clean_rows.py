"""The cheap test, in SQL, that most rows pass: what passes it breaks no rule of the contract.

Each rule by itself is one more look at every row. A row that does not pass here is looked at by all of them.
"""

from collections.abc import Container, Iterator

from cdp_orchestration.home.sql_text import quoted
from cdp_orchestration.landing.contract.bounds import is_bounded
from cdp_orchestration.landing.contract.clocks import is_plainly_possible
from cdp_orchestration.landing.contract.documents import is_of_other_form
from cdp_orchestration.landing.contract.written_values import is_graphql_id, lost_digits
from cdp_orchestration.landing.raw_rows import EXTRA
from cdp_orchestration.sources import Field, Stream
from cdp_orchestration.sources.limits import MAX_FIELD_BYTES

MAX_PLAIN_BYTES = 100  # of a number, a date or a flag


def may_be_refused(stream: Stream, plain: Container[str], *, is_from_json: bool = False) -> str:
    """Return a condition that holds for every row with a problem, and for few others.

    Args:
        stream: the stream whose rows are typed already; both ``raw <field>`` and the typed columns are there.
        plain: the fields that ``plain_columns`` has found: no value of them is refused, but a document may be no JSON.
        is_from_json: whether each document is certain to be JSON.
    """
    found = [f"strlen({EXTRA}) > {MAX_FIELD_BYTES}"]
    if stream.schema_contract.new == "discard_row":
        found.append(f"{EXTRA} is not null")
    for field in stream.fields:
        if field.name in plain:
            found += [f"not json_valid({quoted(field.name)})"] if field.type == "json" and not is_from_json else []
            continue
        found += _of_field(stream, field)
        if field.name in stream.required:
            raw = quoted("raw " + field.name)
            # A blank text begins with a blank, which may be one of those beyond ASCII.
            found.append(f"{raw} is null or {raw} < '!' or {raw} >= chr(128)")
    return f"coalesce({' or '.join(f'coalesce({condition}, false)' for condition in found)}, false)"


def _of_field(stream: Stream, field: Field) -> Iterator[str]:
    raw = quoted("raw " + field.name)
    value = quoted("read " + field.name) if is_bounded(field) else quoted(field.name)
    if field.type == "text":
        yield from _of_text(field, raw, value)
        return
    if field.type == "json":
        yield f"{raw} is not null and {value} is null"
        yield quoted("odd " + field.name)
        yield is_of_other_form(field, value, field.numbers_inside)
        return
    if field.type == "timestamp" and not field.is_of_sender:
        yield f"{raw} is not null and not coalesce({is_plainly_possible(stream, field)}, false)"
    else:
        yield f"{raw} is not null and {value} is null"
    yield f"strlen({raw}) > {MAX_PLAIN_BYTES}"
    if field.scale:
        yield f"{raw} is not null and {quoted(field.name)} is null"
    elif field.range:
        yield f"{value} not between {field.range.minimum} and {field.range.maximum}"


def _of_text(field: Field, raw: str, value: str) -> Iterator[str]:
    most = min(field.max_characters, MAX_FIELD_BYTES)
    yield f"strlen({raw}) > {most}"
    if field.text_kind != "free":
        yield f"strlen({value}) > {most}"
        yield f"{raw} is not null and {value} is null"
        yield lost_digits(field, raw) or "false"
    if field.pattern:
        yield f"{raw} is not null and {quoted(field.name)} is null"
    if field.is_identifier:
        yield is_graphql_id(raw)
