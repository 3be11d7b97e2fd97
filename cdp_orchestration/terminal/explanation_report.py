"""An explanation for the terminal: the verdict, the links, and the evidence of a pair in words and bits."""

from collections.abc import Iterable, Mapping
from typing import Any

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from cdp_orchestration.identity_stage.explanation import Explained
from cdp_orchestration.terminal.plain_text import text
from cdp_orchestration.terminal.tables import lines, panel, table
from identity.explanation.link_paths import Link
from identity.explanation.weighed_pair import SuppressedValue, WeighedPair
from identity.explanation.wording import words_of_reason, words_of_rule, words_of_suppression
from identity.model.comparison import NOT_COMPARABLE
from identity.model.comparisons import comparison

_LINKS_SHOWN = 15
_PAIRS_DETAILED = 3
_UNSAID = 0.05


def explanation(explained: Explained) -> RenderableType:
    """Return the whole explanation for the terminal."""
    found = explained.explanation
    title = "One profile" if found.is_one_profile else "Two profiles"
    return Group(
        panel(title, lines([*_asked(explained), "", *found.reasons])),
        *_decisions(explained),
        *_links(found.links),
        *(_pair(pair, explained.values) for pair in _detailed(explained)),
        *_others(found.closest),
        *_missed(found.missed_rules),
    )


def _asked(explained: Explained) -> Iterable[str]:
    groups = zip((explained.left_records, explained.right_records), explained.profile_ids, strict=True)
    named = [
        f"{records[0] if len(records) == 1 else f'{len(records)} records'}, profile {profile}"
        for records, profile in groups
    ]
    return dict.fromkeys(named)


def _detailed(explained: Explained) -> list[WeighedPair]:
    found = explained.explanation
    if not found.is_one_profile:
        pairs = [found.closest[0], found.conflict if found.verdict == "divided" else None]
    else:
        pairs = [pair for _, pair in found.links] if len(found.links) <= _PAIRS_DETAILED else []
        pairs += found.closest[:1]
    distinct = {(pair.left, pair.right): pair for pair in pairs if pair is not None}
    return list(distinct.values())


def _decisions(explained: Explained) -> Iterable[Table]:
    rows = [
        (
            override.decision.replace("_", " "),
            override.person_record_id_left,
            override.person_record_id_right,
            override.decided_by,
            override.decided_at,
            override.why,
        )
        for override in explained.decisions
    ]
    if rows:
        headings = ("decision", "record", "record", "by", "at", "why")
        yield table("Decisions of people, applied from the next sync on", headings, rows)


def _links(links: tuple[tuple[Link, WeighedPair | None], ...]) -> Iterable[Table]:
    rows = [
        (link.left, link.right, words_of_reason(link.reason), _number(link.match_probability, 4), _found(pair))
        for link, pair in links[:_LINKS_SHOWN]
    ]
    more = f" (the strongest {_LINKS_SHOWN} of {len(links)})" if len(links) > _LINKS_SHOWN else ""
    if rows:
        yield table(f"Links{more}", ("record", "record", "reason", "probability", "what agrees"), rows)


def _found(pair: WeighedPair | None) -> str:
    for_one = [f.words for f in pair.findings if f.weight > _UNSAID] if pair else []
    return ", ".join(for_one)


def _pair(pair: WeighedPair, values: Mapping[str, Mapping[str, Any]]) -> RenderableType:
    found = [
        (
            f.words,
            *(_shown(values[key], f.comparison) for key in (pair.left, pair.right)),
            _bits(f.weight),
            _bits(f.household_weight),
        )
        for f in pair.findings
        if f.level != NOT_COMPARABLE or any(_shown(values[key], f.comparison) for key in (pair.left, pair.right))
    ]
    ends = [
        ("any two records at all", "", "", _bits(pair.prior_weight), ""),
        (_doubt(pair), "", "", _bits(pair.doubt), ""),
        (f"together: probability {pair.match_probability:.4f}", "", "", _bits(pair.match_weight), ""),
    ]
    headings = ("found", pair.left, pair.right, "bits against strangers", "bits against a household")
    parts: list[RenderableType] = [table("Evidence", headings, [*found, *ends])]
    if pair.met_by:
        parts.append(text("Compared because of: " + ", ".join(words_of_rule(rule) for rule in pair.met_by)))
    if pair.strong_identifiers:
        parts.append(
            text("Both hold the same " + ", ".join(kind.replace("_", " ") for kind in pair.strong_identifiers))
        )
    if pair.suppressed:
        parts.append(_suppressed(pair.suppressed))
    return Group(*parts)


def _doubt(pair: WeighedPair) -> str:
    if pair.agrees_beyond_names:
        return "two of one household would agree as well"
    return "many people may have the same names"


def _suppressed(values: Iterable[SuppressedValue]) -> Table:
    rows = [
        (v.person_record_id, v.identifier_type, v.identifier_value, v.name_count, words_of_suppression(v.reason))
        for v in values
    ]
    return table("Suppressed: no evidence", ("record", "type", "value", "given names", "why"), rows)


def _others(closest: tuple[WeighedPair, ...]) -> Iterable[Table]:
    rows = [(pair.left, pair.right, _number(pair.match_probability, 4), _found(pair)) for pair in closest]
    if len(rows) > 1:
        yield table("Closest pairs between the two", ("record", "record", "probability", "what agrees"), rows)


def _missed(rules: tuple[str, ...]) -> Iterable[Text]:
    if rules:
        yield text("Records are compared when they share any of: " + ", ".join(words_of_rule(rule) for rule in rules))


def _shown(record: Mapping[str, Any], compared: str) -> str:
    named = [record[name] for name in comparison(compared).shown_columns if record.get(name)]
    if compared.endswith("_name") and record.get(compared):
        named = [value for value in named if value != record.get("full_name")]
    return " ".join(", ".join(map(str, value)) if isinstance(value, list) else str(value) for value in named)


def _bits(weight: float) -> str:
    return f"{weight:+.1f}" if abs(weight) >= _UNSAID else "0"


def _number(value: float | None, digits: int) -> str:
    return "" if value is None else f"{value:.{digits}f}"
