"""A declaration in YAML, drafted from what a sample says, for a person to read and to correct."""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import yaml

from cdp_orchestration.sources.declared import OWN_COLUMNS, staged_column
from cdp_orchestration.sources.drafting.form_inference import InferredForm
from cdp_orchestration.sources.drafting.inference import Inferred, declared_field
from cdp_orchestration.sources.drafting.money_inference import InferredMoney
from cdp_orchestration.sources.drafting.samples import letters_of

Parts = Mapping[str, Mapping[str, Any]]
_PLAIN = re.compile(r"[A-Za-z_][A-Za-z0-9_ ./-]*[A-Za-z0-9_]|[A-Za-z_]")
_RESERVED = {"true", "false", "yes", "no", "on", "off", "null", "y", "n"}


def draft(source: str, stream: str, found: Inferred, parts: Parts | None = None) -> str:
    """Return the declaration of a source with one stream.

    Args:
        source: the word for the source.
        stream: the word for the stream.
        found: what its sample says.
        parts: what stands below ``from``, which is empty where others deliver files, and below ``files``.

    Returns:
        YAML that ``read_declaration`` accepts where the key is known, with comments on what was guessed.
    """
    head = f"source: {source}\nowner: team:data-engineering\nstreams:\n"
    return head + draft_stream(source, stream, found, parts)


def draft_stream(
    source: str,
    stream: str,
    found: Inferred,
    parts: Parts | None = None,
    people: Mapping[str, str] | None = None,
) -> str:
    """Return what stands below ``streams`` for one stream.

    Args:
        source: the word for the source.
        stream: the word for the stream.
        found: what its sample says.
        parts: what stands below ``from``, which is empty where others deliver files, and below ``files``.
        people: the kinds of person records of the source, each with the field of its key.

    Returns:
        Lines of YAML, with comments on what was guessed.
    """
    parts = {name: said for name, said in (parts or {}).items() if said}
    key = ", ".join(yaml_text(declared_field(name)) for name in found.key)
    cursor = yaml_text(declared_field(found.cursor)) if found.cursor else None
    return "\n".join(
        (
            "  # Drafted from a sample. "
            + ("Each sync fetches its rows." if "from" in parts else f"Files go to inbox/{source}/{stream}/.")
            + f" Correct it, then run `cdp source check {source}/{stream}`.",
            f"  {stream}:",
            f"    key: [{key}]  # no two rows of the sample share it",
            *([f"    cursor: {cursor}  # of the versions of a key the newest counts"] if cursor else []),
            *(line for name, said in parts.items() for line in part_lines(name, said)),
            *_renames(found),
            "    fields:",
            *_fields(found),
            *_deleted(found),
            *(_person(source, stream, found, people or {}) if found.is_person else ()),
            *(_interaction(stream, found, people or {}) if found.interaction else ()),
            *(() if found.is_person or found.interaction else _no_person(found)),
            "",
        )
    )


def part_lines(name: str, said: Mapping[str, Any]) -> Iterator[str]:
    """Yield the lines of a part of a stream, such as ``from``."""
    part = {name: dict(said)}
    text = yaml.safe_dump(part, sort_keys=False, allow_unicode=True, default_flow_style=None, width=1000)
    yield from (f"    {line}" for line in text.splitlines())


def _renames(found: Inferred) -> Iterator[str]:
    nested = [name for name in found.kinds if "." in name]
    if nested:
        yield "    renames:  # dots lead into objects"
        yield from (f"      {yaml_text(name)}: {yaml_text(declared_field(name))}" for name in nested)


def _fields(found: Inferred) -> Iterator[str]:
    """Yield the fields with their kinds, and of two that staging would call alike a column for the second."""
    taken = set(OWN_COLUMNS)
    for number, (name, kind) in enumerate(found.kinds.items(), start=1):
        column = usual = staged_column(name)
        while column in taken:
            column = f"{column}_{number}"
        taken.add(column)
        form = found.forms.get(name, InferredForm(kind))
        said = [] if column == usual else [f"staged: {_staged(name, column, found)}"]
        said += [f"{word}: {yaml_text(value)}" for word, value in form.words.items()]
        declared = f"{{kind: {kind}, {', '.join(said)}}}" if said else kind
        doubt = f"  # {form.doubt}" if form.doubt else ""
        yield f"      {yaml_text(declared_field(name))}: {declared}{doubt}"
    if found.left_out_count:
        yield f"      # {found.left_out_count} more by headings that no field can have: those stay in _extra"


def _staged(name: str, column: str, found: Inferred) -> str:
    """Return the column of a field whose usual one is taken; false for the flag that the model itself reads."""
    return "false" if found.deleted and found.deleted[0] == name else column


def _deleted(found: Inferred) -> Iterator[str]:
    if found.deleted:
        name, values = found.deleted
        listed = "true" if found.kinds[name] == "boolean" else _listed(values) if values else ""
        said = f", values: {listed}" if listed else ""
        yield f"    deleted: {{field: {yaml_text(declared_field(name))}{said}}}  # check that such a row is to go"


