"""The draft of what another vendor calls the fields of a stream that ships: a file of renames."""

import re
from collections.abc import Iterator, Mapping

from cdp_orchestration.errors import DeclarationError
from cdp_orchestration.sources.drafting.draft import Parts, part_lines, yaml_text
from cdp_orchestration.sources.drafting.form_inference import InferredForm
from cdp_orchestration.sources.drafting.inference import Inferred
from cdp_orchestration.sources.drafting.samples import letters_of, members_of
from cdp_orchestration.sources.field import Field
from cdp_orchestration.sources.stream import Stream

_MOBILE = re.compile(r".*(mobil|cell|handy|movil|gsm).*")
_WRAPPERS = frozenset({"properties", "attributes", "fields", "data", "node"})  # objects that say nothing of their own
_CUSTOMER_IDS = frozenset({"customerid", "buyerid", "clientid", "kundennummer", "kundenid"})
# Where a stream that ships has the address of a person inside a document, and what its members are called there.
_ADDRESSES = ("default_address", "billing_address")
_MEMBERS = {
    "given_name": "first_name",
    "family_name": "last_name",
    "address_line": "address1",
    "city": "city",
    "region": "province_code",
    "postcode": "zip",
    "country": "country_code",
}
# Where one states a consent: the channel, the word that grants and the one that refuses.
_CONSENTS = {
    "HasOptedOutOfEmail": ("email", "false", "true"),
    "DoNotCall": ("call", "false", "true"),
    "email_opt_in": ("email", "true", "false"),
    "email_marketing_consent.state": ("email", "subscribed", "unsubscribed"),
    "sms_marketing_consent.state": ("sms", "subscribed", "unsubscribed"),
}
_PLAIN_WORDS = {"true": {"true", "yes", "1", "t", "y"}, "false": {"false", "no", "0", "f", "n"}}


def draft_renames(stream: Stream, found: Inferred, parts: Parts) -> str:
    """Return what stands below ``streams`` for a stream that ships, of which a sample has other headings.

    Args:
        stream: the stream as it ships.
        found: what the sample says.
        parts: what stands below ``from`` and ``files``.

    Returns:
        Lines of YAML, with the headings that no field is known for in a comment.

    Raises:
        DeclarationError: nothing has to be said, as the stream has the headings of the sample.
    """
    fields = fields_of_columns(stream, found)
    # A member of an object is only found by its path, whatever it is called
    renames = {name: field for name, field in fields.items() if "." in name or letters_of(name) != letters_of(field)}
    unread = [name for name in found.kinds if name not in fields]
    formats = list(_formats(stream, found.forms, fields))
    words = list(_words(found, fields))
    if not renames and not formats and not any(parts.values()):
        raise DeclarationError(
            f"{stream.source}/{stream.name} ships, and reads the headings of this sample as they are: "
            f"nothing has to be declared. Put the files into inbox/{stream.source}/{stream.name}/."
        )
    lines = [
        f"  # Drafted from a sample. Correct it, then run `cdp source check {stream.source}/{stream.name}`.",
        f"  {stream.name}:",
        *(line for name, said in parts.items() if said for line in part_lines(name, said)),
        *(["    renames:  # the vendor's name: the field"] if renames else []),
        *(f"      {yaml_text(name)}: {field}" for name, field in renames.items()),
        *(["    values:  # the vendor's word: the one that is meant"] if words else []),
        *words,
        *formats,
        *([f"    # kept in _extra and not read: {', '.join(map(yaml_text, unread))}"] if unread else []),
    ]
    return "\n".join([*lines, ""])


def fields_of_columns(stream: Stream, found: Inferred) -> dict[str, str]:
    """Return which field of a stream that ships each column of a sample is; the first column counts.

    Args:
        stream: the stream as it ships.
        found: what the sample says of key, cursor and parts of a person.

    Returns:
        The field by column, for those that are known.
    """
    known: dict[str, str] = {}
    for name, field in _matches(stream, found):
        if field not in known.values():
            known.setdefault(name, field)
    return {name: known[name] for name in found.kinds if name in known}


