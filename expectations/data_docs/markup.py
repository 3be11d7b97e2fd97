"""Pieces of a page: what is shown is always text, never markup."""

import html
import re
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any


@cache
def _style() -> str:
    return (Path(__file__).parent / "style.css").read_text(encoding="utf-8")


def text(value: Any) -> str:
    """Return a value as text of a page."""
    return html.escape("" if value is None else str(value))


def long_name(value: Any) -> str:
    """Return the name of a table, a field or a suite as text that may break after its parts."""
    return re.sub(r"([_.])(?=\w)", r"\1<wbr>", text(value))


def link(address: str, words: str, title: str = "") -> str:
    """Return a link to another page of the site; an address beyond it is shown as text alone."""
    if ":" in address or address.startswith("//"):
        return text(words)
    hint = f' title="{text(title)}"' if title else ""
    return f'<a href="{text(address)}"{hint}>{long_name(words)}</a>'


def table(label: str, head: Sequence[str], rows: Iterable[Sequence[str]], numbers: Sequence[int] = ()) -> str:
    """Return a table of cells that are markup already.

    Args:
        label: what it is about, for who does not see it.
        head: the headings, as text; none for a table without.
        rows: the cells.
        numbers: the columns of numbers.

    Returns:
        The table, which scrolls where the screen is narrow.
    """

    def cells(tag: str, row: Sequence[str]) -> str:
        kinds = [' class="number"' if column in numbers else "" for column in range(len(row))]
        return "".join(f"<{tag}{kind}>{cell}</{tag}>" for kind, cell in zip(kinds, row, strict=True))

    heading = f"<thead><tr>{cells('th', [text(each) for each in head])}</tr></thead>" if head else ""
    body = "".join(f"<tr>{cells('td', row)}</tr>" for row in rows)
    region = f'class="wide" role="region" tabindex="0" aria-label="{text(label)}"'
    return f"<div {region}><table>{heading}<tbody>{body}</tbody></table></div>"


def page(title: str, body: str, ways: Mapping[str, str] | None = None) -> str:
    """Return a whole page.

    Args:
        title: its title, as text.
        body: its content.
        ways: links to other pages of the site, above the content.

    Returns:
        HTML that names no other file but pages of the site.
    """
    links = " · ".join(link(address, words) for words, address in (ways or {}).items())
    way = f"<nav>{links}</nav>" if links else ""
    return (
        '<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{text(title)}</title><style>\n{_style()}</style></head>\n<body>{way}{body}</body></html>\n"
    )
