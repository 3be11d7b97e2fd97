"""Levels, reasons and rules in words that need no knowledge of the model."""

from identity.model.comparisons import find_comparison

_REASONS = {
    "exact_duplicate": "equal in every compared value",
    "same_loyalty_number": "one loyalty number",
    "same_shop_customer_id": "one shop customer id",
    "same_card_fingerprint": "one payment card",
    "same_other_identifier": "one identifier of a type that the sources declare",
    "probabilistic_match": "match weight above the threshold",
    "joined_clusters": "all records of both clusters compared together",
    "must_link": "decided by a person: one customer",
    "same_record_key": "one record, all of whose other values changed at once",
}

_SUPPRESSED = {
    "too_many_names": "used by more people than one household has",
    "blocklisted": "on the blocklist",
    "several_names": "seen with different people",
    "several_loyalty_numbers": "a card seen with several loyalty numbers",
}

# Why two records that might be linked are in two profiles; the keys are published
_SEPARATIONS = {
    "cannot_link": "decided by a person: two customers",
    "changed_identity": "the record belonged to this profile before all of its values changed at once",
    "fits_two_people": "ambiguous match: one of the two fits another person about as well and is merged with neither",
    "conflicting_evidence": "their clusters hold records that are evidence against one person",
    "too_many_loyalty_numbers": "one profile would then hold more loyalty numbers than one person has",
    "too_many_shop_customer_ids": "one profile would then hold more shop customer ids than one person has",
    "too_many_emails": "one profile would then hold more e-mails than one person has",
    "too_many_phones": "one profile would then hold more phones than one person has",
    "too_many_birth_dates": "one profile would then hold more than one date of birth",
    "too_many_records": "one profile would then hold more records than the limit",
}


def words_of_level(comparison: str, level: str) -> str:
    """A comparison's level in words; where this code does not know it (an older release), its names."""
    found = find_comparison(comparison)
    return found.words_of(level) if found else f"{comparison}: {level}".replace("_", " ")


def words_of_reason(reason: str) -> str:
    """The reason of a link in words."""
    return _REASONS.get(reason, reason.replace("_", " "))


def words_of_separation(kept_apart_by: str) -> str:
    """Why two records were kept apart, in words."""
    return _SEPARATIONS.get(kept_apart_by, kept_apart_by.replace("_", " "))


def words_of_rule(rule: str) -> str:
    """A blocking rule in words; rules are named by their meaning."""
    return rule.replace("_", " ").replace("email", "e-mail")


def words_of_suppression(reason: str) -> str:
    """Why a value is suppressed, in words."""
    return _SUPPRESSED.get(reason, reason.replace("_", " "))


def bits(weight: float) -> str:
    """A weight with its sign and unit."""
    return f"{weight:+.1f} bits"
