"""The signs of a delimited text: what stands between values, around them, and before a sign that is meant as itself."""

import csv
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc

from cdp_orchestration.sources.file_forms import FileForms

if TYPE_CHECKING:
    import _csv

UNIT_SEPARATOR = "\x1f"
"""What stands for a declared separator of several signs while a text is read."""
NOTHING = ("", "\\N")  # what databases write, whatever is declared: no value is written so
# Stands for an escape that is none of the parser's, such as that of a letter. Unicode gives this sign to no text.
_MARK = "\ufdd0"
_MARKED = re.compile(f"{_MARK}(.)")
# As databases write them in a text without quotes.
_LETTERS = {"n": "\n", "r": "\r", "t": "\t", "b": "\b", "f": "\f", "v": "\v", "Z": "\x1a"}


@dataclass(frozen=True)
class Signs:
    """``quote`` and ``escape`` are empty where there is none; ``skips_blanks``: blanks before a value mean nothing."""

    delimiter: str
    quote: str = '"'
    escape: str = ""
    skips_blanks: bool = False
    nothing: tuple[str, ...] = NOTHING

    def reader(self, lines: Iterable[str]) -> "_csv._reader":
        """Return the strict parser of these signs, for lines without marks or with those of ``marked``."""
        return csv.reader(
            lines,
            strict=True,
            delimiter=self.delimiter,
            quotechar=self.quote or None,
            quoting=csv.QUOTE_MINIMAL if self.quote else csv.QUOTE_NONE,
            escapechar=self.escape or None,
            skipinitialspace=self.skips_blanks,
        )

    def marked(self, lines: Sequence[str]) -> Sequence[str]:
        """Return lines in which a mark stands for each escape before a letter or figure."""
        if not self.escape:
            return lines
        # Pair by pair, so that the second of two escapes begins none.
        pair = re.compile(re.escape(self.escape) + "(.)", re.DOTALL)
        return [pair.sub(lambda found: self._mark(found[0]), line) if self.escape in line else line for line in lines]

    def columns(self, rows: Sequence[Sequence[str]], width: int) -> list[pa.Array]:
        """Return parsed rows as columns, null where a value says nothing."""
        values: Iterator[Sequence[str]] = zip(*rows, strict=True) if rows else iter([()] * width)
        # An escaped escape before a letter is text.
        words = [self._mark(word) if word[:1] == self.escape else word for word in self.nothing]
        return [self._column(column, words) for column in values]

    def _column(self, values: Sequence[str], words: Sequence[str]) -> pa.Array:
        column = pa.array(values, pa.string())
        is_nothing = pc.is_in(column, pa.array(words, pa.string()))
        if self.escape:
            values = [self._without_marks(value) if _MARK in value else value for value in values]
            column = pa.array(values, pa.string())
        return pc.if_else(is_nothing, pa.scalar(None, pa.string()), column)

    def _mark(self, pair: str) -> str:
        return _MARK + pair[1] if pair[1:].isalnum() else pair

    def _without_marks(self, value: str) -> str:
        return _MARKED.sub(lambda found: self._meant(found[1]), value)

    def _meant(self, letter: str) -> str:
        if letter == "0":
            return ""  # a sign without a meaning that no later stage could hold
        # Within quotes a line break stands as it is, and some programs escape nothing but quotes.
        return _LETTERS.get(letter, "\\" + letter) if not self.quote else self.escape + letter


def signs_of(forms: FileForms, delimiter: str, *, skips_blanks: bool = False) -> Signs:
    """Return the signs of a text with this one between values, and whatever else its declaration says."""
    return Signs(delimiter, forms.quote_sign, forms.escape or "", skips_blanks, (*NOTHING, *forms.no_value))


def writing_options(forms: FileForms) -> dict[str, Any]:
    """Return the options of the standard library's writer for texts that the declared signs read again."""
    separator = forms.separator or ","
    return {
        "delimiter": separator if len(separator) == 1 else UNIT_SEPARATOR,
        "quotechar": forms.quote_sign or None,
        "quoting": csv.QUOTE_MINIMAL if forms.quote_sign else csv.QUOTE_NONE,
        "escapechar": forms.escape,
        "doublequote": forms.escape is None,
    }