def _person(source: str, stream: str, found: Inferred, people: Mapping[str, str]) -> Iterator[str]:
    yield "    person:  # which field is what of a person"
    yield f"      record_type: {_singular(stream)[:31] + '_customer' if found.interaction else _singular(stream)}"
    for meaning, columns in found.meanings.items():
        yield f"      {meaning}: {_listed(declared_field(name) for name in columns)}"
    if found.interaction and (of := _reference(found, people)):
        field, record_type = of
        yield f"      identifiers: {{{source}.{record_type}: {yaml_text(field)}}}"
    if found.created_at:
        yield f"      created_at: {yaml_text(declared_field(found.created_at))}"
    if found.consents:
        yield "      consents:  # check channel and purpose: these decide who may be contacted"
    for name, channel, granted, refused in found.consents:
        yield f"        - field: {yaml_text(declared_field(name))}"
        yield f"          channel: {channel}"
        yield from ([f"          granted: {_listed(granted)}"] if granted else ())
        yield from ([f"          refused: {_listed(refused)}"] if refused else ())


def _no_person(found: Inferred) -> Iterator[str]:
    yield "    # No field names a person. Where a row is something that a person did, say whose it is and what:"
    times = [name for name, kind in found.kinds.items() if kind == "timestamp"]
    ids = [name for name, kind in found.kinds.items() if kind == "identifier"]
    yield "    # interaction:"
    yield "    #   record_type: event"
    time = yaml_text(declared_field(times[0])) if times else "<field with the time>"
    record = yaml_text(declared_field(ids[0])) if ids else "<field with the id>"
    yield f"    #   occurred_at: {time}"
    yield f"    #   of: {{field: {record}, record_type: <that of the person>}}"
    yield "    #   taxonomy:"
    yield '    #     "*": {touchpoint_type: other_event, channel: web, stage: research}'


def _interaction(stream: str, found: Inferred, people: Mapping[str, str]) -> Iterator[str]:
    did = found.interaction
    if did is None:
        return
    refers = None if found.is_person else _reference(found, people)
    of = f"{{field: {yaml_text(refers[0])}, record_type: {refers[1]}}}" if refers else None
    # Without the person whose it is, a row can be no interaction: then a person has to complete these lines
    begin = "    " if found.is_person or of else "    # "
    named = {
        "event": did.event,
        "campaign": did.campaign,
        "score": did.answer.score,
        "comment": did.answer.comment,
    }
    if begin.endswith("# "):
        yield "    # No field names a person. Say whose it is, and take the signs before these lines away:"
    yield f"{begin}interaction:  # what somebody did; check what kind of touchpoint it is"
    yield f"{begin}  record_type: {_singular(stream)}"
    yield f"{begin}  occurred_at: {yaml_text(declared_field(did.occurred_at))}"
    if not found.is_person:
        yield f"{begin}  of: {of or '{field: <field with the id>, record_type: <that of the person>}'}"
    for part, name in named.items():
        yield from ([f"{begin}  {part}: {yaml_text(declared_field(name))}"] if name else ())
    yield from (f"{begin}  {line}" for line in (_money(did.money) if did.money else ()))
    yield f'{begin}  taxonomy:  # by the words of the event; "*" is any other'
    for word, kind in did.taxonomy.items():
        weight = f", effort_weight: {kind.effort_weight}" if kind.effort_weight != 1 else ""
        credit = "" if kind.is_creditable else ", is_creditable: false"
        means = f"touchpoint_type: {kind.touchpoint_type}, channel: {kind.channel}, stage: {kind.stage}"
        yield f"{begin}    {yaml_text(word)}: {{{means}{weight}{credit}}}"


def _money(money: InferredMoney) -> Iterator[str]:
    """Yield what is said of the amount; in comments where its currency is not known, without which it cannot count."""
    begin = "" if money.currency or money.currency_code else "# "
    yield f"{begin}amount: {yaml_text(declared_field(money.amount))}"
    if money.currency:
        yield f"currency: {yaml_text(declared_field(money.currency))}"
    else:
        yield f"{begin}currency_code: {money.currency_code or '<such as EUR>'}"
    for part, marked in (("uncounted", money.uncounted), ("paid_back", money.paid_back)):
        if marked:
            name, values = marked
            listed = ", ".join(map(yaml_text, values))
            yield f"{begin}{part}: {{field: {yaml_text(declared_field(name))}, values: [{listed}]}}"


def _reference(found: Inferred, people: Mapping[str, str]) -> tuple[str, str] | None:
    """Return the field of an id that is called like the key of a kind of records, or like the kind, and that kind."""
    for record_type, key in people.items():
        called = {letters_of(key)} | {letters_of(record_type) + ending for ending in ("", "id", "no", "number", "key")}
        for name in found.kinds:
            if letters_of(name) in called - {"id"}:
                return declared_field(name), record_type
    return None


def _singular(stream: str) -> str:
    return re.sub("ies$", "y", stream) if stream.endswith("ies") else stream.removesuffix("s") or stream


def _listed(names: Iterable[str]) -> str:
    items = [yaml_text(name) for name in names]
    return items[0] if len(items) == 1 else f"[{', '.join(items)}]"


def yaml_text(text: str) -> str:
    """Return a text as YAML reads it."""
    is_plain = _PLAIN.fullmatch(text) and text.lower() not in _RESERVED
    return text if is_plain else json.dumps(text, ensure_ascii=False)
