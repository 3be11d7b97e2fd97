"""What values say of their field: its kind, and the format in which days, times and numbers are written."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from cdp_orchestration.sources.drafting.samples import Sample, filled, letters_of, members_of
from cdp_orchestration.sources.formats import EPOCHS, pattern_of

_ISO_TIME = re.compile(r"\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(:\d{2}([.,]\d+)?)?( ?(Z|UTC)|[+-]\d{2}(:?\d{2})?)?")
_ISO_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
_NUMBER = re.compile(r"[+-]?(0|[1-9]\d*)(\.\d+)?")
_NUMBERS_BY_SIGN = {
    ",": re.compile(r"[+-]?(?!0\d)\d{1,3}(?:[. ]?\d{3})*,\d+ ?€?"),
    ".": re.compile(r"[+-]?[$£€]?(?!0\d)\d{1,3}(?:,?\d{3})*(?:\.\d+)?"),
}
_LISTS = re.compile(r"\[.*\]", re.DOTALL)
_BOOLEANS = {"true", "false"}
_AMOUNTS = re.compile(
    r".*(amount|total|price|revenue|sum|cost|fee|sales|spen[dt]|paid|gross|value|charge|tax|refund|balance|betrag|summe|"
    r"preis|umsatz|brutto|netto|montant|prix|importe|precio|prezzo).*|net|tip|.*discounts?"
)
_TIMES = re.compile(r".*(time|date|timestamp|ts|created|updated|modified|changed|since|at|on|datum|zeit)")
_KEY = re.compile(
    r"(.*[^A-Za-z])?(?i:id|ids|sid|key|number|no|uuid|guid|numero|kennung)\.?|.*[a-z](Id|ID|Key|Number|No|Nr)|"
    r"(?i:.*(nummer|number|n[°º]|[^aeiou]nr)\.?|.*#|(n[°º]|#|№).*)"
)
_KEY_IN_SMALL_LETTERS = re.compile(
    r"(contact|customer|client|person|member|user|subscriber|guest|order|account|owner|product|ticket|transaction|invoice|"
    r"payment|booking|store|shop|campaign|lead|profile|event|session|visitor|record|object|entity|company|item|message|"
    r"response|card|loyalty)id|codigo"
)
_UUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_KINDS_OF_MEANING = {"phones": "digits", "postcode": "digits"}
_LONG_CHARACTERS = 500  # a longer text is what somebody wrote, or an address
_OF_TIME = ("", " %H:%M", " %H:%M:%S", " %I:%M %p", " %I:%M:%S %p", ", %H:%M", ", %H:%M:%S")
# How days are written; of two that differ in the place of the month the values have to decide.
_DAYS = (
    "%d.%m.%Y", "%d/%m/%Y", "%m/%d/%Y", "%d-%m-%Y", "%m-%d-%Y", "%Y/%m/%d", "%d-%b-%Y", "%d %b %Y", "%b %d, %Y",
    "%d.%m.%y", "%d/%m/%y", "%m/%d/%y", "%d-%b-%y",
)  # fmt: skip
_FORMATS = (
    *(day + time for day in _DAYS for time in _OF_TIME),
    *("%Y-%m-%d" + time for time in (" %I:%M %p", " %I:%M:%S %p", " %H:%M %z", " %H:%M:%S %z")),
)
_COMPACT = "%Y%m%d"  # eight digits: a number too, unless each is a day of these years
_COMPACT_YEARS = range(1900, 2101)
_CLOCK = re.compile(r"(?!.*(wait|duration|response|handl|talk)).*(time|zeit|heure|hora|ora|clock)")  # not how long
_ISO_TIMES_OF_DAY = ("%H:%M", "%H:%M:%S")
_TIMES_OF_DAY = (*_ISO_TIMES_OF_DAY, "%I:%M %p", "%I:%M:%S %p")
_MONTHS = 12
_CENTS = "in cents? Then say `divided_by: 100`"
_EPOCH_DIGITS = {10: "epoch_seconds", 13: "epoch_milliseconds", 16: "epoch_microseconds"}


@dataclass(frozen=True)
class InferredForm:
    """The kind of a field, and what else its declaration says of how values are written (``words``).

    ``doubt`` is a question that the values leave open, for a comment.
    """

    kind: str
    words: dict[str, str] = field(default_factory=dict)
    doubt: str | None = None


def forms_of(sample: Sample, meanings: Mapping[str, str]) -> dict[str, InferredForm]:
    """Return what the columns of a sample hold and how they are written.

    Args:
        sample: some rows.
        meanings: what columns are of a person.

    Returns:
        The guesses. Days that may be of two forms are of the one whose order of day and month other columns show.
    """
    found = {name: form_of(name, values, meanings.get(name)) for name, values in sample.columns.items()}
    orders = {order for form in found.values() if (order := _order(form.words.get("format", "")))}
    if len(orders) != 1:
        return found
    (order,) = orders
    return {
        name: form_of(name, values, meanings.get(name), order) if found[name].doubt else found[name]
        for name, values in sample.columns.items()
    }


def form_of(name: str, values: Iterable[str | None], meaning: str | None, order: str | None = None) -> InferredForm:
    """Return what a column holds and how it is written.

    Args:
        name: its heading.
        values: its values.
        meaning: what it is of a person; None where it is nothing of one.
        order: the order of day and month where the values may have either, such as ``dm``.

    Returns:
        The guess; a text where nothing else is certain.
    """
    given = filled(values)
    if meaning in _KINDS_OF_MEANING:
        return InferredForm(_KINDS_OF_MEANING[meaning])
    if not given:
        return InferredForm("date_of_birth" if meaning == "date_of_birth" else "text")
    form = next(_forms(name, given, order), InferredForm("text"))
    is_day = form.doubt is not None or form.kind in ("date", "timestamp")
    has_century = "%y" not in form.words.get("format", "")
    return replace(form, kind="date_of_birth") if meaning == "date_of_birth" and is_day and has_century else form


def form_with_time(sample: Sample, day: str, form: InferredForm) -> InferredForm | None:
    """Return the form of a day whose time stands in a column of its own.

    Args:
        sample: some rows.
        day: the column of the day.
        form: its form.

    Returns:
        The form of both as one text; None where no column has a time beside each day, or more than one.
    """
    days = sample.columns[day]
    if form.kind != "date":
        return None
    found = {
        name: time
        for name, values in sample.columns.items()
        for time in _TIMES_OF_DAY
        if _CLOCK.fullmatch(letters_of(name))
        and all(bool(value) == bool(of) for value, of in zip(values, days, strict=True))
        and all(re.fullmatch(pattern_of(time), value) for value in filled(values))
    }
    written = form.words.get("format", "%Y-%m-%d")
    if len(found) != 1:
        return None
    ((name, time),) = found.items()
    is_iso = written == "%Y-%m-%d" and time in _ISO_TIMES_OF_DAY
    return InferredForm("timestamp", {**({} if is_iso else {"format": f"{written} {time}"}), "time_in": name})


def _forms(name: str, given: Sequence[str], order: str | None) -> Iterator[InferredForm]:
    """Yield what values may be, the most certain first."""
    if all(map(_ISO_TIME.fullmatch, given)):
        yield InferredForm("timestamp")
    if all(map(_ISO_DATE.fullmatch, given)):
        yield InferredForm("date")
    yield from _by_format(given, order)
    if all(map(_is_compact_day, given)):
        yield InferredForm("date", {"format": _COMPACT})
    yield from _by_epoch(name, given)
    if {value.lower() for value in given} <= _BOOLEANS:
        yield InferredForm("boolean")
    if _is_key(name) or all(map(_UUID.fullmatch, given)):
        yield InferredForm("identifier")
    if _AMOUNTS.fullmatch(letters_of(name)):
        yield from _amounts(given)
    if all(map(_LISTS.fullmatch, given)) or max(map(len, given)) > _LONG_CHARACTERS:
        yield InferredForm("long_text")


def _order(form: str) -> str:
    """Return the order of day and month in a format of figures, empty where it has not both."""
    order = "".join(re.findall("%([dm])", form))
    return order if len(order) == len("dm") and form.startswith(("%d", "%m")) else ""


def _by_format(given: Sequence[str], order: str | None) -> Iterator[InferredForm]:
    found = [each for each in _FORMATS if all(re.fullmatch(pattern_of(each), value) for value in given)]
    possible = [each for each in found if all(_month(each, value) <= _MONTHS for value in given)]
    possible = [each for each in possible if _order(each) == order] or possible if len(possible) > 1 else possible
    if len(possible) == 1:
        has_time = "%H" in possible[0] or "%I" in possible[0]
        yield InferredForm("timestamp" if has_time else "date", {"format": possible[0]})
    elif len(possible) > 1:
        either = " or ".join(f'"{each}"' for each in possible)
        yield InferredForm("text", doubt=f"a day? Say `kind: date` or `timestamp` with `format: {either}`")


def _is_key(name: str) -> bool:
    last = members_of(name)[-1]
    return bool(_KEY.fullmatch(last) or _KEY_IN_SMALL_LETTERS.fullmatch(letters_of(name)))


def _is_compact_day(value: str) -> bool:
    try:
        return datetime.strptime(value, _COMPACT).replace(tzinfo=UTC).year in _COMPACT_YEARS and len(value) == 8
    except ValueError:
        return False


def _month(form: str, value: str) -> int:
    """Return the number of the month by a format; 1 where it has a name."""
    places = [part for part in re.findall("%(.)", form) if part in ("d", "m", "Y", "b")]
    return int(re.findall(r"\d+", value)[places.index("m")]) if "m" in places else 1


def _by_epoch(name: str, given: Sequence[str]) -> Iterator[InferredForm]:
    digits = {len(value) for value in given if value.isdigit() and value.isascii()}
    if len(digits) == 1 and all(map(str.isdigit, given)) and _TIMES.fullmatch(letters_of(name)):
        form = _EPOCH_DIGITS.get(digits.pop())
        if form in EPOCHS:
            yield InferredForm("timestamp", {"format": form})


def _amounts(given: Sequence[str]) -> Iterator[InferredForm]:
    if all(map(_NUMBER.fullmatch, given)):
        are_cents = len(given) > 1 and all(len(value) > 2 and "." not in value for value in given)
        yield InferredForm("signed_amount", doubt=_CENTS if are_cents else None)
    for sign, form in _NUMBERS_BY_SIGN.items():
        if all(map(form.fullmatch, given)):
            yield InferredForm("signed_amount", {"decimal": sign})