def _matches(stream: Stream, found: Inferred) -> Iterator[tuple[str, str]]:
    by_letters = {letters_of(field.name): field.name for field in stream.fields}
    staged = {field.staged_name: field.name for field in stream.fields if field.staged_name}
    given = {letters_of(name) for name in found.kinds}
    # Without its key and cursor no file lands; another column of the same letters would take the place of one
    needed = list(zip(found.key, stream.key, strict=True)) if len(stream.key) == len(found.key) else []
    needed += [(found.cursor, stream.cursor)] if found.cursor and stream.cursor else []
    plain = [name for name in found.kinds if _is_plain(name)]
    yield from ((name, field) for name, field in needed if letters_of(field) not in given)
    yield from ((name, by_letters[letters_of(name)]) for name in plain if letters_of(name) in by_letters)
    yield from _inside(stream, found)
    for meaning, names in found.meanings.items():
        yield from ((name, staged[column]) for name in names if (column := _column(name, meaning)) in staged)
    facts = (("created_at", found.created_at), ("is_deleted", found.deleted[0] if found.deleted else None))
    yield from ((name, staged[column]) for column, name in facts if name and column in staged)
    columns = {letters_of(column): field for column, field in staged.items()}
    yield from ((name, columns[letters_of(name)]) for name in plain if letters_of(name) in columns)


def _is_plain(name: str) -> bool:
    """Return whether a column stands by itself, or in an object whose name says nothing: `billing.state` is another."""
    return set(members_of(name)[:-1]) <= _WRAPPERS


def _inside(stream: Stream, found: Inferred) -> Iterator[tuple[str, str]]:
    """Yield what of a sample stands inside a document of the stream, or has a meaning there that no heading says."""
    fields = {field.name for field in stream.fields}
    staged = {field.staged_name for field in stream.fields}
    for target, (channel, _, _) in _CONSENTS.items():
        stated = (name for name, of_channel, _, _ in found.consents if of_channel == channel)
        yield from ((name, target) for name in stated if target.partition(".")[0] in fields)
    money = found.interaction.money if found.interaction else None
    if money and "total_price" in fields:
        yield money.amount, "total_price"
        yield from ((money.uncounted[0], "financial_status") for _ in [money.uncounted] if money.uncounted)
    if "customer" in fields:
        yield from ((name, "customer.id") for name in found.kinds if letters_of(name) in _CUSTOMER_IDS)
    address = next((name for name in _ADDRESSES if name in fields and name not in found.kinds), None)
    if address and not any(name.startswith(f"{address}.") for name in found.kinds):
        for meaning, member in _MEMBERS.items():
            names = found.meanings.get(meaning, ()) if meaning not in staged else ()
            yield from ((name, f"{address}.{member}") for name in names[:1])


def _words(found: Inferred, fields: Mapping[str, str]) -> Iterator[str]:
    """Yield what the words of the sample stand for, where the fields of the stream have others."""
    said = {name: (granted, refused) for name, _, granted, refused in found.consents}
    for name, field in fields.items():
        if field in _CONSENTS and name in said:
            meant = dict(zip(_CONSENTS[field][1:], said[name], strict=True))
            words = {
                word: plain
                for plain, written in meant.items()
                for word in written
                if word != plain and word not in _PLAIN_WORDS.get(plain, ())
            }
            if words:
                yield f"      {field}: {{{', '.join(f'{yaml_text(word)}: {plain}' for word, plain in words.items())}}}"
        if field == "customer.id":
            yield "      customer.id: {0: null}  # a guest"


def _column(name: str, meaning: str) -> str:
    """Return the column of staging in which an attribute of a person stands."""
    column = meaning.removesuffix("s") if meaning in ("emails", "phones", "loyalty_numbers") else meaning
    return f"mobile_{column}" if column == "phone" and _MOBILE.fullmatch(letters_of(name)) else column


def _formats(stream: Stream, forms: Mapping[str, InferredForm], fields: Mapping[str, str]) -> Iterator[str]:
    """Yield how the fields are written whose values are not of the usual form."""
    kinds = {field.name: field for field in stream.fields}
    written = {
        fields[name]: form
        for name, form in forms.items()
        if fields.get(name) in kinds and _fits(kinds[fields[name]], form)
    }
    if written:
        yield "    fields:"
    for field, form in written.items():
        words = ", ".join(f"{word}: {yaml_text(value)}" for word, value in form.words.items())
        yield f"      {field}: {{{words}}}"


def _fits(field: Field, form: InferredForm) -> bool:
    """Return whether a field may be written in the form that was found."""
    is_time = field.type in ("date", "timestamp")
    return bool(form.words) and ("format" in form.words) == is_time and field.type in ("date", "timestamp", "decimal")
