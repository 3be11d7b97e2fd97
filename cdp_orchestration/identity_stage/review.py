"""Clerical review: a file with the pairs closest to the link threshold for people to answer, and the import of it."""

import getpass
import json
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from cdp_orchestration.errors import DecisionError
from cdp_orchestration.home.settings import Settings
from cdp_orchestration.identity_stage.csv_rows import Row, numbered_rows, read_rows, write_rows
from cdp_orchestration.identity_stage.decisions import OVERRIDE_COLUMNS, read_limits
from cdp_orchestration.identity_stage.explanation import require_evidence
from cdp_orchestration.identity_stage.labels import LABEL_COLUMNS, store_answers
from cdp_orchestration.release.reader import require_live_release

REVIEW_COLUMNS = (
    "person_record_id_left",
    "person_record_id_right",
    "match_probability",
    "is_linked",
    "evidence",
    "answer",
)
_SHOWN = ("full_name", "date_of_birth", "emails", "phones", "address_line", "postcode", "city")


def write_review(settings: Settings, path: Path, count: int, *, with_values: bool) -> int:
    """Write the unanswered pairs of the live release: records that changed everything, then the closest calls.

    Fails with DecisionError when the file exists and has answers, and with NoReleaseError without a live release.

    Args:
        settings: the home.
        path: the CSV file to write.
        count: the greatest number of pairs.
        with_values: whether to write the values of both records next to their keys.

    Returns:
        The number of pairs in the file.
    """
    from identity.quality.reviewed_pairs import closest_calls, replaced_pairs

    _refuse_to_overwrite_answers(path)
    release = require_live_release(settings.releases)
    require_evidence(release)
    with release.connect() as connection:
        edges = connection.execute("select * from match_edges").to_arrow_table()
        profiles = connection.execute("select person_record_id, profile_id from profile_records").to_arrow_table()
        answered = _answered(settings)
        pairs = replaced_pairs(edges, answered).to_pylist()[:count]
        pairs += closest_calls(edges, profiles, answered, count - len(pairs), read_limits(settings)).to_pylist()
        rows = [_review_row(pair) for pair in pairs]
        columns = list(REVIEW_COLUMNS)
        if with_values:
            columns[2:2] = ["values_left", "values_right"]
            _add_values(connection, rows)
    write_rows(path, columns, rows)
    return len(rows)


def _refuse_to_overwrite_answers(path: Path) -> None:
    answered = sum(bool(row["answer"]) for row in read_rows(path, ("answer",)))
    if answered:
        raise DecisionError(
            f"{path} holds {answered} answer(s), which a new review would overwrite; expected a file without answers. "
            f"Import them with `cdp identity review --import {path}` and remove the file, or name another file with "
            "--output."
        )


def _answered(settings: Settings) -> pa.Table:
    labels = read_rows(settings.identity_labels, LABEL_COLUMNS)
    known = [*labels, *read_rows(settings.identity_overrides, OVERRIDE_COLUMNS)]
    keys = ("person_record_id_left", "person_record_id_right")
    return pa.table({key: pa.array([row[key] for row in known], pa.string()) for key in keys})


def _review_row(pair: dict[str, Any]) -> dict[str, Any]:
    return {
        **{name: pair[name] for name in ("person_record_id_left", "person_record_id_right")},
        "match_probability": "" if pair["match_probability"] is None else f"{pair['match_probability']:.4f}",
        "is_linked": "yes" if pair["is_linked"] else "no",
        "evidence": "; ".join([*_changed_in_words(pair), *_in_words(pair["comparison_levels"])]),
        "answer": "",
    }


def _changed_in_words(pair: dict[str, Any]) -> list[str]:
    from identity.explanation.wording import words_of_reason, words_of_separation

    if "reason" not in pair:
        return []
    kept_apart_by = pair["kept_apart_by"]
    return [words_of_separation(kept_apart_by) if kept_apart_by else words_of_reason(pair["reason"])]


