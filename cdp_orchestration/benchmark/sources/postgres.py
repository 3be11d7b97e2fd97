"""A table of invented orders in PostgreSQL: filled, copied by the server, fetched by the platform."""

import os
from pathlib import Path

from cdp_orchestration.benchmark.sources.orders import ORDERS, write_orders
from cdp_orchestration.connectors.connecting import connector_of
from cdp_orchestration.connectors.databases.declaration import Database
from cdp_orchestration.demo.throwaway_postgres import Server
from cdp_orchestration.home.sql_text import quoted, text_literal

ADDRESS_VARIABLE = "CDP_BENCHMARK_POSTGRES"
_KINDS = {"decimal": "numeric", "timestamp": "timestamptz", "json": "jsonb", "boolean": "boolean"}


def fill(server: Server, count: int) -> None:
    """Create the table of orders with invented rows."""
    delivered = server.folder / "orders"
    write_orders(delivered, "csv", count)
    columns = ", ".join(f"{quoted(field.name)} {_KINDS.get(field.type, 'text')}" for field in ORDERS.fields)
    server.run(f"create table orders ({columns})")
    file = next(delivered.iterdir())
    server.run(f"copy orders from {text_literal(file)} (format csv, header)")
    server.run("analyze orders")


def copy_to_csv(server: Server) -> None:
    """Let the server write its table as CSV."""
    server.run(f"copy orders to {text_literal(str(server.folder / 'copied.csv'))} (format csv, header)")


def fetch(server: Server, folder: Path) -> int:
    """Fetch the table with the connector of the platform; return the rows."""
    os.environ[ADDRESS_VARIABLE] = server.address
    declared = Database.model_validate({"kind": "postgres", "url": f"env:{ADDRESS_VARIABLE}", "table": "public.orders"})
    return connector_of(declared).fetch(None, folder).row_count or 0
