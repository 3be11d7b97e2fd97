"""Small CSV files that people edit by hand: columns are checked when a file is read, and a file is replaced whole."""

import csv
import os
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from cdp_orchestration.errors import DecisionError

Row = dict[str, str]


def read_rows(path: Path, columns: Sequence[str]) -> list[Row]:
    """Read some columns of a CSV file with a heading.

    Args:
        path: the file.
        columns: the columns to read.

    Returns:
        One row per line, values without surrounding spaces; none when there is no file.

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
                f"{path} lacks the column(s) {', '.join(missing)}; found {len(reader.fieldnames or ())} column(s), "
                f"expected {','.join(columns)}. Restore the heading in the first line."
            )
        return [{name: (row[name] or "").strip() for name in columns} for row in reader]


def write_rows(path: Path, columns: Sequence[str], rows: Iterable[Mapping[str, object]]) -> None:
    """Replace a CSV file in one step: a reader sees the former file or this one, never a part."""
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(path.name + ".new")
    with unfinished.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, columns, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
        file.flush()
        os.fsync(file.fileno())
    unfinished.replace(path)
