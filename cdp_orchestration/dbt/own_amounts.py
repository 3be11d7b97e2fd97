"""The columns of a home's own interactions that move money."""

from collections.abc import Iterator, Mapping

from cdp_orchestration.dbt.own_sql import is_one_of
from cdp_orchestration.sources import Stream
from cdp_orchestration.sources.interaction_mapping import InteractionMapping, MarkedRows


def amount_columns(stream: Stream, mapped: InteractionMapping, staged: Mapping[str, str], own_id: str) -> Iterator[str]:
    """Yield the SQL of the columns of a stream's interactions that say what they are worth; none without an amount.

    Args:
        stream: the stream.
        mapped: which of its fields is what.
        staged: the column of staging by field.
        own_id: the SQL of the interaction's own id.

    Yields:
        delivered_amount, amount (null where it does not count), currency, order_interaction_id and is_renewal.
    """
    if not mapped.amount:
        return
    amount = f"-abs({staged[mapped.amount]})" if mapped.is_paid_back else staged[mapped.amount]
    yield f"{amount} as delivered_amount"
    yield f"if({_is_marked(mapped.uncounted, staged)}, null, {amount}) as amount"
    code = f"upper({staged[mapped.currency]})" if mapped.currency else f"'{mapped.currency_code}'"
    yield f"{code} as currency"
    order_id = own_id
    if mapped.order:
        kind = f"{mapped.order.source or stream.source}:{mapped.order.record_type}"
        order_id = f"coalesce('{kind}:' || {staged[mapped.order.field]}, {own_id})"
    yield f"{order_id} as order_interaction_id"
    yield f"{_is_marked(mapped.renewal, staged)} as is_renewal"


def _is_marked(rows: MarkedRows | None, staged: Mapping[str, str]) -> str:
    return f"coalesce({is_one_of(staged[rows.field], rows.values)}, false)" if rows else "false"
