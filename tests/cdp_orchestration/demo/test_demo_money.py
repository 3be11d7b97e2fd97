"""Amounts add up, in the shop and at the tills."""

LINES = """(select id, currency, line->>'sku' as sku, (line->>'quantity')::int as quantity,
    (line->>'price')::decimal(18, 2) as price
    from (select id, currency, unnest(line_items::json[]) as line from newest_ecommerce_orders))"""


def test_an_orders_lines_less_its_discount_are_its_total(query):
    wrong = f"""select count(*) from newest_ecommerce_orders o join
        (select id, sum(quantity * price) as lines from {LINES} group by all) l using (id)
        where l.lines - o.total_discounts::decimal(18, 2) != o.total_price::decimal(18, 2)
        or o.total_price::decimal(18, 2) <= 0"""
    assert query(wrong) == [(0,)]
    assert query(f"select count(distinct id) from {LINES}") == query("select count(*) from newest_ecommerce_orders")


def test_a_refund_is_never_more_than_its_order(query):
    refunds = """select id, total_price::decimal(18, 2) as total, financial_status,
        (refund->'transactions'->0->>'amount')::decimal(18, 2) as amount
        from (select *, unnest(refunds::json[]) as refund from newest_ecommerce_orders)"""
    assert query(f"select count(*) from ({refunds}) where amount > total or amount <= 0") == [(0,)]
    assert {status for (status,) in query(f"select distinct financial_status from ({refunds})")} == {
        "refunded", "partially_refunded",
    }  # fmt: skip


def test_a_sales_lines_less_its_discount_are_its_total(query):
    wrong = """select count(*) from newest_in_store_transactions t join
        (select transaction_id, sum(line_amount) as lines, count(*) filter (line_amount != quantity * unit_price) as odd
         from newest_in_store_transaction_items group by all) using (transaction_id)
        where lines - discount_amount != total_amount or odd > 0"""
    assert query(wrong) == [(0,)]
    lone = """select count(*) from newest_in_store_transactions t anti join in_store_transaction_items
        using (transaction_id)"""
    assert query(lone) == [(0,)]


def test_an_article_costs_the_same_in_the_shop_and_at_the_till(query):
    prices = f"""select currency, sku, price from {LINES} union
        select currency, sku, unit_price from newest_in_store_transaction_items
        join newest_in_store_transactions using (transaction_id)"""
    assert query(f"select currency, sku from ({prices}) group by all having count(*) > 1") == []


def test_some_tills_write_returns_as_negative_amounts_and_others_do_not(query):
    signs = query("select distinct sign(total_amount) from newest_in_store_transactions where is_return")
    assert sorted(signs) == [(-1,), (1,)]


def test_a_cancelled_order_was_never_shipped(query):
    assert query("""select count(*) from newest_ecommerce_orders
        where cancelled_at is not null and (fulfillment_status = 'fulfilled'
        or financial_status not in ('voided', 'refunded'))""") == [(0,)]
    assert query("select count(*) > 0 from newest_ecommerce_orders where cancelled_at is not null") == [(True,)]
