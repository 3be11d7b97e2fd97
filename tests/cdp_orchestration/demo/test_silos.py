"""The demo's silos as tables and as an API: what a connector fetches from them, delivery by delivery."""

import json
import os
from pathlib import Path

import pyarrow.parquet as pq
import pytest
import requests
from postgres_server import running_postgres

from cdp_orchestration.connectors.connecting import connector_of
from cdp_orchestration.connectors.rest.declaration import Rest
from cdp_orchestration.demo.api_silos import PAGE_ROWS, TOKEN_VARIABLE, ApiSilos
from cdp_orchestration.demo.declarations import (
    DeclarationInPlaceError,
    api_origin,
    postgres_origin,
    put_away_declarations,
    write_declarations,
)
from cdp_orchestration.demo.inbox import demo_streams
from cdp_orchestration.demo.postgres_silos import DemoDatabaseError, PostgresSilos
from cdp_orchestration.demo.silos import open_silos
from cdp_orchestration.demo.throwaway_postgres import NoServerError
from cdp_orchestration.home.settings import Settings
from cdp_orchestration.sources import declared_streams


def _users(folder: Path, *ids: int) -> Path:
    path = folder / f"{ids[0]}.jsonl"
    path.write_text("".join(json.dumps({"id": each, "tags": ["vip"]}) + "\n" for each in ids), encoding="utf-8")
    return path


def _origin(settings: Settings, stream: str):
    found = {f"{each.source}/{each.name}": each for each in declared_streams(settings)}[stream]
    assert found.mapping is not None
    return found.mapping.from_


