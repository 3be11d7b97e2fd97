"""People set limits by hand, and accept what is far off but right."""

from datetime import datetime
from pathlib import Path

import duckdb
import pytest

from cdp_orchestration.figures.acceptance import NothingToAcceptError, accept_run, accepted, waiting_figures
from cdp_orchestration.figures.bounds import compared
from cdp_orchestration.figures.figure import Figure
from cdp_orchestration.figures.hand_limits import LimitsError, limited, read_limits
from cdp_orchestration.figures.store import keep_with_release, read_history, store_figures
from cdp_orchestration.home.settings import Settings

NOW = datetime(2026, 11, 2, 6)  # noqa: DTZ001 - the warehouse keeps UTC without a zone
FIGURE = Figure("filled", "Email", 0.5, 1_000, 0.95, 1_000, is_decisive=True)
SUBJECT = "staging.person_records"


def _limits_file(folder: Path, text: str) -> Path:
    path = folder / "figure_limits.yml"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_limit_set_by_hand_takes_the_place_of_a_learned_one(tmp_path: Path) -> None:
    path = _limits_file(tmp_path, f"limits: [{{of: {SUBJECT}, figure: filled, value: Email, minimum: 0.4}}]")
    found = compared(FIGURE, [], NOW)
    assert not found.is_credible
    assert limited(SUBJECT, found, read_limits(path)).is_credible
    assert not limited("staging.interactions", found, read_limits(path)).is_credible


def test_a_limit_can_be_a_warning(tmp_path: Path) -> None:
    path = _limits_file(tmp_path, f"limits: [{{of: {SUBJECT}, figure: filled, minimum: 0.6, severity: warning}}]")
    found = limited(SUBJECT, compared(FIGURE, [], NOW), read_limits(path))
    assert (found.is_usual, found.is_credible) == (False, True)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("limits: [{of: staging.x, figure: fild, minimum: 1}]", "found figure fild, expected one of"),
        ("limits: [{of: staging.x, figure: filled}]", "expected minimum, maximum or both"),
        ("limits: [{of: x, figure: filled, minimum: 1}]", "limits.0.of"),
        ("limits: [", "line 1"),
    ],
)
def test_a_wrong_file_of_limits_names_the_place(tmp_path: Path, text: str, said: str) -> None:
    path = _limits_file(tmp_path, text)
    with pytest.raises(LimitsError, match=r"figure_limits\.yml") as error:
        read_limits(path)
    assert said in str(error.value)


def test_what_was_accepted_counts_as_history_with_who_and_why(tmp_path: Path) -> None:
    settings = Settings(tmp_path)
    with duckdb.connect() as connection:
        store_figures(connection, SUBJECT, "0123456789", [compared(FIGURE, [], NOW)], accepted=False)
        assert read_history(connection, SUBJECT) == {}
        assert [each.of for each in waiting_figures(connection)] == ["Email"]
        assert accept_run(connection, "012345", settings, by="ada", why="a new form") == [SUBJECT]
        assert [each.value for each in read_history(connection, SUBJECT)["filled", "Email"]] == [0.5]
        assert waiting_figures(connection) == []
    (kept,) = accepted(settings)
    assert (kept.run_id, kept.subject, kept.accepted_by, kept.why) == ("0123456789", SUBJECT, "ada", "a new form")


def test_a_run_that_nothing_waits_of_cannot_be_accepted(tmp_path: Path) -> None:
    with duckdb.connect() as connection, pytest.raises(NothingToAcceptError, match="these runs: none"):
        accept_run(connection, "0123456", Settings(tmp_path), by="ada", why="a new form")
    assert accepted(Settings(tmp_path)) == []


def test_figures_are_kept_with_the_first_release_that_they_led_to() -> None:
    with duckdb.connect() as connection:
        store_figures(connection, SUBJECT, "first", [compared(FIGURE, [], NOW)], accepted=True)
        keep_with_release(connection, "release 1")
        store_figures(connection, SUBJECT, "second", [compared(FIGURE, [], NOW)], accepted=False)
        store_figures(connection, SUBJECT, "third", [compared(FIGURE, [], NOW)], accepted=True)
        keep_with_release(connection, "release 2")
        found = connection.execute("select run_id, release_id from operations.figures order by run_id").fetchall()
        assert found == [("first", "release 1"), ("second", None), ("third", "release 2")]
