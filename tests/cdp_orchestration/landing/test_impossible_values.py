"""A value that its field cannot hold is refused alone, or with its row where a total depends on it."""

import json

import pytest

from cdp_orchestration.sources import shipped_streams
from cdp_orchestration.sources.limits import MAX_AMOUNT, MAX_NESTING, MAX_TEXT_CHARACTERS


@pytest.fixture
def survey_responses(feed_of):
    return feed_of("support_survey_responses")


@pytest.fixture
def ticket_metrics(feed_of):
    return feed_of("support_ticket_metrics")


@pytest.mark.parametrize(
    ("survey", "score", "landed"),
    [
        ("csat", 5, 5), ("csat", 6, None), ("CSAT", 0, None), (" csat ", "77", None), ("nps", 0, 0), ("nps", 11, None),
        ("NPS", -1, None), ("ces", 7, 7), ("ces", 8, None), ("pulse", 60, 60), ("pulse", 101, None), ("", 101, None),
    ],
)  # fmt: skip
def test_a_score_off_the_scale_of_its_survey_is_no_score(survey_responses, survey, score, landed):
    survey_responses.deliver("a.csv", [survey_responses.row(1, survey=survey, score=score)])
    survey_responses.land()
    assert survey_responses.landed("score") == [(landed,)]
    expected = [] if landed is not None else [("a.csv", 2, "score", "off_its_scale")]
    assert survey_responses.refusals() == expected


@pytest.mark.parametrize(
    ("field", "value", "reason"),
    [
        ("reopens", 2**31, "out_of_range"),
        ("replies", -1, "negative_amount"),
        ("reply_time_in_minutes", {"calendar": 1_790_000_000_000}, "out_of_range"),
        ("reply_time_in_minutes", {"calendar": "inf"}, "not_a_decimal"),
        ("full_resolution_time_in_minutes", {"calendar": -5}, "out_of_range"),
        ("full_resolution_time_in_minutes", {"calendar": {"minutes": 3}}, "not_a_decimal"),
    ],
)
def test_a_ticket_loses_a_count_or_a_duration_that_cannot_be(ticket_metrics, field, value, reason):
    ticket_metrics.deliver("a.jsonl", [ticket_metrics.row(1, **{field: value})])
    ticket_metrics.land()
    ((_, line, name, found),) = ticket_metrics.refusals()
    assert (line, name, found) == (1, f"{field}.calendar" if isinstance(value, dict) else field, reason)
    assert ticket_metrics.landed(f'"{field}"') == [('{"calendar":null}' if isinstance(value, dict) else None,)]


def test_a_barcode_in_a_quantity_is_taken_out_of_its_line_alone(orders):
    items = [{"sku": "A", "quantity": 4012345678901, "price": "1.00"}, {"sku": "B", "quantity": 2, "price": "3.10"}]
    orders.deliver("a.jsonl", [orders.row(1, line_items=items)])
    orders.land()
    assert orders.refusals() == [("a.jsonl", 1, "line_items[*].quantity", "out_of_range")]
    items[0]["quantity"] = None
    assert [json.loads(text) for (text,) in orders.landed("line_items")] == [items]


@pytest.mark.parametrize("amount", ["7000000000000000", 7e15, MAX_AMOUNT + 1])
def test_an_order_whose_money_cannot_be_is_refused(orders, amount):
    refunds = [{"id": 1, "transactions": [{"amount": amount}]}]
    orders.deliver("a.jsonl", [orders.row(1, refunds=refunds), orders.row(2, total_price=amount), orders.row(3)])
    orders.land()
    assert [(row[1], row[2]) for row in orders.refusals()] == [
        (1, "refunds[*].transactions[*].amount"),
        (2, "total_price"),
    ]
    assert [line for _, line in orders.lines()] == [3]


@pytest.mark.parametrize(
    ("field", "value", "landed"),
    [("refunds", {"0": {}}, None), ("line_items", "none", None), ("billing_address", ["Road 1"], None)],
)
def test_json_of_another_form_is_refused_alone(orders, field, value, landed):
    orders.deliver("a.jsonl", [orders.row(1, **{field: value})])
    orders.land()
    assert orders.refusals() == [("a.jsonl", 1, field, "wrong_json_form")]
    assert orders.landed(field) == [(landed,)]


@pytest.mark.parametrize(
    ("field", "value"), [("refunds", {}), ("refunds", ""), ("billing_address", []), ("customer", "")]
)
def test_an_empty_list_for_an_object_and_the_reverse_mean_that_there_is_none(orders, field, value):
    orders.deliver("a.jsonl", [orders.row(1, **{field: value})])
    orders.land()
    assert orders.refusals() == []
    assert orders.landed(field) == [(None,)]


