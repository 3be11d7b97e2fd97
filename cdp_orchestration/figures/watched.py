"""Which values of a stream's rows are watched: its fields, the members of its JSON fields, and parts of both."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

import duckdb

from cdp_orchestration.landing.raw_rows import quoted, text_literal
from cdp_orchestration.sources import Field, Stream
from cdp_orchestration.sources.limits import MAX_AMOUNT

MAX_MEMBERS, MIN_MEMBER_SHARE = 25, 0.2
"""How many members of a JSON field are watched, and in what share of its documents one must be."""

_PLAIN_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,40}")
# What decides who a person is, what was paid and when, and who may be sent what. Names are compared by letters.
_DECISIVE = frozenset(
    {
        "email", "receiptemail", "phone", "mobilephone", "receiptphone", "givenname", "firstname", "familyname",
        "lastname", "fullname", "name", "dateofbirth", "birthdate", "postcode", "zip", "loyaltynumber",
        "cardfingerprint", "currency",
    }
)  # fmt: skip
_CONSENTS = re.compile(r"consent.*(state|status)|opt.*(in|out)|donotcall|unsubscribed|subscribed", re.IGNORECASE)


@dataclass(frozen=True)
class Watched:
    """A value of each row.

    Attributes:
        label: how people know it: the field, the member of a JSON field, or the part of a value.
        sql: the value as text, over a landed row.
        kind: ``text`` (shares of values), ``number`` (its middle), ``score`` (its mean), ``time`` (age and hours).
        is_decisive: whether a wrong one harms readers: who somebody is, money, times, ids.
        is_consent: whether it says what a person permits.
        is_part: whether another watched value contains it, so that its presence and changes are counted there.
        is_of_person: whether it is a name, a contact or a place of a person.
        names_rows: whether (nearly) every row has its own, so that only its shape repeats.
    """

    label: str
    sql: str
    kind: str = "text"
    is_decisive: bool = False
    is_consent: bool = False
    is_part: bool = False
    is_of_person: bool = False
    names_rows: bool = False

    @property
    def is_postcode(self) -> bool:
        """Whether it is a postcode, which may begin with 0 and must not lose it."""
        return _letters(self.label).endswith(("postcode", "postalcode", "zip"))


def watched_values(connection: duckdb.DuckDBPyConnection, stream: Stream, rows: str) -> list[Watched]:
    """Return what is watched of a stream's rows.

    Args:
        connection: the warehouse.
        stream: the stream.
        rows: a relation with rows of it, whose JSON documents say which members there are.
    """
    consents = _declared_consents(stream)
    persons = _declared_persons(stream)
    found: list[Watched] = []
    for field in stream.fields:
        if field.type == "json":
            found += _members(connection, field, rows)
        elif field.name != stream.cursor and not field.is_of_sender:
            value = _of_field(stream, field)
            value = replace(value, is_consent=value.is_consent or field.name in consents)
            found.append(replace(value, is_decisive=value.is_decisive or field.name in persons))
            found += _scores(field)
    return [*found, *(part for value in found for part in _parts(value))]


def _of_field(stream: Stream, field: Field) -> Watched:
    sql, kind = f"cast({quoted(field.name)} as varchar)", "text"
    is_decisive = _is_decisive(field.staged_name or field.name) or field.name in stream.key or field.is_identifier
    if field.type in ("integer", "decimal"):
        kind = "text" if field.scale else "number"
        is_decisive = bool(field.scale) or bool(field.range and field.range.maximum == MAX_AMOUNT)
    elif field.type == "timestamp":
        kind = "time"
        is_change = re.search("updated|modified|changed", field.name, re.IGNORECASE)
        is_decisive = bool(field.staged_name) and not field.may_be_planned and not is_change
    return Watched(
        field.name,
        sql,
        kind,
        is_decisive,
        is_consent=field.type in ("boolean", "text") and bool(_CONSENTS.search(field.name)),
        is_of_person=_is_of_person(field.staged_name or field.name),
        names_rows=field.is_identifier or field.text_kind == "digits",
    )


def _scores(field: Field) -> Iterator[Watched]:
    """Yield the score of each survey by itself, since their scales differ."""
    if field.scale:
        for survey in field.scale.ranges:
            is_of_it = f"lower({quoted(field.scale.field)}) = {text_literal(survey)}"
            sql = f"case when {is_of_it} then cast({quoted(field.name)} as varchar) end"
            yield Watched(f"{field.name}, {survey}", sql, "score", is_decisive=True, is_part=True)


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
        if not is_common or not _PLAIN_NAME.fullmatch(name):
            continue
        label = f"{field.name}.{name}"
        yield Watched(
            label,
            f"json_extract_string({column}, {text_literal(f'{first}.{name}')})",
            "number" if name in numbers else "text",
            is_decisive=name in numbers or _is_decisive(name),
            is_consent=bool(_CONSENTS.search(label)),
            is_of_person=_is_of_person(name),
        )


def _parts(value: Watched) -> Iterator[Watched]:
    """Yield what repeats in values that do not: the shape of an id, the domain of an address."""
    name = _letters(value.label.rpartition(".")[2])
    if value.kind != "text":
        return
    if name.endswith("email"):
        yield replace(
            value,
            label=f"{value.label}, domain",
            sql=f"split_part(lower({value.sql}), '@', 2)",
            is_part=True,
            is_of_person=False,
        )
    elif (value.names_rows and not value.label.endswith("s")) or name in ("phone", "postcode", "zip", "id"):
        yield replace(
            value,
            label=f"{value.label}, shape",
            sql=_shape(value.sql, is_id=name not in ("phone", "postcode", "zip")),
            is_part=True,
            is_of_person=False,
            names_rows=False,
        )


def _shape(value: str, *, is_id: bool) -> str:
    text = f"left({value}, 60)"
    # Ids that are counted on get one more digit some day
    digits = "9+" if is_id else "9{12,}"
    runs = f"regexp_replace(regexp_replace({text}, '[0-9]', '9', 'g'), '[A-Za-z]', 'a', 'g')"
    plain = f"regexp_replace(regexp_replace({runs}, '{digits}', '9+', 'g'), 'a{{4,}}', 'a+', 'g')"
    # Where letters stand among digits, as in hexadecimal ids, which is where says nothing.
    is_mixed = f"regexp_matches({text}, '[0-9][A-Za-z]+[0-9]|[A-Za-z][0-9]+[A-Za-z]')"
    return f"case when {is_mixed} then regexp_replace({text}, '[0-9A-Za-z]', 'x', 'g') else {plain} end"


def _is_decisive(name: str) -> bool:
    letters = _letters(name)
    return letters in _DECISIVE or letters.removeprefix("mailing") in _DECISIVE


def _is_of_person(name: str) -> bool:
    return (_is_decisive(name) and _letters(name) != "currency") or _letters(name) in ("city", "mailingcity")


def _letters(name: str) -> str:
    return re.sub(r"[^a-z]", "", name.lower()).removeprefix("is").removesuffix("c" if name.endswith("__c") else "")


def _declared_consents(stream: Stream) -> set[str]:
    person = stream.mapping.person if stream.mapping else None
    return {consent.field for consent in person.consents} if person else set()


def _declared_persons(stream: Stream) -> set[str]:
    person = stream.mapping.person if stream.mapping else None
    if not person:
        return set()
    lists = (name for names in person.list_fields.values() for name in names)
    named = {field for name, field in person.single_fields.items() if _is_decisive(name)}
    return {*named, *lists, *(name for names in person.identifiers.values() for name in names)}
