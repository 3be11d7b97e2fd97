"""Writes what Great Expectations renders (a document of sections and blocks) as plain HTML."""

import html
import json
import re
from collections.abc import Callable, Mapping
from typing import Any

from expectations.data_docs.markup import link, long_name, page, table, text

Block = Mapping[str, Any]

_PARAMETER = re.compile(r"\$\$|\$(?:\{(\w+)\}|(\w+))")
_ICONS = {
    "text-success": '<span class="good">\N{CHECK MARK}</span>',
    "text-danger": '<span class="bad">\N{BALLOT X}</span>',
    "text-warning": '<span class="warn">!</span>',
}
_HEADINGS = {"h5": "h2", "h6": "h3"}
_COLUMNS = {
    "Unexpected Value": "Failing row (its key)",
    "Sampled Unexpected Values": "Failing rows (their keys)",
}
"""Where Great Expectations shows a value, the results of the warehouse hold the key of a failing row."""


class OfflineView:
    """A view of Data Docs, as a site names it: the pages of suites and of validations."""

    def __init__(self, custom_styles_directory: str | None = None, custom_views_directory: str | None = None) -> None:
        """Take what Great Expectations gives every view, and need none of it."""

    def render(self, document: Any, template: str | None = None, **_: Any) -> str:  # noqa: ARG002 # every view's
        """Return the page.

        Args:
            document: what a renderer of Great Expectations returned.
            template: not used.

        Returns:
            HTML without scripts, and without a name of another host.
        """
        content: Block = document if isinstance(document, Mapping) else document.to_json_dict()
        sections = "".join(_section(each) for each in content["sections"])
        suite, name = str(content["expectation_suite_name"]), str(content.get("page_title"))
        is_result = content.get("renderer_type") == "ValidationResultsPageRenderer"
        # The folders of a page: its section, the parts of the suite's name, and of a result run and time.
        up = "../" * (len(suite.split(".")) + (3 if is_result else 0))
        body = f'<h1>{long_name(suite)}</h1><p class="soft">{text(name)}</p>{sections}'
        ways = {"All suites": f"{up}index.html"} | ({"Trends": f"{up}history/{suite}.html"} if is_result else {})
        return page(f"{suite}: {'result' if is_result else 'expectations'}", body, ways)


def _section(section: Block) -> str:
    content = _content(section["content_blocks"])
    return content if content.startswith("<h2>") else f"<h2>{text(section.get('section_name'))}</h2>{content}"


def _content(part: Any) -> str:
    """Return anything that a block may hold: a block, several, or a plain value."""
    if isinstance(part, list | tuple):
        return "".join(_content(each) for each in part)
    if not isinstance(part, Mapping):
        return text(part)
    kind = part.get("content_block_type")
    written = _BLOCKS.get(str(kind))
    # A kind of block that is not known is shown as it is: nothing is left out in silence.
    return written(part) if written else f"<code>{text(json.dumps(part, default=str))}</code>"


def _heading(block: Block) -> str:
    above = _content(block["header"]) if block.get("header") is not None else ""
    below = f"<p>{_content(block['subheader'])}</p>" if block.get("subheader") else ""
    return (above if above.startswith("<h") else f"<h2>{above}</h2>" if above else "") + below


def _table(block: Block) -> str:
    head = [_without_markup(_content(each)) for each in block.get("header_row") or ()]
    rows = [[_content(cell) for cell in row] for row in block.get("table") or ()]
    longest = max((len(row) for row in rows), default=0)
    filled = [[*row, *[""] * (longest - len(row))] for row in rows]
    title = _content(block["header"]) if block.get("header") else ""
    return (
        title + table(_without_markup(title) or "Values", [_COLUMNS.get(each, each) for each in head], filled)
        if rows
        else title
    )


def _without_markup(words: str) -> str:
    return html.unescape(re.sub(r"<[^>]*>", "", words))


def _collapse(block: Block) -> str:
    if not _without_markup(_content(block["collapse"])).strip():
        return ""  # the traceback of an exception, which is not kept
    summary = _content(block.get("collapse_toggle_link") or "More")
    return f"<details><summary>{summary}</summary>{_content(block['collapse'])}</details>"


def _list(block: Block) -> str:
    items = block.get("bullet_list") or block.get("value_list") or ()
    return _heading(block) + "<ul>" + "".join(f"<li>{_content(each)}</li>" for each in items) + "</ul>"


def _text(block: Block) -> str:
    return _heading(block) + "".join(f"<p>{_content(each)}</p>" for each in _listed(block.get("text")))


def _listed(part: Any) -> list[Any]:
    return [] if part is None else part if isinstance(part, list) else [part]


def _string(block: Block) -> str:
    """Return a template with its parameters, each as text."""
    string = block["string_template"]
    if not isinstance(string, Mapping):
        return text(string)
    params, styling = string.get("params") or {}, (string.get("styling") or {}).get("params") or {}
    written, position = [], 0
    template = "\n".join(_known_lines(str(string.get("template") or ""), params))
    for found in _found_in(template):
        written.append(_lines(template[position : found.start()]))
        name = found[1] or found[2]
        written.append(_parameter(name, params, styling.get(name) or {}) if name else "$")
        position = found.end()
    written.append(_lines(template[position:]))
    tag = _HEADINGS.get(str(string.get("tag")))
    return f"<{tag}>{''.join(written)}</{tag}>" if tag else "".join(written)


def _known_lines(template: str, params: Mapping[str, Any]) -> list[str]:
    """Return the lines of a template but for those about what is not known."""
    unknown = {name for name, value in params.items() if value is None}
    return [line for line in template.split("\n") if not unknown & {found[1] or found[2] for found in _found_in(line)}]


def _found_in(template: str) -> list[re.Match[str]]:
    return list(_PARAMETER.finditer(template))


def _parameter(name: str, params: Mapping[str, Any], styling: Mapping[str, Any]) -> str:
    value = params.get(name, f"${name}")
    if name == "icon" or name.startswith("html_"):
        drawn = f"{value} {styling.get('classes')}"
        return next((icon for marker, icon in _ICONS.items() if marker in drawn), "")
    address = (styling.get("attributes") or {}).get("href")
    if address:
        return link(str(address), str(value))
    return f"<code>{text(value)}</code>" if "badge" in str(styling.get("classes", ())) else _lines(str(value))


def _lines(words: str) -> str:
    # Great Expectations sets line breaks in its own sentences as markup.
    return text(words.replace("<br>", "\n")).replace("\n", "<br>")


_BLOCKS: Mapping[str, Callable[[Block], str]] = {
    "header": _heading,
    "table": _table,
    "collapse": _collapse,
    "bullet_list": _list,
    "value_list": _list,
    "text": _text,
    "string_template": _string,
    "content_block_container": lambda block: _content(block.get("content_blocks") or []),
}
