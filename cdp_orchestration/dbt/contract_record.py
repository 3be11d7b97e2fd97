"""The recorded contract of each major version: what readers of a release rely on, and what no later one may take away.

``contracts/<major>.json`` holds the tables with their columns and types. ``make generate`` adds what is new; a table
or column that is gone, or another type, needs a new major version (``CONTRACT_VERSION`` in ``release/bundle.py``).
"""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path

from cdp_orchestration.errors import CdpError
from cdp_orchestration.home.settings import PROJECT_ROOT
from cdp_orchestration.release.bundle import CONTRACT_VERSION, PublishedTable

Contract = Mapping[str, Mapping[str, str]]
"""The columns of each table, with their types."""


class ContractError(CdpError):
    """The models break the recorded contract of their major version."""


FOLDER = PROJECT_ROOT / "cdp_orchestration" / "dbt" / "contracts"


def contract_of(tables: Mapping[str, PublishedTable]) -> dict[str, dict[str, str]]:
    """Return the contract that the present models keep."""
    return {name: {each["name"]: each["type"] for each in table.columns} for name, table in sorted(tables.items())}


def record_file(version: str = CONTRACT_VERSION, folder: Path = FOLDER) -> Path:
    """Return the file of the recorded contract of a version's major."""
    return folder / f"{version.partition('.')[0]}.json"


def breaking_changes(recorded: Contract, present: Contract) -> Iterator[str]:
    """Yield what readers of the recorded contract would miss in the present one, a sentence each."""
    for table, columns in recorded.items():
        if table not in present:
            yield f"table {table} is gone"
            continue
        for column, kind in columns.items():
            found = present[table].get(column)
            if found is None:
                yield f"column {table}.{column} is gone"
            elif found != kind:
                yield f"column {table}.{column} was {kind} and is {found}"


def written_contract(contract: Contract) -> str:
    """Return the text of a recorded contract."""
    return json.dumps(contract, indent=1) + "\n"


def record_contract(present: Contract, file: Path) -> None:
    """Write the present contract in place of the recorded one, if it only adds to it.

    Args:
        present: the contract that the models keep.
        file: the record of its major version; written where it is missing.

    Raises:
        ContractError: something is gone or has another type.
    """
    recorded = json.loads(file.read_text(encoding="utf-8")) if file.exists() else {}
    broken = list(breaking_changes(recorded, present))
    if broken:
        raise ContractError(
            f"{file.name} records what readers rely on, and the models break it: {'; '.join(broken)}. Keep it, or give "
            "CONTRACT_VERSION in release/bundle.py a new major version and say in CHANGELOG.md what readers change"
        )
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(written_contract(present), encoding="utf-8")


if __name__ == "__main__":
    from cdp_orchestration.dbt.project import manifest
    from cdp_orchestration.dbt.published_tables import published_tables

    record_contract(contract_of(published_tables(manifest())), record_file())
