"""Deliveries of rows that are ordinary but for one value: every field of every stream, every kind of nasty value.

The values follow from the declarations of the streams, and inside JSON from an ordinary document, so that a new field
is tried by itself. Rows of one number belong together (the ticket of a user, the metrics of that ticket), so that what
one value does is seen in every later stage.
"""

from collections.abc import Iterator
from itertools import count
from pathlib import Path
from random import Random
from typing import Any

import orjson

from cdp_orchestration.sources import Field, Stream, shipped_streams

Row = dict[str, Any]

NUMBERS = (
    0, -1, 1, 9, 85, -3, 4006381333931, 2**31, 2**63 - 1, -(2**63), 10**18, 1_770_000_000_000, 9_000_000_000_000_000,
    9.5, 0.00001, 1e15, -1e15, 1e18, 1e300, -1e300, 5e-324,
    "4006381333931", "99999999999999.99", "9999999999999999.99", "10000000000", "-10000000000", "1e10", "1000000",
    "1e99", "1e308", "1e-300", "NaN", "inf", "-Infinity", "12,5", "1.234,56", "0x1F", "١٢", "", " ", "10 - likely",
    "+5", "-0", "00012", "1_000",
)  # fmt: skip
TEXTS = (
    "", " ", "\u00a0", "\u200b", "null", "undefined", "NaN", "\x00", "a\x00b", "\ufeffa", "\u202egnirts",
    "\U0001f469\u200d\U0001f469\u200d\U0001f467", "Z\u0351\u036b\u0343\u036a\u0302\u036b\u033d",
    "ß" * 40, "\ud7ff\ue000\uffff", "\U0010ffff",
    "'; drop table profiles; --", '"quoted"', "{}", "[1]",
    "{{ config }}",
    "=1+1", "a\nb\r\nc\td", "\\", "\\u0000", "%s{}%d", "<script>x</script>", "x" * 500, "y " * 20_000, "é" * 20_000,
    "@", "a@b", "+", "+1", "1" * 400, "9" * 38, "٣" * 12,
    ".", "..", "/", "2026-13-45", "infinity", "-infinity", "epoch",
)  # fmt: skip
TIMES = (
    "0001-01-01T00:00:00Z", "1899-12-30T00:00:00Z", "1970-01-01T00:00:00Z", "1989-12-31T23:59:59Z",
    "1990-01-01T00:00:00Z", "2038-01-19T03:14:08Z", "2262-04-12T00:00:00Z", "9999-12-31T23:59:59Z",
    "2026-02-30T00:00:00Z", "2026-06-30T23:59:60Z", "2024-02-29", "2026-03-29T02:30:00+14:00",
    "2026-03-29T02:30:00-12:00", "infinity", "1780000000000", "0000-00-00", "", "tomorrow", "290000-01-01T00:00:00Z",
    "2026-01-01T00:00:00.123456789Z", "24:00",
)  # fmt: skip
DATES = ("0001-01-01", "1582-10-10", "1900-01-01", "2026-02-29", "9999-12-31", "0000-00-00", "12/31/1980", "infinity")
BOOLEANS = ("maybe", 2, -1, "TRUE", "Y", "", "null", [True], {"value": True})
FORMS = (
    {}, [], [[]], [{}], [None], [None, {}],
    "text", "", 0, -1, 1e300, True, {"": ""}, {"a": []}, [1, "a", None, {}, []],
    "{}", "[]", "{broken", "null", "NaN", {"id": None}, [[[[]]]], {"x" * 2000: 1}, ["x"] * 3000, [{"id": 1}] * 300,
    {"state": {"state": {}}}, {"\x00": "\x00"}, {"calendar": [1]}, {"id": {"a": 1}}, [{"id": []}],
)  # fmt: skip
LEAVES = (
    -1, 0, 9.5, 4006381333931, 2**63 - 1, 9_000_000_000_000_000, 1e300, "10000000000", "99999999999999.99", "1e99",
    "NaN", "inf", "12,5", "", " ", "\x00", "\ufeffa", "\U0001f469\u200d\U0001f467", "{}", "null", "x" * 5000,
    "y " * 60_000,
    "0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z", "2026-03-29T02:30:00+14:00", "infinity", {}, [], [{}], {"a": []},
    None, True,
)  # fmt: skip
DEPTHS = (20, 64, 65, 254, 255, 1000, 1500)

