"""The delivered rows of a stream with what each names, and the condition that one is of the people."""

from cdp_orchestration.home.sql_text import quoted, text_literal
from cdp_orchestration.landing.erasure.named_people import fact, named_people, personal_data_of
from cdp_orchestration.sources import Stream

Name = tuple[str, str]
"""What names a person: its kind, and its value in the compared form."""
IS_THEIRS = "list_has_any(named, (select coalesce(list({'kind': kind, 'value': value}), []) from names))"
"""SQL: that one of the names of a row is in table ``names``."""


def rows_of(stream: Stream) -> str | None:
    """Return the query of the rows of a stream with their names and, where they have one, the name of their record."""
    named = named_people(stream)
    if named is None:
        return None
    record = personal_data_of(stream).record
    own = [
        f"list_filter(named, lambda each: each.kind = {text_literal(kind or '')})[1]" for kind in (record, fact(stream))
    ]
    table = f"landing.{quoted(stream.table)}"
    return f"(select *, {own[0]} as own_record, {own[1]} as own_fact from (select *, {named} as named from {table}))"
