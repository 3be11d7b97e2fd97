"""The conditions in SQL under which a typed value is one that its field cannot hold, and what lands in its place."""

from collections.abc import Iterator
from dataclasses import dataclass

from cdp_orchestration.home.sql_text import quoted, text_literal
from cdp_orchestration.landing import refusals
from cdp_orchestration.landing.contract.clocks import FIRST_TIME, bounded_time, is_ahead
from cdp_orchestration.landing.contract.documents import numbers_of
from cdp_orchestration.landing.contract.schema_contract import keeps_row
from cdp_orchestration.sources import Field, Stream


@dataclass(frozen=True)
class Problem:
    """One way a row can break the contract: field, reason, SQL condition; ``keeps_row``: only the value is refused."""

    field: str
    reason: str
    condition: str
    keeps_row: bool = False


def is_bounded(field: Field) -> bool:
    """Return whether a value of the field's type may still be one that the field cannot hold."""
    return field.type in ("timestamp", "text") or field.range is not None or field.scale is not None


def bounded_value(stream: Stream, field: Field) -> str:
    """Return the value that was read, if it is possible; of a time that is not, what is taken instead."""
    if field.type != "timestamp":
        return f"case when not ({_is_out_of_bounds(field)}) then {quoted('read ' + field.name)} end"
    return bounded_time(stream, field)


def _is_out_of_bounds(field: Field) -> str:
    read = quoted("read " + field.name)
    if field.type == "text":
        return f"({_is_too_long(field)} or {_is_of_other_pattern(field)})"
    if field.scale:
        named = f"lower(trim({quoted('raw ' + field.scale.field)}))"
        cases = " ".join(
            f"when {text_literal(word)} then {read} between {lowest} and {highest}"
            for word, (lowest, highest) in field.scale.ranges.items()
        )
        lowest, highest = field.scale.other
        return f"not coalesce(case {named} {cases} else {read} between {lowest} and {highest} end, true)"
    if field.range:
        return f"coalesce({read} not between {field.range.minimum} and {field.range.maximum}, false)"
    return "false"


def _is_too_long(field: Field) -> str:
    return f"coalesce(length({quoted('read ' + field.name)}) > {field.max_characters}, false)"


def _is_of_other_pattern(field: Field) -> str:
    if field.pattern is None:
        return "false"
    text = f"nullif(trim({quoted('read ' + field.name)}), '')"
    return f"not coalesce(regexp_full_match({text}, {text_literal(field.pattern)}), true)"


def problems_of_bounds(stream: Stream, field: Field, fits: str) -> Iterator[Problem]:
    """Return every way a value of the field's type can be one that the field cannot hold."""
    is_required = field.name in stream.required
    if field.type == "text":
        too_long = f"{fits} and {_is_too_long(field)}"
        yield Problem(field.name, refusals.TEXT_TOO_LONG, too_long, keeps_row=not is_required)
        if field.pattern:
            yield Problem(field.name, refusals.NOT_OF_PATTERN, _is_of_other_pattern(field), keeps_row=not is_required)
    elif field.scale:
        yield Problem(field.name, refusals.OFF_SCALE, _is_out_of_bounds(field), keeps_row=not is_required)
    elif field.range:
        keeps_row = field.range.keeps_row and not is_required
        read = quoted("read " + field.name)
        too_low = refusals.NEGATIVE_AMOUNT if field.range.minimum == 0 else refusals.OUT_OF_RANGE
        yield Problem(field.name, too_low, f"{read} < {field.range.minimum}", keeps_row)
        yield Problem(field.name, refusals.OUT_OF_RANGE, f"{read} > {field.range.maximum}", keeps_row)
    yield from _problems_inside(field)


def _problems_inside(field: Field) -> Iterator[Problem]:
    """Return the numbers inside JSON without which a row would be counted wrongly."""
    for number in field.numbers_inside:
        if number.range.keeps_row:
            continue
        name = field.name + number.json_path.removeprefix("$")
        values, read = numbers_of(quoted(field.name), number), "try_cast(n as decimal(18, 4))"
        for reason, test in (
            (refusals.NEGATIVE_AMOUNT, f"{read} < {number.range.minimum}"),
            (refusals.NOT_A_DECIMAL, f"n is not null and {read} is null"),
            (refusals.OUT_OF_RANGE, f"{read} > {number.range.maximum}"),
        ):
            yield Problem(name, reason, f"len(list_filter({values}, lambda n: {test})) > 0")


def problems_of_time(stream: Stream, field: Field, is_filled: str) -> Iterator[Problem]:
    """Return every way a time can be none, or an impossible one."""
    read = quoted("read " + field.name)
    yield Problem(field.name, refusals.NOT_A_TIMESTAMP, f"{is_filled} and {read} is null", keeps_row(stream, field))
    if field.is_of_sender:
        return
    yield Problem(field.name, refusals.LATER_THAN_RECEIPT, is_ahead(stream, field), keeps_row=True)
    too_old = f"{read} < timestamp '{FIRST_TIME}'"
    is_decisive = field.name in (stream.cursor, stream.only_time)
    yield Problem(field.name, refusals.BEFORE_FIRST_TIME, too_old, keeps_row=not is_decisive)
