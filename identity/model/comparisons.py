"""All comparisons of a model: those of names and contacts, and here those of personal facts, numbers and attributes.

Each comparison is a list of levels from the best agreement down. A level has default values of m, u and u_household,
which hold where the caller's data cannot teach better ones; see `identity.model.comparison`.
"""

from collections.abc import Sequence

from identity.model.comparison import Comparison, HouseholdRole, Level
from identity.model.comparison_terms import edits, overlap
from identity.model.comparisons_of_contacts import address, email, phone
from identity.model.comparisons_of_names import family_name, given_name
from identity.prepare.records import ATTRIBUTE_PREFIX


def comparisons(attributes: Sequence[str] = ()) -> tuple[Comparison, ...]:
    """All comparisons of a model with these attributes.

    A field that a caller lacks is null on every record, so that its comparison has no effect.

    Args:
        attributes: Columns of `units` that hold the caller's attributes.

    Returns:
        The comparisons in a fixed order, the attributes last.
    """
    fixed = (
        given_name(),
        family_name(),
        _date_of_birth(),
        email(),
        phone(),
        address(),
        _national_id(),
        _loyalty_number(),
        _gender(),
        _generation(),
    )
    return (*fixed, *(_attribute(column) for column in attributes))


def find_comparison(name: str) -> Comparison | None:
    """The comparison of this name, or None where this code has none."""
    if name.startswith(ATTRIBUTE_PREFIX):
        return _attribute(name)
    return next((found for found in comparisons() if found.name == name), None)


def comparison(name: str) -> Comparison:
    """The comparison of this name.

    Args:
        name: The name of a comparison, or of a column of `units` that holds an attribute.

    Returns:
        The comparison with its levels.

    Raises:
        KeyError: There is no comparison of this name.
    """
    found = find_comparison(name)
    if found is None:
        raise KeyError(f"No comparison is called {name!r}; there are {', '.join(c.name for c in comparisons())}.")
    return found


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
    same = "date_of_birth_l = date_of_birth_r"
    levels = (
        Level("same", "same date of birth", same, 0.85, 0.00005, 0.02, "date_of_birth", 1e-5),
        Level("one_change", "dates of birth differ by one typo", one_change, 0.05, 0.0006, 0.01),
        Level("partly", "dates of birth agree in part", partly, 0.06, 0.006, 0.05),
        Level("different", "dates of birth differ", "ELSE", 0.04, 0.99335, 0.92),
    )
    return Comparison(
        "date_of_birth",
        "date of birth",
        "date_of_birth_l is null or date_of_birth_r is null",
        levels,
        HouseholdRole.DATE_OF_BIRTH,
        shown_columns=("date_of_birth",),
        is_beyond_names=True,
    )


def _national_id() -> Comparison:
    similar = "jaro_winkler_similarity(national_ids_l[1], national_ids_r[1]) >= 0.8"
    close = edits("national_ids_l[1]", "national_ids_r[1]", 1, similar)
    levels = (
        Level("same", "same national id", overlap("national_ids"), 0.85, 2e-6, 0.002, strangers_share=0.02),
        # a number of seven digits has some seventy neighbours at one edit
        Level("close", "national ids differ by a typo", close, 0.1, 2e-5, 0.001, strangers_share=0.2),
        Level("different", "national ids differ", "ELSE", 0.05, 0.999978, 0.997),
    )
    return Comparison(
        "national_id",
        "national id",
        "national_ids_l is null or national_ids_r is null",
        levels,
        HouseholdRole.PERSONAL,
        shown_columns=("national_ids",),
        is_beyond_names=True,
    )


def _loyalty_number() -> Comparison:
    # a strong identifier links by itself; two different ones are evidence for two members
    same = "list_has_any(loyalty_numbers_l, loyalty_numbers_r)"
    levels = (
        Level("same", "same loyalty number", same, 0.85, 2e-6, 0.02, strangers_share=0.02),
        Level("different", "loyalty numbers differ", "ELSE", 0.15, 0.999998, 0.98),
    )
    return Comparison(
        "loyalty_number",
        "loyalty number",
        "loyalty_numbers_l is null or loyalty_numbers_r is null",
        levels,
        HouseholdRole.DIFFERENCE_ONLY,
        shown_columns=("loyalty_numbers",),
    )


def _gender() -> Comparison:
    levels = (
        Level("same", "same gender", "gender_l = gender_r", 0.95, 0.5, 0.4),
        Level("different", "genders differ", "ELSE", 0.05, 0.5, 0.6),
    )
    return Comparison(
        "gender",
        "gender",
        "gender_l is null or gender_r is null",
        levels,
        HouseholdRole.PERSONAL,
        shown_columns=("gender",),
    )


def _generation() -> Comparison:
    # Who writes Sr or Jr says it of oneself: it is hardly ever a mistake, however few pairs could teach that
    levels = (
        Level("same", "same generation", "generation_l = generation_r", 0.9999, 0.5, 0.5, is_m_learnt=False),
        Level("different", "another generation", "ELSE", 0.0001, 0.5, 0.5, is_m_learnt=False),
    )
    return Comparison(
        "generation",
        "generation",
        "generation_l is null or generation_r is null",
        levels,
        HouseholdRole.PERSONAL,
        shown_columns=("full_name", "family_name"),
    )


def _attribute(column: str) -> Comparison:
    noun = column.removeprefix(ATTRIBUTE_PREFIX).replace("_", " ")
    levels = (
        Level("same", f"same {noun}", f"{column}_l = {column}_r", 0.8, 0.1, 0.8, column),
        Level("different", f"another {noun}", "ELSE", 0.2, 0.9, 0.2),
    )
    return Comparison(column, noun, f"{column}_l is null or {column}_r is null", levels)
