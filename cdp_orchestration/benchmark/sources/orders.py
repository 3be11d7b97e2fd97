"""Invented orders of the web shop in each format, and DuckDB's own way from such a file to typed Parquet."""

from collections.abc import Iterable
from pathlib import Path
from typing import Literal

from cdp_orchestration.home.sql_text import quoted, text_literal
from cdp_orchestration.landing.raw_rows import arrow_engine
from cdp_orchestration.sources import DUCKDB_TYPES, Stream, shipped_streams

Format = Literal["csv", "jsonl", "parquet"]
ORDERS: Stream = next(stream for stream in shipped_streams() if stream.table == "ecommerce_orders")

# Every field of the declaration; one order in ten is a guest's, one in twenty has a refund.
_ORDERS = """
select
    cast(5000000000 + i as varchar) as id,
    '#' || (1000 + i) as name,
    'person' || (i % 400000) || '@mail.example' as email,
    '+4420' || lpad(cast(i % 10000000 as varchar), 8, '0') as phone,
    (['EUR', 'GBP', 'USD'])[1 + i % 3] as currency,
    (['paid', 'paid', 'paid', 'refunded', 'pending'])[1 + i % 5] as financial_status,
    false as test,
    (['fulfilled', 'partial', null])[1 + i % 3] as fulfillment_status,
    (['web', 'iphone', 'android', 'pos'])[1 + i % 4] as source_name,
    (['', 'gift', 'vip, newsletter'])[1 + i % 3] as tags,
    '/products/item-' || (i % 900) || '?utm_source=newsletter&utm_medium=email' as landing_site,
    'https://search.example/' as referring_site,
    cast(cast(5 + i % 30000 / 100 as decimal(18, 2)) as varchar) as total_price,
    cast(cast(5 + i % 30000 / 100 as decimal(18, 2)) as varchar) as current_total_price,
    cast(cast(4 + i % 30000 / 100 as decimal(18, 2)) as varchar) as subtotal_price,
    '1.00' as total_discounts,
    case when i % 10 > 0 then {'id': 7000000000 + i % 400000} end as customer,
    {address} as billing_address,
    {address} as shipping_address,
    case when i % 20 = 0
        then [{'id': 900000000 + i, 'created_at': '2026-03-01T10:00:00Z', 'transactions': [{'amount': '4.50'}]}] else []
    end as refunds,
    [{'id': 800000000 + i, 'status': 'success', 'created_at': '2026-02-01T10:00:00Z', 'shipment_status': 'delivered'}]
        as fulfillments,
    [{'id': 600000000 + 2 * i, 'product_id': i % 900, 'sku': 'SKU-' || (i % 900), 'title': 'Stoneware mug, blue',
      'product_type': 'Kitchen', 'quantity': 1 + i % 3, 'price': '12.50'},
     {'id': 600000001 + 2 * i, 'product_id': i % 700, 'sku': 'SKU-' || (i % 700), 'title': 'Linen towel',
      'product_type': 'Home', 'quantity': 1, 'price': '8.00'}] as line_items,
    {placed} as created_at,
    {placed} as updated_at,
    {placed} as processed_at,
    null::varchar as cancelled_at
from range({first}, {last}) as orders(i)
""".replace(
    "{address}",
    "{'first_name': 'Anna', 'last_name': 'Lindqvist-' || (i % 5000), 'address1': (i % 200) || ' Mill Lane', "
    "'city': 'Leeds', 'zip': 'LS' || (i % 28) || ' 4AP', 'country_code': 'GB', 'phone': '+4420' || i}",
).replace("{placed}", "strftime(timestamp '2025-01-01' + to_seconds(i * 30 % 40000000), '%Y-%m-%dT%H:%M:%SZ')")

_WRITTEN = {
    "csv": "format csv, header",
    "jsonl": "format json",
    "parquet": "format parquet, compression snappy",
}


def write_orders(folder: Path, kind: Format, count: int, rows_per_file: int | None = None) -> int:
    """Write invented orders into a folder, all in one file or so many rows a file; return the size in bytes."""
    folder.mkdir(parents=True, exist_ok=True)
    size = rows_per_file or count
    with arrow_engine() as engine:
        for number, first in enumerate(range(0, count, size)):
            path = folder / f"orders-{number:06}.{kind}"
            rows = orders(first, min(first + size, count), kind)
            engine.execute(f"copy ({rows}) to {text_literal(path)} ({_WRITTEN[kind]})")
    return sum(path.stat().st_size for path in folder.iterdir())


def orders(first: int, last: int, kind: Format) -> str:
    """Return the query of invented orders; in JSON what is nested is an object, elsewhere it is JSON text."""
    query = _ORDERS.replace("{first}", str(first)).replace("{last}", str(last))
    if kind == "jsonl":
        return query
    documents = ", ".join(f"to_json({quoted(name)})::varchar as {quoted(name)}" for name in _names_of(["json"]))
    return f"select * replace ({documents}) from ({query})"


def write_typed(source: str, kind: Format, target: str) -> int:
    """Let DuckDB alone read files of orders by their declared types and write them as Parquet; return the rows."""
    kinds = {field.name: "json" if field.type == "json" else DUCKDB_TYPES[field.type] for field in ORDERS.fields}
    columns = ", ".join(f"{text_literal(name)}: {text_literal(kind)}" for name, kind in kinds.items())
    path = text_literal(source)
    readers = {
        "csv": f"read_csv({path}, header = true, columns = {{{columns}}})",
        "jsonl": f"read_json({path}, format = 'newline_delimited', columns = {{{columns}}})",
        "parquet": f"read_parquet({path})",
    }
    typed = ", ".join(
        f"cast({quoted(field.name)} as {DUCKDB_TYPES[field.type]}) as {quoted(field.name)}" for field in ORDERS.fields
    )
    with arrow_engine() as engine:
        query = f"select {typed} from {readers[kind]}"
        copied = engine.execute(f"copy ({query}) to {text_literal(target)} (format parquet, compression zstd)")
        return int(copied.fetchall()[0][0])


def _names_of(types: Iterable[str]) -> list[str]:
    return [field.name for field in ORDERS.fields if field.type in types]