_PERSON = {"first_name": "Ada", "last_name": "Novak", "phone": "+491701234567"}
_ADDRESS = {
    **_PERSON,
    "address1": "Hauptstr. 1",
    "address2": "2. OG",
    "city": "Berlin",
    "province_code": "BE",
    "zip": "10115",
    "country_code": "DE",
}
_TIME = "2026-05-04T10:00:00Z"
_CONSENT = {"state": "subscribed", "opt_in_level": "single_opt_in", "consent_updated_at": _TIME}
_BY_TYPE = {
    "timestamp": _TIME,
    "date": "1980-02-28",
    "boolean": False,
    "decimal": "20.00",
    "integer": 2,
}
_DOCUMENTS: dict[str, Any] = {
    "email_marketing_consent": _CONSENT,
    "sms_marketing_consent": _CONSENT,
    "default_address": _ADDRESS,
    "addresses": [_ADDRESS],
    "billing_address": _ADDRESS,
    "shipping_address": _ADDRESS,
    "refunds": [
        {
            "id": 1,
            "created_at": _TIME,
            "transactions": [
                {
                    "id": 1,
                    "amount": "5.00",
                    "kind": "refund",
                    "status": "success",
                    "currency": "EUR",
                    "amount_set": {"shop_money": {"amount": "5.00", "currency_code": "EUR"}},
                }
            ],
        }
    ],
    "fulfillments": [
        {"id": 1, "created_at": _TIME, "updated_at": _TIME, "status": "success", "shipment_status": "delivered"}
    ],
    "line_items": [
        {
            "id": 1,
            "product_id": 2,
            "sku": "SKU-1",
            "title": "Lamp",
            "product_type": "Light",
            "quantity": 2,
            "price": "20.00",
            "gift_card": False,
        }
    ],
    "properties": {
        "sku": "SKU-1",
        "price": 20.0,
        "currency": "EUR",
        "order_id": "1",
        "cart_id": "c",
        "products": [{"sku": "SKU-1", "price": 20.0, "quantity": 1}],
    },
    "traits": {"email": "ada@novak.example.de", "phone": "+491701234567", "firstName": "Ada", "lastName": "Novak"},
    "context": {
        "page": {"url": "https://shop.test/a", "referrer": "https://search.test"},
        "campaign": {"source": "news", "medium": "email", "name": "May"},
        "device": {"type": "ios"},
    },
    "via": {"channel": "email"},
    "satisfaction_rating": {"score": "bad", "comment": "It broke"},
    "reply_time_in_minutes": {"calendar": 30, "business": 10},
    "full_resolution_time_in_minutes": {"calendar": 300, "business": 100},
    "tags": ["delivery", "late"],
}


def deliver_nasty_rows(inbox: Path) -> dict[str, int]:
    """Write one JSON Lines file a stream; return how many rows each has."""
    counts = {}
    for stream in shipped_streams():
        folder = inbox / stream.source / stream.name
        folder.mkdir(parents=True, exist_ok=True)
        lines = [orjson.dumps(row) if isinstance(row, dict) else row for row in nasty_rows(stream)]
        (folder / "9999_nasty.jsonl").write_bytes(b"\n".join(lines) + b"\n")
        counts[stream.table] = len(lines)
    return counts


def nasty_rows(stream: Stream) -> Iterator[Row | bytes]:
    """Return the rows of one stream, each ordinary but for one value; a deeply nested one is written already."""
    numbers = count(1)
    for field in stream.fields:
        for value in nasty_values(field):
            number = next(numbers)
            yield {**ordinary_row(stream, number), field.name: _of_person(value, number)}
        if field.type == "json":
            yield from _deep_rows(stream, field, numbers)


def nasty_values(field: Field) -> Iterator[Any]:
    """Return values that this field may be delivered with, some of which its contract refuses."""
    by_type = {"integer": NUMBERS, "decimal": NUMBERS, "timestamp": TIMES, "date": DATES, "boolean": BOOLEANS}
    yield from by_type.get(field.type, ())
    yield from _random_values(field)
    if field.type == "text":
        yield from (*TEXTS, *NUMBERS[:14], {}, [], {"a": 1}, True, None)
    if field.type == "json":
        yield from FORMS
        document = _DOCUMENTS.get(field.name, {"id": 1, "amount": "1.00", "created_at": _TIME})
        for path in _paths(document):
            yield from (_with(document, path, leaf) for leaf in LEAVES)
            yield _without(document, path)


