"""Times of wrong clocks, in SQL: which are later than their receipt, and what is taken instead.

Nothing can have happened after it was received. A sender whose clock is wrong by an hour is wrong by it also in when it
says to have sent the row; so what lies between the two is right, and counts back from the receipt. This is the rule by
which Segment corrects the clocks of devices: timestamp = receivedAt - (sentAt - originalTimestamp).
"""

import json
from collections import Counter
from collections.abc import Iterable
from typing import Final

import pyarrow as pa

from cdp_orchestration.home.sql_text import quoted
from cdp_orchestration.landing.raw_rows import CORRECTED_TIMES
from cdp_orchestration.sources import Field, Stream

GRACE_MINUTES: Final = 5  # by so much may a clock that sends a time be ahead of the clock that receives it
ZONE_HOURS: Final = 14  # by so much is a local time ahead that is written as UTC, at most
FIRST_TIME: Final = "1990-01-01"  # older times are the zero of a clock, or a placeholder
_LOADED_AT = "getvariable('loaded_at')"
_RULE = "rule "  # begins the column that names the rule by which the time of a row was corrected

# How a time was corrected.
SENDER_CLOCK: Final = "sender_clock"  # by the two times of the sender's clock
TIME_OF_RECEIPT: Final = "time_of_receipt"
TIME_OF_LOAD: Final = "time_of_load"  # a cursor, which is the receipt itself
LEFT_OUT: Final = "left_out"  # nothing occurred then, so the row has no such time

CorrectedTimes = Counter[tuple[str, str]]
"""How many rows have a corrected time, by field and rule."""


def is_ahead(stream: Stream, field: Field) -> str:
    """Return the condition that a time is later than its receipt, by more than clocks may differ."""
    if field.is_of_sender:
        return "false"
    return f"{_read(field.name)} > {_receipt(stream, field)} + interval '{GRACE_MINUTES} minutes'"


def is_plainly_possible(stream: Stream, field: Field) -> str:
    """Return a condition that only times meet which need no correction: neither early nor later than any receipt."""
    read = _read(field.name)
    plain = f"{read} >= timestamp '{FIRST_TIME}' and {read} <= {_LOADED_AT}"
    if stream.cursor is None or field.name == stream.cursor:
        return plain
    return f"{plain} and {read} <= {_read(stream.cursor)}"


def bounded_time(stream: Stream, field: Field) -> str:
    """Return the time that was read, if it is possible, else what is taken instead."""
    time = _read(field.name)
    if field.is_of_sender:
        return time
    return f"case when {is_plainly_possible(stream, field)} then {time} else {_corrected_time(stream, field)} end"


def _corrected_time(stream: Stream, field: Field) -> str:
    time = _read(field.name)
    possible = f"{time} >= timestamp '{FIRST_TIME}'"
    if field.name == stream.cursor:
        return f"case when {is_ahead(stream, field)} then {_LOADED_AT} when {possible} then {time} end"
    if field.sender_clock:
        corrected = f"coalesce({_by_sender(stream, field)}, {_receipt(stream, field)})"
        return f"case when not ({is_ahead(stream, field)}) and {possible} then {time} else {corrected} end"
    instead = _receipt(stream, field) if field.takes_receipt else "null"
    return (
        f"case when {_has_not_come(field)} then null when {is_ahead(stream, field)} then {instead} "
        f"when {possible} then {time} end"
    )


def rule_columns(stream: Stream, fields: Iterable[Field]) -> list[str]:
    """Return a column for each time among some fields: the rule by which it was corrected, null where it was not."""
    times = (field for field in fields if field.type == "timestamp" and not field.is_of_sender)
    return [f"{_rule(stream, field)} as {quoted(_RULE + field.name)}" for field in times]


def counted_rules(rows: pa.Table) -> tuple[pa.Table, CorrectedTimes]:
    """Return the rows, each with the rules by field as a JSON object, and how many rows each rule has corrected."""
    names = [name for name in rows.column_names if name.startswith(_RULE)]
    counts: CorrectedTimes = Counter()
    rules: dict[int, dict[str, str]] = {}
    for name in names:
        if rows[name].null_count == rows.num_rows:
            continue  # most columns, and none of their rows is looked at
        for number, rule in enumerate(rows[name].to_pylist()):
            if rule is not None:
                rules.setdefault(number, {})[name.removeprefix(_RULE)] = rule
    for found in rules.values():
        counts.update(found.items())
    corrected = pa.nulls(rows.num_rows, pa.string())
    if rules:
        objects = [json.dumps(rules[number]) if number in rules else None for number in range(rows.num_rows)]
        corrected = pa.array(objects, pa.string())
    return rows.drop_columns(names).append_column(CORRECTED_TIMES, corrected), counts


def _rule(stream: Stream, field: Field) -> str:
    return f"case when {is_plainly_possible(stream, field)} then null else {_rule_of_odd_time(stream, field)} end"


def _rule_of_odd_time(stream: Stream, field: Field) -> str:
    if field.sender_clock:
        is_right = f"not ({is_ahead(stream, field)}) and {_read(field.name)} >= timestamp '{FIRST_TIME}'"
        by_sender = f"if({_by_sender(stream, field)} is not null, '{SENDER_CLOCK}', '{TIME_OF_RECEIPT}')"
        return f"case when {is_right} then null else {by_sender} end"
    left_out = f"when {_has_not_come(field)} then '{LEFT_OUT}'" if field.may_be_planned else ""
    rule = TIME_OF_LOAD if field.name == stream.cursor else TIME_OF_RECEIPT if field.takes_receipt else LEFT_OUT
    return f"case {left_out} when {is_ahead(stream, field)} then '{rule}' end"


def _receipt(stream: Stream, field: Field) -> str:
    """Return when the row was received: when the source wrote its cursor, at the latest when it landed."""
    if stream.cursor is None or field.name == stream.cursor:
        return _LOADED_AT
    written = _read(stream.cursor)
    return f"least({_LOADED_AT}, case when {written} >= timestamp '{FIRST_TIME}' then {written} end)"


def _has_not_come(field: Field) -> str:
    """Return the condition that a time lies farther ahead than any wrong time zone explains."""
    return f"{_read(field.name)} > {_LOADED_AT} + interval '{ZONE_HOURS} hours'" if field.may_be_planned else "false"


def _by_sender(stream: Stream, field: Field) -> str:
    """Return the time by the rule of the sender's clock; null where that gives none, or an impossible one."""
    if field.sender_clock is None:
        return "null"
    sent, happened = _read(field.sender_clock.sent), _read(field.sender_clock.happened)
    waited = f"(epoch_us({sent}) - epoch_us({happened}))"
    # Nothing is sent before it happens; what seems so by a moment happened when it was sent.
    time = f"{_receipt(stream, field)} - to_microseconds(greatest({waited}, 0))"
    is_possible = f"{waited} >= -{GRACE_MINUTES * 60_000_000} and {time} >= timestamp '{FIRST_TIME}'"
    return f"case when {is_possible} then {time} end"


def _read(name: str) -> str:
    return quoted("read " + name)
