"""Values as plain text: whatever a customer, a file or a user wrote is shown, and never obeyed by the terminal.

Every value that a command prints passes through here: cells and titles of tables, facts, errors, paths, model names.
"""

import json
import unicodedata
from datetime import date

from rich.text import Text

# Control characters, invisible and direction-changing ones, halves of characters, separators of lines, no characters
_ESCAPED_CATEGORIES = frozenset({"Cc", "Cf", "Cs", "Cn", "Zl", "Zp"})
# Letters and marks by their category, but without any shape of their own
_INVISIBLE = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0")


def plain(value: object) -> str:
    r"""Return a value as one line of visible characters.

    Args:
        value: anything; None becomes the empty string, a list its elements with commas between them.

    Returns:
        The text, in which each character that a terminal would obey or hide is written as its escape sequence, such as
        ``\x1b`` or ``\u202e``.
    """
    if value is None:
        return ""
    shown = ", ".join(map(str, value)) if isinstance(value, list) else str(value)
    if shown.isascii() and shown.isprintable():
        return shown
    return "".join(_escaped(character) if _is_escaped(character) else character for character in shown)


def text(value: object, style: str = "") -> Text:
    """Return a value as text for Rich: brackets in it are brackets, and no markup, link or emoji code is read."""
    return Text(plain(value), style=style)


def json_text(value: object) -> str:
    r"""Return a value as JSON that is safe to print.

    Args:
        value: lists, dictionaries and plain values; times and days become ISO 8601, decimals and the like strings.

    Returns:
        Indented JSON. Letters of every alphabet stay readable; what `plain` escapes is escaped as ``\uXXXX``, which a
        parser reads back as the same character.
    """
    written = json.dumps(value, default=_as_string, ensure_ascii=False, indent=2)
    return "".join(json.dumps(c)[1:-1] if c != "\n" and _is_escaped(c) else c for c in written)


def _as_string(value: object) -> str:
    return value.isoformat() if isinstance(value, date) else str(value)


def _is_escaped(character: str) -> bool:
    return unicodedata.category(character) in _ESCAPED_CATEGORIES or character in _INVISIBLE


def _escaped(character: str) -> str:
    return character.encode("unicode_escape").decode("ascii")
