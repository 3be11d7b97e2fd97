"""How a value is read whose field declares how its source writes it, in SQL: formats of times, zones, cents."""

from cdp_orchestration.home.sql_text import text_literal
from cdp_orchestration.sources import Field
from cdp_orchestration.sources.formats import EPOCHS, has_zone, is_epoch, pattern_of

_ZONE_AT_END = r"(?i).*[T ].*(Z|UTC|GMT|[+-][0-9]{2}(:?[0-9]{2})?)(\[.*\])?"
# What people and spreadsheets set before an amount or between its groups of three figures.
_CURRENCY = r"(?:[A-Z]{3}|[A-Z]{0,3}\p{Sc}|kr\.?|zł|Kč|Ft)"
_BLANK = "[ \u00a0\u2007\u2009\u202f]"
_GROUP_SIGNS = "[ \u00a0\u2007\u2009\u202f'’{other}]"
_MINUS = "\N{MINUS SIGN}"
_IN_BRACKETS = r"^([^()+-]*)\(([^()+-]*)\)([^()+-]*)$"  # how accountants write less than nothing
_MINUS_AT_END = "^([^()+-]*)-$"


def has_declared_form(field: Field) -> bool:
    """Return whether a field declares how its values are written."""
    return bool(field.formats or field.time_zone or field.time_field or field.decimal_sign or field.divided_by != 1)


def read_time(field: Field, raw: str, iso: str) -> str:
    """Return the SQL that reads a text as a time in UTC.

    Args:
        field: a field of times.
        raw: the SQL of the text.
        iso: the SQL that reads a time of ISO 8601, one without a zone as UTC; null for other texts.
    """
    if field.time_zone:
        iso = f"case when regexp_full_match({raw}, {text_literal(_ZONE_AT_END)}) then {iso} else {_utc(field, iso)} end"
    return _by_format(field, raw, iso)


def read_day(field: Field, raw: str, iso: str) -> str:
    """Return the SQL that reads a text as a day; ``iso`` is the SQL that reads one of ISO 8601."""
    return f"cast({_by_format(field, raw, iso)} as date)" if field.formats else iso


def as_plain_number(raw: str, sign: str) -> str:
    """Return the SQL of a plain number with a decimal point, of one with a declared sign before its decimals."""
    group = _GROUP_SIGNS.format(other="." if sign == "," else ",")
    signed = f"replace({raw}, '{_MINUS}', '-')"
    signed = f"regexp_replace({signed}, {text_literal(_IN_BRACKETS)}, '-\\1\\2\\3')"
    signed = f"regexp_replace({signed}, '{_MINUS_AT_END}', '-\\1')"
    unsigned = f"regexp_replace({signed}, {text_literal(f'^([+-]?){_BLANK}*{_CURRENCY}{_BLANK}*')}, '\\1')"
    unsigned = f"regexp_replace({unsigned}, {text_literal(f'{_BLANK}*{_CURRENCY}$')}, '')"
    plain = rf"[+-]?([0-9]+|[0-9]{{1,3}}({group}[0-9]{{3}})+)?([{sign}][0-9]*)?"
    digits = f"regexp_replace({unsigned}, {text_literal(group)}, '', 'g')"
    return f"case when regexp_full_match({unsigned}, {text_literal(plain)}) then replace({digits}, '{sign}', '.') end"


def in_units(field: Field, raw: str) -> str:
    """Return the SQL that reads a plain number of parts of a unit, such as cents, as one of whole units."""
    # Exact, unlike a division; as wide as it has to be before the number is known to fit.
    return f"try_cast({raw} as decimal(30, 6)) * cast({1 / field.divided_by} as decimal(4, 3))"


def _by_format(field: Field, raw: str, iso: str) -> str:
    cases = " ".join(
        f"when regexp_full_match({raw}, {text_literal(pattern_of(form))}) then {_read_format(field, raw, form)}"
        for form in field.formats
    )
    if not cases:
        return iso
    # A year, a day and then a month: what ISO 8601 reads otherwise.
    is_like_iso = any(form.startswith("%Y-%d") for form in field.formats)
    return f"case {cases} else {'null' if is_like_iso else iso} end"


def _read_format(field: Field, raw: str, form: str) -> str:
    if is_epoch(form):
        microseconds = f"try_cast(try_cast({raw} as decimal(38, 9)) * {EPOCHS[form][0]} as bigint)"
        return f"make_timestamp({microseconds})"
    if has_zone(form):
        in_figures = f"regexp_replace({raw}, '[Zz]', '+0000')" if form.endswith("%z") else raw
        return f"make_timestamp(epoch_us(try_strptime({in_figures}, {text_literal(form)})))"
    return _utc(field, f"try_strptime({raw}, {text_literal(form)})")


def _utc(field: Field, time: str) -> str:
    """Return a time without a zone in UTC, by the zone that the field declares."""
    if not field.time_zone:
        return time
    return f"make_timestamp(epoch_us(timezone({text_literal(field.time_zone)}, {time})))"
