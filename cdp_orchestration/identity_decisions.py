"""What people decided about pairs of records: overrides that the next sync obeys, and labels that measure the model."""

import csv
import os
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from cdp_orchestration.errors import ReviewError

OVERRIDE_COLUMNS = (
    "decision",
    "person_record_id_left",
    "person_record_id_right",
    "decided_by",
    "decided_at",
    "why",
)
LABEL_COLUMNS = (
    "person_record_id_left",
    "person_record_id_right",
    "answer",
    "match_weight",
    "model_version",
    "decided_by",
    "decided_at",
)
DECISIONS = {"same": "must_link", "different": "cannot_link"}
Row = dict[str, str]
Pair = tuple[str, str]


def pair_of(row: Mapping[str, str]) -> Pair:
    """Return a row's two record keys in order, so that a pair is one pair whichever way it is written."""
    left, right = row["person_record_id_left"], row["person_record_id_right"]
    return min(left, right), max(left, right)


def overrides_file(folder: Path) -> Path:
    """Return the file of overrides."""
    return folder / "identity_overrides.csv"


def labels_file(folder: Path) -> Path:
    """Return the file of labels."""
    return folder / "identity_labels.csv"


def read_rows(path: Path, columns: Sequence[str]) -> list[Row]:
    """Read a CSV file with a heading; without the file there are no rows.

    Raises:
        ReviewError: a column is missing.
    """
    if not path.exists():
        return []
    with path.open(encoding="utf-8-sig", newline="") as file:
        reader = csv.DictReader(file)
        missing = [name for name in columns if name not in (reader.fieldnames or ())]
        if missing:
            raise ReviewError(
                f"{path} lacks the column(s) {', '.join(missing)}; expected {', '.join(columns)}. "
                "Give the file its heading back."
            )
        return [{name: (row[name] or "").strip() for name in columns} for row in reader]


def write_rows(path: Path, columns: Sequence[str], rows: Iterable[Mapping[str, object]]) -> None:
    """Write a CSV file whole: a reader sees the former file or this one, never a part."""
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(path.name + ".tmp")
    with unfinished.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, columns, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
        file.flush()
        os.fsync(file.fileno())
    unfinished.replace(path)


def store_decisions(folder: Path, labels: Sequence[Row]) -> tuple[int, int]:
    """Add answers as labels and, where they are sure, as overrides; return how many of each were new.

    An answer that is already there is not added again, so that the same file can be taken twice. An unsure label gives
    way to a sure one.

    Raises:
        ReviewError: answers contradict each other or former decisions; nothing is stored then.
    """
    known_labels = read_rows(labels_file(folder), LABEL_COLUMNS)
    known_overrides = read_rows(overrides_file(folder), OVERRIDE_COLUMNS)
    new_labels = _unknown_labels(known_labels, labels)
    decided = {pair_of(row): row["decision"] for row in known_overrides}
    new_overrides = [_override(row) for row in labels if row["answer"] in DECISIONS and pair_of(row) not in decided]
    new_overrides = list({pair_of(row): row for row in new_overrides}.values())
    _refuse_contradictions([*known_overrides, *new_overrides], labels)
    answered = {pair_of(row) for row in new_labels}
    kept = [row for row in known_labels if pair_of(row) not in answered]
    if new_labels:
        write_rows(labels_file(folder), LABEL_COLUMNS, [*kept, *new_labels])
    if new_overrides:
        write_rows(overrides_file(folder), OVERRIDE_COLUMNS, [*known_overrides, *new_overrides])
    return len(new_labels), len(new_overrides)


def _unknown_labels(known: Sequence[Row], given: Sequence[Row]) -> list[Row]:
    answers = {pair_of(row): row["answer"] for row in known}
    new: dict[Pair, Row] = {}
    for row in given:
        pair = pair_of(row)
        former = answers.get(pair, row["answer"])
        if "unsure" not in (former, row["answer"]) and former != row["answer"]:
            raise ReviewError(
                f"{pair[0]} and {pair[1]} are answered '{row['answer']}', but were answered '{former}' before; "
                "keep one answer: correct the review file, or remove the former label and override"
            )
        if pair not in answers or (former == "unsure" != row["answer"]):
            new[pair] = row
            answers[pair] = row["answer"]
    return list(new.values())


def _override(label: Row) -> Row:
    return {
        **{name: label[name] for name in OVERRIDE_COLUMNS if name in label},
        "decision": DECISIONS[label["answer"]],
        "why": "review",
    }


def _refuse_contradictions(overrides: Sequence[Row], labels: Sequence[Row]) -> None:
    decided = {pair_of(row): row["decision"] for row in overrides}
    for row in labels:
        decision = decided.get(pair_of(row))
        if row["answer"] in DECISIONS and decision != DECISIONS[row["answer"]]:
            raise ReviewError(_contradiction(pair_of(row), f"'{row['answer']}'", f"a {decision} override"))
    tied = _Tied(pair for pair, decision in decided.items() if decision == "must_link")
    for (left, right), decision in decided.items():
        if decision == "cannot_link" and tied.end_of(left) == tied.end_of(right):
            chain = "a chain of 'same' answers or must_link overrides"
            raise ReviewError(_contradiction((left, right), "apart", chain))


class _Tied:
    """Records that are one person by decision, be it over other records; each chain has one end that stands for it."""

    def __init__(self, pairs: Iterable[Pair]) -> None:
        self._towards: dict[str, str] = {}
        for left, right in pairs:
            self._towards[self.end_of(right)] = self.end_of(left)

    def end_of(self, key: str) -> str:
        """Return the record that stands for the chain of this one."""
        while self._towards.get(key, key) != key:
            key = self._towards[key]
        return key


def _contradiction(pair: Pair, decided: str, other: str) -> str:
    return (
        f"{pair[0]} and {pair[1]} are decided {decided}, but {other} says otherwise; nothing was stored. "
        "Correct one of the decisions, and import again."
    )
