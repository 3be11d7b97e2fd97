"""What is known of a pair of records, once it is weighed: plain values."""

import math
from dataclasses import dataclass, field

NOT_COMPARABLE = "not_comparable"
_BEYOND_NAMES = ("birth_date", "email", "phone", "address")


@dataclass(frozen=True)
class Finding:
    """One comparison of a pair: its level, in words too, and its weight in bits.

    weight speaks for one person against two strangers, household_weight against two members of one household.
    """

    comparison: str
    level: str
    words: str
    weight: float
    household_weight: float


@dataclass(frozen=True)
class WithheldValue:
    """A value of a record that is no evidence, with the number of given names that use it, and why."""

    person_record_id: str
    identifier_type: str
    identifier_value: str
    name_count: int
    reason: str


@dataclass(frozen=True)
class WeighedPair:
    """Two records with the evidence between them; weights in bits, as in `match_edges`.

    prior_weight, the weights of the findings and doubt add up to match_weight. doubt (zero or less) is what is taken
    off because names alone, or two members of one household, would agree as much. met_by: the blocking rules that
    bring the two together. strong_identifiers: the types of which both hold the same value.
    is_bare: either record has neither given name nor birth date.
    """

    left: str
    right: str
    findings: tuple[Finding, ...]
    prior_weight: float
    doubt: float
    match_weight: float
    conflict_weight: float
    met_by: tuple[str, ...]
    strong_identifiers: tuple[str, ...]
    is_bare: bool
    is_exact_duplicate: bool = False
    withheld: tuple[WithheldValue, ...] = field(default=())

    @property
    def match_probability(self) -> float:
        """The probability that both records are one person."""
        return 1.0 if self.is_exact_duplicate else 1 / (1 + math.pow(2, -self.match_weight))

    @property
    def agrees_beyond_names(self) -> bool:
        """Whether anything but names speaks for one person."""
        silent = (NOT_COMPARABLE, "different")
        return any(f.level not in silent for f in self.findings if f.comparison in _BEYOND_NAMES)
