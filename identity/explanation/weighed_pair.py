"""What is known of a pair of records, once it is weighed: plain values."""

import math
from dataclasses import dataclass, field

from identity.limits import Limits
from identity.model.comparisons import comparison

_SHARED_CONTACTS = {("email", "same"), ("email", "same_family_mailbox"), ("phone", "same")}


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
class SuppressedValue:
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
    is_sparse: either record has neither given name nor birth date; such a record looks for the one person it points to,
    by stranger_weight, which leaves the doubt about a household to that search.
    """

    left: str
    right: str
    findings: tuple[Finding, ...]
    prior_weight: float
    doubt: float
    match_weight: float
    stranger_weight: float
    conflict_weight: float
    met_by: tuple[str, ...]
    strong_identifiers: tuple[str, ...]
    is_sparse: bool
    is_exact_duplicate: bool = False
    suppressed: tuple[SuppressedValue, ...] = field(default=())

    @property
    def match_probability(self) -> float:
        """The probability that both records are one person."""
        return 1.0 if self.is_exact_duplicate else 1 / (1 + math.pow(2, -self.match_weight))

    @property
    def deciding_weight(self) -> float:
        """The weight that a link hangs on: against strangers alone for a bare record, which looks for its owner."""
        return self.stranger_weight if self.is_sparse else self.match_weight

    def needed_probability(self, limits: Limits) -> float:
        """The probability from which the pair may be linked; a bare record that shares a contact needs less."""
        shared = {(f.comparison, f.level) for f in self.findings} & _SHARED_CONTACTS
        return limits.review_probability if self.is_sparse and shared else limits.link_probability

    @property
    def agrees_beyond_names(self) -> bool:
        """Whether anything but names speaks for one person."""
        return any(f.level in comparison(f.comparison).labels_beyond_names for f in self.findings)
