"""Damages of what was sold, for how much and when: orders, receipts and their lines, an own club's bookings."""

from cdp_orchestration.benchmark.planted.damage import damage as _of
from cdp_orchestration.benchmark.planted.rows import (
    Row,
    all_of,
    exchange,
    inside,
    moment,
    nothing,
    of_others,
    only,
    put,
    rewritten,
    shifted,
    sometimes,
    times,
    twice,
)

ORDERS, RECEIPTS, LINES, STORES = (
    "ecommerce/orders", "in_store/transactions", "in_store/transaction_items", "in_store/stores",
)  # fmt: skip
OWN = "club/buchungen"

_prices = ("total_price", "current_total_price", "subtotal_price")


def _new_order(row: Row) -> None:
    row["id"] = int(row["id"]) + 10**11


def _half(rows: list[Row]) -> list[Row]:
    return rows[: len(rows) // 2]


SALES = (
    _of("guest orders only", ORDERS, all_of(put("email", None), put("customer", None)), "filled"),
    _of("orders name no customer", ORDERS, put("customer", None), "filled"),
    _of("a currency flips", ORDERS, put("currency", "USD"), "mix"),
    _of("a currency flips in the next delivery", ORDERS, put("currency", "USD"), "mix", "warns", of="next"),
    _of("a currency flips in all rows", RECEIPTS, put("currency", "USD"), "altered", of="again"),
    _of("currencies go null", RECEIPTS, put("currency", None), "filled"),
    _of("amounts a hundred times", ORDERS, all_of(*(times(name, 100) for name in _prices)), "middle"),
    _of("amounts a hundred times in all rows", ORDERS, times("total_price", 100), "changed", of="again"),
    _of("one of two files in cents", ORDERS, all_of(*(times(name, 100) for name in _prices)), "middle", files=2),
    _of("times of another zone in all rows", RECEIPTS, shifted("sold_at", hours=-5), "altered", of="again"),
    _of("a dozen amounts a hundred times", ORDERS, times("total_price", 100), "middle", rows=12),
    _of("amounts in thousands", ORDERS, times("total_price", 0.001), "middle"),
    _of("a third of the amounts in cents", ORDERS, sometimes(0.34, times("total_price", 100)), "middle"),
    _of("amounts are nothing", ORDERS, put("total_price", "0.00"), "mix"),
    _of("amounts lost their cents", ORDERS, rewritten("total_price", lambda text: text.partition(".")[0]), "mix"),
    _of("receipts in cents", RECEIPTS, times("total_amount", 100), "middle"),
    _of("receipts below zero", RECEIPTS, times("total_amount", -1), "mix"),
    _of("lines in cents", LINES, times("line_amount", 100), "middle"),
    _of("lines below zero", LINES, times("line_amount", -1), "mix"),
    _of("prices of lines in cents", ORDERS, inside("line_items", "price", lambda line: str(float(line["price"]) * 100)),
        "middle"),
    _of("quantities are barcodes", LINES, put("quantity", 400_638_133), "filled", "warns"),
    _of("every line sells a gift card", LINES, put("is_gift_card", True), "mix"),
    _of("every receipt is a return", RECEIPTS, put("is_return", True), "mix"),
    _of("every receipt is training", RECEIPTS, put("status", "training"), "mix", "warns"),
    _of("every order is a test", ORDERS, put("test", True), "mix"),
    _of("every order is cancelled", ORDERS, put("cancelled_at", lambda row: row["created_at"]), "ended"),
    _of("times a day off in all rows", ORDERS, shifted("processed_at", days=-1), "altered", of="again"),
    _of("times a year off", ORDERS, shifted("created_at", days=-365), "outlying"),
    _of("times in the future", RECEIPTS, shifted("sold_at", days=3650), "corrected"),
    _of("a time zone moves", ORDERS, shifted("created_at", hours=6), "hours", "warns"),
    _of("times lost their hours", RECEIPTS,
        put("sold_at", lambda row: row["sold_at"].replace(hour=0, minute=0, second=0)), "hours", "warns"),
    _of("times of 1970", ORDERS, put("processed_at", "1970-01-01T00:00:00Z"), "filled"),
    _of("weekends are missing", RECEIPTS, nothing, "weekdays", "warns",
        rearranged=only(lambda row: moment(row["sold_at"]).weekday() < 5)),
    _of("a month is missing", RECEIPTS, nothing, "gap", "warns",
        rearranged=only(lambda row: moment(row["sold_at"]).month != 3)),
    _of("a quarter is missing", ORDERS, nothing, "gap", "warns",
        rearranged=only(lambda row: moment(row["created_at"]).month not in (4, 5, 6))),
    _of("orders of other customers", ORDERS, nothing, "altered", of="again", rearranged=of_others("customer")),
    _of("one store alone", RECEIPTS, put("store_id", "DE-01"), "mix", "warns"),
    _of("unknown stores", RECEIPTS, put("store_id", "S-999"), "known", "warns"),
    _of("unknown stores of a known form", RECEIPTS, put("store_id", "DE-77"), "known", "warns"),
    _of("ids of stores of another form", RECEIPTS, put("store_id", lambda row: f"{row['store_id']}-0"), "known"),
    _of("ids of orders of another form", ORDERS, put("id", lambda row: f"ORD-{row['id']}"), "known"),
    _of("ids of receipts without their zeros", RECEIPTS,
        rewritten("transaction_id", lambda text: text[0] + text[1:].lstrip("0")), "known"),
    _of("copies of orders under new ids", ORDERS, _new_order, "copies", of="again"),
    _of("every new receipt twice", RECEIPTS, nothing, "copies",
        rearranged=twice(put("transaction_id", lambda row: "T9" + row["transaction_id"][2:]))),
    _of("receipts a day before their record", RECEIPTS, shifted("sold_at", days=-1), "outlying"),
    _of("every line twice in its receipt", LINES, nothing, "copies",
        rearranged=twice(put("line_no", lambda row: row["line_no"] + 50))),
    _of("one card for everybody", RECEIPTS, put("card_fingerprint", "tok_82b58b467775a43e"), "shared"),
    _of("cards go null", RECEIPTS, put("card_fingerprint", None), "filled"),
    _of("a hundredth of a delivery", LINES, nothing, "rows", "warns", of="next", rows=2),
    _of("half of the stores", STORES, nothing, "returned", "warns", of="again", rearranged=_half),
    _of("an old state of few orders", ORDERS, nothing, "went back", "warns", of="old"),
    _of("own: amounts in cents", OWN, times("preis", 100), "middle"),
    _of("own: amounts below zero", OWN, times("preis", -1), "mix"),
    _of("own: a currency flips", OWN, put("waehrung", "USD"), "mix"),
    _of("own: bookings of no one", OWN, put("mitglied", ""), "filled"),
    _of("own: all bookings of one", OWN, put("mitglied", "294000000037"), "shared"),
    _of("own: times a year back", OWN, shifted("gebucht", days=-365), "behind", "warns", of="next"),
    _of("own: times a year ahead", OWN, shifted("gebucht", days=900), "corrected"),
    _of("own: prices and kinds exchanged", OWN, exchange("preis", "art"), "refused", "warns"),
)  # fmt: skip
