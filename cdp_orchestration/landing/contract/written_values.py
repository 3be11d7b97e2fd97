"""How exports write a value, in SQL: words for nothing, marks of numbers, ids that a spreadsheet or data frame changed.

A form that means one value is read; one that may mean two, or has lost digits, is left to be refused.
"""

from collections.abc import Iterable

import pyarrow as pa
import pyarrow.compute as pc

from cdp_orchestration.home.sql_text import quoted, text_literal
from cdp_orchestration.landing import refusals
from cdp_orchestration.landing.contract.declared_formats import as_plain_number, in_units, read_day, read_time
from cdp_orchestration.landing.contract.written_times import iso_time
from cdp_orchestration.sources import DUCKDB_TYPES, Field, FieldType
from cdp_orchestration.sources.limits import MAX_FIELD_BYTES

MAX_TRIMMED_BYTES = 1000
CAST_REASONS: dict[FieldType, str] = {
    "integer": refusals.NOT_AN_INTEGER,
    "decimal": refusals.NOT_A_DECIMAL,
    "boolean": refusals.NOT_A_BOOLEAN,
    "date": refusals.NOT_A_DATE,
    "timestamp": refusals.NOT_A_TIMESTAMP,
    "json": refusals.NOT_JSON,
}
NULL_WORDS: tuple[str, ...] = (
    "null", "\\n", "n/a", "#n/a", "#nv", "#n/d", "#n/b", "n.a.", "none", "nil", "<null>", "(null)", "[null]", "<na>",
    "(blank)", "undefined",
)  # fmt: skip
# Of an amount, a calculation that failed, or nought: refused.
NO_NUMBER_WORDS = ("nan", "nat", "-", "--", ".", "#ref!", "#value!", "#name?", "#num!", "#div/0!")
NO_DATES = ("0000-00-00", "0000-00-00 00:00:00", "0000-00-00t00:00:00z", "infinity", "-infinity")
# What people and spreadsheets write in their language stands beside what programs write.
TRUE_WORDS = (
    "true", "t", "yes", "y", "on", "1", "1.0", "-1", "wahr", "vrai", "verdadero", "verdadeiro", "vero", "waar", "sant",
    "sand", "sann", "prawda", "pravda", "tosi", "igaz", "adevărat", "doğru", "истина", "істина", "ja", "j", "oui", "si",
    "sí", "sì", "sim", "s", "tak", "kyllä", "igen", "ano", "áno", "evet", "да", "так", "ναι", "はい", "是", "예",
    "✓", "✔", "☑", "✅",
)  # fmt: skip
FALSE_WORDS = (
    "false", "f", "no", "n", "off", "0", "0.0", "falsch", "faux", "falso", "onwaar", "falskt", "falsk", "fałsz",
    "usann", "nepravda", "epätosi", "hamis", "fals", "yanlış", "yanliş", "ложь", "хибність", "nein",
    "non", "nee", "nej", "nei", "não", "nie", "ei", "nem", "ne", "hayır", "hayir", "нет", "ні", "όχι", "いいえ", "否",
    "아니요", "✗", "✘", "☐", "❌",
)  # fmt: skip

_ZONE = r"( ?([Zz]|UTC|GMT|[+-][0-9]{2}(:?[0-9]{2})?))?"
_PATTERNS: dict[FieldType, str] = {
    "integer": r"[+-]?[0-9]+(\.0*)?",
    "decimal": r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]{1,3})?",
    "date": r"[0-9]{4}-[0-9]{2}-[0-9]{2}([T ]00:00(:00(\.0+)?)?" + _ZONE + ")?",
}
# "1E5" may be an article's number, "1E+05" and "1.0E5" are what a program made of a number.
_EXPONENT = r"[+-]?[0-9]+([.,][0-9]+[eE][+-]?|[eE]\+)[0-9]{1,3}"
_TOO_NARROW = "#{3,}"  # what a spreadsheet shows where its column is too narrow for a number
_KEPT_AS_TEXT = """^(?:="([^"]*)"|'([+0-9][^']*))$"""  # how people make a spreadsheet keep the digits of a number
_GROUPED = "[1-9][0-9]{0,2}(,[0-9]{3}){2,}"
_WHOLE = r"([+-]?[0-9]+)\.0+"
_ID_MEMBER = r'("(?:id|sku|[A-Za-z_]*(?:_id|Id|_sku|phone|Phone))"\s*:\s*)'
_JSON_WHOLE = _ID_MEMBER + r'("?)' + _WHOLE + r'("?\s*[,}])'
_JSON_EXPONENT = _ID_MEMBER + r'("' + _EXPONENT + r'"|[+-]?[0-9]+(?:\.[0-9]+)?[eE][+-]?[0-9]+)\s*[,}]'
_HALF_SIGN = r"(\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2})|\\u[dD][89a-fA-F][0-9a-fA-F]{2}"
_NO_NUMBER = r"([:,\[]\s*)(?:NaN|-?Infinity)\b"
# A part of whatever any of these matches; a document may also begin as what is neither a list nor an object.
ODD_PART = _ID_MEMBER.replace("(", "(?:", 1) + r'(?:"[+-]?[0-9]+[.,eE]|[+-]?[0-9]+[.eE])|NaN|Infinity'
ODD_DOCUMENT = ODD_PART + r"|\A[^{\[]"
# Ids of Salesforce begin with three characters for the kind of the object.
_SALESFORCE_15 = r"(00[1-9A-Za-z]|701)[0-9A-Za-z]{12}"
_CHECK_CHARACTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"


