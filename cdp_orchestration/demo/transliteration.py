"""Names of other alphabets in Latin letters, as in passports, and names without accents."""

import unicodedata
from functools import cache

GREEK = {
    "ου": "ou", "ού": "ou", "αυ": "av", "ευ": "ev", "αι": "ai", "ει": "ei", "οι": "oi", "μπ": "b", "γγ": "ng",
    "γκ": "gk", "ντ": "nt", "θ": "th", "χ": "ch", "ψ": "ps", "ξ": "x", "φ": "f", "β": "v", "γ": "g", "δ": "d",
    "ζ": "z", "η": "i", "κ": "k", "λ": "l", "μ": "m", "ν": "n", "π": "p", "ρ": "r", "σ": "s", "ς": "s", "τ": "t",
    "υ": "y", "ω": "o", "α": "a", "ε": "e", "ι": "i", "ο": "o",
}  # fmt: skip
CYRILLIC = {
    "а": "a", "б": "b", "в": "v", "д": "d", "е": "e", "ж": "zh", "з": "z", "й": "y", "к": "k", "л": "l", "м": "m",
    "н": "n", "о": "o", "п": "p", "р": "r", "с": "s", "т": "t", "у": "u", "ф": "f", "ц": "ts", "ч": "ch", "ш": "sh",
    "ю": "yu", "я": "ya", "ь": "", "’": "",
}  # fmt: skip
BULGARIAN = CYRILLIC | {"г": "g", "и": "i", "х": "h", "щ": "sht", "ъ": "a"}
UKRAINIAN = CYRILLIC | {"г": "h", "и": "y", "х": "kh", "щ": "shch", "і": "i", "ї": "yi", "є": "ye", "ґ": "g"}
LETTERS = {"GR": GREEK, "BG": BULGARIAN, "UA": UKRAINIAN}
SPECIAL = str.maketrans({"ß": "ss", "ł": "l", "Ł": "L", "ø": "o", "ı": "i", "’": "'"})
UMLAUTS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss", "Ä": "Ae", "Ö": "Oe", "Ü": "Ue"})


@cache
def in_latin(text: str, code: str) -> str:
    """Write a Greek, Bulgarian or Ukrainian text in Latin letters; other texts are returned unchanged."""
    letters = LETTERS.get(code)
    return " ".join(_word(word, letters) for word in text.split(" ")) if letters else text


def _word(word: str, letters: dict[str, str]) -> str:
    low = unicodedata.normalize("NFC", word.lower())
    if letters is GREEK:
        low = "".join(c for c in unicodedata.normalize("NFD", low) if not unicodedata.combining(c))
    latin, at = "", 0
    while at < len(low):
        width = 2 if low[at : at + 2] in letters else 1
        latin += letters.get(low[at : at + width], low[at : at + width])
        at += width
    return latin.capitalize() if word[:1].isupper() else latin


@cache
def without_accents(text: str) -> str:
    """Remove accents and umlauts (Müller, Muller), as old tills do."""
    plain = unicodedata.normalize("NFD", text.translate(SPECIAL))
    return "".join(c for c in plain if not unicodedata.combining(c))


@cache
def umlauts_spelled(text: str) -> str:
    """Spell German umlauts with an e (Müller, Mueller)."""
    return text.translate(UMLAUTS)


@cache
def mail_letters(text: str, code: str) -> str:
    """Return a name as used in an e-mail address: small Latin letters and digits only."""
    latin = umlauts_spelled(text) if code == "DE" else text
    return "".join(c for c in without_accents(in_latin(latin, code)).lower() if c.isascii() and c.isalnum())
