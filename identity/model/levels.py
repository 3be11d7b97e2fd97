"""A pair's level of a comparison: Splink's number (gamma) and the level's label, as SQL."""

from identity.model.comparison import NOT_COMPARABLE, Comparison
from identity.model.comparisons import comparison
from identity.model.stored_names import stored_comparison
from identity.model.trained_model import Parameters, comparisons_of


def levels_json(parameters: Parameters) -> str:
    """SQL of a scored pair's comparison levels as a JSON object: stored comparison name to level label."""
    pairs = ", ".join(f"'{stored_comparison(found.name)}', {_label(found)}" for found in comparisons_of(parameters))
    return f"cast(json_object({pairs}) as varchar)"


def level_is(comparison_name: str, *labels: str) -> str:
    """SQL that is true when a scored pair has one of these levels of a comparison."""
    gammas = [str(gamma) for gamma, label in gammas_of(comparison(comparison_name)).items() if label in labels]
    return f"gamma_{comparison_name} in ({', '.join(gammas)})"


def gammas_of(compared: Comparison) -> dict[int, str]:
    """Splink's numbers of the levels of one comparison, best first, with their labels; not comparable is -1."""
    top = len(compared.levels) - 1
    return {top - rank: level.label for rank, level in enumerate(compared.levels)}


def _label(compared: Comparison) -> str:
    whens = " ".join(f"when {gamma} then '{label}'" for gamma, label in gammas_of(compared).items())
    return f"case gamma_{compared.name} {whens} else '{NOT_COMPARABLE}' end"
