"""What a sample says of its stream: the kind of each field, key, cursor, and what a row is. Guesses, by rule."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from cdp_orchestration.sources.drafting.consent_inference import Consent, consents_of
from cdp_orchestration.sources.drafting.form_inference import InferredForm, form_with_time, forms_of
from cdp_orchestration.sources.drafting.interaction_inference import InferredInteraction, infer_interaction
from cdp_orchestration.sources.drafting.person_inference import meanings_of
from cdp_orchestration.sources.drafting.samples import Sample, SampleError, filled, letters_of
from cdp_orchestration.sources.field import LANDED_COLUMNS
from cdp_orchestration.sources.mappings import is_plain_text

_CREATED = (
    r".*(created|creation|signup|signedup|registered|registration|joined|enrolled|optin|(member|customer)since|dateadded|"
    r"angelegt|erstellt|eintritt|inscription|fechadealta).*|erdat"
)
_CHANGED = r".*(updated?|modified|modification|changed|modstamp|anderung|geandert|modifi|lastseen|received).*|aedat"
# How a source shows that a row was deleted: by a flag, by the time of it, by a word among those of a state.
_DELETED = r"(is)?(deleted|archived|removed|geloscht|supprime|eliminado)(at|on|date|time|flag)?|dateremoved|loevm"
_STATES = r".*(status|state)"
_DELETED_WORDS = {"deleted", "removed", "erased"}
# Of companies, by the word for the rows and by a heading.
_COMPANIES = r"compan(y|ies)|organi[sz]ations?|firm(en|a)?|suppliers?"
_COMPANY_NAME = (
    rf"({_COMPANIES})(name)?|(account|business|legal|trade|trading|unternehmens)name|unternehmen|raisonsociale"
)
_OF_PEOPLE = {"given_name", "family_name", "date_of_birth", "loyalty_numbers"}
# An id under whatever heading: a word with a digit in it.
_ID = re.compile(r"[\w-]*\d[\w-]*")
_FLAGS = {"true", "false", "1", "0", "yes", "no", "y", "n", "t", "f"}


@dataclass(frozen=True)
class Inferred:
    """What is known of a stream: ``kinds`` by column, and for a person ``meanings`` from attribute to columns.

    ``interaction`` is what somebody did by a row: the person of the same row, where it names one. ``consents`` has
    field, channel, granting and refusing values of each statement of consent. ``left_out_count`` counts columns that
    no field can be called by. ``forms`` has how values are written, ``deleted`` the column that shows deletions, with
    the values that say so, or none where it is filled then.
    """

    kinds: dict[str, str]
    key: tuple[str, ...]
    cursor: str | None
    meanings: dict[str, tuple[str, ...]] = field(default_factory=dict)
    created_at: str | None = None
    consents: tuple[Consent, ...] = ()
    interaction: InferredInteraction | None = None
    left_out_count: int = 0
    forms: dict[str, InferredForm] = field(default_factory=dict)
    deleted: tuple[str, tuple[str, ...]] | None = None

    @property
    def is_person(self) -> bool:
        """Whether a row has what is known of people alone: a mailbox, a phone, the number of a card, or both names."""
        has_names = {"given_name", "family_name"} <= self.meanings.keys()
        return bool({"emails", "phones", "loyalty_numbers"} & self.meanings.keys()) or has_names

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


def infer(sample: Sample, stream: str = "") -> Inferred:
    """Return what the names and values of a sample say.

    Args:
        sample: some rows of the stream.
        stream: the word for the stream, such as orders, which says what its rows are.

    Returns:
        The guesses; the key is empty where no column is filled and unique.
    """
    sample, left_out_count = _declarable(sample)
    meanings = _meanings(sample, stream)
    of_column = {column: meaning for meaning, columns in meanings.items() for column in columns}
    forms = forms_of(sample, of_column)
    kinds = {name: form.kind for name, form in forms.items()}
    # A birthday without a year, or with two digits of it, is no date of birth
    meanings = {
        meaning: columns
        for meaning, columns in meanings.items()
        if meaning != "date_of_birth" or kinds[columns[0]] == "date_of_birth"
    }
    # A day of such a kind is the time at which it began: cursors are times
    kinds |= {name: "timestamp" for name, kind in kinds.items() if kind == "date" and _is_moment(name)}
    deleted = _deleted(sample, kinds)
    kinds |= {deleted[0]: "boolean"} if deleted and deleted[1] == ("true",) else {}
    times = [name for name, kind in kinds.items() if kind == "timestamp"]
    times.sort(key=lambda name: not letters_of(name).endswith(("gmt", "utc")))  # the other one is by a clock unsaid
    created = next((name for name in times if re.fullmatch(_CREATED, letters_of(name))), None)
    key = _key(sample, kinds, meanings.get("emails", ()), stream)
    interaction = infer_interaction(sample, kinds, key, meanings, stream)
    kinds |= interaction.kinds if interaction else {}
    if interaction and (joined := form_with_time(sample, interaction.occurred_at, forms[interaction.occurred_at])):
        forms[interaction.occurred_at] = replace(
            joined, words=joined.words | {"time_in": declared_field(joined.words["time_in"])}
        )
    if interaction and interaction.answer.score and (survey := interaction.answer.survey):
        forms[interaction.answer.score] = InferredForm("score", {"survey": declared_field(survey)})
    return Inferred(
        kinds,
        key,
        _cursor(times),
        meanings,
        created,
        tuple(consents_of(sample)),
        interaction,
        left_out_count,
        forms=forms,
        deleted=deleted,
    )


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


def _key(sample: Sample, kinds: Mapping[str, str], emails: Sequence[str], stream: str) -> tuple[str, ...]:
    """Return one id that is filled and unique, else a mailbox, else ids, times and words until no rows share them.

    Where no heading speaks of an id, the first column is one if its values look like ids.
    """
    whole = [name for name, values in sample.columns.items() if all(values)]
    ids = [name for name in whole if kinds[name] == "identifier"]
    first = [name for name in list(sample.columns)[:1] if kinds[name] == "text" and _are_ids(sample.columns[name])]
    unique = [name for name in (*ids, *(first if not ids else ()), *emails) if name in whole]
    unique = [name for name in unique if _is_unique(sample, [name])]
    if unique:
        named = letters_of(stream)[:-1]  # without the s of several
        is_named = {name: bool(named) and letters_of(name).startswith(named) for name in unique}
        return (min(unique, key=lambda name: (letters_of(name) != "id", not is_named[name])),)
    times = [name for name in whole if kinds[name] == "timestamp"]
    words = [name for name in whole if kinds[name] == "text"]
    chosen: list[str] = []
    for name in (*ids, *times, *words):
        chosen.append(name)
        if _is_unique(sample, chosen):
            return tuple(chosen)
    return ()


def _are_ids(values: Sequence[str | None]) -> bool:
    """Return whether values look like ids; the numbers of the lines of a file are none."""
    is_counted = any(list(values) == [str(number + start) for number in range(len(values))] for start in (0, 1))
    return not is_counted and all(value and _ID.fullmatch(value) for value in values)


def _meanings(sample: Sample, stream: str) -> dict[str, tuple[str, ...]]:
    """Return what a sample says of a person; nothing where its rows are companies.

    They are where they are called so, and have nothing that only a person has.
    """
    meanings = meanings_of(sample)
    if meanings.keys() & _OF_PEOPLE:
        return meanings
    if re.fullmatch(_COMPANIES, letters_of(stream)):
        return {}
    has_company = any(re.fullmatch(_COMPANY_NAME, letters_of(name)) for name in sample.columns)
    return {} if has_company and not meanings.keys() & {"emails", "full_name"} else meanings


def _is_unique(sample: Sample, names: Sequence[str]) -> bool:
    rows = list(zip(*(sample.columns[name] for name in names), strict=True))
    return len(set(rows)) == len(rows)


def _cursor(times: Sequence[str]) -> str | None:
    """Return the time at which a row last changed; none where one of several may be, as no other may be later."""
    changed = next(filter(is_time_of_change, times), None)
    return changed or (times[0] if len(times) == 1 else None)


def is_time_of_change(name: str) -> bool:
    """Return whether a heading is of the time at which a row last changed."""
    return bool(re.fullmatch(_CHANGED, letters_of(name)))


def _is_moment(name: str) -> bool:
    return is_time_of_change(name) or bool(re.fullmatch(_CREATED, letters_of(name)))


def _deleted(sample: Sample, kinds: Mapping[str, str]) -> tuple[str, tuple[str, ...]] | None:
    """Return the column that shows deletions with the values that say so; without any, one that is filled."""
    for name, values in sample.columns.items():
        said, letters = {value.lower() for value in filled(values)}, letters_of(name)
        if re.fullmatch(_DELETED, letters) and said and said <= _FLAGS:
            return name, ("true",)
        if re.fullmatch(_DELETED, letters) and (kinds[name] in ("timestamp", "date") or said <= {"x"}):
            return name, ()
        if re.fullmatch(_STATES, letters) and said & _DELETED_WORDS:
            return name, tuple(sorted(said & _DELETED_WORDS))
    return None