def cleaned(field: Field) -> str:
    """Return the delivered text; for types other than text without blanks around it, and null where it says nothing."""
    careful = _cleaned(field)
    name = quoted(field.name)
    if careful == name:
        return careful
    return f"case when {_is_plain(field, name)} then {name} else {careful} end"


def _is_plain(field: Field, name: str) -> str:
    """Return a condition that costs next to nothing and holds for most texts that need no cleaning."""
    if field.type == "json":
        return f"not {quoted('odd ' + field.name)} and {name} <> ''"
    if field.type == "boolean":
        return f"{name} = 'true' or {name} = 'false'"
    # What begins with a figure is none of the words and has no mark of a spreadsheet.
    first = "1" if field.type in ("date", "timestamp") else "0"
    begins = f"{name} >= '{first}' and {name} < ':'"
    if field.type == "text":
        begins = f"({begins} or starts_with({name}, '+'))"
    # Blanks beyond ASCII are blanks, too.
    return f"{begins} and not ends_with({name}, ' ') and not ends_with({name}, '\t') and right({name}, 1) < chr(127)"


def with_odd_marks(rows: pa.Table, fields: Iterable[Field]) -> pa.Table:
    """Return rows with a column ``odd <field>`` for each document of some fields: may it be read otherwise?"""
    for field in fields:
        if field.type == "json":
            # Not in SQL: Arrow looks for a pattern in half the time.
            is_odd = pc.fill_null(pc.match_substring_regex(rows[field.name], ODD_DOCUMENT), fill_value=False)
            rows = rows.append_column("odd " + field.name, is_odd)
    return rows


def _cleaned(field: Field) -> str:
    name = quoted(field.name)
    if field.type == "text" and field.text_kind == "free":
        return name
    # Trimming goes character by character, which costs too much on long values and changes nothing in JSON.
    value = f"nullif({_with_null_for_nan(name) if field.type == 'json' else name}, '')"
    if field.type == "text":
        kept = f"regexp_replace({name}, {text_literal(_KEPT_AS_TEXT)}, '\\1\\2')"
        name = f"case when {name}[1] in ('=', {text_literal(chr(39))}) then {kept} else {name} end"
    if field.type != "json":
        value = f"case when strlen({name}) <= {MAX_TRIMMED_BYTES} then nullif(trim({name}, ' \t'), '') else {name} end"
    words = NULL_WORDS
    if field.type != "text":
        words += ("na",)
    if field.type not in ("integer", "decimal"):
        words += NO_NUMBER_WORDS
    if field.type in ("date", "timestamp"):
        words += NO_DATES
    return f"case when strlen({name}) > 20 or not {_is_one_of(words, f'trim(lower({name}))')} then {value} end"


def _is_one_of(words: Iterable[str], text: str) -> str:
    # DuckDB makes a join of each "in" with so many words, which takes ten times as long as to plan and run the rest.
    return f"list_contains([{', '.join(text_literal(word) for word in words)}], {text})"


def typed(field: Field, raw: str, *, has_decimal_comma: bool) -> str:
    """Return the SQL that reads the text ``raw`` as the type of the field: null where it is not of that type.

    Of JSON, ``odd <field>`` says whether it may have an id that is to be written otherwise.
    """
    if field.type == "text":
        return raw if field.text_kind == "free" else _identifier(field, raw)
    if field.type == "boolean":
        return (
            f"case when {_is_one_of(TRUE_WORDS, f'lower({raw})')} then true "
            f"when {_is_one_of(FALSE_WORDS, f'lower({raw})')} then false end"
        )
    if field.type == "json":
        # A value beyond the size limit is refused in any case, so it is not parsed.
        return (
            f"case when strlen({raw}) > {MAX_FIELD_BYTES} then null "
            f"when json_valid({raw}) then nullif({_with_whole_ids(raw, quoted('odd ' + field.name))}, 'null') "
            f"when json_valid({_without_halves(raw)}) then {_with_whole_ids(_without_halves(raw), 'true')} end"
        )
    if field.type == "timestamp":
        # A zone is applied; make_timestamp gives the same UTC time as a cast, at a third of its cost.
        return read_time(field, raw, iso_time(raw))
    if field.type == "date":
        return read_day(field, raw, _of_form(field, raw, f"try_cast({raw}[:10] as date)"))
    if field.decimal_sign:
        raw = as_plain_number(raw, field.decimal_sign)
    elif has_decimal_comma:
        raw = _with_decimal_point(raw)
    number = raw if field.divided_by == 1 else in_units(field, raw)
    return _of_form(field, raw, f"try_cast({number} as {DUCKDB_TYPES[field.type]})")


