"""A table of PostgreSQL lands by its cursor, with the types that the declaration names."""

from pathlib import Path

import duckdb
import duckdb_extension_postgres_scanner as scanner
import pytest
from postgres_server import running_postgres

from cdp_orchestration.home.settings import Settings
from cdp_orchestration.home.warehouse import read_warehouse
from cdp_orchestration.landing import fetch_stream, land_stream
from cdp_orchestration.sources import declared_streams

pytestmark = pytest.mark.slow

DECLARED = """
source: shop
streams:
  clients:
    key: [id]
    cursor: changed
    fields:
      id: identifier
      mail: text
      spent: signed_amount
      is_active: boolean
      born: date_of_birth
      tags: json_texts
      changed: timestamp
    from: {kind: postgres, url: "env:SHOP_DATABASE", table: public.clients, cursor: changed}
"""


def test_a_table_lands_by_its_cursor_with_its_types(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    home = Settings(home=tmp_path)
    home.own_sources.mkdir()
    (home.own_sources / "shop.yml").write_text(DECLARED, encoding="utf-8")
    clients = declared_streams(home)[-1]
    with running_postgres() as address, duckdb.connect() as shop:
        monkeypatch.setenv("SHOP_DATABASE", address)
        shop.load_extension(str(next(Path(scanner.__file__).parent.rglob("*.duckdb_extension"))))
        shop.execute(f"attach '{address}' as shop (type postgres)")
        shop.execute(
            "call postgres_execute('shop', $$create table clients (id bigint, mail text, spent numeric(12, 2), "
            "is_active boolean, born date, tags text[], changed timestamptz); insert into clients values "
            "(1, 'ada@example.org', 12.50, true, '1990-02-03', '{vip}', '2026-01-01 12:00:00.25+02'), "
            "(2, null, -3, false, null, null, '2026-01-02 00:00:00+00')$$)"
        )
        fetch_stream(clients, home)
        first = land_stream(clients, home)
        shop.execute(
            "call postgres_execute('shop', $$update clients set spent = 20, changed = '2026-01-03' where id = 1$$)"
        )
        fetch_stream(clients, home)
        second = land_stream(clients, home)

    assert (first.rows_landed, first.rows_refused, second.rows_refused) == (2, 0, 0)
    with read_warehouse(home.warehouse) as warehouse:
        rows = warehouse.execute(
            "select id, mail, spent::varchar, is_active, born::varchar, tags, changed::varchar "
            "from landing.shop_clients order by changed"
        ).fetchall()
    assert rows[0] == ("1", "ada@example.org", "12.5000", True, "1990-02-03", '["vip"]', "2026-01-01 10:00:00.25")
    assert rows[1][:4] == ("2", None, "-3.0000", False)
    assert rows[-1][2] == "20.0000"
