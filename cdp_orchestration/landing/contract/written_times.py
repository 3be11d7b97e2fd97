"""How programs write a time of ISO 8601, in SQL: in the form that most write, and in others that mean one time."""

from cdp_orchestration.home.sql_text import text_literal

_ZONE_OF_TIME = r"([Zz]| ?(UTC|GMT)|[+-][0-9]{2}(:?[0-9]{2})?)?"  # as the engine reads it
_CLOCK = r"([T ][0-9]{2}:[0-9]{2}(:[0-5][0-9](\.[0-9]+)?" + _ZONE_OF_TIME + ")?)?"  # a zone only behind seconds
_USUAL_TIME = r"[0-9]{4}-[0-9]{2}-[0-9]{2}" + _CLOCK
# A zone behind a blank or without seconds, as Java leaves them out at the full minute, a decimal comma, small letters,
# the name of the zone behind its offset, as Java and Go write it; no signs between.
_OFFSET = "[+-][0-9]{2}(?::?[0-9]{2})?"
_END = r"([.,][0-9]+)?(?: ?(" + _OFFSET + r") [a-z]{3,5}| ?(Z|UTC|GMT|" + _OFFSET + r")(?:\[[a-z_/+0-9-]+\])?)?"
_OTHER_TIME = r"(?i)([0-9]{4}-[0-9]{2}-[0-9]{2})[T ]([0-9]{2}:[0-9]{2}(?::[0-9]{2})?)" + _END
_BASIC_TIME = r"(?i)([0-9]{4})([0-9]{2})([0-9]{2})T([0-9]{2})([0-9]{2})([0-9]{2})"
# At the end of June or December in UTC: elsewhere at any hour, some zones being half or a quarter of one apart
_LEAP_SECOND = "(-(?:06-30|07-01|12-31|01-01)T[0-9]{2}:(?:59|29|14|44)):60"
_ODD_TIME = f"(?:{_OTHER_TIME})|(?:{_BASIC_TIME}{_END})"


def iso_time(raw: str) -> str:
    """Return the SQL that reads the text ``raw`` as a time of ISO 8601, one without a zone as UTC; else null."""
    # No part of it stands in two places: the engine would compute that for every row.
    usual = f"make_timestamp(epoch_us(try_cast({raw} as timestamptz)))"
    extended = f"regexp_replace({raw}, {text_literal('^' + _BASIC_TIME)}, '\\1-\\2-\\3T\\4:\\5:\\6')"
    joined = f"replace(upper(regexp_replace({extended}, {text_literal(_OTHER_TIME)}, '\\1T\\2\\3\\4\\5')), ',', '.')"
    whole = f"regexp_replace({joined}, '(T[0-9]{{2}}:[0-9]{{2}})(Z|UTC|GMT|[+-].*)$', '\\1:00\\2')"
    # The engine knows no leap second, so it is the one before.
    kept = f"regexp_replace({whole}, {text_literal(_LEAP_SECOND)}, '\\1:59')"
    plain = f"regexp_replace({kept}, '(UTC|GMT)$', 'Z')"
    other = f"make_timestamp(epoch_us(try_cast({plain} as timestamptz)))"
    return (
        f"case when regexp_full_match({raw}, {text_literal(_USUAL_TIME)}) then {usual} "
        f"when regexp_full_match({raw}, {text_literal(_ODD_TIME)}) then {other} end"
    )
