"""The data dictionary: what every table and column of a release means, as CSV, Markdown or JSON."""

import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal

from cdp_orchestration.home.spreadsheet_csv import csv_lines

Form = Literal["csv", "markdown", "json"]
RoleOf = Callable[[str, str], str]  # of a table and a column


@dataclass(frozen=True)
class Term:
    """A column of a published table.

    Attributes:
        table: the table.
        table_meaning: what one of its rows is.
        column: the column.
        type: its type in DuckDB's words.
        meaning: what it holds.
        classification: whether it holds personal data: none, pseudonymous, personal, or as the contract says.
        role: what it says about people, from which follows what an erasure removes: identifying, personal, sensitive,
            key or none.
    """

    table: str
    table_meaning: str
    column: str
    type: str
    meaning: str
    classification: str
    role: str


def dictionary_of(manifest: Mapping[str, Any], role_of: RoleOf) -> list[Term]:
    """Return a row a column of all tables of a release, in the order of its manifest."""
    return [
        Term(
            name,
            _one_line(entry["description"]),
            column["name"],
            column["type"],
            _one_line(column["description"]),
            column.get("classification", "none"),
            role_of(name, column["name"]),
        )
        for name, entry in manifest["tables"].items()
        for column in entry["columns"]
    ]


def written_dictionary(manifest: Mapping[str, Any], form: Form, role_of: RoleOf) -> str:
    """Return the data dictionary of a release as the text of a file.

    Args:
        manifest: the manifest of the release.
        form: csv, markdown or json.
        role_of: what a column of a published table says about people.

    Returns:
        The text.
    """
    return _WRITERS[form](manifest, role_of)


def _csv(manifest: Mapping[str, Any], role_of: RoleOf) -> str:
    columns = tuple(Term.__dataclass_fields__)
    return "".join(csv_lines(columns, [asdict(term) for term in dictionary_of(manifest, role_of)]))


def _json(manifest: Mapping[str, Any], role_of: RoleOf) -> str:
    about = {name: manifest.get(name) for name in ("release_id", "created_at", "contract_version")}
    terms = [asdict(term) for term in dictionary_of(manifest, role_of)]
    return json.dumps({**about, "columns": terms}, indent=2, ensure_ascii=False) + "\n"


def _markdown(manifest: Mapping[str, Any], role_of: RoleOf) -> str:
    version, release_id = (_cell(str(manifest.get(name))) for name in ("contract_version", "release_id"))
    lines = ["# Data dictionary", "", f"Contract {version}, as of release {release_id}.", ""]
    table = None
    for term in dictionary_of(manifest, role_of):
        if term.table != table:
            table = term.table
            lines += [
                *(["", ""] if lines[-1] else []),
                f"## {_cell(term.table)}",
                "",
                _cell(term.table_meaning),
                "",
                "| column | type | classification | role | meaning |",
                "| --- | --- | --- | --- | --- |",
            ]
        cells = (term.column, term.type, term.classification, term.role, term.meaning)
        lines.append(f"| {' | '.join(map(_cell, cells))} |")
    return "\n".join(lines) + "\n"


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _cell(text: str) -> str:
    """Return text that begins no cell, tag or code of its own."""
    return text.replace("\\", "\\\\").replace("|", "\\|").replace("<", "&lt;").replace("`", "'")


_WRITERS: dict[Form, Callable[[Mapping[str, Any], RoleOf], str]] = {"csv": _csv, "markdown": _markdown, "json": _json}
