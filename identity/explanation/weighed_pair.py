"""A weighed pair of records, as plain values."""

import math
from dataclasses import dataclass, field

from identity.limits import Limits
from identity.model.comparisons import comparison
from identity.model.comparisons_of_contacts import SHARED_LABELS

_SHARED_CONTACTS = {(name, label) for name, labels in SHARED_LABELS.items() for label in labels}


@dataclass(frozen=True)
class Finding:
    """One comparison of a pair.

    Attributes:
        comparison: the name of the comparison.
        level: the label of its level.
        words: the level in words.
        weight: bits for one person against two strangers.
        household_weight: bits for one person against two members of one household.
    """

    comparison: str
    level: str
    words: str
    weight: float
    household_weight: float


@dataclass(frozen=True)
class SuppressedValue:
    """A suppressed identifier value of a record, with the number of given names that use it, and why."""

    person_record_id: str
    identifier_type: str
    identifier_value: str
    name_count: int
    reason: str


@dataclass(frozen=True)
class WeighedPair:
    """Two records with the evidence between them; weights in bits, as in `match_edges`.

    prior_weight, the weights of the findings and doubt add up to match_weight.

    Attributes:
        left: the key of the one record.
        right: the key of the other record.
        findings: one finding per comparison.
        prior_weight: the weight of any two records, before they are compared.
        doubt: zero or less; the reduction because names alone, or two members of one household, would agree as much.
        match_weight: the weight for one person, against strangers and household both.
        stranger_weight: the weight for one person, against strangers alone.
        conflict_weight: zero or less; the evidence against one person.
        met_by: the blocking rules that both records share.
        strong_identifiers: the types of which both records have the same value.
        is_sparse: whether either record has neither given name nor date of birth. Such a pair is decided by
            stranger_weight; the doubt about a household is left to the assignment of sparse records.
        is_exact_duplicate: whether both records are one unit.
        suppressed: the suppressed values of both records.
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
        """The weight that decides about a link: for a sparse record the one against strangers alone."""
        return self.stranger_weight if self.is_sparse else self.match_weight

    def needed_probability(self, limits: Limits) -> float:
        """The probability from which on the pair may be linked; a sparse record that shares a contact needs less."""
        shared = {(f.comparison, f.level) for f in self.findings} & _SHARED_CONTACTS
        return limits.review_probability if self.is_sparse and shared else limits.link_probability

    @property
    def agrees_beyond_names(self) -> bool:
        """Whether anything but names speaks for one person."""
        return any(f.level in comparison(f.comparison).labels_beyond_names for f in self.findings)
