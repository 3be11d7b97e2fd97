"""A real sync on a delivered row that breaks a model: the command names model, reason, file and line.

Landing refuses what no later stage can hold, so the row passes only because a limit is lifted.
"""

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest
from lifted_limits import HIGHEST_REOPENS, sync_without

from cdp_orchestration.demo import write_demo

pytestmark = [pytest.mark.slow, pytest.mark.scenario]

SECRET = "secret@private.example"
WHEN = "2026-06-20T20:13:38Z"


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("failed") / "home"


@pytest.fixture(scope="module")
def failed(home: Path) -> "subprocess.CompletedProcess[str]":
    """A sync of a ticket that was reopened too often for its type."""
    write_demo(home / "inbox", home / "demo_truth.csv", customers=60, seed=5, drops=(0,))
    ticket = {"id": 7770001, "subject": SECRET, "status": "open", "created_at": WHEN, "updated_at": WHEN}
    _deliver(home, "support", "tickets", ticket)
    good, broken = ({"ticket_id": 7770001, "reopens": count, "updated_at": WHEN} for count in (1, 77_788_899_900))
    _deliver(home, "support", "ticket_metrics", {**good, "ticket_id": 7770002}, broken)
    targets = "targets: {a: {kind: command, command: [sh, -c, 'cat >> heard.jsonl; echo >> heard.jsonl']}}\n"
    (home / "notifications.yml").write_text(targets, encoding="utf-8")
    return sync_without(HIGHEST_REOPENS, home)


def test_the_exit_code_is_1_and_no_release_is_made(failed: "subprocess.CompletedProcess[str]") -> None:
    assert (failed.returncode, failed.stdout) == (1, "")
    assert "the live release is untouched" in failed.stderr


def test_a_model_that_fails_names_the_reason_and_the_lines_of_the_delivered_files(
    failed: "subprocess.CompletedProcess[str]",
) -> None:
    assert (
        "- model support_ticket_interactions could not be built: Conversion Error: a number is too large for INT32; "
        "it can be built without the row of stg_support__tickets with ticket_id 7770001, delivered in "
        "support/tickets/broken.jsonl line 1, or without the row of stg_support__ticket_metrics with ticket_id "
        "7770001, delivered in support/ticket_metrics/broken.jsonl line 2\n"
    ) in failed.stderr


def test_no_value_of_the_broken_rows_is_repeated(failed: "subprocess.CompletedProcess[str]") -> None:
    assert [value for value in (SECRET, "77788899900") if value in failed.stderr] == []


def test_a_target_hears_of_it_without_a_value_a_key_or_a_file(
    failed: "subprocess.CompletedProcess[str]", home: Path
) -> None:
    bodies = [json.loads(line) for line in (home / "heard.jsonl").read_text(encoding="utf-8").splitlines()]
    (run,) = (body for body in bodies if body["kind"] == "failed_run")
    assert "failed at staging" in run["what_happened"]
    assert "(DbtFailedError)" in run["what_happened"]
    assert [each for each in (SECRET, "77788899900", "7770001", "broken.jsonl") if each in json.dumps(bodies)] == []
    assert f"Notifications: {len(bodies)} message" in failed.stderr


def test_the_log_has_one_plain_line_a_stage_with_rows_and_seconds(failed: "subprocess.CompletedProcess[str]") -> None:
    landing, staging, *_ = failed.stderr.splitlines()
    stage, rows, _, seconds, unit = landing.split()
    assert (stage, int(rows.replace(",", "")) > 500, float(seconds) > 0, unit) == ("landing:", True, True, "s")
    assert staging.startswith("staging: failed after ")
    assert [sign for sign in ("\r", "\x1b") if sign in failed.stderr] == []


def _deliver(home: Path, source: str, stream: str, *rows: dict[str, Any]) -> None:
    file = home / "inbox" / source / stream / "broken.jsonl"
    file.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
