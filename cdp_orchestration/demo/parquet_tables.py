"""The tills' rows as Arrow tables, with proper types."""

from collections.abc import Sequence
from typing import Any

import pyarrow as pa

MONEY = pa.decimal128(12, 2)
MOMENT = pa.timestamp("ms", tz="UTC")


def parquet_schemas() -> dict[str, pa.Schema]:
    """Return the schema of each Parquet stream, with the columns in the order of its rows."""
    return {
        "in_store/stores": _schema(
            store_id=pa.string(), name=pa.string(), city=pa.string(), country=pa.string(), timezone=pa.string(),
            opened_on=pa.date32(),
        ),
        "in_store/loyalty_members": _schema(
            member_id=pa.string(), loyalty_number=pa.string(), given_name=pa.string(), family_name=pa.string(),
            email=pa.string(), phone=pa.string(), date_of_birth=pa.date32(), address_line=pa.string(), city=pa.string(),
            region=pa.string(), postcode=pa.string(), country=pa.string(), home_store_id=pa.string(),
            email_opt_in=pa.bool_(), enrolled_at=MOMENT, updated_at=MOMENT, deleted_at=MOMENT,
        ),
        "in_store/transactions": _schema(
            transaction_id=pa.string(), store_id=pa.string(), register_id=pa.string(), sold_at=MOMENT,
            loyalty_number=pa.string(), card_fingerprint=pa.string(), receipt_email=pa.string(),
            receipt_phone=pa.string(), currency=pa.string(), status=pa.string(), original_transaction_id=pa.string(),
            total_amount=MONEY, discount_amount=MONEY, is_return=pa.bool_(), updated_at=MOMENT,
        ),
        "in_store/transaction_items": _schema(
            transaction_id=pa.string(), line_no=pa.int32(), sku=pa.string(), description=pa.string(),
            category=pa.string(), quantity=pa.int32(), unit_price=MONEY, line_amount=MONEY, is_gift_card=pa.bool_(),
        ),
    }  # fmt: skip


def _schema(**types: pa.DataType) -> pa.Schema:
    return pa.schema(list(types.items()))


def as_table(rows: Sequence[tuple[Any, ...]], schema: pa.Schema) -> pa.Table:
    """Turn rows into a table; times are given as epoch seconds, money as minor units."""
    columns = zip(*rows, strict=True)
    return pa.Table.from_arrays(
        [_column(values, field.type) for values, field in zip(columns, schema, strict=True)], schema=schema
    )


def _column(values: Sequence[Any], kind: pa.DataType) -> pa.Array:
    if kind == MOMENT:
        return pa.array(values, pa.timestamp("s", tz="UTC")).cast(kind)
    if kind == MONEY:
        cents = pa.array(values, pa.int64()).cast(pa.decimal128(19, 0))
        # The same 128-bit numbers read with two decimals: building a Decimal a value takes ten times as long.
        return pa.Array.from_buffers(pa.decimal128(19, 2), len(cents), cents.buffers()).cast(kind)
    return pa.array(values, kind)
