"""What each column of a home says about people: ``roles.yml`` of this folder, by name and by table."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from cdp_orchestration.errors import CdpError
from cdp_orchestration.sources.personal_data_declaration import ROLES, Role

ROLES_FILE = Path(__file__).with_name("roles.yml")
PUBLISHED_SCHEMAS = ("profiles", "journeys")  # a release names its tables without; each name stands in one of them
_SAFEST: Role = "identifying"


class RoleError(CdpError):
    """A column has no role, or the file of roles cannot be read whole."""


@dataclass(frozen=True)
class Roles:
    """The roles of columns.

    Attributes:
        by_name: the role of a column's name in every table.
        by_table: the roles of columns that mean something else in a table, by ``schema.table``.
        facts: published tables (``schema.table``) whose rows stay when their person goes.
    """

    by_name: Mapping[str, Role]
    by_table: Mapping[str, Mapping[str, Role]]
    facts: frozenset[str]

    def role_of(self, schema: str, table: str, column: str) -> Role:
        """Return what a column says about people; raises RoleError where nothing is declared."""
        role = self._declared(schema, table, column)
        if role is None:
            raise RoleError(
                f"{schema}.{table}: column {column} has no role; expected one of {', '.join(ROLES)}. Add its name to "
                f"`columns` in {ROLES_FILE.name} of cdp_orchestration/privacy, or below `tables` for this table alone."
            )
        return role

    def role_or_safest(self, schema: str, table: str, column: str) -> Role:
        """Return what a column says about people; one that is not declared counts as identifying.

        Tables of a company's own sources and models are not known to the file, so the most careful role is theirs.

        Args:
            schema: the schema.
            table: the table.
            column: the column.

        Returns:
            The role.
        """
        return self._declared(schema, table, column) or _SAFEST

    def _declared(self, schema: str, table: str, column: str) -> Role | None:
        return self.by_table.get(f"{schema}.{table}", {}).get(column) or self.by_name.get(column)


@cache
def declared_roles() -> Roles:
    """Return the roles of the file that ships; raises RoleError when it cannot be read whole."""
    return parsed_roles(yaml.safe_load(ROLES_FILE.read_text(encoding="utf-8")))


def parsed_roles(written: Mapping[str, Any]) -> Roles:
    """Return the roles that a file says; raises RoleError where one is unknown or a column has two.

    Args:
        written: columns, tables and facts, as in ``roles.yml``.

    Returns:
        The roles.
    """
    by_table = {table: _by_column(table, columns) for table, columns in written["tables"].items()}
    return Roles(_by_column("columns", written["columns"]), by_table, frozenset(written["facts"]))


def role_of(schema: str, table: str, column: str) -> Role:
    """Return what a column says about people; raises RoleError where nothing is declared."""
    return declared_roles().role_of(schema, table, column)


def role_or_safest(schema: str, table: str, column: str) -> Role:
    """Return what a column says about people; one of a company's own that is not declared counts as identifying."""
    return declared_roles().role_or_safest(schema, table, column)


def published_role(table: str, column: str) -> Role:
    """Return what a column of a published table says about people; see role_or_safest."""
    roles = declared_roles()
    schema = next((each for each in PUBLISHED_SCHEMAS if column in roles.by_table.get(f"{each}.{table}", {})), "")
    return roles.role_or_safest(schema, table, column)


def is_published_fact(table: str) -> bool:
    """Return whether rows of a published table, by its name in a release, stay when their person goes."""
    return any(is_fact(schema, table) for schema in PUBLISHED_SCHEMAS)


def is_fact(schema: str, table: str) -> bool:
    """Return whether rows of a published table stay when their person goes."""
    return f"{schema}.{table}" in declared_roles().facts


def _by_column(where: str, written: Mapping[str, list[str]]) -> dict[str, Role]:
    by_column: dict[str, Role] = {}
    for name, columns in written.items():
        role = next((each for each in ROLES if each == name), None)
        if role is None:
            raise RoleError(
                f"{ROLES_FILE.name}: {where} has the role {name!r}; expected {', '.join(ROLES)}. Correct it."
            )
        for column in columns:
            if column in by_column:
                raise RoleError(
                    f"{ROLES_FILE.name}: {where} has {column} as {by_column[column]} and as {role}; expected it once. "
                    "Remove one."
                )
            by_column[column] = role
    return by_column
