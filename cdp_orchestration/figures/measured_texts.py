"""Measure the texts of new rows: signs of a wrong encoding, how long they are, whether names and e-mails fit."""

from collections.abc import Iterator, Sequence

import duckdb

from cdp_orchestration.figures.figure import Figure
from cdp_orchestration.figures.samples import ACCEPTED, DELIVERED, EARLIER, Samples
from cdp_orchestration.figures.watched import Watched
from cdp_orchestration.home.sql_text import text_literal

NAMES = ("givenname", "firstname", "familyname", "lastname", "fullname")
"""What a field with a name of a person means."""

# What bytes of UTF-8 become as Windows-1252 or Latin-1: a letter with an accent (a capital, unless it was made small),
# then a sign that no word has. Quotes and dashes are left out: they follow such letters in good texts.
_WESTERN = (
    r"[\x{C2}-\x{DE}\x{E2}-\x{FE}][\x{80}-\x{A9}\x{AB}-\x{B9}\x{BB}-\x{BF}\x{20AC}\x{201A}\x{192}\x{201E}\x{2026}"
    r"\x{2020}\x{2021}\x{2C6}\x{2030}\x{2039}\x{2022}\x{2DC}\x{2122}\x{203A}\x{153}\x{178}]"
)
_GARBLED = "|".join(
    (
        _WESTERN,
        r"\x{FFFD}",  # what a decoder puts where it cannot read
        r"[A-Za-z]\?+[a-z]",  # what a narrower encoding puts
        r"&#?[A-Za-z0-9]{2,8};|%20|(%[0-9A-Fa-f]{2}){2}|</[a-z]+>",  # what a page or an address is written with
        r"\\u[0-9A-Fa-f]{4}|\\x[0-9A-Fa-f]{2}|(=[0-9A-Fa-f]{2}){2}",  # what programs and mails write for a letter
    )
)


def texts(connection: duckdb.DuckDBPyConnection, samples: Samples) -> Iterator[Figure]:
    """Yield of each text that is no id how many are garbled, and the mean of the logarithm of its length."""
    watched = [
        (index, value)
        for index, value in enumerate(samples.values)
        if value.kind == "text" and not value.is_part and (not value.names_rows)
    ]
    if not watched:
        return
    counts = ", ".join(
        f"count(v{index}), count(*) filter (where regexp_matches(v{index}, {text_literal(_GARBLED)})), "
        f"avg(ln(length(v{index}))), stddev_pop(ln(length(v{index})))"
        for index, _ in watched
    )
    is_new = f"where row_key not in (select row_key from {EARLIER})"
    delivered = connection.execute(f"select {counts} from {DELIVERED} {is_new}").fetchall()[0]
    accepted = connection.execute(f"select {counts} from {ACCEPTED}").fetchall()[0]
    for place, (_, value) in enumerate(watched):
        rows, garbled, length, _spread = delivered[4 * place : 4 * place + 4]
        usual_rows, usual_garbled, usual_length, spread = accepted[4 * place : 4 * place + 4]
        if not rows or not usual_rows:
            continue
        is_harmful = value.is_of_person
        share, usual = garbled / rows, usual_garbled / usual_rows
        yield Figure("garbled", value.label, share, rows, usual, usual_rows, 0, is_harmful)
        yield Figure("length", value.label, length, rows, usual_length, usual_rows, max(spread, 0.1), is_harmful)


def namesakes(connection: duckdb.DuckDBPyConnection, samples: Samples) -> Iterator[Figure]:
    """Yield the share of new rows whose e-mail has a part of their name: names or e-mails of other rows have not.

    Only names in Latin letters count, since e-mails have no others.
    """
    email = next((index for index, value in enumerate(samples.values) if _means(value, ("email",))), None)
    names = [f"v{index}" for index, value in enumerate(samples.values) if _means(value, NAMES)]
    if email is None or not names:
        return
    query = f"""
        with rows as (
            select
                regexp_replace(strip_accents(split_part(v{email}, '@', 1)), '[^a-z]', '', 'g') as mailbox,
                regexp_extract_all(strip_accents(concat_ws(' ', {", ".join(names)})), '[a-z][a-z][a-z]+') as parts
            from {{}} where v{email} is not null
        )

        select count(*), count(*) filter (where len(list_filter(parts, lambda part: contains(mailbox, part))) > 0)
        from rows where len(parts) > 0
    """
    is_new = f"(select * from {DELIVERED} where row_key not in (select row_key from {EARLIER}))"
    ((rows, found),) = connection.execute(query.format(is_new)).fetchall()
    ((usual_rows, usual),) = connection.execute(query.format(ACCEPTED)).fetchall()
    if rows and usual_rows:
        label = samples.values[email].label
        yield Figure("namesakes", label, found / rows, rows, usual / usual_rows, usual_rows, 0, is_decisive=True)


def _means(value: Watched, words: Sequence[str]) -> bool:
    return value.kind == "text" and not value.is_part and value.word.endswith(tuple(words))
