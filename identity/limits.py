"""How much evidence is enough, and how much is too much: one frozen set of defaults for every caller."""

import math
from dataclasses import dataclass, fields

from identity.errors import IdentityError


@dataclass(frozen=True)
class Limits:
    """The limits of one resolution; counts are records (after exact duplicates are collapsed) or names.

    A value (e-mail, phone) with more than `names_per_contact` different given names or `initials_per_contact` different
    initials of both names, an address with more than `names_per_address`, is nobody's evidence. A blocking key held by
    more than `records_per_block` is skipped by that rule. Components up to `records_per_component` have all their pairs
    scored before they are divided.

    Two records are linked from `link_probability` on, and shown for review from `review_probability` on. For
    probabilities that hold what they say F1 is best at a threshold below one half; wrong merges cost more than missed
    ones, so a link asks for odds of two to one. What is held against it is the weight of whole groups, from which the
    agreements that so many pairs of values reach by chance are taken off already.

    No profile that evidence alone made holds more values than the `..._per_profile` limits say (birth dates that one
    slip makes of each other count once); a must_link override may break them.

    Raises IdentityError when a probability is not between 0 and 1, they are not in their order (tie, review, link), or
    a count is below 1.
    """

    link_probability: float = 0.67
    review_probability: float = 0.5
    tie_probability: float = 0.1
    names_per_contact: int = 20
    initials_per_contact: int = 8
    names_per_address: int = 40
    records_per_block: int = 200
    records_per_component: int = 200
    loyalty_numbers_per_profile: int = 1
    shop_customer_ids_per_profile: int = 3
    emails_per_profile: int = 5
    phones_per_profile: int = 5
    birth_dates_per_profile: int = 1
    records_per_profile: int = 1_000

    def __post_init__(self) -> None:
        """Refuse what no resolution can mean."""
        order = (0, self.tie_probability, self.review_probability, self.link_probability, 1)
        if list(order) != sorted(order) or not self.link_probability < 1:
            raise IdentityError(
                f"The limits tie_probability {self.tie_probability}, review_probability {self.review_probability} and "
                f"link_probability {self.link_probability} are not in rising order from 0 on and below 1. Order them."
            )
        for limit in fields(self):
            if limit.type is int and getattr(self, limit.name) < 1:
                raise IdentityError(f"The limit {limit.name} is {getattr(self, limit.name)}. Make it 1 or more.")


def threshold_weight(probability: float) -> float:
    """The match weight, in bits, at which a pair has this probability of being one person."""
    return math.log2(probability / (1 - probability))
