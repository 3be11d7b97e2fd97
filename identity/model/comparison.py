"""A comparison and its levels as data: all that the rest of ``identity`` needs to know of how one field is compared."""

from dataclasses import dataclass
from enum import Enum

NOT_COMPARABLE = "not_comparable"  # the level of a pair of which one record lacks the field


class HouseholdRole(Enum):
    """What a comparison is worth between two members of one household, the second null hypothesis.

    ``identity/README.md`` has the formula; ``identity.scoring.match_weights`` computes it. A new comparison is nearly
    always SHARED, PERSONAL or DIFFERENCE_ONLY; the other roles also take part in finding and learning households.
    """

    SHARED = "shared by all members: no evidence (address, attributes)"
    PERSONAL = "each member has a value of their own: counts in full (national id, gender)"
    DIFFERENCE_ONLY = "members use each other's: agreement is no evidence, a difference is (loyalty number)"
    GIVEN_NAME = "counts in full, but at most as much as a twin or namesake allows"
    DATE_OF_BIRTH = "counts in full, but at most as much as a twin or namesake allows; shows who are two members"
    FAMILY_NAME = "mostly shared; counts by how often it is shared"
    CONTACT = "often shared; counts by how often it is shared, and not for twins or namesakes (e-mail, phone)"


@dataclass(frozen=True)
class Level:
    """One level of a comparison.

    Attributes:
        label: The name of the level, unique within its comparison; part of stored models and of published edges.
        words: What the level means, for explanations and charts.
        condition: SQL on columns of `units` with the suffixes _l and _r; "ELSE" for the last level.
        m: Probability of the level between two records of one person.
        u: Probability of the level between two unrelated people.
        u_household: Probability of the level between two members of one household. Training adds m_household: m among
            pairs that share an address or a contact.
        term_frequency_column: The column of `units` whose rare values are stronger evidence.
        min_term_frequency: Values rarer than this are no stronger evidence still: they are as likely misspellings.
        strangers_share: How often two strangers share the value by error, times the number of people. Replaces the
            learnt u: among random pairs such coincidences are fewer than the duplicates that are not yet found.
        is_m_learnt: False where the blocks of the training exclude the level by construction.
        is_agreement: False where strangers reach the level about as often as one person does.
        is_household_fixed: True where training leaves u_household and m_household at the values of the level.
    """

    label: str
    words: str
    condition: str
    m: float
    u: float
    u_household: float
    term_frequency_column: str | None = None
    min_term_frequency: float = 1e-3
    strangers_share: float | None = None
    is_m_learnt: bool = True
    is_agreement: bool = True
    is_household_fixed: bool = False


@dataclass(frozen=True)
class Comparison:
    """One comparison: a field, its levels from the best agreement down to "different", and its facts.

    Attributes:
        name: The name of the comparison; part of stored models and of published edges.
        noun: What is compared, for explanations ("given name").
        null_condition: SQL that is true when the pair is not comparable; begins with the compared column.
        levels: The levels, best first; the condition of the last one is "ELSE".
        household_role: What the comparison is worth between two members of one household.
        shown_columns: The caller's fields that an explanation shows next to the level.
        is_beyond_names: Whether agreement shows more than two equal names do. Without such agreement, names lose the
            name-correlation penalty; see `identity.training.name_correlation`.
    """

    name: str
    noun: str
    null_condition: str
    levels: tuple[Level, ...]
    household_role: HouseholdRole = HouseholdRole.SHARED
    shown_columns: tuple[str, ...] = ()
    is_beyond_names: bool = False

    @property
    def column(self) -> str:
        """The column of `units` that has to be filled for the pair to be comparable."""
        return self.null_condition.split("_l is null")[0].lstrip("(")

    @property
    def term_frequency_columns(self) -> tuple[str, ...]:
        """The columns whose rare values are stronger evidence, each once."""
        return tuple(dict.fromkeys(level.term_frequency_column for level in self.levels if level.term_frequency_column))

    @property
    def labels_beyond_names(self) -> tuple[str, ...]:
        """The labels of the levels that show more than two equal names do."""
        if not self.is_beyond_names:
            return ()
        return tuple(level.label for level in self.levels if level.is_agreement and level.condition != "ELSE")

    def words_of(self, label: str) -> str:
        """What a level means, in words.

        Args:
            label: The label of a level, or NOT_COMPARABLE.

        Returns:
            The words of the level; the names of comparison and label where this code does not know the label.
        """
        words = {level.label: level.words for level in self.levels}
        words[NOT_COMPARABLE] = f"no {self.noun} on one side"
        return words.get(label, f"{self.noun}: {label.replace('_', ' ')}")
