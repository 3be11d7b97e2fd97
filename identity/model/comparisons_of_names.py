"""How given names and family names are compared, forms and exchanged fields included."""

from identity.model.comparison import Comparison, HouseholdRole, Level
from identity.model.comparison_terms import (
    lone_initial,
    one_edit,
    other_script,
    overlap,
    same_whole,
    single_name,
    swapped,
)

# Abdul Rahman and Abdulrahman, van den Berg and Vandenberg
_AS_ONE = "are the same when written as one word"


def given_name() -> Comparison:
    """The comparison of the first given name, with its formal names and the other given names."""
    initial = """
        (length(given_name_l) = 1 or length(given_name_r) = 1) and left(given_name_l, 1) = left(given_name_r, 1)
    """
    similar = f"jaro_winkler_similarity(given_name_l, given_name_r) >= 0.9 or {one_edit('given_name', 4)}"
    usual = f"is_usual_given_l and is_usual_given_r and ({similar})"
    exchanged, beginning = "given and family name are exchanged", "left(given_name_l, 3) = left(given_name_r, 3)"
    levels = (
        Level("same", "same given name", "given_name_l = given_name_r", 0.71, 0.005, 0.03, "given_name", 1e-4),
        Level(
            "swapped_with_family_name", exchanged, swapped(), 0.01, 0.005, 0.0007, "given_name", 1e-4, is_m_learnt=False
        ),
        Level("as_one_word", f"given names {_AS_ONE}", same_whole("given"), 0.01, 0.0005, 0.001, is_m_learnt=False),
        Level("nickname", "given names are forms of one name", overlap("given_roots"), 0.05, 0.002, 0.005),
        Level("initial", "one given name is the initial of the other", initial, 0.04, 0.004, 0.004),
        # Francesco and Francesca, John and Joan: both are names that others have, so neither need be a misspelling
        Level("similar_names", "given names are similar, but both are usual names", usual, 0.01, 0.003, 0.02),
        Level("similar", "given names differ by a typo", similar, 0.07, 0.002, 0.005),
        Level(
            "another_given_name", "one of several given names is the same", overlap("given_tokens"), 0.03, 0.003, 0.005
        ),
        # short forms that no table knows: Algy and Algernon, Ken and Kenneth
        Level("same_beginning", "given names begin with the same letters", beginning, 0.02, 0.005, 0.01),
        Level("different", "given names differ", "ELSE", 0.06, 0.978, 0.93),
    )
    single = single_name("given_name", "as_family")
    return Comparison(
        "given_name",
        "given name",
        f"given_name_l is null or given_name_r is null or {single} or {lone_initial()} or {other_script('given')}",
        levels,
        HouseholdRole.GIVEN_NAME,
        shown_columns=("given_name", "middle_name", "full_name"),
    )


def family_name() -> Comparison:
    """The comparison of the whole family name, with its words and the further words of a full name."""
    similar = f"jaro_winkler_similarity(family_name_l, family_name_r) >= 0.92 or {one_edit('family_name', 5)}"
    somewhat = "jaro_winkler_similarity(family_name_l, family_name_r) >= 0.85"
    single = single_name("as_given", "family_name")
    alone, exchanged = "the only name of one is the family name of the other", "family and given name are exchanged"
    # a maiden name or the name of a title, next to the family name in the full name
    further = f"{overlap('family_tokens', 'further_names')} or {overlap('further_names', 'family_tokens')}"
    word = f"{overlap('family_tokens')} or {further}"
    levels = (
        Level("same", "same family name", "family_name_l = family_name_r", 0.80, 0.001, 0.7, "family_name", 1e-5),
        Level(
            "swapped_with_given_name", exchanged, swapped(), 0.01, 1e-5, 0.0007, "family_name", 1e-5, is_m_learnt=False
        ),
        Level("as_one_word", f"family names {_AS_ONE}", same_whole("family"), 0.01, 5e-5, 0.009, is_m_learnt=False),
        Level("single_name", alone, f"coalesce({single}, false)", 0.03, 0.001, 0.025, is_m_learnt=False),
        Level("shared_word", "family names share a word", word, 0.03, 0.0005, 0.03),
        Level("similar", "family names differ by a typo", similar, 0.08, 0.001, 0.05),
        Level("somewhat_similar", "family names are somewhat similar", somewhat, 0.03, 0.005, 0.02),
        Level("different", "family names differ", "ELSE", 0.05, 0.99245, 0.2),
    )
    return Comparison(
        "family_name",
        "family name",
        f"(family_name_l is null or family_name_r is null or {other_script('family')})"
        f" and not coalesce({single}, false)",
        levels,
        HouseholdRole.FAMILY_NAME,
        shown_columns=("family_name", "full_name"),
    )
