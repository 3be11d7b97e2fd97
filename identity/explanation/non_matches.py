"""Why a pair was not joined, as a verdict and whole sentences."""

from collections.abc import Iterator

from identity.explanation.link_paths import Link
from identity.explanation.weighed_pair import WeighedPair
from identity.explanation.wording import bits, words_of_reason, words_of_rule, words_of_separation
from identity.limits import Limits, threshold_weight

_UNSAID = 0.05  # bits that no reader needs to hear of


def refusal(
    pair: WeighedPair, conflict: WeighedPair | None, stored: Link | None, limits: Limits
) -> tuple[str, tuple[str, ...]]:
    """The verdict on the closest pair of two profiles, and its reasons, the most important first.

    conflict is the pair of the two profiles that speaks most against one person; stored the pair's row of match_edges.
    """
    needed = pair.needed_probability(limits)
    missing = threshold_weight(needed) - pair.deciding_weight
    is_by_rule = stored is not None and stored.reason != "probabilistic_match"
    if is_by_rule or missing <= 0:
        verdict, reasons = _not_joined(pair, conflict, stored)
    elif not pair.met_by and stored is None:
        verdict, reasons = "never_compared", _never_compared(missing)
    else:
        verdict, reasons = "too_weak", list(_too_weak(pair, missing, needed))
    return verdict, (*reasons, *_side_notes(pair, stored))


def decided_apart(link: Link) -> str:
    """What is said first of two profiles that a person's decision about this pair keeps apart."""
    return f"Somebody decided that {link.left} and {link.right} are two people, whatever the evidence says."


def _not_joined(pair: WeighedPair, conflict: WeighedPair | None, stored: Link | None) -> tuple[str, list[str]]:
    enough = (
        f"Alone the pair would be linked ({words_of_reason(stored.reason)})"
        if stored is not None
        else f"Alone the pair would be linked ({bits(pair.deciding_weight)})"
    )
    if pair.is_sparse:
        told = (
            f"{enough}, but one record has neither given name nor birth date, and what it has points to people with "
            "different given names: nobody can say whose it is, so it joins none of them."
        )
        return "no_owner", [told]
    if stored is None and pair.met_by:
        rules = ", ".join(words_of_rule(rule) for rule in pair.met_by)
        told = f"{enough}, but what they share ({rules}) is so common here that it was not used to compare records."
        return "never_compared", [told]
    if stored is None:
        return "never_compared", [f"{enough}, but no rule brings the two together, so they were never compared."]
    if stored.kept_apart_by and stored.kept_apart_by.startswith("too_many_"):
        return "over_limit", [f"{enough}, but {words_of_separation(stored.kept_apart_by)}."]
    if stored.kept_apart_by == "fits_two_people":
        return "fits_two", [f"{enough}, but {words_of_separation(stored.kept_apart_by)}."]
    if conflict is None:
        return "divided", [f"{enough}, but all records of their two groups together do not agree enough."]
    against = ", ".join(f.words for f in conflict.findings if f.level == "different" or f.household_weight < -1)
    told = (
        f"{enough}, but their groups hold records that speak against one person: {conflict.left} and "
        f"{conflict.right} ({against}; {bits(conflict.conflict_weight)}). That keeps the groups apart."
    )
    return "divided", [told]


def _never_compared(missing: float) -> list[str]:
    return [
        "They were never compared: no rule brings the two together.",
        f"Compared, they would still be {missing:.2f} bits short of a link.",
    ]


def _too_weak(pair: WeighedPair, missing: float, needed: float) -> Iterator[str]:
    yield (
        f"Compared, but not alike enough: {bits(pair.deciding_weight)}, "
        f"{missing:.2f} bits short of the {needed:.0%} that a link needs."
    )
    against = sorted((f for f in pair.findings if f.weight < -_UNSAID), key=lambda f: f.weight)
    if against:
        yield "Against one person: " + ", ".join(f"{f.words} ({bits(f.weight)})" for f in against) + "."
    if pair.is_sparse:
        return
    if pair.doubt < -_UNSAID and pair.agrees_beyond_names:
        yield f"Two members of one household would agree nearly as much: {bits(pair.doubt)}."
    elif pair.doubt < -_UNSAID:
        yield f"Only names agree, and many people bear one name: {bits(pair.doubt)}."


def _side_notes(pair: WeighedPair, stored: Link | None) -> Iterator[str]:
    is_by_rule = stored is not None and stored.reason != "probabilistic_match"
    for kind in pair.strong_identifiers if not is_by_rule else ():
        yield f"Both hold the same {kind.replace('_', ' ')}, but it is seen with people who differ: it links nobody."
    both = [v for v in pair.suppressed if v.person_record_id == pair.left]
    others = {(v.identifier_type, v.identifier_value) for v in pair.suppressed if v.person_record_id == pair.right}
    for value in both:
        if (value.identifier_type, value.identifier_value) in others and value.reason == "too_many_names":
            yield (
                f"Both hold the same {value.identifier_type}, but {value.name_count} given names use it: "
                "it is nobody's evidence."
            )
