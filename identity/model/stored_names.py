"""The names under which models are saved and levels are published, where they differ from the names in the code.

They are part of a file format and of the published column ``comparison_levels``, so they never change:
models that were saved before can be read, and keep their version.
"""

from collections.abc import Mapping

import pyarrow as pa

_COMPARISONS = {"date_of_birth": "birth_date"}
_VALUES = {"u_household": "h", "m_household": "w"}

PENALTY = "names_doubt"  # of TrainedModel.name_correlation_penalty

Values = Mapping[str, Mapping[str, Mapping[str, float]]]


def stored_comparison(name: str) -> str:
    """The stored name of a comparison or of a column with term frequencies."""
    return _COMPARISONS.get(name, name)


def read_comparison(stored: str) -> str:
    """The comparison or column that is stored under a name."""
    return {written: name for name, written in _COMPARISONS.items()}.get(stored, stored)


def stored_parameters(parameters: Values) -> dict[str, dict[str, dict[str, float]]]:
    """A model's parameters (comparison, level, value) under their stored names."""
    return {
        stored_comparison(name): {
            label: {_VALUES.get(kind, kind): value for kind, value in values.items()}
            for label, values in levels.items()
        }
        for name, levels in parameters.items()
    }


def read_parameters(stored: Values) -> dict[str, dict[str, dict[str, float]]]:
    """The parameters that are stored under these names."""
    kinds = {written: kind for kind, written in _VALUES.items()}
    return {
        read_comparison(name): {
            label: {kinds.get(kind, kind): value for kind, value in values.items()} for label, values in levels.items()
        }
        for name, levels in stored.items()
    }


def term_frequency_table(table: pa.Table, column: str) -> pa.Table:
    """A table of term frequencies (value, frequency) with its columns named after `column`."""
    return table.rename_columns([column, f"tf_{column}"])
