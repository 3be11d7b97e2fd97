"""Small CSV files that people write and edit by hand: read with care, written whole."""

import csv
import os
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from cdp_orchestration.errors import DecisionError

Row = dict[str, str]


def read_rows(path: Path, columns: Sequence[str]) -> list[Row]:
    """Read these columns of a CSV file with a heading; without the file there are no rows.

    Raises:
        DecisionError: a column is missing.
    """
    if not path.exists():
        return []
    with path.open(encoding="utf-8-sig", newline="") as file:
        reader = csv.DictReader(file)
        missing = [name for name in columns if name not in (reader.fieldnames or ())]
        if missing:
            raise DecisionError(
                f"{path} lacks the column(s) {', '.join(missing)}; expected {','.join(columns)}. "
                "Give the file its heading back."
            )
        return [{name: (row[name] or "").strip() for name in columns} for row in reader]


def write_rows(path: Path, columns: Sequence[str], rows: Iterable[Mapping[str, object]]) -> None:
    """Write a CSV file whole: a reader sees the former file or this one, never a part."""
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(path.name + ".new")
    with unfinished.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, columns, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
        file.flush()
        os.fsync(file.fileno())
    unfinished.replace(path)
