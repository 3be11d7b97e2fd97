"""What the open tier shows of each published column: ``columns.yml`` of this folder."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal, get_args

import yaml

Rule = Literal["keep", "keyed_hash", "hour", "common", "combined", "left_out"]
RULES_FILE = Path(__file__).with_name("columns.yml")
_ROWS_OF_K = "at_least_k"


@dataclass(frozen=True)
class TableRules:
    """The rules of one table.

    Attributes:
        by_column: the rule of each column.
        combined: the columns that together must say nothing rare; the first is given up first.
        at_least_k: the column that counts profiles; rows of fewer than k are left out. None: all rows are shown.
    """

    by_column: Mapping[str, Rule]
    combined: tuple[str, ...] = ()
    at_least_k: str | None = None

    def rule(self, column: str) -> Rule:
        """Return the rule of a column; one that nothing was decided about is left out."""
        return self.by_column.get(column, "left_out")


NOTHING = TableRules({})
"""Of a table that nothing was decided about: it is left out."""


@cache
def table_rules() -> Mapping[str, TableRules]:
    """Return the rules of each published table by its name."""
    written = yaml.safe_load(RULES_FILE.read_text(encoding="utf-8"))
    return {table: _rules(parts) for table, parts in written.items()}


def _rules(parts: Mapping[str, list[str] | str]) -> TableRules:
    rules: tuple[Rule, ...] = get_args(Rule)
    by_column = {column: rule for rule in rules for column in parts.get(rule, ())}
    at_least = parts.get(_ROWS_OF_K)
    return TableRules(by_column, tuple(parts.get("combined", ())), str(at_least) if at_least else None)
