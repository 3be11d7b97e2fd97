"""Whatever a value holds, the terminal shows it as text: no markup, no link, no control sequence."""

import json
import unicodedata
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cdp_orchestration.dagster.run_history import PastRun
from cdp_orchestration.dagster.sync_run import SyncOutcome
from cdp_orchestration.errors import DecisionError, SyncFailedError
from cdp_orchestration.health.sources import StreamHealth
from cdp_orchestration.home.settings import Settings
from cdp_orchestration.identity_stage.decisions import Override
from cdp_orchestration.identity_stage.explanation import Explained
from cdp_orchestration.identity_stage.models import Comparison
from cdp_orchestration.landing.states.lateness import Lateness
from cdp_orchestration.notifications import Finding as HomeFinding
from cdp_orchestration.release.kept import KeptRelease, Pin
from cdp_orchestration.release.lookup import CustomerView
from cdp_orchestration.release.reader import Release
from cdp_orchestration.sources import declared_stream
from cdp_orchestration.terminal import summaries
from cdp_orchestration.terminal.errors import show_error
from cdp_orchestration.terminal.explanation_report import explanation
from cdp_orchestration.terminal.plain_text import json_text, plain
from cdp_orchestration.terminal.release_report import releases_table
from cdp_orchestration.terminal.status import Status
from cdp_orchestration.terminal.status_report import status_report
from cdp_orchestration.terminal.tables import facts, show, show_json, table
from identity import Explanation
from identity.explanation.link_paths import Link
from identity.explanation.weighed_pair import Finding, SuppressedValue, WeighedPair

Printed = Callable[[Callable[[], None]], str]

HOSTILE = (
    "[/b]",
    "[bold red]x[/]",
    "[link=https://example.com]x",
    "x\x1b[2J",
    "x\x1b]8;;https://example.com\x1b\\y",
    "x\x9b31m",
    "x\x07y",
    "x\u202ey",
    "x\u200b\u200dy",
    "x\r\ny\u2028z",
    "\ud800x",
    ":bomb:",
    "'\"\\[x",
)
CONTACTS = declared_stream("crm/contacts", Settings(Path("/nowhere")))
LATENESS = Lateness("in time", None, "Nothing has been delivered yet.")
hostile_text = st.one_of(
    st.sampled_from(HOSTILE),
    st.text(alphabet="[]/=:\\ab\x1b\x07\x9b\u202e\u200b\n\t ", max_size=30),
    st.text(max_size=30),
)


def _obeyed(shown: str) -> set[str]:
    """The characters of an output that a terminal would obey or hide; line breaks are the renderers' own."""
    categories = {"Cc", "Cf", "Cs", "Cn", "Zl", "Zp"}
    return {character for character in shown if character != "\n" and unicodedata.category(character) in categories}


def _assert_shown_as_text(shown: str, values: Iterable[str]) -> None:
    assert _obeyed(shown) == set()
    assert [value for value in values if plain(value).strip() not in shown] == []


@given(st.text())
def test_a_plain_value_is_one_line_of_visible_characters(value: str) -> None:
    assert _obeyed(plain(value)) == set()
    assert "\n" not in plain(value)
    assert plain(plain(value)) == plain(value)


@given(hostile_text)
def test_json_holds_the_very_value_and_nothing_that_a_terminal_obeys(value: str) -> None:
    written = json_text({"value": [value]})
    assert json.loads(written) == {"value": [value]}
    assert _obeyed(written) == set()


@given(hostile_text)
def test_a_table_shows_values_in_title_headings_and_cells(printed: Printed, value: str) -> None:
    shown = printed(lambda: show(table(f"t{value}", [f"h{value}"], [[f"c{value}"], [[f"l{value}"]]])))
    _assert_shown_as_text(shown, [f"t{value}", f"h{value}", f"c{value}", f"l{value}"])


@given(hostile_text)
def test_facts_and_lines_show_values(printed: Printed, value: str) -> None:
    shown = printed(lambda: show(facts(f"t{value}", {f"n{value}": f"v{value}"}), f"s{value}"))
    _assert_shown_as_text(shown, [f"t{value}", f"n{value}", f"v{value}", f"s{value}"])


@given(hostile_text)
def test_an_error_is_one_line_whatever_it_names(printed: Printed, value: str) -> None:
    shown = printed(lambda: show_error(DecisionError(f"file {value} is not there")))
    _assert_shown_as_text(shown, [f"file {value} is not there"])
    assert len(shown.splitlines()) == 1


def test_a_failed_sync_lists_each_failure_on_an_indented_line(printed: Printed) -> None:
    shown = printed(lambda: show_error(SyncFailedError("sync failed:\ngate one [/b]\ngate two\x1b[2J")))
    assert shown == "error: sync failed:\n  gate one [/b]\n  gate two\\x1b[2J\n"


@given(hostile_text)
def test_a_customer_is_shown_as_text(printed: Printed, value: str) -> None:
    view = CustomerView(
        profile={"profile_id": f"p{value}", "given_name": f"n{value}", "emails": [f"e{value}"]},
        records=[
            {
                "source_system": f"s{value}",
                "source_record_type": "contact",
                "source_record_id": f"r{value}",
                "link_reason": "same_email",
                "match_probability": 0.9,
            }
        ],
        identifiers=[
            {"identifier_type": "email", "identifier_value": f"i{value}", "is_primary": True, "is_shared": False}
        ],
        metrics={"segment": f"m{value}"},
        journeys=[],
        touchpoints=[_touchpoint(value)],
    )
    shown = printed(lambda: show(summaries.customer(view, 5)))
    _assert_shown_as_text(shown, [f"{letter}{value}" for letter in "pnesrimt"])


