"""What people answered about pairs of records: labels that measure the model, and overrides where they are sure.

``overrides/identity_labels.csv`` has one row per answered pair, with the weight that the model gave it then.
"""

from collections.abc import Iterable, Mapping, Sequence

import pyarrow as pa

from cdp_orchestration.errors import DecisionError
from cdp_orchestration.home.settings import Settings
from cdp_orchestration.identity_stage.csv_rows import Row, read_rows, write_rows
from cdp_orchestration.identity_stage.decisions import Override, add_overrides, read_overrides

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
_LABELS = pa.schema([(name, pa.float64() if name == "match_weight" else pa.string()) for name in LABEL_COLUMNS])


def read_labels(settings: Settings) -> pa.Table:
    """Return the labels as a table, an empty one where nobody has answered anything.

    Raises:
        DecisionError: the file lacks a column, or holds a weight that is no number.
    """
    try:
        rows = [
            {**row, "match_weight": float(row["match_weight"]) if row["match_weight"] else None}
            for row in read_rows(settings.identity_labels, LABEL_COLUMNS)
        ]
    except ValueError as error:
        raise DecisionError(f"{settings.identity_labels} holds a match_weight that is no number; mend it") from error
    return pa.Table.from_pylist(rows, schema=_LABELS)


def store_answers(settings: Settings, labels: Sequence[Row]) -> tuple[int, int]:
    """Add answers as labels and, where they are sure, as overrides; return how many of each were new.

    An answer that is already there is not added again, so that the same file can be taken twice. An unsure label gives
    way to a sure one.

    Raises:
        DecisionError: answers contradict each other or former decisions; nothing is stored then.
    """
    known = read_rows(settings.identity_labels, LABEL_COLUMNS)
    new_labels = _unknown_labels(known, labels)
    new_overrides = _unknown_overrides(read_overrides(settings), labels)
    if new_overrides:
        add_overrides(settings, new_overrides)
    if new_labels:
        answered = {_pair(row) for row in new_labels}
        kept = [row for row in known if _pair(row) not in answered]
        write_rows(settings.identity_labels, LABEL_COLUMNS, [*kept, *new_labels])
    return len(new_labels), len(new_overrides)


def _unknown_labels(known: Sequence[Row], given: Sequence[Row]) -> list[Row]:
    answers = {_pair(row): row["answer"] for row in known}
    new: dict[frozenset[str], Row] = {}
    for row in given:
        pair = _pair(row)
        former = answers.get(pair, row["answer"])
        if "unsure" not in (former, row["answer"]) and former != row["answer"]:
            raise DecisionError(
                f"{' and '.join(sorted(pair))} are answered '{row['answer']}', but were answered '{former}' before; "
                "keep one answer: correct the review file, or remove the former label and withdraw its override"
            )
        if pair not in answers or (former == "unsure" != row["answer"]):
            new[pair] = row
            answers[pair] = row["answer"]
    return list(new.values())


def _unknown_overrides(known: Iterable[Override], labels: Iterable[Row]) -> list[Override]:
    decided = {override.pair: override.decision for override in known}
    new: dict[frozenset[str], Override] = {}
    for row in labels:
        decision, pair = DECISIONS.get(row["answer"]), _pair(row)
        if decision is None:
            continue
        if decided.setdefault(pair, decision) != decision:
            raise DecisionError(
                f"{' and '.join(sorted(pair))} are answered '{row['answer']}', but an override says {decided[pair]}; "
                "correct the answer, or withdraw the override with `cdp identity withdraw`"
            )
        new[pair] = _override(row, decision)
    for override in known:
        new.pop(override.pair, None)
    return list(new.values())


def _override(label: Row, decision: str) -> Override:
    about = {name: label[name] for name in LABEL_COLUMNS if name in Override.__dataclass_fields__}
    return Override(decision=decision, why="review", **about)


def _pair(row: Mapping[str, str]) -> frozenset[str]:
    return frozenset((row["person_record_id_left"], row["person_record_id_right"]))
