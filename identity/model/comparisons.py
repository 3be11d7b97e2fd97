"""How two records are compared: some comparisons, each a ladder of levels from the best agreement down.

Every level carries three values: m (how often it is seen between records of one person), u (between unrelated people)
and h (between two members of one household); training adds w, the m of pairs that share an address or contact. They
hold where the caller's data cannot teach better ones. Members of a household share contacts, address and family name.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from identity.model.comparison_terms import SWAPPED, edits, guarded, one_edit, overlap, single_name
from identity.prepare.records import ATTRIBUTE_PREFIX


@dataclass(frozen=True)
class Level:
    """One rung of a comparison: its label, its condition on columns with _l and _r, and its values (see the module)."""

    label: str
    condition: str
    m: float
    u: float
    u_household: float
    term_frequency_column: str | None = None
    # How often two strangers share this by error, times the number of people. Replaces the learnt u: among random
    # pairs such coincidences are fewer than the duplicates that nobody has found yet.
    strangers_share: float | None = None
    # False where the blocks of the training exclude the level by construction
    is_m_learnt: bool = True


@dataclass(frozen=True)
class Comparison:
    """One comparison: its name, when it says nothing (null_condition), its levels from the best down to "different"."""

    name: str
    null_condition: str
    levels: tuple[Level, ...]

    @property
    def column(self) -> str:
        """The column of `units` that has to be filled for the comparison to say anything."""
        return self.null_condition.split("_l is null")[0].lstrip("(")

    @property
    def term_frequency_columns(self) -> tuple[str, ...]:
        """The columns whose rare values say more, each once."""
        return tuple(dict.fromkeys(level.term_frequency_column for level in self.levels if level.term_frequency_column))


def comparisons(attributes: Sequence[str] = ()) -> tuple[Comparison, ...]:
    """All comparisons of a model with these attributes (columns of `units`).

    A field that a caller lacks is null on every record and weighs nothing.
    """
    fixed = (
        _given_name(),
        _family_name(),
        _date_of_birth(),
        _email(),
        _phone(),
        _address(),
        _national_id(),
        _loyalty_number(),
        _gender(),
    )
    return (*fixed, *(_attribute(column) for column in attributes))


def comparison(name: str) -> Comparison:
    """The one comparison of this name."""
    if name.startswith(ATTRIBUTE_PREFIX):
        return _attribute(name)
    return next(found for found in comparisons() if found.name == name)


def _given_name() -> Comparison:
    initial = """
        (length(given_name_l) = 1 or length(given_name_r) = 1) and left(given_name_l, 1) = left(given_name_r, 1)
    """
    similar = f"jaro_winkler_similarity(given_name_l, given_name_r) >= 0.9 or {one_edit('given_name', 4)}"
    levels = (
        Level("same", "given_name_l = given_name_r", 0.71, 0.005, 0.03, "given_name"),
        Level("swapped_with_family_name", SWAPPED, 0.01, 0.005, 0.0007, "given_name", is_m_learnt=False),
        Level("nickname", overlap("given_roots"), 0.05, 0.002, 0.005),
        Level("initial", initial, 0.04, 0.004, 0.004),
        # Francesco and Francesca, John and Joan: both are names that others bear, so neither need be a misspelling
        Level("similar_names", f"is_usual_given_l and is_usual_given_r and ({similar})", 0.01, 0.003, 0.02),
        Level("similar", similar, 0.07, 0.002, 0.005),
        Level("another_given_name", overlap("given_tokens"), 0.03, 0.003, 0.005),
        # short forms that no table knows: Algy and Algernon, Ken and Kenneth
        Level("same_beginning", "left(given_name_l, 3) = left(given_name_r, 3)", 0.02, 0.005, 0.01),
        Level("different", "ELSE", 0.06, 0.978, 0.93),
    )
    single = single_name("given_name", "as_family", "as_family")
    return Comparison("given_name", f"given_name_l is null or given_name_r is null or {single}", levels)


def _family_name() -> Comparison:
    similar = f"jaro_winkler_similarity(family_name_l, family_name_r) >= 0.92 or {one_edit('family_name', 5)}"
    single = single_name("as_given", "family_name", "as_family")
    # a maiden name or the name of a title, beside the family name in full name
    further = f"{overlap('family_tokens', 'further_names')} or {overlap('further_names', 'family_tokens')}"
    levels = (
        Level("same", "family_name_l = family_name_r", 0.80, 0.001, 0.7, "family_name"),
        Level("swapped_with_given_name", SWAPPED, 0.01, 1e-5, 0.0007, "family_name", is_m_learnt=False),
        Level("single_name", f"coalesce({single}, false)", 0.03, 0.001, 0.025, is_m_learnt=False),
        Level("shared_word", f"{overlap('family_tokens')} or {further}", 0.03, 0.0005, 0.03),
        Level("similar", similar, 0.08, 0.001, 0.05),
        Level("somewhat_similar", "jaro_winkler_similarity(family_name_l, family_name_r) >= 0.85", 0.03, 0.005, 0.02),
        Level("different", "ELSE", 0.05, 0.99245, 0.2),
    )
    empty = f"(family_name_l is null or family_name_r is null) and not coalesce({single}, false)"
    return Comparison("family_name", empty, levels)


def _date_of_birth() -> Comparison:
    two_parts = """
        if(birth_year_l = birth_year_r, 1, 0) + if(birth_month_l = birth_month_r, 1, 0)
            + if(birth_day_l = birth_day_r, 1, 0) = 2
    """
    one_change = f"""
        {edits("date_of_birth_l", "date_of_birth_r", 1, two_parts)}
        or (birth_year_l = birth_year_r and birth_month_l = birth_day_r and birth_day_l = birth_month_r)
    """
    # the first of January often stands for "only the year is known"
    partly = """
        (birth_year_l = birth_year_r and (birth_month_l = birth_month_r or birth_day_l = birth_day_r))
        or (birth_month_l = birth_month_r and birth_day_l = birth_day_r)
        or (birth_year_l = birth_year_r and (
            (birth_month_l = '01' and birth_day_l = '01') or (birth_month_r = '01' and birth_day_r = '01')))
    """
    levels = (
        Level("same", "date_of_birth_l = date_of_birth_r", 0.85, 0.00005, 0.02, "date_of_birth"),
        Level("one_change", one_change, 0.05, 0.0006, 0.01),
        Level("partly", partly, 0.06, 0.006, 0.05),
        Level("different", "ELSE", 0.04, 0.99335, 0.92),
    )
    return Comparison("date_of_birth", "date_of_birth_l is null or date_of_birth_r is null", levels)


def _email() -> Comparison:
    alike = "length(emails_l[1]) >= 10 and jaro_winkler_similarity(emails_l[1], emails_r[1]) >= 0.9"
    # namesakes number their mailboxes: two other digits behind one name are another mailbox, no slip
    numbered = "translate(emails_l[1], '0123456789', '') = translate(emails_r[1], '0123456789', '')"
    slip, digit_slip = (edits("emails_l[1]", "emails_r[1]", most, alike) for most in (2, 1))
    close = guarded(alike, f"if({numbered}, {digit_slip}, {slip})")
    # a mailbox that is a name is like that of a namesake: john.foster and john.forster
    chosen = "(is_mailbox_numbered_l or mailbox_user_l = mailbox_user_r)"
    levels = (
        Level("same", overlap("own_emails"), 0.5, 2e-6, 0.1, strangers_share=0.02),
        Level("same_family_mailbox", overlap("emails"), 0.05, 2e-6, 0.05, strangers_share=0.02),
        Level("close", guarded(chosen, close), 0.02, 2e-6, 0.02, strangers_share=0.02),
        Level("same_user", overlap("email_users"), 0.08, 2e-5, 0.03),
        Level("close_name", guarded(f"not {chosen}", close), 0.01, 1e-4, 0.02, strangers_share=1_000),
        # two mailboxes under one other name: a maiden name, an alias, a hobby
        Level("alike", overlap("email_grams"), 0.04, 0.003, 0.02),
        # each bears the name of its record: as usual between strangers as for one person with two mailboxes
        Level("each_own_name", "is_mailbox_named_l and is_mailbox_named_r", 0.15, 0.3, 0.3),
        Level("different", "ELSE", 0.15, 0.696976, 0.48),
    )
    return Comparison("email", "emails_l is null or emails_r is null", levels)


def _phone() -> Comparison:
    alike = "jaro_winkler_similarity(phones_l[1], phones_r[1]) >= 0.9"
    close = edits("phones_l[1]", "phones_r[1]", 1, alike)
    levels = (
        Level("same", overlap("phones"), 0.6, 2e-6, 0.35, strangers_share=0.02),
        Level("close", close, 0.03, 2e-6, 0.02, strangers_share=0.02),
        Level("different", "ELSE", 0.37, 0.999996, 0.63),
    )
    return Comparison("phone", "phones_l is null or phones_r is null", levels)


def _address() -> Comparison:
    same = """
        street_l = street_r
        and (postcode_l = postcode_r or city_l = city_r or postcode_l is null or postcode_r is null)
    """
    similar = """
        (postcode_l = postcode_r or city_l = city_r)
        and coalesce(house_number_l, '') = coalesce(house_number_r, '')
        and jaro_winkler_similarity(street_l, street_r) >= 0.9
    """
    levels = (
        Level("same", same, 0.5, 1e-5, 0.5, strangers_share=0.2),
        Level("similar", similar, 0.1, 1e-5, 0.1, strangers_share=0.2),
        Level("same_postcode", "postcode_l = postcode_r and (street_l is null or street_r is null)", 0.07, 5e-5, 0.07),
        Level("another_street", "postcode_l = postcode_r", 0.05, 5e-5, 0.05),
        Level("same_area", "postcode_area_l = postcode_area_r or city_l = city_r", 0.13, 0.02, 0.13),
        Level("different", "ELSE", 0.15, 0.97988, 0.15),
    )
    return Comparison("address", "any_place_l is null or any_place_r is null", levels)


def _national_id() -> Comparison:
    alike = "jaro_winkler_similarity(national_ids_l[1], national_ids_r[1]) >= 0.8"
    close = edits("national_ids_l[1]", "national_ids_r[1]", 1, alike)
    levels = (
        Level("same", overlap("national_ids"), 0.85, 2e-6, 0.002, strangers_share=0.02),
        # a number of seven digits has some seventy neighbours at one edit
        Level("close", close, 0.1, 2e-5, 0.001, strangers_share=0.2),
        Level("different", "ELSE", 0.05, 0.999978, 0.997),
    )
    return Comparison("national_id", "national_ids_l is null or national_ids_r is null", levels)


def _loyalty_number() -> Comparison:
    # a strong identifier links by itself; two different ones speak for two members
    levels = (
        Level("same", "list_has_any(loyalty_numbers_l, loyalty_numbers_r)", 0.85, 2e-6, 0.02, strangers_share=0.02),
        Level("different", "ELSE", 0.15, 0.999998, 0.98),
    )
    return Comparison("loyalty_number", "loyalty_numbers_l is null or loyalty_numbers_r is null", levels)


def _gender() -> Comparison:
    levels = (
        Level("same", "gender_l = gender_r", 0.95, 0.5, 0.4),
        Level("different", "ELSE", 0.05, 0.5, 0.6),
    )
    return Comparison("gender", "gender_l is null or gender_r is null", levels)


def _attribute(column: str) -> Comparison:
    levels = (
        Level("same", f"{column}_l = {column}_r", 0.8, 0.1, 0.8, column),
        Level("different", "ELSE", 0.2, 0.9, 0.2),
    )
    return Comparison(column, f"{column}_l is null or {column}_r is null", levels)