def _touchpoint(value: str) -> dict[str, Any]:
    return {
        "occurred_at": datetime(2026, 1, 1, tzinfo=UTC),
        "stage": "research",
        "channel": "web",
        "touchpoint_type": f"t{value}",
        "amount": 1,
        "currency": f"c{value}",
        "satisfaction_score": None,
    }


@given(hostile_text)
def test_an_explanation_is_shown_as_text(printed: Printed, value: str) -> None:
    left, right = f"l{value}", f"r{value}"
    pair = WeighedPair(
        left=left,
        right=right,
        findings=(Finding("given_name", "same", f"w{value}", 3.0, 2.0),),
        prior_weight=-10.0,
        doubt=0.0,
        match_weight=3.0,
        stranger_weight=3.0,
        conflict_weight=0.0,
        met_by=(f"b{value}",),
        strong_identifiers=(f"k{value}",),
        is_sparse=False,
        suppressed=(SuppressedValue(left, "email", f"v{value}", 9, "blocklisted"),),
    )
    explained = Explained(
        [left],
        [right],
        (f"p{value}", f"q{value}"),
        {left: {"given_name": f"n{value}"}, right: {"given_name": "Jane"}},
        Explanation(True, "one_profile", (f"a{value}",), ((Link(left, right, f"o{value}", 0.9, 3.0, True), pair),)),
        (Override("must_link", left, right, f"d{value}", "2026-01-01", f"y{value}"),),
    )
    shown = printed(lambda: show(explanation(explained)))
    spaced = {f"b{value}", f"k{value}", f"o{value}"}  # their underscores become spaces
    _assert_shown_as_text(shown, [left, right, *(f"{letter}{value}" for letter in "wvpqnady")])
    assert [
        word for word in spaced if plain(word.replace("_", " ").replace("email", "e-mail")).strip() not in shown
    ] == []


@given(hostile_text)
def test_status_and_models_are_shown_as_text(printed: Printed, value: str) -> None:
    manifest = {
        "release_id": f"r{value}",
        "created_at": "2026-01-01T00:00:00+00:00",
        "tables": {f"t{value}": {"rows": 1}},
    }
    stream = replace(CONTACTS, name=f"c{value}")
    found = Status(
        home=Path(f"/h{value}".replace("\0", "")),
        health="degraded",
        live=Release(Path("/releases"), manifest),
        findings=[HomeFinding("low_disk", "disk", "warning", f"f{value}", f"y{value}", details=(f"d{value}",))],
        streams=[StreamHealth(stream, LATENESS, None, (f"x{value}",), 1, 1, {f"v{value}": 1}, None)],
        unfinished=[f"n{value}"],
        syncs=[PastRun(f"u{value}", f"j{value}", f"s{value}", 0.0, 1.0)],
        candidate=None,
        notices=[f"i{value}"],
    )
    candidate = Comparison(f"m{value}", f"w{value}", 1, 1, 1, 0, 0, 0, 50)
    shown = printed(lambda: show(status_report(found, summaries.model_comparison(candidate))))
    _assert_shown_as_text(shown, [f"{letter}{value}" for letter in "rtfydcvinujsmw"])


@given(hostile_text)
def test_releases_are_shown_as_text(printed: Printed, value: str) -> None:
    manifest = {
        "release_id": "r",
        "created_at": "2026-01-01T00:00:00+00:00",
        "tables": {"profiles": {"rows": 1}},
        "code_version": f"c{value}",
        "model_version": f"m{value}",
    }
    pin = Pin(f"b{value}", f"w{value}", "2026-01-01")
    shown = printed(lambda: show(releases_table([KeptRelease("r", True, pin, Release(Path("/releases"), manifest))])))
    _assert_shown_as_text(shown, [f"c{value}", f"m{value}"])


@pytest.mark.parametrize("value", [text for text in HOSTILE if text.isprintable() or "\x1b" in text])
def test_a_sync_is_summed_up_as_text(printed: Printed, tmp_path: Path, value: str) -> None:
    with duckdb.connect() as connection:
        connection.execute("create table p as select ? as profile_id, 3 as record_count, 2 as source_count", [value])
        connection.execute(f"copy p to '{tmp_path}/profiles.parquet' (format parquet)")
    manifest = {"release_id": f"r{value}", "tables": {"profiles": {"file": "profiles.parquet"}}}
    release = Release(tmp_path, manifest)
    made = SyncOutcome("run", False, 3, 0, 0, {})
    idle = SyncOutcome("run", True, 0, 0, 0, {})
    shown = printed(lambda: show(summaries.sync_summary(made, release, 1.0)))
    _assert_shown_as_text(shown, [value])
    _assert_shown_as_text(printed(lambda: show(summaries.sync_summary(idle, release, 1.0))), [f"r{value}"])


def test_json_has_times_and_days_in_the_standard_form() -> None:
    at = datetime(2026, 1, 1, 8, tzinfo=UTC)
    assert json.loads(json_text([at, at.date()])) == ["2026-01-01T08:00:00+00:00", "2026-01-01"]


def test_json_is_printed_as_it_is_written(printed: Printed) -> None:
    assert json.loads(printed(lambda: show_json({"name": "[bold]Ядвига :bomb:"}))) == {"name": "[bold]Ядвига :bomb:"}