def _of_form(field: Field, raw: str, read: str) -> str:
    """Return what was read of a text that is written as programs write values of its type; else null."""
    return f"case when regexp_full_match({raw}, {text_literal(_PATTERNS[field.type])}) then {read} end"


def lost_digits(field: Field, raw: str) -> str | None:
    """Return the condition that an id or number was shortened to ``5.67891E+12``; None where the field has none."""
    if field.type == "json":
        return f"case when contains({raw}, 'e') or contains({raw}, 'E') then {_matches(raw, _JSON_EXPONENT)} end"
    if field.type != "text" or field.text_kind == "free":
        return None
    signs = " or ".join(f"contains({raw}, '{sign}')" for sign in "+.,#")
    pattern = text_literal(f"{_EXPONENT}|{_TOO_NARROW}")
    return f"case when strlen({raw}) < 40 and ({signs}) then regexp_full_match({raw}, {pattern}) else false end"


def is_graphql_id(raw: str) -> str:
    """Return the condition that an id is the global one of a GraphQL export."""
    return f"starts_with({raw}, 'gid://')"


def _matches(raw: str, pattern: str) -> str:
    return f"regexp_matches({raw}, {text_literal(pattern)})"


def _identifier(field: Field, raw: str) -> str:
    whole = f"regexp_replace({raw}, {text_literal('^' + _WHOLE + '$')}, '\\1')"
    lengthened = f"when strlen({raw}) = 15 and regexp_full_match({raw}, '{_SALESFORCE_15}') then {_with_18(raw)} "
    return (
        f"case when {lost_digits(field, raw)} then null "
        f"when strlen({raw}) < 40 and contains({raw}, '.') then {whole} "
        f"when contains({raw}, ',') and regexp_full_match({raw}, '{_GROUPED}') then replace({raw}, ',', '') "
        f"{lengthened if field.text_kind == 'salesforce_id' else ''}else {raw} end"
    )


def _with_18(raw: str) -> str:
    """Return an id of 15 characters with the three that say which of its letters are capitals, for each five one."""
    checks = []
    for start in (1, 6, 11):
        bits = f"regexp_replace(regexp_replace({raw}[{start}:{start + 4}], '[^A-Z]', '0', 'g'), '[A-Z]', '1', 'g')"
        # Of the five bits the first is the lowest; the nought before them lets an empty text be read, too.
        checks.append(f"'{_CHECK_CHARACTERS}'[1 + ('0' || reverse({bits}))::bit::integer]")
    return f"concat({raw}, {', '.join(checks)})"


def _with_whole_ids(raw: str, may_have_any: str) -> str:
    pattern = text_literal(_JSON_WHOLE)
    replaced = f"regexp_replace({raw}, {pattern}, '\\1\\2\\3\\4', 'g')"
    found = f"case when contains({raw}, '.0') and {_matches(raw, _JSON_WHOLE)} then {replaced} else {raw} end"
    return f"case when {may_have_any} then {found} else {raw} end"


def _without_halves(raw: str) -> str:
    """Return a document that a half of a sign makes invalid, without such halves."""
    return f"regexp_replace({raw}, {text_literal(_HALF_SIGN)}, '\\1', 'g')"


def _with_null_for_nan(raw: str) -> str:
    replaced = f"regexp_replace({raw}, {text_literal(_NO_NUMBER)}, '\\1null', 'g')"
    return f"case when contains({raw}, 'NaN') or contains({raw}, 'Infinity') then {replaced} else {raw} end"


def _with_decimal_point(raw: str) -> str:
    """Return a number of a file that may write decimal commas; null where its mark may be one of thousands."""
    return (
        f"case when regexp_full_match({raw}, '[+-]?[1-9][0-9]{{0,2}}[.,][0-9]{{3}}') then null "
        f"when regexp_full_match({raw}, '[+-]?([0-9]*|[0-9]{{1,3}}(\\.[0-9]{{3}})+),[0-9]+') "
        f"then replace(replace({raw}, '.', ''), ',', '.') "
        f"when regexp_full_match({raw}, '[+-]?[0-9]{{1,3}}(\\.[0-9]{{3}}){{2,}}') then replace({raw}, '.', '') "
        f"else {raw} end"
    )
