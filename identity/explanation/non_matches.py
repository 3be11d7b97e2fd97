"""Why a pair is not one profile: a verdict and the non-match reasons as whole sentences."""

from collections.abc import Iterator

from identity.explanation.link_paths import Link
from identity.explanation.weighed_pair import WeighedPair
from identity.explanation.wording import bits, words_of_reason, words_of_rule, words_of_separation
from identity.limits import Limits, threshold_weight

_MIN_SHOWN_WEIGHT = 0.05  # bits


def non_match_reasons(
    pair: WeighedPair, conflict: WeighedPair | None, stored: Link | None, limits: Limits
) -> tuple[str, tuple[str, ...]]:
    """Explain why the closest pair of two profiles is not one profile.

    Args:
        pair: the closest pair.
        conflict: the pair of the two profiles that is the strongest evidence against one person, if there is one.
        stored: the row of match_edges about the closest pair, if there is one.
        limits: the thresholds of the resolution.

    Returns:
        The verdict (see Explanation), and whole sentences, the most important first.
    """
    needed = pair.needed_probability(limits)
    missing = threshold_weight(needed) - pair.deciding_weight
    is_by_rule = stored is not None and stored.reason != "probabilistic_match"
    if is_by_rule or missing <= 0:
        verdict, reasons = _kept_apart(pair, conflict, stored)
    elif not pair.met_by and stored is None:
        verdict, reasons = "never_compared", _never_compared(missing)
    else:
        verdict, reasons = "too_weak", list(_too_weak(pair, missing, needed))
    return verdict, (*reasons, *_side_notes(pair, stored))


def cannot_link_reason(link: Link) -> str:
    """The sentence about two profiles that a cannot_link override of this pair keeps apart."""
    return f"An override says that {link.left} and {link.right} are two people; it outranks all evidence."


def _kept_apart(pair: WeighedPair, conflict: WeighedPair | None, stored: Link | None) -> tuple[str, list[str]]:
    enough = (
        f"Alone the pair would be linked ({words_of_reason(stored.reason)})"
        if stored is not None
        else f"Alone the pair would be linked ({bits(pair.deciding_weight)})"
    )
    if pair.is_sparse:
        reason = (
            f"{enough}, but one record has neither given name nor date of birth, and its values point to people with "
            "different given names: it is assigned to none of them."
        )
        return "no_owner", [reason]
    if stored is None and pair.met_by:
        rules = ", ".join(words_of_rule(rule) for rule in pair.met_by)
        reason = f"{enough}, but what they share ({rules}) is so common here that it was not used to compare records."
        return "never_compared", [reason]
    if stored is None:
        return "never_compared", [f"{enough}, but they share no blocking rule, so they were never compared."]
    if stored.kept_apart_by and stored.kept_apart_by.startswith("too_many_"):
        return "over_limit", [f"{enough}, but {words_of_separation(stored.kept_apart_by)}."]
    if stored.kept_apart_by == "fits_two_people":
        return "fits_two", [f"{enough}, but {words_of_separation(stored.kept_apart_by)}."]
    if conflict is None:
        return "divided", [f"{enough}, but all records of their two groups together do not agree enough."]
    against = ", ".join(f.words for f in conflict.findings if f.level == "different" or f.household_weight < -1)
    reason = (
        f"{enough}, but two records of their groups are evidence against one person: {conflict.left} and "
        f"{conflict.right} ({against}; {bits(conflict.conflict_weight)}). That keeps the groups apart."
    )
    return "divided", [reason]


def _never_compared(missing: float) -> list[str]:
    return [
        "They were never compared: they share no blocking rule.",
        f"Compared, they would still be {missing:.2f} bits short of a link.",
    ]


def _too_weak(pair: WeighedPair, missing: float, needed: float) -> Iterator[str]:
    yield (
        f"Compared, but not alike enough: {bits(pair.deciding_weight)}, "
        f"{missing:.2f} bits short of the {needed:.0%} that a link needs."
    )
    against = sorted((f for f in pair.findings if f.weight < -_MIN_SHOWN_WEIGHT), key=lambda f: f.weight)
    if against:
        yield "Against one person: " + ", ".join(f"{f.words} ({bits(f.weight)})" for f in against) + "."
    if pair.is_sparse:
        return
    if pair.doubt < -_MIN_SHOWN_WEIGHT and pair.agrees_beyond_names:
        yield f"Two members of one household would agree nearly as much: {bits(pair.doubt)}."
    elif pair.doubt < -_MIN_SHOWN_WEIGHT:
        yield f"Only names agree, and many people have the same name: {bits(pair.doubt)}."


def _side_notes(pair: WeighedPair, stored: Link | None) -> Iterator[str]:
    is_by_rule = stored is not None and stored.reason != "probabilistic_match"
    for kind in pair.strong_identifiers if not is_by_rule else ():
        yield (
            f"Both have the same {kind.replace('_', ' ')}, but it is a conflicting identifier: different people use "
            "it, so it links no records."
        )
    both = [v for v in pair.suppressed if v.person_record_id == pair.left]
    others = {(v.identifier_type, v.identifier_value) for v in pair.suppressed if v.person_record_id == pair.right}
    for value in both:
        if (value.identifier_type, value.identifier_value) in others and value.reason == "too_many_names":
            yield (
                f"Both have the same {value.identifier_type}, but people with {value.name_count} given names use it: "
                "it is suppressed."
            )
