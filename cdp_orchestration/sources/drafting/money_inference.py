"""What a sample says of money: how much was paid or paid back, in which currency, what counts. Guesses, by rule."""

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from cdp_orchestration.sources.drafting.samples import Sample, filled, letters_of

# What an amount is called, the most certain first, and what belongs to a part of it or to more than one row.
_AMOUNTS = tuple(
    re.compile(form)
    for form in (
        (
            r"(grand|order|invoice|transaction|purchase|booking|sale)total.*|"
            r"total(amount|price|paid|collected|sales|value)|gesamt.*|brutto.*|total(ttc)?"
        ),
        r"(amount|betrag|montant|importe|summe|gross(sales|amount)?)",
        r".*(total|gross|amount|betrag|montant|importe|summe|revenue|umsatz).*",
        r".*(sales|paid|price|preis|prix|value).*",
    )
)
_PARTS_OF_AMOUNTS = re.compile(
    r".*(tax|vat|mwst|shipping|delivery|discount|coupon|sub|net|fee|tip|refund|line|item|unit|cost|qty|quantity|weight|"
    r"points|balance|commission|orders|count|spen[dt]|lifetime|historic|convert|base|credit).*"
)
_CURRENCIES = re.compile(r".*currency(code)?|wae?hrung|devise|moneda|priceunit")
_STATES = re.compile(r".*(status|state|zustand|statut|estado)")
_CANCELLED = re.compile(r".*(cancel|void|declin|failed|failure|expire|stornier|annul|abandon|trash|draft|reject).*")
_FLAGS_OF_CANCELLED = re.compile(r"(is)?(void|voided|cancel+ed|storno|storniert)")
_CODE = re.compile(r"[A-Za-z]{3}")
_SIGNS = {"€": "EUR", "£": "GBP"}

Marked = tuple[str, tuple[str, ...]]
"""A column, and the values of it that mark rows."""


@dataclass(frozen=True)
class InferredMoney:
    """The column of an amount and of its currency.

    ``uncounted`` marks rows whose amount does not count, ``paid_back`` those in which it is paid back. Without
    ``currency``, a column, and ``currency_code`` a person has to name the currency.
    """

    amount: str
    currency: str | None = None
    currency_code: str | None = None
    uncounted: Marked | None = None
    paid_back: Marked | None = None


def infer_money(
    sample: Sample, kinds: Mapping[str, str], event: str | None, returns: Collection[str]
) -> InferredMoney | None:
    """Return what a row is worth.

    Args:
        sample: some rows, of which each is something that was done.
        kinds: the kind of each column.
        event: the column that names what was done, where there is one.
        returns: its words, in small letters, that mean a return.

    Returns:
        The guess; None where no column is an amount as a whole.
    """
    amount = _amount(kinds)
    if amount is None:
        return None
    currency = next((name for name in sample.columns if _is_currency(name, sample)), None)
    return InferredMoney(
        amount,
        currency,
        currency_code=None if currency else _code_of_signs(sample.columns[amount]),
        uncounted=_uncounted(sample),
        paid_back=_paid_back(sample, event, amount, returns) if event else None,
    )


def _amount(kinds: Mapping[str, str]) -> str | None:
    """Return the column of what a customer pays in all: not of a part, nor of a sum over several rows."""
    columns = [name for name, kind in kinds.items() if kind == "signed_amount"]
    whole = [name for name in columns if not _PARTS_OF_AMOUNTS.fullmatch(letters_of(name))]
    return next((name for form in _AMOUNTS for name in whole if form.fullmatch(letters_of(name))), None)


def _is_currency(name: str, sample: Sample) -> bool:
    codes = filled(sample.columns[name])
    return bool(codes) and bool(_CURRENCIES.fullmatch(letters_of(name))) and all(map(_CODE.fullmatch, codes))


def _code_of_signs(values: Iterable[str | None]) -> str | None:
    """Return the currency whose sign stands in each amount; that of a dollar is the sign of several."""
    given = filled(values)
    return next((code for sign, code in _SIGNS.items() if given and all(sign in value for value in given)), None)


def _uncounted(sample: Sample) -> Marked | None:
    for name, values in sample.columns.items():
        words, letters = {value.lower() for value in filled(values)}, letters_of(name)
        said = {word for word in words if _CANCELLED.fullmatch(letters_of(word))}
        if said and _STATES.fullmatch(letters):
            return name, tuple(sorted(said))
        if _FLAGS_OF_CANCELLED.fullmatch(letters) and words and words <= {"true", "false"}:
            return name, ("true",)
    return None


def _paid_back(sample: Sample, event: str, amount: str, returns: Collection[str]) -> Marked | None:
    """Return the words of returns whose amounts do not say by a sign that they are paid back."""
    rows = zip(sample.columns[event], sample.columns[amount], strict=True)
    words = {str(word).strip().lower() for word, paid in rows if word and paid and not paid.strip().startswith("-")}
    unsigned = tuple(sorted(words & set(returns)))
    return (event, unsigned) if unsigned else None