def _random_values(field: Field) -> Iterator[Any]:
    """Return values that change with the field, the same in every run."""
    random = Random(field.name)
    for _ in range(4):
        signs = (random.choice((random.randrange(32, 0xD800), random.randrange(0xE000, 0x110000))) for _ in range(8))
        yield "".join(map(chr, signs))
        yield random.randrange(-(10 ** random.randrange(1, 19)), 10 ** random.randrange(1, 19))
        yield f"{random.randrange(10**12)}.{random.randrange(10**9)}e{random.randrange(-20, 20)}"


def ordinary_row(stream: Stream, number: int) -> Row:
    """Return a row whose ids lead to the rows of the same number in the other streams."""
    return {field.name: _ordinary(stream, field, number) for field in stream.fields}


def _name(number: int) -> str:
    """Return a given name of one number, without digits; no two numbers have one person."""
    letters = "".join(chr(ord("a") + number // 26**place % 26) for place in range(4))
    return f"B{letters}o"


def _of_person(document: Any, number: int) -> Any:
    written = orjson.dumps(document).replace(b'"Ada"', f'"{_name(number)}"'.encode())
    written = written.replace(b"Hauptstr. 1", f"{_name(number * 7)}str. {number}".encode())
    return orjson.loads(written.replace(b"+491701234567", f"+49170{number:07d}".encode()))


def _words(stream: Stream, number: int) -> dict[str, str]:
    given_name, family_name = _name(number), _name(number * 31)
    address_line = f"{_name(number * 7)}str. {number}"
    return {
        **dict.fromkeys(("first_name", "FirstName", "given_name"), given_name),
        **dict.fromkeys(("last_name", "LastName", "family_name"), family_name),
        **dict.fromkeys(("address_line", "MailingStreet"), address_line),
        **dict.fromkeys(("country", "MailingCountry"), "DE"),
        "name": f"{given_name} {family_name}",
        "currency": "EUR",
        "type": "track" if stream.name == "events" else "question",
        "event": "Product Viewed",
        "survey": ("csat", "nps", "ces")[number % 3],
        "channel": "email",
        "CampaignType": "Email",
        "Status": "Clicked",
        "role": "end-user",
        "sku": "SKU-1",
        "source_name": "web",
        "timezone": "Europe/Berlin",
        "store_id": f"n{number}" if stream.name == "stores" else "n1",
        "locale": "de",
        "state": "enabled",
        "description": "The lamp is broken",
        "subject": "Lamp",
        "comment": "Not good",
    }


def _ordinary(stream: Stream, field: Field, number: int) -> Any:
    if field.type == "json":
        return _of_person(_DOCUMENTS.get(field.name), number)
    if field.type != "text":
        return {"line_no": 1, "score": 4}.get(field.name, _BY_TYPE[field.type])
    words = _words(stream, number)
    if field.name in words:
        return words[field.name]
    if field.name.lower() in ("email", "receipt_email"):
        return f"ada.novak{number}@nasty-mail.de"
    if "phone" in field.name.lower():
        return None
    if "loyalty" in field.name.lower():
        return f"L9{number:08d}"
    return str(9_000_000 + number) if field.name.lower().endswith("id") else f"{field.name} {number}"


def _deep_rows(stream: Stream, field: Field, numbers: Iterator[int]) -> Iterator[bytes]:
    for depth in DEPTHS:
        for opened, closed in ((b"[", b"]"), (b'{"a":', b"}")):
            row = orjson.dumps({**ordinary_row(stream, next(numbers)), field.name: "DEEP"})
            yield row.replace(b'"DEEP"', opened * depth + b"1" + closed * depth)


def _paths(document: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    if path:
        yield path
    members = (
        document.items() if isinstance(document, dict) else enumerate(document if isinstance(document, list) else ())
    )
    for name, value in members:
        yield from _paths(value, (*path, name))


def _with(document: Any, path: tuple[Any, ...], value: Any) -> Any:
    if not path:
        return value
    changed = document.copy()
    changed[path[0]] = _with(document[path[0]], path[1:], value)
    return changed


def _without(document: Any, path: tuple[Any, ...]) -> Any:
    changed = document.copy()
    if len(path) == 1:
        del changed[path[0]]
    else:
        changed[path[0]] = _without(document[path[0]], path[1:])
    return changed
