"""Which people a row names, in SQL: its contacts, identifiers and ids of records, each in one written form.

The same value is written in several ways: an e-mail in capitals, a phone number with blanks, an id that a spreadsheet
made a number. What is compared is a form without these differences; two people never have the same one.
"""

from cdp_orchestration.home.sql_text import quoted, text_literal
from cdp_orchestration.sources import Stream
from cdp_orchestration.sources.personal_data import EMAIL, KEPT_ROLES, PHONE, PersonalData

# What stands before, between and after several contacts in one text.
_BETWEEN = {EMAIL: r'[\s;,|<>"\[\]]+|mailto:', PHONE: r'[;,|\n"\[\]]+'}
# What is copied along with an address: unseen signs, quotes, the end of a sentence; an apostrophe may be inside of it
_BESIDE_ADDRESS = r"\p{Cf}+|^[\s\p{Z}'‘“(]+|[\s\p{Z}'’”).]+$"
# Letters, digits and signs of full width, as East Asian keyboards write them
_NARROW = "abcdefghijklmnopqrstuvwxyz0123456789@._-+"
_WIDE = "".join(chr(ord(sign) - ord("!") + ord("！")) for sign in _NARROW)
_SALESFORCE = "^[0-9A-Za-z]{15}[A-Z0-5]{3}$"  # an id of 18 characters repeats one of 15, with a check sum


def named_people(stream: Stream) -> str | None:
    """Return SQL for the list of what a row names a person by, as structs of kind and value; None for a stream of none.

    Args:
        stream: the stream; its fields are columns, typed or as text.

    Returns:
        An expression over one row; it is an empty list where nothing of the kind is filled.
    """
    about = personal_data_of(stream)
    # A part of a key may be all that names a person
    if not about.named_by and all(about.role_of(field.name) in KEPT_ROLES for field in stream.fields):
        return None
    parts = [_named(kind, _value(path)) for path, kind in about.named_by.items()]
    # some systems call a person by a mailbox where others have an id
    parts += [
        f"if(contains({_value(path)}, '@'), {_named(EMAIL, _value(path))}, [])"
        for path, kind in about.named_by.items()
        if kind not in _BETWEEN
    ]
    parts += [
        _named(kind, row_id(stream)) for kind in (about.record, None if about.are_people else fact(stream)) if kind
    ]
    named = f"list_filter(flatten([{', '.join(parts)}]), lambda named: named.value <> '')"
    return f"if({quoted(about.where)}::varchar in ('true', 'True', '1'), {named}, [])" if about.where else named


def row_id(stream: Stream) -> str:
    """Return SQL for the id of a row: the fields of its key."""
    key = [f"trim({quoted(name)}::varchar)" for name in stream.key]
    return key[0] if len(key) == 1 else f"concat_ws(':', {', '.join(key)})"


def fact(stream: Stream) -> str:
    """Return as what the key of a fact names it, so that one that names no one itself can be of a person as well."""
    return f"{stream.source}/{stream.name}"


def personal_data_of(stream: Stream) -> PersonalData:
    """Return what the rows of a stream say about people."""
    assert stream.personal_data is not None  # noqa: S101 - every declared stream has it
    return stream.personal_data


def one_form(kind: str, value: str) -> str:
    """Return SQL for the compared form of a value.

    Args:
        kind: email, phone, or what an identifier or id is of.
        value: SQL of the value as text.
    """
    if kind == EMAIL:
        narrow = f"translate(lower({value}), {text_literal(_WIDE)}, {text_literal(_NARROW)})"
        return f"regexp_replace({narrow}, {text_literal(_BESIDE_ADDRESS)}, '', 'g')"
    if kind == PHONE:
        return f"ltrim(regexp_replace({value}, '[^0-9]', '', 'g'), '0')"
    plain = f"regexp_replace(trim({value}), '[.]0$', '')"
    if kind.startswith("crm:"):
        return f"if(regexp_matches({plain}, '{_SALESFORCE}'), left({plain}, 15), {plain})"
    return plain


def _named(kind: str, value: str) -> str:
    """Return SQL for the list of what a value names a person by; a text of contacts may hold several."""
    values = f"[{value}]"
    if kind in _BETWEEN:
        parts = f"regexp_split_to_array({value}, {text_literal(_BETWEEN[kind])})"
        values = f"list_distinct(list_append({parts}, {value}))"
    one = f"{{'kind': {text_literal(kind)}, 'value': coalesce({one_form(kind, 'each')}, '')}}"
    return f"list_transform({values}, lambda each: {one})"


def _value(path: tuple[str, ...]) -> str:
    column = f"{quoted(path[0])}::varchar"
    if len(path) == 1:
        return column
    inside = text_literal("$." + ".".join(f'"{part}"' for part in path[1:]))
    return f"if(json_valid({column}), json_extract_string({column}, {inside}), null)"
