"""Which values of a stream's rows are watched: its fields, the members of its JSON fields, and parts of both."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

import duckdb

from cdp_orchestration.figures.meanings import (
    Meanings,
    ends_rows,
    is_consent,
    is_decisive,
    is_of_person,
    letters,
    meanings_of,
    names_person,
    varies,
)
from cdp_orchestration.home.sql_text import quoted, text_literal
from cdp_orchestration.sources import Field, Stream
from cdp_orchestration.sources.limits import MAX_AMOUNT

MAX_MEMBERS, MIN_MEMBER_SHARE = 25, 0.2
"""How many members of a JSON field are watched, and in what share of its documents one must be."""

BIRTHS = ("dateofbirth", "birthdate")
_PLAIN_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,40}")


@dataclass(frozen=True)
class Watched:
    """A value of each row.

    Attributes:
        label: how people know it: the field, the member of a JSON field, or the part of a value.
        sql: the value as text, over a landed row.
        kind: ``text`` (shares of values), ``number`` (its middle), ``score`` (its mean), ``time`` (age and hours),
            ``ending`` (whether the row is no longer one, among new rows).
        word: what it means, in letters.
        is_decisive: whether a wrong one harms readers: who somebody is, money, times, ids.
        is_consent: whether it says what a person permits.
        is_part: whether another watched value contains it, so that its presence and changes are counted there.
        is_of_person: whether it is a name, a contact or a place of a person.
        names_rows: whether it is an id or a document, of which only the shape repeats.
        names_person: whether it is an id that says whose the row is.
        is_fixed: whether it stays as it is for as long as the row exists: a date of birth, when something happened.
    """

    label: str
    sql: str
    kind: str = "text"
    word: str = ""
    is_decisive: bool = False
    is_consent: bool = False
    is_part: bool = False
    is_of_person: bool = False
    names_rows: bool = False
    names_person: bool = False
    is_fixed: bool = False

    @property
    def is_postcode(self) -> bool:
        """Whether it is a postcode, which may begin with 0 and must not lose it."""
        return self.word.endswith(("postcode", "postalcode", "zip"))

    @property
    def ended_as(self) -> str:
        """What an ending says of a row that is no longer one."""
        return "false" if self.word.startswith("active") else "true"

    @property
    def is_of_one(self) -> bool:
        """Whether it is seldom that of many people: a contact, a birthday, an id of a person."""
        return self.names_person or self.word.endswith(("email", "phone")) or self.word in BIRTHS

    @property
    def is_id(self) -> bool:
        """Whether it is an id, and not a document."""
        return self.names_rows and self.kind == "text" and not self.is_part and not self.label.endswith("s")


def watched_values(connection: duckdb.DuckDBPyConnection, stream: Stream, rows: str) -> list[Watched]:
    """Return what is watched of a stream's rows.

    Args:
        connection: the warehouse.
        stream: the stream.
        rows: a relation with rows of it, whose JSON documents say which members there are.
    """
    meanings = meanings_of(stream)
    found: list[Watched] = []
    for field in stream.fields:
        if field.type == "json":
            found += _members(connection, field, rows)
        elif field.name != stream.cursor and not field.is_of_sender:
            found.append(_of_field(stream, field, meanings))
            found += _scores(field)
            found += _endings(field, meanings)
    return [*found, *(part for value in found for part in _parts(value))]


def _of_field(stream: Stream, field: Field, meanings: Meanings) -> Watched:
    word = meanings.word(field)
    is_reference = field.is_identifier or field.name in meanings.references
    kind = "text"
    decisive = is_decisive(word) or field.name in stream.key or is_reference
    if field.type in ("integer", "decimal"):
        kind = "text" if field.scale else "number"
        is_money = bool(field.range and field.range.maximum == MAX_AMOUNT) and not varies(word)
        decisive = bool(field.scale) or is_money or field.name in meanings.money_and_times
    elif field.type == "timestamp":
        kind = "time"
        decisive = bool(field.staged_name) and not field.may_be_planned and not varies(word)
    elif field.type == "boolean":
        decisive = not ends_rows(word)
    return Watched(
        field.name,
        _comparable(f"cast({quoted(field.name)} as varchar)", word),
        kind,
        word,
        decisive,
        is_consent=field.name in meanings.consents or (field.type in ("boolean", "text") and is_consent(field.name)),
        is_of_person=is_of_person(word),
        names_rows=is_reference or field.text_kind == "digits",
        names_person=is_reference and names_person(word),
        is_fixed=word in BIRTHS or word == "currency" or (kind == "time" and decisive),
    )


def _comparable(sql: str, word: str) -> str:
    """Return a value without what staging levels: the case of letters, signs between the digits of a phone."""
    if word.endswith("phone"):
        return f"regexp_replace({sql}, '[^0-9A-Za-z+]', '', 'g')"
    return f"lower({sql})" if is_of_person(word) or word == "currency" else sql


def _scores(field: Field) -> Iterator[Watched]:
    """Yield the score of each survey by itself, since their scales differ."""
    if field.scale:
        for survey in field.scale.ranges:
            is_of_it = f"lower({quoted(field.scale.field)}) = {text_literal(survey)}"
            sql = f"case when {is_of_it} then cast({quoted(field.name)} as varchar) end"
            yield Watched(f"{field.name}, {survey}", sql, "score", is_decisive=True, is_part=True)


def _endings(field: Field, meanings: Meanings) -> Iterator[Watched]:
    """Yield whether a row is no longer one: of a row that is new, that is seldom so."""
    column, sql = quoted(field.name), ""
    values = meanings.endings.get(field.name)
    if field.may_be_planned or values == ():
        sql = f"cast({column} is not null as varchar)"
    elif values:
        sql = f"cast(lower(trim(cast({column} as varchar))) in ({', '.join(map(text_literal, values))}) as varchar)"
    elif field.type == "boolean" and ends_rows(meanings.word(field)):
        sql = f"cast({column} as varchar)"
    if sql:
        word = meanings.word(field)
        yield Watched(f"{field.name}, at once", sql, "ending", word, is_decisive=True, is_part=True)


def _members(connection: duckdb.DuckDBPyConnection, field: Field, rows: str) -> Iterator[Watched]:
    if field.form == "list of texts":
        return
    first = "$[0]" if field.form == "list of objects" else "$"
    column = quoted(field.name)
    document = f"json_extract({column}, '{first}')"
    counted = connection.execute(
        f"select member, count(*) >= {MIN_MEMBER_SHARE} * (select count({column}) from {rows}) from "
        f"(select unnest(json_keys({document})) as member from {rows} where json_type({document}) = 'OBJECT') "
        f"group by member order by count(*) desc, member limit {MAX_MEMBERS}"
    ).fetchall()
    numbers = {number.path[-1] for number in field.numbers_inside if len(number.path) <= 2}
    yield Watched(field.name, f"case when {column} not in ('[]', '{{}}', 'null') then {column} end", names_rows=True)
    for name, is_common in counted:
        # Documents that are keyed by values have no members that could be named to people.
        if is_common and _PLAIN_NAME.fullmatch(name):
            yield _member(field, name, f"json_extract_string({column}, {text_literal(f'{first}.{name}')})", numbers)


def _member(field: Field, name: str, sql: str, numbers: set[str]) -> Watched:
    label, word = f"{field.name}.{name}", letters(name)
    is_reference = field.form == "object" and word == "id"
    return Watched(
        label,
        _comparable(sql, word),
        "number" if name in numbers else "text",
        word,
        is_decisive=name in numbers or is_decisive(word) or is_reference,
        is_consent=is_consent(label),
        is_of_person=is_of_person(word),
        names_rows=is_reference,
        names_person=is_reference and names_person(letters(field.name)),
    )


def _parts(value: Watched) -> Iterator[Watched]:
    """Yield what repeats in values that do not: the domain of an address, the shape of an id or name, a sign."""
    if value.kind == "number":
        number = f"try_cast({value.sql} as double)"
        sign = (
            f"case when {number} < 0 then 'below 0' when {number} = 0 then '0' "
            f"when {number} = trunc({number}) then 'whole' else 'broken' end"
        )
        yield _part(value, "sign", f"case when {number} is not null then {sign} end")
    if value.kind != "text":
        return
    if value.word.endswith("email"):
        yield _part(value, "domain", f"split_part({value.sql}, '@', 2)")
    if value.word.endswith("phone"):
        yield _part(value, "beginning", f"left({value.sql}, 3)")
    if value.word in BIRTHS:
        yield _part(value, "day of the year", f"right({value.sql}, 5)")
    if value.is_id or value.word in ("phone", "postcode", "zip", "id"):
        yield _part(value, "shape", _shape(value.sql, is_id=value.word not in ("phone", "postcode", "zip")))
    elif value.is_of_person:
        yield _part(value, "form", _form(value.sql))


def _part(value: Watched, part: str, sql: str) -> Watched:
    return Watched(f"{value.label}, {part}", sql, is_decisive=value.is_decisive, is_part=True)


def _shape(sql: str, *, is_id: bool) -> str:
    """Return an id with 9 for each digit and a for each letter; long ones differ in length by chance."""
    text = f"left({sql}, 60)"
    letters = f"regexp_replace({text}, '[A-Za-z]', 'a', 'g')"
    if is_id:  # one that is counted on gets one more digit some day, but keeps the zeros that it begins with
        zeros = rf"regexp_replace({letters}, '(^|[^0-9])0', '\1#', 'g')"
        marks = f"regexp_replace({zeros}, '[0-9]+', '9+', 'g')"
    else:
        marks = f"regexp_replace(regexp_replace({letters}, '[0-9]', '9', 'g'), '9{{12,}}', '9+', 'g')"
    # Where letters stand among digits, as in hexadecimal ids, which is where says nothing.
    is_mixed = f"regexp_matches({text}, '[0-9][A-Za-z]+[0-9]|[A-Za-z][0-9]+[A-Za-z]')"
    shape = f"regexp_replace({marks}, 'a{{4,}}', 'a+', 'g')"
    return f"case when {is_mixed} then regexp_replace({text}, '[0-9A-Za-z]', 'x', 'g') else {shape} end"


def _form(sql: str) -> str:
    """Return a name or an address with a for each word of letters, in any alphabet, and 9 for each number."""
    words = rf"regexp_replace(left({sql}, 60), '[\p{{L}}\p{{M}}]+', 'a', 'g')"
    return f"regexp_replace({words}, '[0-9]+', '9', 'g')"
