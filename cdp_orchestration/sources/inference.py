"""What a sample says of its stream: the kind of each field, key, cursor, and what a row is. Guesses, by rule."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from cdp_orchestration.sources.interaction_inference import InferredInteraction, infer_interaction
from cdp_orchestration.sources.mappings import is_plain_text
from cdp_orchestration.sources.samples import Sample, SampleError, filled, letters_of
from cdp_orchestration.sources.stream import LANDED_COLUMNS

_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
_TIME = re.compile(r"\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}.*")
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
_NUMBER = re.compile(r"[+-]?\d+(\.\d+)?")
_PHONE = re.compile(r"[+(]?[\d][\d\s()./-]{5,}")
_LISTS = re.compile(r"\[.*\]", re.DOTALL)
_BOOLEANS = {"true", "false"}
_GRANTS = {"subscribed", "granted", "opted_in", "opted-in", "yes", "true", "enabled"}
_REFUSALS = {"unsubscribed", "refused", "opted_out", "opted-out", "no", "false", "cleaned", "withdrawn"}

# What a heading means, by its letters alone; the first that fits counts.
_MEANINGS: tuple[tuple[str, str], ...] = (
    ("given_name", r"(first|given|fore)name|fname|vorname|prenom"),
    ("family_name", r"(last|family|sur)name|lname|nachname|nomdefamille"),
    ("middle_name", r"middlename|mname"),
    ("full_name", r"(full|contact|customer|member|person)?name|displayname"),
    ("date_of_birth", r"birth(day|date)?|dateofbirth|dob|geburts(tag|datum)"),
    ("emails", r".*e?mail(address)?"),
    ("phones", r".*(phone|mobile|telephone|telefon|cellphone)(number)?"),
    ("address_line", r"(street|address|mailing)?(line)?1?(street|address|addressline1?)|strasse|street"),
    ("postcode", r".*(postcode|postalcode|zipcode|zip|plz)"),
    ("city", r".*(city|town|ort)"),
    ("region", r".*(region|state|province|county)"),
    ("country", r".*country(code)?"),
    ("preferred_language", r"(preferred)?(language|locale|lang)"),
    ("loyalty_numbers", r"loyalty(card)?(number|no|id)"),
    ("shop_customer_ids", r"(shop|shopify|store)customer(id|number)"),
)
_KEY = re.compile(r"(.*[^A-Za-z])?(?i:id|key|number|no|nr|uuid|guid)\.?|.*[a-z](Id|ID|Key|Number|No)")
_LONG_CHARACTERS = 500  # a longer text is what somebody wrote, or an address
_CURSORS = (
    "updated", "modified", "changed", "modstamp", "lastseen", "timestamp", "received", "occurred", "created", "date",
)  # fmt: skip
_CREATED = r".*(created|signup|registered|joined|enrolled|optin).*"
_CONSENTS = (
    ("email", r".*(mail).*(optin|consent|subscribed|marketing|permission)|(optin|consent).*mail.*|newsletter|.*status"),
    ("sms", r".*sms.*(optin|consent)|(optin|consent).*sms.*"),
    ("call", r".*(call|phone).*(optin|consent)"),
)


@dataclass(frozen=True)
class Inferred:
    """What is known of a stream: ``kinds`` by column, and for a person ``meanings`` from attribute to columns.

    ``interaction`` is what somebody did by a row: the person of the same row, where it names one. ``consents`` has
    field, channel, granting and refusing values of each statement of consent. ``left_out_count`` counts columns that
    no field can be called by.
    """

    kinds: dict[str, str]
    key: tuple[str, ...]
    cursor: str | None
    meanings: dict[str, tuple[str, ...]] = field(default_factory=dict)
    created_at: str | None = None
    consents: tuple[tuple[str, str, tuple[str, ...], tuple[str, ...]], ...] = ()
    interaction: InferredInteraction | None = None
    left_out_count: int = 0

    @property
    def is_person(self) -> bool:
        """Whether a row has what is known of people alone: a mailbox, a phone, or both names."""
        has_names = {"given_name", "family_name"} <= self.meanings.keys()
        return bool({"emails", "phones"} & self.meanings.keys()) or has_names

    def corrected(self, *, key: Sequence[str], cursor: str, is_person: bool, is_interaction: bool = True) -> "Inferred":
        """Return these guesses as a person corrects them.

        Args:
            key: the columns that name a row.
            cursor: the column by which the newest version is found, empty for none.
            is_person: whether a row is a person.
            is_interaction: whether a row is what somebody did, where that was guessed.

        Returns:
            The corrected guesses.

        Raises:
            SampleError: a column is not one of the sample.
        """
        for name in (*key, *([cursor] if cursor else [])):
            if name not in self.kinds:
                raise SampleError(f"{name} is no column of the sample; expected one of {', '.join(self.kinds)}.")
        kinds = {**self.kinds, **({cursor: "timestamp"} if cursor else {})}
        meanings = self.meanings if is_person else {}
        interaction = self.interaction if is_interaction else None
        return replace(
            self, key=tuple(key), cursor=cursor or None, kinds=kinds, meanings=meanings, interaction=interaction
        )


def infer(sample: Sample) -> Inferred:
    """Return what the names and values of a sample say.

    Args:
        sample: some rows of the stream.

    Returns:
        The guesses; the key is empty where no column is filled and unique.
    """
    sample, left_out_count = _declarable(sample)
    meanings = _meanings(sample)
    of_column = {column: meaning for meaning, columns in meanings.items() for column in columns}
    kinds = {name: _kind(name, values, of_column.get(name)) for name, values in sample.columns.items()}
    times = [name for name, kind in kinds.items() if kind == "timestamp"]
    created = next((name for name in times if re.fullmatch(_CREATED, letters_of(name))), None)
    key = _key(sample, kinds)
    interaction = infer_interaction(sample, kinds, key)
    kinds |= interaction.kinds if interaction else {}
    consents = tuple(_consents(sample))
    return Inferred(kinds, key, _cursor(times), meanings, created, consents, interaction, left_out_count)


def _declarable(sample: Sample) -> tuple[Sample, int]:
    """Return the columns that can be fields, the first of those that would be one, and the number of the others."""
    known: dict[str, str] = {}
    for name in sample.columns:
        field_name = declared_field(name).lower()
        if is_plain_text(name) and field_name not in LANDED_COLUMNS:
            known.setdefault(field_name, name)
    kept = {name: sample.columns[name] for name in known.values()}
    return Sample(kept), len(sample.columns) - len(kept)


def declared_field(name: str) -> str:
    """Return the declared name of a column; that of a member of an object has underscores for its dots."""
    return name.replace(".", "_")


def _meanings(sample: Sample) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for name, values in sample.columns.items():
        letters, given = letters_of(name), filled(values)
        meaning = next((meaning for meaning, form in _MEANINGS if re.fullmatch(form, letters)), None)
        if meaning == "emails" and not _mostly(given, _EMAIL):
            meaning = None
        if meaning == "phones" and not _mostly(given, _PHONE):
            meaning = None
        if meaning and (meaning.endswith("s") or meaning not in found):
            found[meaning] = (*found.get(meaning, ()), name)
    if found.keys() & {"given_name", "family_name"}:
        found.pop("full_name", None)
    return found


def _kind(name: str, values: Iterable[str | None], meaning: str | None) -> str:
    given = filled(values)
    of_meaning = {"date_of_birth": "date_of_birth", "phones": "digits", "postcode": "digits"}.get(meaning or "")
    if of_meaning or not given:
        return of_meaning or "text"
    is_amount = re.fullmatch(r".*(amount|total|price|revenue|sum)", letters_of(name)) is not None
    rules = (
        ("timestamp", _mostly(given, _TIME, share=1)),
        ("date", _mostly(given, _DATE, share=1)),
        ("boolean", {value.lower() for value in given} <= _BOOLEANS),
        ("identifier", _KEY.fullmatch(name.rsplit(".", 1)[-1]) is not None),
        ("signed_amount", is_amount and _mostly(given, _NUMBER, share=1)),
        ("long_text", _mostly(given, _LISTS, share=1) or max(map(len, given)) > _LONG_CHARACTERS),
    )
    return next((kind for kind, is_so in rules if is_so), "text")


def _key(sample: Sample, kinds: Mapping[str, str]) -> tuple[str, ...]:
    """Return one id that is filled and unique, else ids with times and words until no two rows share them."""
    whole = [name for name, values in sample.columns.items() if all(values)]
    ids = [name for name in whole if kinds[name] == "identifier"]
    unique = [name for name in ids if _is_unique(sample, [name])]
    if unique:
        return (min(unique, key=lambda name: (letters_of(name) != "id", len(name))),)
    times = [name for name in whole if kinds[name] == "timestamp"]
    words = [name for name in whole if kinds[name] == "text"]
    chosen: list[str] = []
    for name in (*ids, *times, *words):
        chosen.append(name)
        if _is_unique(sample, chosen):
            return tuple(chosen)
    return ()


def _is_unique(sample: Sample, names: Sequence[str]) -> bool:
    rows = list(zip(*(sample.columns[name] for name in names), strict=True))
    return len(set(rows)) == len(rows)


def _cursor(times: list[str]) -> str | None:
    return next((name for word in _CURSORS for name in times if word in letters_of(name)), times[0] if times else None)


def _consents(sample: Sample) -> Iterable[tuple[str, str, tuple[str, ...], tuple[str, ...]]]:
    for name, values in sample.columns.items():
        said = {value.lower() for value in filled(values)}
        granted, refused = sorted(said & _GRANTS), sorted(said & _REFUSALS)
        channel = next((channel for channel, form in _CONSENTS if re.fullmatch(form, letters_of(name))), None)
        if channel and granted:
            yield name, channel, tuple(granted), tuple(refused)


def _mostly(values: list[str], form: re.Pattern[str], share: float = 0.8) -> bool:
    return bool(values) and sum(bool(form.fullmatch(value)) for value in values) >= share * len(values)