def test_an_item_of_a_list_that_is_no_object_is_taken_out_alone(orders):
    orders.deliver("a.jsonl", [orders.row(1, line_items=[None, {"sku": "A"}, 3, []])])
    orders.land()
    assert orders.refusals() == [("a.jsonl", 1, "line_items[*]", "wrong_json_form")]
    assert orders.landed("line_items") == [('[{"sku":"A"}]',)]


@pytest.mark.parametrize("depth", [MAX_NESTING + 1, 255, 1000, 1500, 20_000])
@pytest.mark.parametrize(("opened", "closed"), [(b"[", b"]"), (b'{"a":', b"}")])
def test_json_that_is_nested_too_deeply_costs_at_most_its_row(events, depth, opened, closed):
    deep = opened * depth + b"1" + closed * depth
    lines = [json.dumps(events.row(n, properties="DEEP" if n == 2 else {})).encode() for n in (1, 2, 3)]
    events.deliver("a.jsonl", b"\n".join(lines).replace(b'"DEEP"', deep) + b"\n")
    events.land()
    assert {line for _, line in events.lines()} >= {1, 3}
    ((_, line, _, reason),) = events.refusals()
    assert line == 2
    assert reason in ("nested_too_deeply", "invalid_json")


def test_nested_json_that_is_allowed_lands_as_it_is(events):
    document = b'{"a":' * MAX_NESTING + b"1" + b"}" * MAX_NESTING
    line = json.dumps(events.row(1, properties="DEEP")).encode().replace(b'"DEEP"', document)
    events.deliver("a.jsonl", line)
    events.land()
    assert events.refusals() == []
    assert events.landed("properties") == [(document.decode(),)]


def test_a_text_of_any_stream_that_is_too_long_is_refused_alone_and_a_key_with_its_row(every_feed):
    stream = every_feed.stream
    texts = [field for field in stream.fields if field.type == "text" and not field.pattern]
    rows = [every_feed.row(n, **{field.name: "x" * (field.max_characters + 1)}) for n, field in enumerate(texts)]
    every_feed.deliver("a.jsonl", rows)
    every_feed.land()
    found = every_feed.refusals()
    assert [(row[2], row[3]) for row in found] == [(field.name, "text_too_long") for field in texts]
    keys = [field for field in texts if field.name in stream.required]
    assert len(every_feed.lines()) == len(texts) - len(keys)


def test_a_text_inside_json_that_is_too_long_is_refused_alone(orders):
    address = {"city": "x" * (MAX_TEXT_CHARACTERS + 1), "zip": "10115"}
    orders.deliver("a.jsonl", [orders.row(1, billing_address=address)])
    orders.land()
    assert orders.refusals() == [("a.jsonl", 1, "billing_address", "text_too_long")]
    assert orders.landed("billing_address") == [('{"city":null,"zip":"10115"}',)]


def test_a_currency_that_is_no_code_is_refused_alone(orders):
    orders.deliver(
        "a.jsonl", [orders.row(1, currency="Euro"), orders.row(2, currency=" usd "), orders.row(3, currency="")]
    )
    orders.land()
    assert orders.refusals() == [("a.jsonl", 1, "currency", "not_of_its_pattern")]
    assert orders.landed("currency") == [(None,), (" usd ",), ("",)]


def test_a_value_is_counted_as_lost_only_where_its_row_has_landed(orders):
    items = [{"sku": "A", "quantity": 10**12, "price": "1.00"}]
    orders.deliver("a.jsonl", [orders.row(1, line_items=items, total_price="-1")])
    landed = orders.land()
    assert (landed.rows_refused, landed.values_refused) == (1, 0)


def test_every_number_of_every_stream_has_its_bounds():
    unbounded = [
        (stream.table, field.name)
        for stream in shipped_streams()
        for field in stream.fields
        if field.type in ("integer", "decimal") and field.range is None and field.scale is None
    ]
    assert unbounded == []


def test_every_json_field_of_every_stream_has_its_form():
    formless = [
        (stream.table, field.name) for stream in shipped_streams() for field in stream.fields if field.type == "json"
    ]
    forms = {(stream.table, field.name): field.form for stream in shipped_streams() for field in stream.fields}
    assert [name for name in formless if forms[name] is None] == []


@pytest.mark.parametrize("word", ["INF", "nan", "-Infinity", "Infinity"])
def test_a_word_for_a_number_is_no_document(orders, word):
    orders.deliver("a.csv", [orders.row(1, line_items=word)])
    orders.land()

    assert orders.landed("line_items") == [(None,)]
    assert next(reason for *_, reason in orders.refusals()) in ("not_json", "wrong_json_form")
