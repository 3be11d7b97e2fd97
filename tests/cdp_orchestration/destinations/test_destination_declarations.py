"""The file of destinations: what it may say, and what an error names."""

from pathlib import Path

import pytest
from small_releases import FIRST, make_live, rows_of

from cdp_orchestration.destinations import DestinationError, publish_to, read_destinations, standings
from cdp_orchestration.errors import DeclarationError
from cdp_orchestration.health.destinations import destination_findings
from cdp_orchestration.home.settings import Settings


def _settings(tmp_path: Path, text: str) -> Settings:
    home = tmp_path / "home"
    home.mkdir(exist_ok=True)
    (home / "destinations.yml").write_text(text, encoding="utf-8")
    return Settings(home)


def test_without_a_file_there_is_no_destination(tmp_path: Path) -> None:
    assert read_destinations(Settings(tmp_path)) == {}


def test_what_the_room_shows_can_be_declared(tmp_path: Path) -> None:
    from cdp_orchestration.destinations import declaration

    shown = str(declaration.__doc__).split(".. code-block:: yaml")[1]
    found = read_destinations(_settings(tmp_path, "\n".join(line[4:] for line in shown.splitlines())))
    assert {name: each.kind for name, each in found.items()} == {
        "warehouse": "postgres",
        "bucket": "files",
        "lake": "delta",
    }
    assert found["warehouse"].place == "schema cdp of the database at env:CDP_POSTGRES"


@pytest.mark.parametrize(
    ("line", "error"),
    [
        ("{kind: postgres, url: 'postgresql://u:hidden@h/d'}", r"line 2: destinations?.*url: a secret stands"),
        ("{kind: postgres, url: env:X, schema: Big}", r"line 2: .*schema: found 'Big'; String should match"),
        ("{kind: postgres, url: env:X, keep: 0}", r"line 2: .*keep: found '0'"),
        ("{kind: files, path: 's3://u:hidden@bucket/'}", r"the address may hold a secret"),
        ("{kind: files, path: relative}", r"expected a whole path"),
        ("{kind: files, path: 'sftp://host/folder'}", r"takes any server's key"),
        ("{kind: delta, path: /x, secrets: {key: hidden}}", r"a secret stands in a declaration"),
        ("{kind: oracle}", r"line 2: .*warehouse"),
        ("{kind: files, path: /x, ties: open}", r"ties: a declaration has no such key here"),
    ],
)
def test_an_error_names_file_line_and_field_and_no_secret(tmp_path: Path, line: str, error: str) -> None:
    settings = _settings(tmp_path, f"destinations:\n  warehouse: {line}\n")
    with pytest.raises(DeclarationError, match=error) as raised:
        read_destinations(settings)
    assert "destinations.yml" in str(raised.value)
    assert "hidden" not in str(raised.value)


@pytest.mark.parametrize("path", ["{home}/releases", "{home}", "{parent}", "file://{home}/x"])
def test_a_destination_in_the_home_is_refused(tmp_path: Path, path: str) -> None:
    place = path.format(home=tmp_path / "home", parent=tmp_path)
    settings = _settings(tmp_path, f"destinations:\n  copy: {{kind: files, path: '{place}'}}\n")
    with pytest.raises(DeclarationError, match="lies in the home itself"):
        read_destinations(settings)


def test_a_table_that_the_release_does_not_have_is_named_and_the_destination_is_behind(tmp_path: Path) -> None:
    settings = _settings(
        tmp_path, f"destinations:\n  copy: {{kind: files, path: {tmp_path}/copy, tables: [profiles, invoices]}}\n"
    )
    make_live(settings.home, FIRST, rows_of(1))
    with pytest.raises(DestinationError, match=r"copy is to have invoices, .*; expected some of match_edges, profiles"):
        publish_to(settings, "copy")
    (standing,) = standings(settings)
    assert standing.is_behind
    assert "invoices" in str(standing.state.problem)


def test_a_file_that_cannot_be_read_is_a_finding_and_blocks_nothing(tmp_path: Path) -> None:
    (finding,) = destination_findings(_settings(tmp_path, "destinations: {copy: {kind: none}}\n"))
    assert (finding.kind, finding.severity, finding.subject) == ("stale_destination", "warning", "destinations.yml")
    assert "line 1" in finding.details[0]
