"""Greek in Latin letters as Greeks write it: pairs of letters that are one sound (ELOT 743)."""

import re
import unicodedata

_GREEK = re.compile(r"[\u0370-\u03ff\u1f00-\u1fff]")
_ACCENTS = re.compile(r"[\u0300\u0301\u0342\u0313\u0314\u0345]")

# ypsilon after alpha, epsilon or eta is v before a vowel or a voiced consonant, and f elsewhere
_PAIRS = (
    (re.compile("ου"), "ou"),
    (re.compile("([αεη])υ(?=[αεηιουωβγδζλμνρ])"), r"\1v"),
    (re.compile("([αεη])υ"), r"\1f"),
    (re.compile("γγ"), "ng"),
    (re.compile("γξ"), "nx"),
    (re.compile("γχ"), "nch"),
    (re.compile(r"\bμπ"), "b"),
)


def with_latin_pairs(value: str) -> str:
    """The text with its Greek pairs of letters in Latin letters; a text without Greek letters is unchanged."""
    if not _GREEK.search(value):
        return value
    text = _ACCENTS.sub("", unicodedata.normalize("NFD", value.lower()))
    for pair, latin in _PAIRS:
        text = pair.sub(latin, text)
    return unicodedata.normalize("NFC", text)