def _in_words(comparison_levels: str | None) -> list[str]:
    from identity.explanation.wording import words_of_level
    from identity.model.comparison import NOT_COMPARABLE
    from identity.model.stored_names import read_comparison

    found = json.loads(comparison_levels or "{}")
    return [words_of_level(read_comparison(name), level) for name, level in found.items() if level != NOT_COMPARABLE]


def _add_values(connection: duckdb.DuckDBPyConnection, rows: Iterable[dict[str, Any]]) -> None:
    for row in rows:
        for side in ("left", "right"):
            values = connection.execute(
                f"select {', '.join(_SHOWN)} from person_record_values where person_record_id = ?",
                [row[f"person_record_id_{side}"]],
            ).fetchall()[0]
            texts = [", ".join(value) if isinstance(value, list) else str(value) for value in values if value]
            row[f"values_{side}"] = " ".join(" | ".join(texts).split())


def import_answers(settings: Settings, path: Path, decided_by: str | None = None) -> tuple[int, int]:
    """Store the answers of a review file as labels and overrides; see store_answers.

    Args:
        settings: the home.
        path: the answered file.
        decided_by: the person who answered; None for the user of this process.

    Returns:
        The number of new labels and the number of new overrides.

    Raises:
        DecisionError: the file is missing or malformed, names a record that the live release does not have, or
            contradicts itself or stored decisions; nothing is stored then.
    """
    if not path.exists():
        raise DecisionError(
            f"{path} does not exist; expected an answered review. Write it with `cdp identity review` and answer it."
        )
    columns = ("person_record_id_left", "person_record_id_right", "answer")
    numbered = [(line, row) for line, row in numbered_rows(path, columns) if row["answer"]]
    rows = [row for _, row in numbered]
    release = require_live_release(settings.releases)
    require_evidence(release)
    with release.connect() as connection:
        _check_answers(connection, path, numbered)
        weights = connection.execute(
            "select person_record_id_left, person_record_id_right, match_weight, model_version from match_edges"
        ).fetchall()
    by_pair = {frozenset(row[:2]): (row[2], row[3]) for row in weights}
    about = {
        "decided_by": decided_by or getpass.getuser(),
        "decided_at": f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}",
    }
    return store_answers(settings, [_label(row, by_pair, about) for row in rows])


def _check_answers(connection: duckdb.DuckDBPyConnection, path: Path, numbered: list[tuple[int, Row]]) -> None:
    from identity.quality.reviewed_pairs import ANSWERS

    rows = [row for _, row in numbered]
    unknown = [(line, row["answer"]) for line, row in numbered if row["answer"] not in ANSWERS]
    if unknown:
        raise DecisionError(
            f"{path} line {unknown[0][0]} holds the answer(s) {', '.join(sorted({answer for _, answer in unknown}))}; "
            f"expected {', '.join(ANSWERS)} or nothing. Correct them."
        )
    keys = {row[name] for row in rows for name in ("person_record_id_left", "person_record_id_right")}
    known = {row[0] for row in connection.execute("select person_record_id from profile_records").fetchall()}
    if keys - known:
        raise DecisionError(
            f"{path} names {len(keys - known)} record(s) that the live release does not have, the first "
            f"{min(keys - known)}; expected keys such as crm:contact:<Id>. Correct or remove these lines."
        )
    self_pairs = [row for row in rows if row["person_record_id_left"] == row["person_record_id_right"]]
    if self_pairs:
        raise DecisionError(
            f"{path} pairs {self_pairs[0]['person_record_id_left']} with itself; expected two different records. "
            "Remove the line."
        )


def _label(row: Row, by_pair: dict[frozenset[str], tuple[float | None, str]], about: Row) -> Row:
    weight, version = by_pair.get(frozenset((row["person_record_id_left"], row["person_record_id_right"])), (None, ""))
    return {**row, "match_weight": "" if weight is None else str(weight), "model_version": version, **about}
