"""What the model found, in words that need no knowledge of it."""

from identity.prepare.records import ATTRIBUTE_PREFIX

_LEVELS = {
    "given_name": {
        "same": "same given name",
        "swapped_with_family_name": "given and family name are exchanged",
        "nickname": "given names are forms of one name",
        "initial": "one given name is the initial of the other",
        "similar_names": "given names are alike, but each is a name of its own",
        "similar": "given names differ by a slip",
        "another_given_name": "one of several given names is the same",
        "same_beginning": "given names begin alike",
        "different": "given names differ",
        "not_comparable": "no given name on one side",
    },
    "family_name": {
        "same": "same family name",
        "swapped_with_given_name": "family and given name are exchanged",
        "single_name": "the only name of one is the family name of the other",
        "shared_word": "family names share a word",
        "similar": "family names differ by a slip",
        "somewhat_similar": "family names are somewhat alike",
        "different": "family names differ",
        "not_comparable": "no family name on one side",
    },
    "date_of_birth": {
        "same": "same birth date",
        "one_change": "birth dates differ by one slip",
        "partly": "birth dates agree in part",
        "different": "birth dates differ",
        "not_comparable": "no birth date on one side",
    },
    "email": {
        "same": "same e-mail",
        "same_family_mailbox": "same e-mail, of a whole family",
        "same_user": "e-mails are equal before the @",
        "close": "e-mails differ by a slip",
        "close_name": "e-mails that are names differ by a slip",
        "alike": "e-mails share a part of a name",
        "each_own_name": "e-mails differ, each bears its own name",
        "different": "e-mails differ",
        "not_comparable": "no e-mail on one side",
    },
    "phone": {
        "same": "same phone",
        "close": "phones differ by one digit",
        "different": "phones differ",
        "not_comparable": "no phone on one side",
    },
    "address": {
        "same": "same address",
        "similar": "addresses differ by a slip",
        "same_postcode": "same postcode, no street on one side",
        "another_street": "same postcode, another street",
        "same_area": "same town or postcode area",
        "different": "addresses are far apart",
        "not_comparable": "no address on one side",
    },
    "national_id": {
        "same": "same national id",
        "close": "national ids differ by a slip",
        "different": "national ids differ",
        "not_comparable": "no national id on one side",
    },
    "loyalty_number": {
        "same": "same loyalty number",
        "different": "loyalty numbers differ",
        "not_comparable": "no loyalty number on one side",
    },
    "gender": {
        "same": "same gender",
        "different": "genders differ",
        "not_comparable": "no gender on one side",
    },
}
# of any further column that a caller compares
_ATTRIBUTE_LEVELS = {
    "same": "same {attribute}",
    "different": "another {attribute}",
    "not_comparable": "no {attribute} on one side",
}

_REASONS = {
    "exact_duplicate": "equal in every compared value",
    "same_loyalty_number": "one loyalty number",
    "same_shop_customer_id": "one shop customer id",
    "same_card_fingerprint": "one payment card",
    "probabilistic_match": "alike enough",
    "joined_clusters": "all records of their groups together",
    "must_link": "somebody decided that they are one",
}

_SUPPRESSED = {
    "too_many_names": "more people use it than one household holds",
    "blocklisted": "on the blocklist",
    "several_names": "seen with people who differ",
    "several_loyalty_numbers": "a card seen with several loyalty numbers",
}

# Why two records that might be linked are in two profiles
_SEPARATIONS = {
    "cannot_link": "somebody decided that they are two",
    "fits_two_people": "one of the two fits another person about as well, so that it joins neither",
    "conflicting_evidence": "their groups hold records that speak against one person",
    "too_many_loyalty_numbers": "one profile would then hold more loyalty numbers than one person has",
    "too_many_shop_customer_ids": "one profile would then hold more shop customer ids than one person has",
    "too_many_emails": "one profile would then hold more e-mails than one person has",
    "too_many_phones": "one profile would then hold more phones than one person has",
    "too_many_birth_dates": "one profile would then hold more than one birth date",
    "too_many_records": "one profile would then hold more records than one person leaves",
}


def words_of_level(comparison: str, level: str) -> str:
    """A comparison's level in words; a level without words of its own by its names."""
    if comparison.startswith(ATTRIBUTE_PREFIX) and level in _ATTRIBUTE_LEVELS:
        attribute = comparison.removeprefix(ATTRIBUTE_PREFIX).replace("_", " ")
        return _ATTRIBUTE_LEVELS[level].format(attribute=attribute)
    return _LEVELS.get(comparison, {}).get(level, f"{comparison}: {level}".replace("_", " "))


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
    """Why a value is no evidence, in words."""
    return _SUPPRESSED.get(reason, reason.replace("_", " "))


def bits(weight: float) -> str:
    """A weight with its sign and unit."""
    return f"{weight:+.1f} bits"
