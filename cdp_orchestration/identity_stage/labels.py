"""Answers of people about pairs of records: labels that evaluate the model, and overrides where the answer is sure.

``overrides/identity_labels.csv`` has one row per answered pair, with its match weight at the time of the answer.
"""

from collections.abc import Iterable, Mapping, Sequence

import pyarrow as pa

from cdp_orchestration.errors import DecisionError
from cdp_orchestration.home.settings import Settings
from cdp_orchestration.identity_stage.csv_rows import Row, finite_number, numbered_rows, read_rows, write_rows
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
    """Read the labels.

    Args:
        settings: the home.

    Returns:
        One row per answered pair, with the columns of the file; none when there is no file.

    Raises:
        DecisionError: a line cannot be read whole, or a match_weight is not a number.
    """
    typed: list[dict[str, object]] = []
    for line, row in numbered_rows(settings.identity_labels, LABEL_COLUMNS):
        weight = row["match_weight"]
        try:
            typed.append({**row, "match_weight": finite_number(weight) if weight else None})
        except ValueError:
            raise DecisionError(
                f"{settings.identity_labels} line {line}: found match_weight {weight!r}; expected a number or nothing. "
                "Correct the value."
            ) from None
    return pa.Table.from_pylist(typed, schema=_LABELS)


def store_answers(settings: Settings, labels: Sequence[Row]) -> tuple[int, int]:
    """Store answers as labels and, where they are sure, as overrides.

    An answer that is stored already is not stored again, so that the same file can be imported twice. A sure answer
    replaces an unsure label. Fails with DecisionError when answers contradict each other or the stored decisions;
    nothing is stored then.

    Args:
        settings: the home.
        labels: the answers, with the columns of the labels file.

    Returns:
        The number of new labels and the number of new overrides.
    """
    known = read_rows(settings.identity_labels, LABEL_COLUMNS)
    new_labels = _unknown_labels(known, labels)
    new_overrides = _unknown_overrides(read_overrides(settings), labels)
    if new_overrides:
        add_overrides(settings, new_overrides)
    if new_labels:
        answered = {_pair(row) for row in new_labels}
        unchanged = [row for row in known if _pair(row) not in answered]
        write_rows(settings.identity_labels, LABEL_COLUMNS, [*unchanged, *new_labels])
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
                "expected one answer for a pair. Correct the review file, or remove the former label and withdraw its "
                "override."
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
                "expected an answer that agrees with it. Correct the answer, or withdraw the override with `cdp "
                "identity withdraw`."
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
