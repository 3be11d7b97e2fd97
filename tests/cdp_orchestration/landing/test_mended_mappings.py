"""A file lands again when a home declares its stream otherwise, and what the former mapping made of it is gone."""

from pathlib import Path

import pytest

from cdp_orchestration.home.settings import Settings
from cdp_orchestration.home.warehouse import read_warehouse
from cdp_orchestration.landing import land_stream
from cdp_orchestration.sources import Stream, declared_streams, shipped_streams

CLUB = "source: club\nstreams: {members: {key: [id], fields: {id: identifier, NAME: text}}}\n"
HUBSPOT = "source: crm\nstreams: {accounts: {renames: {Company ID: Id, Company: Name, Modified: SystemModstamp}}}\n"


@pytest.fixture
def home(tmp_path: Path) -> Settings:
    (tmp_path / "sources").mkdir()
    return Settings(home=tmp_path)


def declare(home: Settings, text: str) -> Stream:
    (home.own_sources / "own.yml").write_text(text, encoding="utf-8")
    table = "crm_accounts" if "crm" in text else "club_members"
    return next(stream for stream in declared_streams(home) if stream.table == table)


def deliver(home: Settings, stream: Stream, text: str) -> None:
    folder = home.inbox / stream.source / stream.name
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "a.csv").write_text(text, encoding="utf-8")


def rows(home: Settings, query: str) -> list[tuple[object, ...]]:
    with read_warehouse(home.warehouse) as connection:
        return connection.execute(query).fetchall()


def test_a_file_that_was_refused_lands_once_its_headings_are_declared(home):
    accounts = next(stream for stream in shipped_streams() if stream.table == "crm_accounts")
    deliver(home, accounts, "Company ID,Company,Modified\nC1,Acme,2026-01-01T00:00:00Z\n")
    refused = land_stream(accounts, home)

    landed = land_stream(declare(home, HUBSPOT), home)

    assert (refused.files_refused, landed.rows_landed, landed.files_still_refused) == (1, 1, 0)
    assert rows(home, 'select "Id", "Name" from landing.crm_accounts') == [("C1", "Acme")]


def test_a_mended_mapping_replaces_what_the_former_one_made_of_a_file(home):
    members = declare(home, CLUB)
    deliver(home, members, "id,full_name\n1,Ada\n2,Ben\n")
    land_stream(members, home)

    mended = declare(home, CLUB.replace("key:", "renames: {full_name: NAME}, key:"))
    landed = land_stream(mended, home)

    assert landed.rows_landed == 2
    assert rows(home, 'select id, "NAME" from landing.club_members order by id') == [("1", "Ada"), ("2", "Ben")]
    assert land_stream(mended, home).files_landed == 0


def test_what_does_not_decide_how_a_file_lands_lands_nothing_again(home):
    members = declare(home, CLUB)
    deliver(home, members, "id,NAME\n1,Ada\n")
    land_stream(members, home)

    described = declare(home, CLUB.replace("key:", "vendor: club member, key:"))

    assert described.declaration == members.declaration
    assert land_stream(described, home).files_landed == 0


def test_the_batches_of_a_stream_that_no_home_changes_keep_their_names():
    assert {stream.declaration for stream in shipped_streams()} == {""}