def test_an_api_is_read_page_by_page_and_then_from_where_it_ended(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home, rows = Settings(tmp_path / "home"), tmp_path / "rows"
    rows.mkdir()
    with ApiSilos(rows, demo_streams()) as api:
        monkeypatch.setenv(TOKEN_VARIABLE, api.token)
        write_declarations(home.own_sources, demo_streams(), api_origin(api.url))
        declared = _origin(home, "support/users")
        assert isinstance(declared, Rest)
        folder = tmp_path / "inbox"
        nothing = connector_of(declared).fetch(None, folder)
        api.take("support/users", _users(tmp_path, *range(2 * PAGE_ROWS + 1)))
        first = connector_of(declared).fetch(nothing.position, folder)
        api.take("support/users", _users(tmp_path, 9_001, 9_002))
        second = connector_of(declared).fetch(first.position, folder)
        third = connector_of(declared).fetch(second.position, folder)
    assert (nothing.row_count, first.row_count, second.row_count, third.row_count) == (0, 2 * PAGE_ROWS + 1, 2, 0)
    assert [json.loads(line) for line in second.files[0].read_text(encoding="utf-8").splitlines()] == [
        {"id": 9_001, "tags": ["vip"]},
        {"id": 9_002, "tags": ["vip"]},
    ]


@pytest.mark.parametrize(
    ("path", "token", "status"),
    [("support/users", "wrong", 401), ("support/userss", None, 404), ("support/users?after=-1", None, 400)],
)
def test_an_api_says_what_is_wrong_with_a_request(tmp_path: Path, path: str, token: str | None, status: int) -> None:
    with ApiSilos(tmp_path, demo_streams()) as api:
        asked = requests.get(f"{api.url}/{path}", headers={"Authorization": f"Bearer {token or api.token}"}, timeout=10)
    assert asked.status_code == status
    assert "error" in asked.json()


@pytest.mark.slow
def test_tables_are_read_by_their_delivery_number_whatever_the_times_in_their_rows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home, folder = Settings(tmp_path / "home"), tmp_path / "inbox"
    write_declarations(home.own_sources, demo_streams(), postgres_origin)
    declared = _origin(home, "crm/contacts")
    header = "Id,LastName,SystemModstamp\n"
    with running_postgres() as address:
        monkeypatch.setenv("CDP_DEMO_POSTGRES_URL", address)
        silos = PostgresSilos(address)
        silos.create_tables(demo_streams())
        nothing = connector_of(declared).fetch(None, folder)
        (tmp_path / "new.csv").write_text(f"{header}1,New,2026-06-02\n2,,2026-06-01\n", encoding="utf-8")
        (tmp_path / "late.csv").write_text(f"{header}1,Old,2019-01-01\n", encoding="utf-8")
        silos.take("crm/contacts", tmp_path / "new.csv")
        first = connector_of(declared).fetch(nothing.position, folder)
        silos.take("crm/contacts", tmp_path / "late.csv")
        second = connector_of(declared).fetch(first.position, folder)
        silos.close()
    assert nothing.row_count == 0
    assert [row["LastName"] for row in pq.read_table(first.files[0]).to_pylist()] == ["New", None]
    # The last row of the fetch before comes again, as another row could have its number.
    assert [row["LastName"] for row in pq.read_table(second.files[0]).to_pylist()] == [None, "Old"]


@pytest.mark.slow
def test_a_schema_that_no_demo_made_is_left_alone_and_one_of_a_demo_is_made_anew(tmp_path: Path) -> None:
    with running_postgres() as address:
        for _ in range(2):
            silos = PostgresSilos(address)
            silos.create_tables(demo_streams())
            silos.take("support/users", _users(tmp_path, 1, 2))
            silos.close()
        silos = PostgresSilos(address)
        silos._run("comment on schema support is 'the real one'")
        with pytest.raises(DemoDatabaseError, match="schema support that no demo made"):
            silos.create_tables(demo_streams())
        silos.close()


def test_an_address_that_leads_nowhere_is_an_error_without_its_password() -> None:
    with pytest.raises(DemoDatabaseError, match="is not reached") as error:
        PostgresSilos("postgresql://owner:s3cr3t-word@127.0.0.1:1/shop")
    assert "s3cr3t-word" not in str(error.value)
    assert error.value.__context__ is None


def test_a_declaration_of_the_home_itself_is_never_replaced(tmp_path: Path) -> None:
    own = tmp_path / "crm.yaml"
    own.write_text("source: crm\n", encoding="utf-8")
    with pytest.raises(DeclarationInPlaceError, match=r"crm\.yaml is there already"):
        write_declarations(tmp_path, demo_streams(), postgres_origin)
    assert [path.name for path in tmp_path.iterdir()] == ["crm.yaml"]


def test_declarations_whose_server_has_ended_are_kept_where_no_sync_reads_them(tmp_path: Path) -> None:
    sources, kept = tmp_path / "sources", tmp_path / "demo_sources"
    write_declarations(sources, demo_streams(), postgres_origin)
    put_away_declarations(sources, kept)
    assert not sources.exists()
    assert sorted(path.name for path in kept.iterdir()) == ["crm.yml", "ecommerce.yml", "in_store.yml", "support.yml"]


def test_what_a_killed_demo_left_in_force_is_put_away_by_the_next_one(tmp_path: Path) -> None:
    home = Settings(tmp_path)
    write_declarations(home.own_sources, demo_streams(), api_origin("http://127.0.0.1:1"))
    (home.own_sources / "newsletter.yml").write_text("source: newsletter\n", encoding="utf-8")
    with open_silos("files", home) as silos:
        assert silos.folder == home.inbox
    assert [path.name for path in home.own_sources.iterdir()] == ["newsletter.yml"]


def test_the_secrets_of_a_demo_leave_the_environment_with_it(tmp_path: Path) -> None:
    home = Settings(tmp_path)
    with open_silos("rest", home) as silos:
        assert os.environ[TOKEN_VARIABLE] not in "".join(silos.opening + silos.closing)
        assert home.own_sources.is_dir()
    assert TOKEN_VARIABLE not in os.environ
    assert [path.name for path in home.home.iterdir()] == ["demo_sources"]


def test_without_postgres_on_the_machine_the_error_says_what_else_there_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("CDP_DEMO_POSTGRES_URL", raising=False)
    monkeypatch.setattr("cdp_orchestration.demo.throwaway_postgres._INSTALLED", tmp_path)
    with pytest.raises(NoServerError, match="CDP_DEMO_POSTGRES_URL, or run `cdp demo --via rest`"):
        open_silos("postgres", Settings(tmp_path / "home")).__enter__()
    assert not (tmp_path / "home" / "sources").exists()
