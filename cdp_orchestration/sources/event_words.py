"""The words of an event, as the macro ``event_word`` makes them of what a source delivers, in any alphabet."""

import re
import unicodedata
from collections.abc import Iterable

_KEPT = "LNM"  # letters, digits, and the marks that letters bear


def event_word(text: str) -> str:
    """Return a text as the word of an event: small letters and digits, and an underscore for any other signs.

    Args:
        text: a value, or a part of what a declaration calls an event.

    Returns:
        The word; empty where the text has neither letters nor digits.
    """
    # Sign by sign, as DuckDB does: a last sigma is no other letter, and the dot of a Turkish I no sign of its own.
    small = "".join(each.lower()[0] for each in unicodedata.normalize("NFC", text))
    plain = "".join(each if unicodedata.category(each)[0] in _KEPT else "_" for each in small)
    return re.sub("_+", "_", plain).strip("_")


def event_words(event: str, field_count: int) -> str:
    """Return what a row of a taxonomy calls an event, as the models write it.

    Args:
        event: its words, with dots between those of several fields.
        field_count: how many fields name an event; a dot belongs to the word where one does.

    Returns:
        The words with dots between them.
    """
    parts = event.split(".") if field_count > 1 else [event]
    return ".".join(map(event_word, parts))


def refuse_doubtful_events(events: Iterable[str], field_count: int) -> None:
    """Refuse two names of one event, of which one row of a taxonomy would count, and a name that no value can have.

    Args:
        events: the names, but for that of any other event.
        field_count: how many fields name an event.

    Raises:
        ValueError: with the names.
    """
    known: dict[str, str] = {}
    for event in events:
        words = event_words(event, field_count)
        if not words.strip("."):
            raise ValueError(f"taxonomy names event {event!r}; expected letters or digits in it")
        if (other := known.setdefault(words, event)) != event:
            raise ValueError(f"taxonomy has {other!r} and {event!r}, which are one event; expected one row for it")
