"""The columns of a home's own interactions that move money."""

from collections.abc import Iterator, Mapping

from cdp_orchestration.dbt.own_sql import has_event_words, is_one_of
from cdp_orchestration.home.sql_text import text_literal
from cdp_orchestration.sources import Stream
from cdp_orchestration.sources.event_words import event_words
from cdp_orchestration.sources.interaction_mapping import DEFAULT_EVENT, InteractionMapping, MarkedRows

_PURCHASE = "purchase"  # the stage in which an amount is an order


def amount_columns(
    stream: Stream, mapped: InteractionMapping, staged: Mapping[str, str], own_id: str, event: str
) -> Iterator[str]:
    """Yield the SQL of the columns of a stream's interactions that say what they are worth; none without an amount.

    Args:
        stream: the stream.
        mapped: which of its fields is what.
        staged: the column of staging by field.
        own_id: the SQL of the interaction's own id.
        event: the SQL of its event.

    Yields:
        delivered_amount (null of a row that moves no money, such as a cart), amount (null also where it does not
        count), currency, order_interaction_id and is_renewal.
    """
    if not mapped.amount:
        return
    amount = _moved_amount(stream, mapped, staged, event)
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


def _moved_amount(stream: Stream, mapped: InteractionMapping, staged: Mapping[str, str], event: str) -> str:
    """Return the SQL of an amount with its sign, of a row that buys something, pays back, or belongs to an order."""
    amount = staged[mapped.amount or ""]
    if mapped.is_paid_back:
        return f"-abs({amount})"
    if mapped.paid_back:
        amount = f"if({_is_marked(mapped.paid_back, staged)}, -abs({amount}), {amount})"
    buys = _buys(stream, mapped, event)
    if buys is None:
        return amount
    belongs = f" or {staged[mapped.order.field]} is not null" if mapped.order else ""
    return f"case when {buys} or {amount} < 0{belongs} then {amount} end"


def _buys(stream: Stream, mapped: InteractionMapping, event: str) -> str | None:
    """Return the condition that an event is of the stage of purchase; None where each one is."""
    stages = {name: row.stage for name, row in mapped.taxonomy.items() if name != DEFAULT_EVENT}
    is_default = mapped.taxonomy[DEFAULT_EVENT].stage == _PURCHASE
    others = [name for name, stage in stages.items() if (stage == _PURCHASE) != is_default]
    if not has_event_words(mapped) or not others:
        return None if is_default else "false"
    kind = f"{stream.source}.{mapped.record_type}"
    named = ", ".join(text_literal(f"{kind}.{event_words(name, len(mapped.event))}") for name in others)
    return f"{event} {'not ' if is_default else ''}in ({named})"


def _is_marked(rows: MarkedRows | None, staged: Mapping[str, str]) -> str:
    return f"coalesce({is_one_of(staged[rows.field], rows.values)}, false)" if rows else "false"
