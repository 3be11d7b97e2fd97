"""The trained model: what was learnt, its version, and how it is saved and loaded."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from identity.errors import IdentityError
from identity.model.comparison import Comparison
from identity.model.comparisons import comparisons
from identity.model.stored_names import (
    PENALTY,
    read_comparison,
    read_parameters,
    stored_comparison,
    stored_parameters,
    term_frequency_table,
)
from identity.prepare.records import ATTRIBUTE_PREFIX

# comparison -> level label -> {"m": ..., "u": ..., "u_household": ..., "m_household": ...}; see model.comparison.Level
Parameters = Mapping[str, Mapping[str, Mapping[str, float]]]

# Counts up when what a model consists of changes, other than its comparisons and their levels
_FORMAT = 3
_MODEL_FILE = "model.json"
_WORD_ROLES_FILE = "word_roles.parquet"
_NO_WORDS = pa.schema([("word", pa.string()), ("given_share", pa.float64()), ("given_count", pa.int32())])


@dataclass(frozen=True)
class TrainedModel:
    """What was learnt from one population; equal content has an equal version.

    Attributes:
        prior: The probability that two random records are one person.
        household_odds: Pairs of two members of a household, for each pair of records of one person, among the pairs
            that share an address.
        parameters: The probabilities of each level of each comparison.
        term_frequencies: One table per column, one row per value: (<column>, tf_<column>).
        report: What the training used and found, for people to read; not part of the version.
        contact_odds: The same as household_odds among the pairs that share a contact, but no address.
        name_correlation_penalty: The bits that agreeing names lose because given and family names are correlated; see
            `identity.training.name_correlation`.
        word_roles: One row per word of a name: (word, given_share, given_count); how often it is a given name.
        placeholder_dates: Dates of birth (YYYYMMDD) that stand for none.
    """

    prior: float
    household_odds: float
    parameters: Parameters
    term_frequencies: Mapping[str, pa.Table]
    report: Mapping[str, Any] = field(default_factory=dict)
    contact_odds: float = 0.5
    name_correlation_penalty: float = 4.0
    word_roles: pa.Table = field(default_factory=lambda: _NO_WORDS.empty_table())
    placeholder_dates: tuple[str, ...] = ()

    @cached_property
    def version(self) -> str:
        """A hash of everything that decides a match weight; 16 characters."""
        numbers = [self.prior, self.household_odds, self.contact_odds, self.name_correlation_penalty]
        digest = hashlib.sha256(json.dumps([*numbers, stored_parameters(self.parameters)], sort_keys=True).encode())
        for column in sorted(self.term_frequencies, key=stored_comparison):
            table = self.term_frequencies[column]
            digest.update(json.dumps([stored_comparison(column), *table.to_pydict().values()]).encode())
        digest.update(json.dumps([*self.word_roles.to_pydict().values(), self.placeholder_dates]).encode())
        return digest.hexdigest()[:16]

    def save(self, folder: Path) -> None:
        """Write the model to a folder.

        Args:
            folder: Gets model.json, one Parquet file of term frequencies per column, and the word roles.
        """
        folder.mkdir(parents=True, exist_ok=True)
        content = {
            "format": _FORMAT,
            "version": self.version,
            "prior": self.prior,
            "household_odds": self.household_odds,
            "contact_odds": self.contact_odds,
            PENALTY: self.name_correlation_penalty,
            "parameters": stored_parameters(self.parameters),
            "placeholder_dates": self.placeholder_dates,
            "term_frequencies": sorted(map(stored_comparison, self.term_frequencies)),
            "report": self.report,
        }
        for column, table in self.term_frequencies.items():
            stored = stored_comparison(column)
            pq.write_table(term_frequency_table(table, stored), folder / f"term_frequencies_{stored}.parquet")
        pq.write_table(self.word_roles, folder / _WORD_ROLES_FILE)
        (folder / _MODEL_FILE).write_text(json.dumps(content, indent=2, sort_keys=True), encoding="utf-8")

    @staticmethod
    def can_load(folder: Path) -> bool:
        """Whether `load` would accept the model of a folder, or the folder holds none.

        Args:
            folder: Where a model may have been saved.

        Returns:
            False for a model of another format, or with other comparisons or levels than this code has.
        """
        path = folder / _MODEL_FILE
        return not path.is_file() or _is_of_this_code(json.loads(path.read_text(encoding="utf-8")))

    @classmethod
    def load(cls, folder: Path) -> "TrainedModel":
        """Read a model that `save` wrote.

        Args:
            folder: Where the model was saved.

        Returns:
            The model, with the version under which it was saved.

        Raises:
            IdentityError: There is no model, it is of another format or has other comparisons or levels than this code
                has, or it is not what was saved.
        """
        content = _read_content(folder)
        tables = {}
        for stored in content["term_frequencies"]:
            table, column = pq.read_table(folder / f"term_frequencies_{stored}.parquet"), read_comparison(stored)
            tables[column] = term_frequency_table(table, column)
        model = cls(
            content["prior"],
            content["household_odds"],
            read_parameters(content["parameters"]),
            tables,
            content["report"],
            content["contact_odds"],
            content[PENALTY],
            pq.read_table(folder / _WORD_ROLES_FILE),
            tuple(content["placeholder_dates"]),
        )
        if model.version != content["version"]:
            raise IdentityError(
                f"The trained model in {folder} has version {model.version}, but was saved as {content['version']}: "
                "a file was changed. Restore the folder or train a new model."
            )
        return model


def _read_content(folder: Path) -> dict[str, Any]:
    path = folder / _MODEL_FILE
    if not path.is_file():
        raise IdentityError(f"No trained model in {folder}: {_MODEL_FILE} is missing. Train and save one first.")
    content: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    if not _is_of_this_code(content):
        raise IdentityError(
            f"The model in {folder} has format {content.get('format')} and the comparisons "
            f"{', '.join(content.get('parameters', {}))}; this code reads format {_FORMAT} with its own "
            "comparisons and levels. Train a new model."
        )
    return content


def _is_of_this_code(content: Mapping[str, Any]) -> bool:
    if content.get("format") != _FORMAT:
        return False
    stored = read_parameters(content["parameters"])
    return {name: set(levels) for name, levels in stored.items()} == {
        compared.name: {level.label for level in compared.levels} for compared in comparisons_of(stored)
    }


def significant(value: float) -> float:
    """The value to five digits: then the order in which threads add up never changes the model's version."""
    return float(f"{value:.5g}")


def default_parameters(attributes: Sequence[str] = ()) -> dict[str, dict[str, dict[str, float]]]:
    """The parameters before training, for all comparisons of a model with these attributes (columns of `units`)."""
    return {
        comparison.name: {
            level.label: {"m": level.m, "u": level.u, "u_household": level.u_household} for level in comparison.levels
        }
        for comparison in comparisons(attributes)
    }


def comparisons_of(parameters: Parameters) -> tuple[Comparison, ...]:
    """The comparisons that these parameters are for: the attributes are among their names."""
    return comparisons([name for name in parameters if name.startswith(ATTRIBUTE_PREFIX)])


def term_frequency_columns(parameters: Parameters) -> tuple[str, ...]:
    """The columns whose rare values are stronger evidence, in a fixed order."""
    return tuple(column for comparison in comparisons_of(parameters) for column in comparison.term_frequency_columns)
