"""How e-mails, phones and addresses are compared: what members of one household often share."""

from identity.model.comparison import Comparison, HouseholdRole, Level
from identity.model.comparison_terms import edits, guarded, overlap

# The level of a contact on which several unrelated names stand
SEVERAL = "same_of_several"
# The levels at which two records have a contact in common
SHARED_LABELS = {
    "email": ("same", "same_family_mailbox", SEVERAL),
    "phone": ("same", SEVERAL),
}


def email() -> Comparison:
    """The comparison of all mailboxes of two records; typos are sought in the first of each."""
    return Comparison(
        "email",
        "e-mail",
        "emails_l is null or emails_r is null",
        _email_levels(),
        HouseholdRole.CONTACT,
        shown_columns=("emails",),
        is_beyond_names=True,
    )


# a mailbox that is a name is like that of a namesake: john.foster and john.forster
_CHOSEN_MAILBOX = "(is_mailbox_numbered_l or mailbox_user_l = mailbox_user_r)"


def _close_mailboxes() -> str:
    similar = "length(emails_l[1]) >= 10 and jaro_winkler_similarity(emails_l[1], emails_r[1]) >= 0.9"
    # namesakes number their mailboxes: two other digits after one name are another mailbox, no typo
    numbered = "translate(emails_l[1], '0123456789', '') = translate(emails_r[1], '0123456789', '')"
    # jan.novak1 and jan.novak2: one digit is counted, two and more are a year that may be mistyped
    counted = (
        "least(" + ", ".join(f"length(regexp_replace(emails_{side}[1], '[^0-9]', '', 'g'))" for side in "lr") + ") < 2"
    )
    typo, digit_typo = (edits("emails_l[1]", "emails_r[1]", most, similar) for most in (2, 1))
    # where a provider does not ignore dots, j.foster and jfoster are the mailboxes of two customers
    left, right = (f"regexp_replace(emails_{side}[1], '[._-]', '', 'g')" for side in "lr")
    dotted = f"({left} = {right} and split_part(emails_l[1], '@', 2) = split_part(emails_r[1], '@', 2))"
    # one provider's domains of two countries are two providers; .co and .cm are also .com mistyped
    domains = " and ".join(f"regexp_matches(emails_{side}[1], '@.*[.][a-z]{{2}}$')" for side in "lr")
    mistyped = " or ".join(f"right(emails_{side}[1], 3) in ('.co', '.cm', '.om', '.ne', '.og')" for side in "lr")
    unequal = "left(emails_l[1], -2) = left(emails_r[1], -2) and emails_l[1] <> emails_r[1]"
    abroad = f"({unequal} and {domains} and not ({mistyped}))"
    return guarded(similar, f"not {dotted} and not {abroad} and if({numbered}, not {counted} and {digit_typo}, {typo})")


def _shared_mailboxes() -> tuple[Level, ...]:
    return (
        Level("same", "same e-mail", overlap("own_emails"), 0.5, 2e-6, 0.09, strangers_share=0.02),
        Level(
            "same_family_mailbox",
            "same e-mail, of a whole family",
            overlap("narrow_emails"),
            0.05,
            2e-6,
            0.05,
            strangers_share=0.02,
        ),
        # strangers of a call centre's mailbox are as many as the names on it
        Level(SEVERAL, "same e-mail, of several names", overlap("emails"), 0.02, 2e-5, 0.02, strangers_share=0.2),
    )


def _email_levels() -> tuple[Level, ...]:
    chosen, close = _CHOSEN_MAILBOX, _close_mailboxes()
    named = "is_mailbox_named_l and is_mailbox_named_r"
    return (
        *_shared_mailboxes(),
        Level("close", "e-mails differ by a typo", guarded(chosen, close), 0.02, 2e-6, 0.02, strangers_share=0.02),
        Level("same_user", "e-mails are equal before the @", overlap("email_users"), 0.08, 2e-5, 0.03),
        Level(
            "close_name",
            "e-mails that are names differ by a typo",
            guarded(f"not {chosen}", close),
            0.01,
            1e-4,
            0.02,
            strangers_share=1_000,
        ),
        # two mailboxes under one other name: a maiden name, an alias, a hobby
        Level("alike", "e-mails share a part of a name", overlap("email_grams"), 0.04, 0.003, 0.02),
        # as usual between strangers as for one person with two mailboxes
        Level(
            "each_own_name",
            "e-mails differ, each contains the name of its record",
            named,
            0.15,
            0.3,
            0.3,
            is_agreement=False,
        ),
        Level("different", "e-mails differ", "ELSE", 0.15, 0.696976, 0.48),
    )


def phone() -> Comparison:
    """The comparison of all phones of two records; a wrong digit is sought in the first of each."""
    similar = "jaro_winkler_similarity(phones_l[1], phones_r[1]) >= 0.9"
    close = edits("phones_l[1]", "phones_r[1]", 1, similar)
    same_but_last = "length(phones_l[1]) = length(phones_r[1]) and left(phones_l[1], -1) = left(phones_r[1], -1)"
    levels = (
        Level("same", "same phone", overlap("narrow_phones"), 0.6, 2e-6, 0.28, strangers_share=0.02),
        Level(SEVERAL, "same phone, of several names", overlap("phones"), 0.02, 2e-5, 0.05, strangers_share=0.2),
        # numbers are given out one after the other: two lines as well as a typo
        Level(
            "next_number",
            "phones differ in the last digit",
            same_but_last,
            2e-4,
            1e-4,
            1.6e-3,
            strangers_share=1_000,
            is_m_learnt=False,
            is_agreement=False,
            is_household_fixed=True,
        ),
        Level("close", "phones differ by one digit", close, 0.03, 2e-6, 0.02, strangers_share=0.02),
        Level("different", "phones differ", "ELSE", 0.35, 0.999976, 0.65),
    )
    return Comparison(
        "phone",
        "phone",
        "phones_l is null or phones_r is null",
        levels,
        HouseholdRole.CONTACT,
        shown_columns=("phones",),
        is_beyond_names=True,
    )


def address() -> Comparison:
    """The comparison of street, postcode and city; members of a household share all three."""
    same = """
        street_l = street_r
        and (postcode_l = postcode_r or city_l = city_r or postcode_l is null or postcode_r is null)
    """
    similar = """
        (postcode_l = postcode_r or city_l = city_r)
        and coalesce(house_number_l, '') = coalesce(house_number_r, '')
        and jaro_winkler_similarity(street_l, street_r) >= 0.9
    """
    postcode = "postcode_l = postcode_r and (street_l is null or street_r is null)"
    area = "postcode_area_l = postcode_area_r or city_l = city_r"
    levels = (
        Level("same", "same address", same, 0.5, 1e-5, 0.5, strangers_share=0.2),
        Level("similar", "addresses differ by a typo", similar, 0.1, 1e-5, 0.1, strangers_share=0.2),
        Level("same_postcode", "same postcode, no street on one side", postcode, 0.07, 5e-5, 0.07),
        Level("another_street", "same postcode, another street", "postcode_l = postcode_r", 0.05, 5e-5, 0.05),
        # a town shows hardly more than the names, which vary by region themselves
        Level("same_area", "same town or postcode area", area, 0.13, 0.02, 0.13, is_agreement=False),
        Level("different", "addresses are far apart", "ELSE", 0.15, 0.97988, 0.15),
    )
    return Comparison(
        "address",
        "address",
        "any_place_l is null or any_place_r is null",
        levels,
        HouseholdRole.SHARED,
        shown_columns=("address_line", "postcode", "city"),
        is_beyond_names=True,
    )
