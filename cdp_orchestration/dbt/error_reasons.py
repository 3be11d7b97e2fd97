"""Why a model or a test could not be computed, in words that hold no customer's value.

The engine's own text quotes the value that it could not convert, and a Python model's text may quote anything. So the
reason is made of the parts that cannot hold a value: the kind of the error, types, and names of columns.
"""

import re

from cdp_orchestration.home.damage import damage_in

_ABOUT_NAMES = ("Binder Error", "Catalog Error", "Parser Error")
_KIND = re.compile(
    r"^\s*((?:Binder|Catalog|Parser|Conversion|Invalid Input|Out of Range|Out of Memory|Constraint|IO|Internal"
    r"|Dependency|Not implemented|Sequence|Serialization|Transaction) Error):",
    re.MULTILINE,
)
_TYPE = (
    r"(U?(?:TINY|SMALL|BIG|HUGE)?INT(?:EGER)?\d*|DECIMAL\(\d+,\s?\d+\)|DOUBLE|FLOAT|BOOL(?:EAN)?|DATE|TIME|TIMESTAMP)"
)
_FORMS: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(rf"Could not convert string .* to {_TYPE}(?!\w)", re.DOTALL), "a text cannot be converted to {}"),
    (re.compile(rf"Casting value .* to type {_TYPE}(?!\w)", re.DOTALL), "a number is too large for {}"),
    (re.compile(rf"out of range for the destination type {_TYPE}(?!\w)"), "a number is too large for {}"),
    (re.compile(r"invalid (date|timestamp|time) field format"), "a text cannot be converted to {}"),
    (re.compile(r"Malformed JSON"), "a text is not valid JSON"),
    (re.compile(r"Overflow in (addition|subtraction|multiplication)"), "the result of a calculation ({}) is too large"),
    (re.compile(r"Could not parse string"), "a text does not have the expected date format"),
    (re.compile(r"NOT NULL constraint failed: ([\w.]+)"), "{} is empty in at least one row"),
    (re.compile(r"PRIMARY KEY or UNIQUE constraint violation"), "a key is repeated"),
    (re.compile(r"More than one row returned by a subquery"), "a subquery returned several rows for one"),
)
_COLUMN = re.compile(r"when casting from source column (\w+)\s*\Z")
_EXCEPTION = re.compile(r"^\s*((?:\w+\.)*\w+(?:Error|Exception|Invalid|Interrupt))(?::|\s*$)", re.MULTILINE)


def reason_without_values(message: str) -> str:
    """Return why a node failed, without any value that the message may quote.

    Args:
        message: dbt's message of the failed node, with the engine's text or a Python traceback in it.

    Returns:
        One line, such as ``Conversion Error: a text cannot be converted to DATE, from column birthdate``.
    """
    if damage := damage_in(message):
        return damage
    if "Traceback (most recent call last)" in message:
        names = _EXCEPTION.findall(message)
        return f"{names[-1] if names else 'an exception'} in the model's Python code"
    if message.startswith("Compilation Error"):
        return " ".join(message.split())  # about the project's own code and columns
    kind = _KIND.search(message)
    if kind is None:
        return "an error without a known kind"
    text = message[kind.start(1) :].partition("\nLINE ")[0].rstrip()
    if kind[1] in _ABOUT_NAMES:
        return " ".join(text.partition("\n")[0].split())
    column = _COLUMN.search(text) if kind[1] == "Conversion Error" else None
    return f"{kind[1]}: {_form(text)}" + (f", from column {column[1]}" if column else "")


def _form(text: str) -> str:
    for pattern, words in _FORMS:
        found = pattern.search(text)
        if found:
            return words.format(*found.groups())
    return "the engine refused a value"
