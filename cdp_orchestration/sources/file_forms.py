"""How the files of a stream are written, as far as a person has to say it: the rest is found out by landing."""

import codecs
from collections.abc import Mapping
from difflib import get_close_matches
from encodings.aliases import aliases
from typing import Annotated, Any, Self

from pydantic import Field, StringConstraints, field_validator, model_validator

from cdp_orchestration.sources.mappings import Declared, PlainText

UTF_8 = "utf-8"
MAX_SKIPPED_LINES = 10_000
# Without a mark the order of the bytes is what Windows writes.
_MEANT = {"utf-8-sig": UTF_8, "utf-16": "utf-16-le", "utf-32": "utf-32-le"}
# Python counts these among the encodings of text, and no program writes its files in them.
_NO_ENCODINGS = frozenset({"idna", "punycode", "raw-unicode-escape", "undefined", "unicode-escape"})
_SIGNS_OF_CSV = 'id,"name"\r\n1\n'
_TAB = ("\\t", "tab")  # as a person writes it who does not think of YAML's quotes
NO_QUOTE = "none"
_MAX_SEPARATOR_SIGNS = 5
_NULLS = ("NULL", "null", "Null")


class FileForms(Declared):
    """What cannot be seen in a file, or not with certainty. Text in JSON has an encoding, and nothing else of this."""

    encoding: str = Field(
        UTF_8,
        description="Of texts: any encoding that Python knows, such as windows-1252. What a byte order mark says "
        "counts more, and a text that is plainly UTF-8 is read as such.",
    )
    skip_lines: int = Field(
        0, ge=0, le=MAX_SKIPPED_LINES, description="How many lines stand before the header, such as a title."
    )
    columns: tuple[PlainText, ...] = Field((), description="Of files without a header: their columns, in order.")
    separator: Annotated[str, StringConstraints(strip_whitespace=False)] | None = Field(
        None, description='What stands between two values, such as ^, ~|~, or "\\t" for a tab.'
    )
    quote: str | None = Field(
        None, description=f'The sign around a value that has a separator in it, other than "; {NO_QUOTE} where none is.'
    )
    escape: str | None = Field(
        None, description="The sign before one that is meant as itself, such as \\ before a quote, as MySQL writes it."
    )
    no_value: tuple[str, ...] = Field(
        (), description="Words that stand for no value, in every column, such as NULL or -; \\N is one in any case."
    )
    sheet: int | str | None = Field(
        None,
        description="Of a workbook: the name of the sheet, or its number from 1 among those that are shown; without it "
        "the first.",
    )

    @field_validator("encoding")
    @classmethod
    def _known_encoding(cls, value: str) -> str:
        """Keep Python's own name of an encoding, so that two names of one are the same declaration."""
        name = _encoding_of_files(value)
        if name is None:
            near = get_close_matches(value.lower().replace("-", "_"), aliases)
            meant = next((f"; did you mean {each.replace('_', '-')}?" for each in near if _encoding_of_files(each)), "")
            raise ValueError(
                "expected an encoding that Python knows, such as windows-1252 (which Windows calls ANSI), latin-1, "
                f"cp1250, shift_jis or utf-16{meant}"
            )
        return name

    @field_validator("columns", mode="before")
    @classmethod
    def _list_of_names(cls, value: Any) -> Any:
        is_list = isinstance(value, list | tuple)
        if not is_list:
            raise ValueError("expected a list of names, such as [id, email]")
        return value

    @field_validator("columns")
    @classmethod
    def _each_column_once(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        twice = next((name for name in value if value.count(name) > 1), None)
        if twice:
            raise ValueError(f"{twice} stands twice; expected a name of its own for each column")
        return value

    @field_validator("separator")
    @classmethod
    def _between_values(cls, value: str | None) -> str | None:
        signs = "\t" if value in _TAB else value
        if signs is not None and not (1 <= len(signs) <= _MAX_SEPARATOR_SIGNS and all(map(_is_sign, signs))):
            raise ValueError(
                f'expected one sign that is no letter, figure or quotation mark, such as ^, ; or "\\t", or up to '
                f"{_MAX_SEPARATOR_SIGNS} of them, such as ~|~"
            )
        return signs

    @field_validator("quote")
    @classmethod
    def _around_values(cls, value: str | None) -> str | None:
        is_known = value in (None, NO_QUOTE, '"')
        if value is not None and not is_known and not (len(value) == 1 and value.isascii() and _is_sign(value)):
            raise ValueError(f"expected one sign that is no letter or figure, such as ', or {NO_QUOTE}")
        return None if value == '"' else value

    @field_validator("escape")
    @classmethod
    def _before_signs(cls, value: str | None) -> str | None:
        if value is not None and not (len(value) == 1 and value.isascii() and _is_sign(value)):
            raise ValueError("expected one sign that is no letter, figure or quotation mark, such as \\")
        return value

    @field_validator("no_value", mode="before")
    @classmethod
    def _list_of_words(cls, value: Any) -> Any:
        words = value if isinstance(value, list | tuple) else [value]
        # YAML reads the word as none itself, in each of its cases.
        return [word for given in words for word in (_NULLS if given is None else (given,))]

    @model_validator(mode="after")
    def _each_sign_means_one_thing(self) -> Self:
        signs = [each for each in (self.separator, self.quote, self.escape) if each]
        if len(set(signs)) < len(signs):
            raise ValueError("separator, quote and escape are the same sign; expected a sign of its own for each")
        return self

    @property
    def quote_sign(self) -> str:
        """The sign around values, empty where there is none."""
        return "" if self.quote == NO_QUOTE else self.quote or '"'

    @field_validator("sheet", mode="before")
    @classmethod
    def _name_or_number(cls, value: Any) -> Any:
        is_number = isinstance(value, int) and not isinstance(value, bool) and value > 0
        if value is not None and not is_number and not (isinstance(value, str) and value.strip()):
            raise ValueError("expected the name of a sheet, or its number from 1")
        return value

    def problem_with(self, required: tuple[str, ...], renames: Mapping[str, str], fetched_by: str | None) -> str | None:
        """Return why files of this form are none of a stream; None where they may be.

        Args:
            required: its fields that every row has, those of the key and the cursor.
            renames: the vendor's names of fields, and the declared ones.
            fetched_by: the kind of connector that writes the files itself; None where others do.
        """
        named = {renames.get(name, name) for name in self.columns}
        named |= {field for name, field in renames.items() if name.partition(".")[0] in self.columns}
        missing = [name for name in required if name not in named]
        if self.columns and missing:
            return (
                f"files.columns lacks {missing[0]}, which is of the key or the cursor; found {', '.join(self.columns)}"
            )
        if fetched_by and self.encoding != UTF_8:
            return f"files.encoding is of files that others write, and those of {fetched_by} are UTF-8; leave it out"
        return None


USUAL_FORMS = FileForms.model_validate({})
"""Those of a stream whose declaration says nothing of its files."""


def _is_sign(sign: str) -> bool:
    return not sign.isalnum() and sign not in '"\r\n\0'


def _encoding_of_files(given: str) -> str | None:
    """Return Python's name of an encoding; None where no file of values and line ends is written in it."""
    try:
        name = codecs.lookup(given).name
        is_one = name not in _NO_ENCODINGS and _SIGNS_OF_CSV.encode(name).decode(name) == _SIGNS_OF_CSV
    except (LookupError, ValueError):
        return None
    return _MEANT.get(name, name) if is_one else None
